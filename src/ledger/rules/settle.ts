/**
 * Closes charges: from the reports of their requests to the amount kept.
 *
 * A charge may serve several requests. While one of them is open, it stays as reserved. After the last report it is closed:
 * the amount kept is what all took together, at most the reservation, and the difference is given back in credit, receipt,
 * totals and limits. If a report does not come in time, the charge is closed as kept and marked `unsettled`; a late report
 * corrects it once. A machine payment decides differently: its charge is kept if the money moved, whatever was delivered.
 * Every change leaves a record for billing.
 */
import { withoutKeys } from '../../access/limit.ts'
import { beyond, bounded, difference, isNothing, none, together, withAllMore } from './amount.ts'
import { type Chain, type Charge, deliveryOf, type Head, type Part } from './book.ts'
import { measuredFacts, reservedBreakdown } from './breakdown.ts'
import { DAY_MS } from './calendar.ts'
import type { Amount } from './commands.ts'
import { withCredit } from './credit.ts'
import { countDay } from './daily.ts'
import type { UnitOfWork } from './unitofwork.ts'
import { countUnits } from './limits.ts'
import { actsAt, type ChargePayment, isKept, isPending, RELEASED } from './payment.ts'
import { withUses } from './receipt.ts'
import type { LedgerRecord } from './record.ts'

/** The time a further Range is the same charge, and the time an idempotency key is kept. */
export const CONTINUATION_MS = 5 * 60_000
export const IDEMPOTENCY_MS = DAY_MS
/** The time for which a client that repeats requests by itself may repeat one that broke off or failed. */
export const RETRY_MS = 10 * 60_000
/** The time a closed charge is kept, so that an amendment that arrives twice is known. */
export const REPEAT_MS = 60_000
/** The time an unsettled charge is kept, so that a late report still counts. */
const UNSETTLED_MS = DAY_MS

/**
 * Takes the amount a charge adds, or gives back what it no longer keeps, everywhere it counts. `charges`: 1 for a new
 * charge.
 */
export function move(
  work: UnitOfWork,
  charge: Pick<Charge, 'sequence' | 'at' | 'payment' | 'facts'>,
  change: Amount,
  now: number,
  charges = 0,
): void {
  const { head } = work
  const { price, uses } = change
  const counts = withoutKeys(change.counts)
  const money = price === undefined ? [] : [{ name: price.currency, units: price.units }]
  work.putHead({
    credit: price === undefined || charge.payment ? head.credit : withCredit(head, { ...price, units: -price.units }),
    receipt: uses === 0 ? head.receipt : withUses(head, uses, charge.at),
    totals: {
      ...head.totals,
      charges: head.totals.charges + charges,
      counts: withAllMore(head.totals.counts, counts),
      money: withAllMore(head.totals.money, money),
    },
  })
  countUnits(work, charge, change, now)
  // The ledger of a receipt or payment ends with it, and nobody asks for its days.
  if (head.receipt.expires === undefined) countDay(work, charge, { ...change, counts }, now, charges)
}

/** Moves a charge to another sum of its day: what was used is another model than was asked for. */
function renameDay(work: UnitOfWork, before: Charge, closed: Charge, now: number): void {
  if (work.head.receipt.expires !== undefined) return
  const kept = { ...before.kept, counts: withoutKeys(before.kept.counts) }
  countDay(work, before, difference(none(kept), kept), now, -1)
  countDay(work, closed, kept, now, 1)
}

type Report = Pick<LedgerRecord, 'kind' | 'change' | 'at' | 'corrects'>

/** Appends a record for billing. A repeat that reserves nothing is no charge of its own, and leaves none. */
export function recordUsage(work: UnitOfWork, charge: Charge, { kind, change, at, corrects }: Report): void {
  const { id, kept, reserved, parts, chain, payment, breakdown, facts } = charge
  const repeats = chain.first === id ? undefined : chain.first
  // Billing learns the delivery of everything paid outside, for it may have to refund.
  if (repeats !== undefined && isNothing(reserved) && payment === undefined) return
  work.append({
    id: `${id}/${kind}`,
    kind,
    charge: id,
    repeats,
    at,
    delivery: deliveryOf(parts),
    kept: forBilling(kept),
    change: forBilling(change),
    ...(breakdown && { breakdown }),
    ...(payment === undefined ? {} : { payment: paymentFactsOf(payment) }),
    facts,
    ...(corrects === undefined ? {} : { corrects }),
  })
}

function forBilling(amount: Amount): Amount {
  const counts = withoutKeys(amount.counts)
  return counts === amount.counts ? amount : { ...amount, counts }
}

function paymentFactsOf({ stored: { rail }, settlement }: ChargePayment): NonNullable<LedgerRecord['payment']> {
  const { reference } = { reference: undefined, ...settlement }
  return { rail, state: settlement.state, ...(reference === undefined ? {} : { reference }) }
}

/**
 * Returns a request's usage of its charge; `total` is the amount measured. A further try delivers the same thing again, so
 * the amount paid before is subtracted. A further Range delivers something else.
 */
export function usedBy(charge: Charge, total: Amount): Amount {
  const { idempotency, paid } = charge.chain
  return bounded(charge.reserved, idempotency === undefined ? total : beyond(total, paid))
}

/**
 * Returns the usage of all requests of a charge together, at most the reservation. A use is given back if none delivered.
 * Money moved outside is not given back by a report.
 */
function keptOf({ reserved, parts, payment }: Charge): Amount {
  if (payment !== undefined) return isKept(payment) ? reserved : none(reserved)
  return bounded(reserved, parts.map(({ used }) => used).reduce(together, none(reserved)))
}

