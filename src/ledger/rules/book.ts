import type { Amount, ChargeView, Delivery, Totals } from './commands.ts'
import type { Entry } from '../../standing/rules/standing.ts'
import type { Facts, HeardUpTo, LedgerRecord } from './record.ts'
import type { ChargePayment, StoredPayment } from './payment.ts'
import type { Series } from './series.ts'
import type { Money } from '../../core/money.ts'

/** What a ledger is about apart from its single charges. One row. */
export interface Head {
  /** How many charges there were, which numbers them. */
  readonly sequence: number
  /** The position of the last record for billing. */
  readonly position: number
  readonly credit: readonly Money[]
  readonly receipt: ReceiptState
  readonly totals: Totals
  /** How telling billing has failed of late; undefined when billing took the last that it was shown. */
  readonly flush?: FlushState | undefined
}

interface FlushState {
  /** In a row. */
  readonly failures: number
  /** Billing is left alone until then, in milliseconds since 1970. */
  readonly until: number
  /** By sink the position up to which it has all records, though others do not. */
  readonly heard?: HeardUpTo
}

interface ReceiptState {
  /** Uses that were not given back. */
  readonly used: number
  /** When a pass began. */
  readonly since: number | undefined
  /** The end of the receipt: nothing of it is kept long after. */
  readonly expires: number | undefined
}

export const EMPTY_HEAD: Head = {
  sequence: 0,
  position: 0,
  credit: [],
  receipt: { used: 0, since: undefined, expires: undefined },
  totals: { charges: 0, unsettled: 0, counts: [], money: [] },
}

/** One request's part in a charge. */
export interface Part {
  /** The request; empty for several that ended and are kept as one. */
  readonly id: string
  readonly settleBy: number
  /** `forgotten`: nobody said in time. */
  readonly end: 'open' | 'forgotten' | Delivery
  /** What it took, at most what the charge reserved. */
  readonly used: Amount
  /** True where nothing of its answer was sent. */
  readonly isUnsent?: boolean
}

/** What was reserved and paid once, whatever number of requests it serves. */
export interface Charge {
  readonly id: string
  /** Its number: charges are counted in the series that began no later. */
  readonly sequence: number
  readonly at: number
  readonly state: ChargeView['state']
  /** When it is time to close it, or closed to forget it. Undefined: kept until later charges replace it. */
  readonly actAt: number | undefined
  readonly reserved: Amount
  readonly kept: Amount
  readonly parts: readonly Part[]
  readonly chain: Chain
  /** The machine payment that it is paid with. */
  readonly payment?: ChargePayment
  readonly facts: Facts
}

/** How a charge follows from earlier ones for the same thing, which must not be paid twice. */
export interface Chain {
  /** The first charge, and when it was made. */
  readonly first: string
  readonly since: number
  readonly tries: number
  /** What the earlier charges of the chain kept. */
  readonly paid: Amount
  readonly idempotency: { readonly key: string; readonly digest: string } | undefined
  readonly continuation: string | undefined
  /** True where a reader confirmed it goes on whatever is delivered. */
  readonly isConfirmed?: boolean
  /**
   * What was delivered under a key, by whatever tells it from another; and what Ranges go on with, by its strong validator.
   * Undefined while nobody has told, and where nothing tells: that is never the same as anything.
   */
  readonly representation?: string
}

export interface CreditGrant {
  readonly id: string
  readonly at: number
  readonly units: bigint
  readonly currency: string
}

/** What was said, and how long it matters. */
export interface EntryRow {
  readonly entry: Entry
  readonly longestTokenSeconds: number
}

/**
 * What the rules may look up: maps in memory, or rows of a database. The head and the series are small and always there;
 * everything else is asked for by name, since an account may have a day's charges.
 */
export interface Book {
  readonly head: Head
  readonly series: ReadonlyMap<string, Series>
  /** What was said of the account, under the empty key, and of single tokens, under their names. */
  readonly entries: ReadonlyMap<string, EntryRow>
  charge(id: string): Charge | undefined
  /** The latest charge under an idempotency key. */
  chargeByKey(key: string): Charge | undefined
  /** The latest charge that is continued under this name. */
  chargeByContinuation(continuation: string): Charge | undefined
  /** Charges whose time to act has come, earliest first. */
  dueCharges(now: number, most: number): readonly Charge[]
  nextDue(): number | undefined
  /** Charges that wait for later ones to replace them. */
  restingCharges(): readonly Charge[]
  /** Latest first. */
  recentCharges(most: number): readonly Charge[]
  unsettledCharges(most: number): readonly Charge[]
  grant(id: string): CreditGrant | undefined
  grantsBefore(time: number, most: number): readonly CreditGrant[]
  /** The first records for billing, in their order. */
  records(most: number, after?: number): readonly LedgerRecord[]
}

/** One row to be written, or where `row` is undefined, deleted. */
export type LedgerChange =
  | { readonly table: 'head'; readonly row: Head }
  | { readonly table: 'series'; readonly key: string; readonly row: Series | undefined }
  | { readonly table: 'charges'; readonly key: string; readonly row: Charge | undefined }
  | { readonly table: 'grants'; readonly key: string; readonly row: CreditGrant | undefined }
  | { readonly table: 'records'; readonly key: number; readonly row: LedgerRecord | undefined }
  | { readonly table: 'entries'; readonly key: string; readonly row: EntryRow | undefined }
  /** The ledger is over: nothing of it is needed any more. */
  | { readonly table: 'all' }

/** The same changes without what is recorded for billing, where nobody is to be told. */
export function withoutRecords(changes: readonly LedgerChange[]): readonly LedgerChange[] {
  return changes.filter((change) => change.table !== 'records' || change.row === undefined)
}

/** What is to be done outside of the ledger, once the changes of the command are durable. Its result comes back as a command. */
export type Effect =
  /** Billing is to be told of what is recorded: `flushed`. */
  | { readonly kind: 'flush' }
  /** A payment is to be settled: `endSettlement`. */
  | {
      readonly kind: 'settle'
      readonly charge: string
      readonly request: string
      readonly payment: StoredPayment
      readonly tries: number
    }

/** What a command comes to: the answer, what has to be written before it is given, and what is then to be done outside. */
export interface Applied<T> {
  readonly outcome: T
  readonly changes: readonly LedgerChange[]
  readonly effects?: readonly Effect[]
}

export function viewOf({ id, at, state, parts, reserved, kept, facts }: Charge): ChargeView {
  return { id, at, state, delivery: deliveryOf(parts), reserved, kept, facts }
}

/** How the delivery of a charge ended, by the best of its requests. Undefined while none of them has said. */
export function deliveryOf(parts: readonly Part[]): Delivery | undefined {
  const ends = new Set(parts.map(({ end }) => end))
  for (const end of ['complete', 'broken', 'none'] as const) if (ends.has(end)) return end
  return undefined
}
