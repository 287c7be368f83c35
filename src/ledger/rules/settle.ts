import { beyond, bounded, difference, isNothing, none, together, withAllMore } from './amount.ts'
import { type Chain, type Charge, deliveryOf, type Head, type Part } from './book.ts'
import { DAY_MS } from './calendar.ts'
import type { Amount } from './commands.ts'
import { withCredit } from './credit.ts'
import type { UnitOfWork } from './unitofwork.ts'
import { countUnits } from './limits.ts'
import { actsAt, type ChargePayment, isKept, isPending, RELEASED } from './payment.ts'
import { withUses } from './receipt.ts'
import type { LedgerRecord } from './record.ts'

/** How long a further Range is the same charge, and how long an idempotency key is kept. */
export const CONTINUATION_MS = 5 * 60_000
export const IDEMPOTENCY_MS = DAY_MS
/** A closed charge is kept a little, so that an amendment that arrives twice is known. */
const REPEAT_MS = 60_000
/** And one that nobody settled, so that whoever was to do it still may. */
const UNSETTLED_MS = DAY_MS

/** Takes what a charge adds, or gives back what it no longer keeps, everywhere it counts. */
export function move(
  draft: UnitOfWork,
  charge: Pick<Charge, 'sequence' | 'at' | 'payment'>,
  change: Amount,
  now: number,
): void {
  const { head } = draft
  const { price, uses, counts } = change
  const money = price === undefined ? [] : [{ name: price.currency, units: price.units }]
  draft.putHead({
    credit: price === undefined || charge.payment ? head.credit : withCredit(head, { ...price, units: -price.units }),
    receipt: uses === 0 ? head.receipt : withUses(head, uses, charge.at),
    totals: {
      ...head.totals,
      counts: withAllMore(head.totals.counts, counts),
      money: withAllMore(head.totals.money, money),
    },
  })
  countUnits(draft, charge, change, now)
}

type Report = Pick<LedgerRecord, 'kind' | 'change' | 'at' | 'corrects'>

/** Tells billing. A repeat that reserves nothing is no charge of its own, and there is nothing to tell. */
export function recordUsage(draft: UnitOfWork, charge: Charge, { kind, change, at, corrects }: Report): void {
  const { id, kept, reserved, parts, chain, payment, facts } = charge
  const repeats = chain.first === id ? undefined : chain.first
  // Of what was paid outside billing hears whether it was delivered, for it may have to give it back.
  if (repeats !== undefined && isNothing(reserved) && payment === undefined) return
  draft.append({
    id: `${id}/${kind}`,
    kind,
    charge: id,
    repeats,
    at,
    delivery: deliveryOf(parts),
    kept,
    change,
    ...(payment === undefined ? {} : { payment: toldOf(payment) }),
    facts,
    ...(corrects === undefined ? {} : { corrects }),
  })
}

function toldOf({ stored: { rail }, settlement }: ChargePayment): NonNullable<LedgerRecord['payment']> {
  const { reference } = { reference: undefined, ...settlement }
  return { rail, state: settlement.state, ...(reference === undefined ? {} : { reference }) }
}

/**
 * What a request took of its charge. `total` is what it measured. A further try delivers the same thing again, so what was
 * paid for it before is part of it; a further Range delivers something else.
 */
export function usedBy(charge: Charge, total: Amount): Amount {
  const { idempotency, paid } = charge.chain
  return bounded(charge.reserved, idempotency === undefined ? total : beyond(total, paid))
}

/**
 * What all requests of a charge took together: never more than was reserved. A use is given back when none delivered. Money
 * that moved outside is not given back by saying so.
 */
function keptOf({ reserved, parts, payment }: Charge): Amount {
  if (payment !== undefined) return isKept(payment) ? reserved : none(reserved)
  return bounded(reserved, parts.map(({ used }) => used).reduce(together, none(reserved)))
}

