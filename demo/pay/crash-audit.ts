/**
 * What `demo/pay/crash.ts` compares at the end, for each payment: what its client got, what moved on the chain, what its
 * ledger has kept, and what billing was told. Money is in the token's smallest unit.
 */

/** A payment as its client knows it. */
export interface Sale {
  /** The name of the payment, as ledgers have it. */
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly price: bigint
  /** How often the whole page came. */
  readonly pages: number
  /** True if its client was told for good that the answer to what it paid for was lost, and to ask the seller. */
  readonly isDisowned: boolean
}

/** A payment's ledger, as it says itself. */
export interface SaleLedger {
  readonly kept: bigint
  /** The charges whose end is still to come. */
  readonly open: number
  /** The charges closed without a report of their end. */
  readonly unsettled: number
  /** The ids of its charges: one for each try. */
  readonly charges: readonly string[]
  readonly state: SaleState
}

/** What a payment waits for. Closed: for nothing any more. */
export type SaleState = 'unclaimed' | 'claimed' | 'settling' | 'unknown' | 'settled' | 'failed' | 'closed'

/** A record as billing got it; it may come more than once. */
export interface SaleRecord {
  readonly id: string
  readonly payment: string
  readonly charge: string
  /** True if the record is the first of a charge; else it says how the charge ended. */
  readonly isFirst: boolean
  /** The change of what is kept. */
  readonly change: bigint
  /** True if the record says that all of the answer was sent. */
  readonly isDelivered: boolean
}

/** A request that the origin got. */
export interface Run {
  readonly method: string
  readonly path: string
  /** True if its payment had moved money by then. */
  readonly isPaid: boolean
}

export interface Evidence {
  readonly sales: readonly Sale[]
  /** What reached the payee, by the name of the payment. */
  readonly moved: ReadonlyMap<string, bigint>
  /** What the payee has received in all. */
  readonly received: bigint
  readonly ledgers: ReadonlyMap<string, SaleLedger>
  readonly records: readonly SaleRecord[]
  /** What the origin was asked for, in order. */
  readonly runs: readonly Run[]
}

/** Each is a fault when it is not zero. */
export const CHECKS = {
  unpaid: 'a page came and no money moved',
  lost: 'money moved, and neither page nor word came',
  refund: 'billing was not told of a lost answer',
  wrong: 'what moved is not the price',
  again: 'an order was carried out once more, though paid',
  ledger: 'a ledger has not kept what moved',
  told: 'billing was not told what moved',
  events: 'a charge without its two events, or the reverse',
  open: 'a charge or a settlement that is still open',
  sums: 'sums of chain, ledgers and outbox differ',
  idle: 'fewer than half of the payments moved money: too few to tell',
} as const
type Check = keyof typeof CHECKS

/** What was found. */
export interface Audit {
  readonly faults: Readonly<Record<Check, number>>
  /** What moved on the chain, was kept by ledgers, and was told to billing. */
  readonly sums: { readonly chain: bigint; readonly ledgers: bigint; readonly outbox: bigint }
  readonly paid: number
  /** How often an order was carried out before, and its payment had moved nothing. */
  readonly reruns: number
  /** The answers that were lost with the gate: their clients and billing know. */
  readonly lost: number
  readonly unsettled: number
  /** The payments and orders that are among the faults. */
  readonly faulty: readonly string[]
}

/** Compares what each side knows. */
export function auditSales({ sales, moved, received, ledgers, records, runs }: Evidence): Audit {
  const faults = {
    unpaid: 0,
    lost: 0,
    refund: 0,
    wrong: 0,
    again: 0,
    ledger: 0,
    told: 0,
    events: 0,
    open: 0,
    sums: 0,
    idle: 0,
  }
  const faulty: string[] = []
  const blame = (check: Check, what: string): void => {
    faults[check] += 1
    faulty.push(`${check}: ${what}`)
  }
  const events = byPayment(records)
  const told = new Map(Array.from(events, ([name, all]) => [name, sum(all.map(({ change }) => change))]))
  const sums = { chain: received, ledgers: 0n, outbox: sum(told.values()) }
  const delivered = new Set(records.filter(({ isDelivered }) => isDelivered).map(({ payment }) => payment))
  let lost = 0
  for (const { name, price, pages, path, isDisowned } of sales) {
    const units = moved.get(name) ?? 0n
    const { kept = 0n, open = 0, state = 'closed', charges = [] } = ledgers.get(name) ?? {}
    sums.ledgers += kept
    if (pages > 0 && units === 0n) blame('unpaid', path)
    if (pages === 0 && units > 0n && !isDisowned) blame('lost', path)
    if (pages === 0 && units > 0n && isDisowned) lost += 1
    if (pages === 0 && isDisowned && delivered.has(name)) blame('refund', path)
    if (units !== 0n && units !== price) blame('wrong', path)
    if (kept !== units) blame('ledger', path)
    if ((told.get(name) ?? 0n) !== units) blame('told', path)
    if (open > 0 || PENDING.has(state)) blame('open', path)
    if (!isTold(charges, events.get(name) ?? [])) blame('events', path)
  }
  const names = new Set(sales.map(({ name }) => name))
  for (const name of events.keys()) if (!names.has(name)) blame('events', name)
  const orders = runs.filter(({ method }) => method !== 'GET')
  for (const { path, isPaid } of orders) if (isPaid) blame('again', path)
  const reruns = orders.length - faults.again - new Set(orders.map(({ path }) => path)).size
  if (sums.chain !== sums.ledgers || sums.ledgers !== sums.outbox) blame('sums', 'all')
  const unsettled = [...ledgers.values()].reduce((all, one) => all + one.unsettled, 0)
  const paid = sales.filter(({ name }) => moved.has(name)).length
  if (paid * 2 < sales.length) blame('idle', 'all')
  return { faults, sums, lost, reruns, unsettled, faulty, paid }
}

const PENDING: ReadonlySet<SaleState> = new Set(['claimed', 'settling', 'unknown'])

/** Each payment's records; one that came twice is one, unless it says another thing the second time. */
function byPayment(records: readonly SaleRecord[]): ReadonlyMap<string, readonly SaleRecord[]> {
  const once = new Map(records.map((one) => [[one.id, one.payment, one.charge, one.change].join(' '), one]))
  return Map.groupBy(once.values(), ({ payment }) => payment)
}

/** Returns true if billing knows these charges and no others: that each was made, once, and how it ended. */
function isTold(charges: readonly string[], records: readonly SaleRecord[]): boolean {
  const made = records.filter(({ isFirst }) => isFirst).map(({ charge }) => charge)
  const ended = new Set(records.filter(({ isFirst }) => !isFirst).map(({ charge }) => charge))
  const isSame = made.length === charges.length && ended.size === charges.length
  return isSame && charges.every((charge) => made.includes(charge) && ended.has(charge))
}

function sum(all: Iterable<bigint>): bigint {
  return Array.from(all).reduce((known, one) => known + one, 0n)
}