/** Updates a charge after one of its requests has ended. */
export function update(work: UnitOfWork, before: Charge, parts: readonly Part[], now: number): Charge {
  const isOpen = parts.some(({ end }) => end === 'open')
  const charge = withPayment({ ...before, parts: mergeEnded(before, parts) }, isOpen)
  const { payment } = charge
  if (isOpen || (payment !== undefined && isPending(payment)))
    return save(work, { ...charge, actAt: dueAt(charge), keepUntil: undefined })
  const isForgotten = isUnreported(charge, parts)
  // Some requests have not reported yet, and the charge is lowered at most once.
  if (isForgotten && before.state === 'unsettled')
    return save(work, { ...charge, actAt: undefined, keepUntil: keepUntil(charge, true, now) })
  const state = isForgotten ? 'unsettled' : 'settled'
  const until = { actAt: undefined, keepUntil: keepUntil(charge, isForgotten, now) }
  const { breakdown = isForgotten ? reservedBreakdown(charge.facts) : undefined } = charge
  const facts = measuredFacts(charge.facts, breakdown)
  const closed: Charge = { ...charge, state, kept: keptOf(charge), ...(breakdown && { breakdown }), facts, ...until }
  const change = difference(closed.kept, before.kept)
  if (facts !== before.facts) renameDay(work, before, closed, now)
  move(work, closed, change, now)
  countUnsettled(work, Number(isKeptUnsettled(closed)) - Number(isKeptUnsettled(before)))
  const corrected = before.state === 'unsettled' ? { corrects: `${before.id}/unsettled` } : {}
  recordUsage(work, closed, { kind: isForgotten ? 'unsettled' : 'amend', change, at: now, ...corrected })
  return save(work, closed)
}

/** Releases a claim that no open request is left to settle: no settler was called. */
function withPayment(charge: Charge, isOpen: boolean): Charge {
  const { payment } = charge
  if (payment?.settlement.state !== 'claimed' || isOpen) return charge
  return { ...charge, payment: { ...payment, settlement: { state: 'failed', reason: RELEASED } } }
}

/**
 * Returns true if no report came in time; for a payment, if its outcome is unknown. A charge already marked unsettled is not
 * marked again.
 */
function isUnreported({ payment, state }: Charge, parts: readonly Part[]): boolean {
  const isForgotten = parts.some(({ end }) => end === 'forgotten')
  if (payment === undefined) return isForgotten
  if (payment.settlement.state === 'unknown') return true
  return isForgotten && state !== 'unsettled'
}

function save(work: UnitOfWork, charge: Charge): Charge {
  work.putCharge(charge)
  return charge
}

/**
 * Returns true if a charge counts as unsettled: nobody reported its end, and something is kept for it. Sums of what billing was
 * told say the same, for a try that reserved nothing leaves no record.
 */
export function isKeptUnsettled({ state, kept }: Pick<Charge, 'state' | 'kept'>): boolean {
  return state === 'unsettled' && !isNothing(forBilling(kept))
}

function countUnsettled(work: UnitOfWork, more: number): void {
  const { totals }: Head = work.head
  if (more !== 0) work.putHead({ totals: { ...totals, unsettled: totals.unsettled + more } })
}

/** Returns the time to act on a charge that is not closed. */
export function dueAt({ parts, payment }: Pick<Charge, 'parts' | 'payment'>): number {
  return (payment && actsAt(payment)) ?? firstDue({ parts })
}

export function firstDue({ parts }: Pick<Charge, 'parts'>): number {
  return Math.min(...parts.filter(({ end }) => end === 'open').map(({ settleBy }) => settleBy))
}

function keepUntil({ chain, parts }: Charge, isForgotten: boolean, now: number): number {
  const isRetryable = chain.isSentAgain === true && deliveryOf(parts) !== 'complete'
  return Math.max(
    isRetryable ? now + RETRY_MS : 0,
    now + (isForgotten ? UNSETTLED_MS : REPEAT_MS),
    chain.idempotency === undefined ? 0 : chain.since + IDEMPOTENCY_MS,
    isContinued(chain) ? chain.since + CONTINUATION_MS : 0,
  )
}

/** Returns true if a later request may be the same charge: a Range of a known representation, or a confirmed page. */
function isContinued({ continuation, representation, isConfirmed = false }: Chain): boolean {
  return continuation !== undefined && (representation !== undefined || isConfirmed)
}

/** The most ended requests kept apart: a player may ask for a thousand Ranges in five minutes. */
const MAX_PARTS = 16

/** Merges ended requests into one, if there are many. */
function mergeEnded({ reserved }: Charge, parts: readonly Part[]): readonly Part[] {
  if (parts.length <= MAX_PARTS) return parts
  const isOver = ({ end }: Part): boolean => end !== 'open' && end !== 'forgotten'
  const over = parts.filter(isOver)
  const used = bounded(reserved, over.map((part) => part.used).reduce(together, none(reserved)))
  return [{ id: '', settleBy: 0, end: deliveryOf(over) ?? 'none', used }, ...parts.filter((part) => !isOver(part))]
}

/** Closes a charge whose requests are all overdue: it is kept as it stands, and marked. */
export function forget(work: UnitOfWork, charge: Charge, now: number): Charge {
  const parts = charge.parts.map(
    (part): Part => (part.end === 'open' && part.settleBy <= now ? { ...part, end: 'forgotten' } : part),
  )
  return update(work, charge, parts, now)
}