/** What becomes of a charge when one of its requests has ended. */
export function update(draft: UnitOfWork, before: Charge, parts: readonly Part[], now: number): Charge {
  const isOpen = parts.some(({ end }) => end === 'open')
  const charge = withPayment({ ...before, parts: gathered(before, parts) }, isOpen)
  const { payment } = charge
  if (isOpen || (payment !== undefined && isPending(payment))) return save(draft, { ...charge, actAt: dueAt(charge) })
  const isForgotten = isUnheardOf(charge, parts)
  // Some of its requests are still to be heard of, and it is lowered once at most.
  if (isForgotten && before.state === 'unsettled')
    return save(draft, payment === undefined ? charge : { ...charge, actAt: keepUntil(charge, true, now) })
  const state = isForgotten ? 'unsettled' : 'settled'
  const closed: Charge = { ...charge, state, kept: keptOf(charge), actAt: keepUntil(charge, isForgotten, now) }
  const change = difference(closed.kept, before.kept)
  move(draft, before, change, now)
  countUnsettled(draft, Number(state === 'unsettled') - Number(before.state === 'unsettled'))
  const corrected = before.state === 'unsettled' ? { corrects: `${before.id}/unsettled` } : {}
  recordUsage(draft, closed, { kind: isForgotten ? 'unsettled' : 'amend', change, at: now, ...corrected })
  return save(draft, closed)
}

/** A claim that no request is left to settle is released: nobody was called. */
function withPayment(charge: Charge, isOpen: boolean): Charge {
  const { payment } = charge
  if (payment?.settlement.state !== 'claimed' || isOpen) return charge
  return { ...charge, payment: { ...payment, settlement: { state: 'failed', reason: RELEASED } } }
}

/** True where nobody said in time how it ended; of a payment, what nobody knows, and what was told so once is not told again. */
function isUnheardOf({ payment, state }: Charge, parts: readonly Part[]): boolean {
  const isForgotten = parts.some(({ end }) => end === 'forgotten')
  if (payment === undefined) return isForgotten
  if (payment.settlement.state === 'unknown') return true
  return isForgotten && state !== 'unsettled'
}

function save(draft: UnitOfWork, charge: Charge): Charge {
  draft.putCharge(charge)
  return charge
}

function countUnsettled(draft: UnitOfWork, more: number): void {
  const { totals }: Head = draft.head
  if (more !== 0) draft.putHead({ totals: { ...totals, unsettled: totals.unsettled + more } })
}

/** When it is time to act on a charge that is not closed. */
export function dueAt({ parts, payment }: Pick<Charge, 'parts' | 'payment'>): number {
  return (payment && actsAt(payment)) ?? firstDue({ parts })
}

export function firstDue({ parts }: Pick<Charge, 'parts'>): number {
  return Math.min(...parts.filter(({ end }) => end === 'open').map(({ settleBy }) => settleBy))
}

function keepUntil({ chain }: Charge, isForgotten: boolean, now: number): number {
  return Math.max(
    now + (isForgotten ? UNSETTLED_MS : REPEAT_MS),
    chain.idempotency === undefined ? 0 : chain.since + IDEMPOTENCY_MS,
    isContinued(chain) ? chain.since + CONTINUATION_MS : 0,
  )
}

/** True where a later request may be the same charge: a Range of what is known, or the page that was confirmed. */
function isContinued({ continuation, representation, isConfirmed = false }: Chain): boolean {
  return continuation !== undefined && (representation !== undefined || isConfirmed)
}

/** A player may ask for a thousand Ranges in five minutes. */
const MAX_PARTS = 16

/** The requests of a charge; those that ended are kept as one where they are many. */
function gathered({ reserved }: Charge, parts: readonly Part[]): readonly Part[] {
  if (parts.length <= MAX_PARTS) return parts
  const isOver = ({ end }: Part): boolean => end !== 'open' && end !== 'forgotten'
  const over = parts.filter(isOver)
  const used = bounded(reserved, over.map((part) => part.used).reduce(together, none(reserved)))
  return [{ id: '', settleBy: 0, end: deliveryOf(over) ?? 'none', used }, ...parts.filter((part) => !isOver(part))]
}

/** A charge whose requests were all to settle by now and did not is closed as it stands: kept, and marked. */
export function forget(draft: UnitOfWork, charge: Charge, now: number): Charge {
  const parts = charge.parts.map(
    (part): Part => (part.end === 'open' && part.settleBy <= now ? { ...part, end: 'forgotten' } : part),
  )
  return update(draft, charge, parts, now)
}
