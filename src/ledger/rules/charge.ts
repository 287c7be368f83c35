/**
 * The verb that reserves: finds out if a request was paid before, checks that it can be paid, and writes it down.
 *
 * Three questions are answered in order. Is the token still good, after the statements kept here? Does the request belong to
 * an earlier charge: the same command again, a retry under a key, a further Range, a confirmed page, a payment? Then it
 * joins that charge or follows it, and reserves only what was not paid before. Does the rest fit: uses of the receipt, units
 * under every limit, credit, and places under the rates? Everything fits, or nothing is reserved. A pure function: the host
 * makes it atomic.
 */
import { beyond, NOTHING, summed } from './amount.ts'
import type { Applied, Book, Charge, Head } from './book.ts'
import type { Amount, ChargeCommand, Charged, ChargeOutcome, ChargeRefused } from './commands.ts'
import { creditIn } from './credit.ts'
import { UnitOfWork } from './unitofwork.ts'
import { checkLimits, countFor, statusOf } from './limits.ts'
import { checkStanding } from './note.ts'
import { paymentStatus } from './payment.ts'
import { type PaidCommand, paymentRepeatOf } from './paymentrepeat.ts'
import { checkRates, countRates, isOnlyRated } from './rates.ts'
import { checkReceipt, receiptStatus, withEnd } from './receipt.ts'
import { type Repeat, repeatOf } from './repeat.ts'
import { dueAt, move, recordUsage } from './settle.ts'

type Why = Pick<ChargeRefused, 'reason' | 'check' | 'conflict' | 'representation' | 'retryAfterSeconds' | 'payment'>

/**
 * Reserves what a request may cost, all of it or nothing: a receipt's use, units under every limit, prepaid credit. Amounts
 * that an earlier request of the same chain has paid are not reserved again. Every request takes its place under every rate,
 * whatever else it costs. If the rates are all, no charge is made, and none has to be amended.
 */
export function charge(book: Book, command: ChargeCommand, now: number): Applied<ChargeOutcome> {
  const draft = new UnitOfWork(book)
  if (isSeenLonger(book.head, command)) draft.putHead({ receipt: withEnd(book.head.receipt, command.expires) })
  const seen = draft.changes()
  const applied = apply(draft, command, now)
  const isRefused = applied.outcome.kind === 'refused' && applied.changes.length === 0
  return isRefused ? { ...applied, changes: seen } : applied
}

/**
 * Returns true if a used receipt comes in a token with a later end: if the ledger forgot it earlier, it could be used again.
 */
function isSeenLonger({ receipt }: Head, { receipt: terms, expires = 0 }: ChargeCommand): boolean {
  return terms !== undefined && receipt.expires !== undefined && expires > receipt.expires
}

function apply(draft: UnitOfWork, command: ChargeCommand, now: number): Applied<ChargeOutcome> {
  const { book } = draft
  const unfit = command.proof === undefined ? undefined : checkStanding(book, command.proof)
  if (isOnlyRated(command)) return unfit === undefined ? admit(draft, command, now) : refuse(unfit)
  const known = book.charge(command.id)
  if (known !== undefined) return { outcome: again(draft, command, known, now), changes: [] }
  // A settled payment stays good for what it paid, however late the delivery.
  if (command.expires !== undefined && command.expires <= now && command.payment === undefined)
    return refuse({ reason: 'credential-expired' })
  if (unfit !== undefined) return refuse(unfit)
  const repeat = isPaid(command) ? paymentRepeatOf(draft, command, now) : repeatOf(draft, command, now)
  switch (repeat.kind) {
    case 'refused':
      return repeat.refused.representation === undefined ? refuse(repeat.refused) : offer(repeat.refused)
    case 'join':
      return join(draft, command, repeat.charge, now)
    case 'follow':
      return reserve(draft, command, repeat, now)
  }

  function refuse(why: Why): Applied<ChargeOutcome> {
    return { outcome: refused(draft, command, why, now), changes: [] }
  }

  /**
   * Refuses with the representation, for an answer from the store. That is free, but takes a place under the rates as any
   * request.
   */
  function offer(why: Why): Applied<ChargeOutcome> {
    const limited = checkRates(draft, command.rates, now)
    if (limited !== undefined) return refuse(limited)
    countRates(draft, command.rates, now)
    return { outcome: refused(draft, command, why, now), changes: draft.changes() }
  }
}

function isPaid(command: ChargeCommand): command is PaidCommand {
  return command.payment !== undefined && command.idempotency !== undefined
}

function admit(draft: UnitOfWork, command: ChargeCommand, now: number): Applied<ChargeOutcome> {
  const { id, rates } = command
  const why = checkRates(draft, rates, now)
  if (why !== undefined) return { outcome: refused(draft, command, why, now), changes: [] }
  countRates(draft, rates, now)
  const standings = standingsOf(draft, command, now)
  const common = { charge: id, request: id, isRepeat: false, tries: 1, reserved: NOTHING }
  const outcome = { kind: 'charged' as const, ...common, ...standings }
  return { outcome, changes: draft.changes() }
}

/** Answers a command sent again: its caller did not hear the answer. A charge closed since must not serve again. */
function again(draft: UnitOfWork, command: ChargeCommand, known: Charge, now: number): ChargeOutcome {
  const isOpen = known.parts.some(({ id, end }) => id === command.id && end === 'open')
  const settlement = known.payment?.settlement
  if (settlement?.state === 'settling' && settlement.by !== command.id)
    return refused(draft, command, { reason: 'settlement-unknown' }, now)
  if (isOpen)
    return {
      ...charged(draft, command, known, true, now),
      reserved: known.id === command.id ? known.reserved : NOTHING,
    }
  return refused(draft, command, { reason: 'idempotency-conflict', conflict: 'delivered' }, now)
}

function join(draft: UnitOfWork, command: ChargeCommand, found: Charge, now: number): Applied<ChargeOutcome> {
  const { id, settleByMs: settleBy } = command
  const isKnown = found.parts.some((part) => part.id === id)
  if (!isKnown) {
    const why = check(draft, command, NOTHING, now)
    if (why !== undefined) return { outcome: refused(draft, command, why, now), changes: [] }
    countRates(draft, command.rates, now)
    const parts = [...found.parts, { id, settleBy, end: 'open' as const, used: found.reserved }]
    draft.putCharge({ ...found, parts, actAt: dueAt({ ...found, parts }) })
  }
  const outcome = { ...charged(draft, command, found, true, now), reserved: NOTHING }
  return { outcome, changes: draft.changes() }
}

function reserve(
  draft: UnitOfWork,
  command: ChargeCommand,
  { chain, isRepeat, payment }: Extract<Repeat, { kind: 'follow' }>,
  now: number,
): Applied<ChargeOutcome> {
  const reserved = beyond(askedBy(command), chain.paid)
  const why = check(draft, command, reserved, now)
  if (why !== undefined) return { outcome: refused(draft, command, why, now), changes: [] }
  countFor(draft, command.limits, now)
  countRates(draft, command.rates, now)
  const { id, settleByMs: settleBy, facts } = command
  const made: Charge = {
    id,
    sequence: draft.head.sequence + 1,
    at: now,
    state: 'open',
    actAt: settleBy,
    reserved,
    kept: reserved,
    parts: [{ id, settleBy, end: 'open', used: reserved }],
    chain,
    ...(payment && { payment }),
    facts,
  }
  const isReceipt = command.receipt !== undefined || payment !== undefined
  const { totals, receipt } = draft.head
  draft.putHead({
    sequence: made.sequence,
    totals: { ...totals, charges: totals.charges + 1 },
    receipt: isReceipt ? withEnd(receipt, command.expires) : receipt,
  })
  move(draft, made, reserved, now)
  recordUsage(draft, made, { kind: 'charge', change: reserved, at: now })
  draft.putCharge({ ...made, actAt: dueAt(made) })
  return { outcome: charged(draft, command, made, isRepeat, now), changes: draft.changes() }
}

function askedBy({ counts, price, receipt }: ChargeCommand): Amount {
  return { counts: summed(counts), price, uses: receipt === undefined ? 0 : 1 }
}

/**
 * Returns the reason to refuse, by the request, then the plan, then the balance. Rates come last: waiting does not help a
 * client that lacks one of the others.
 */
function check(draft: UnitOfWork, command: ChargeCommand, reserved: Amount, now: number): Why | undefined {
  const { receipt, limits, rates } = command
  // A pass buys time: after its end no earlier request can be continued either.
  const isUsed = receipt !== undefined && (reserved.uses > 0 || 'passSeconds' in receipt)
  const spent = isUsed ? checkReceipt(draft.head, receipt, now) : undefined
  if (spent !== undefined) return spent
  const limited = checkLimits(draft, limits, reserved.counts, now)
  if (limited !== undefined) return limited
  const { price } = reserved
  const isPayable = price === undefined || command.payment || price.units <= creditIn(draft.head, price.currency).units
  return isPayable ? checkRates(draft, rates, now) : { reason: 'credit-insufficient' }
}

function charged(draft: UnitOfWork, command: ChargeCommand, made: Charge, isRepeat: boolean, now: number): Charged {
  const standings = standingsOf(draft, command, now)
  const { payment } = made
  const { tries, representation } = made.chain
  const of = isRepeat && representation !== undefined ? { representation } : {}
  const { id: charge, reserved } = made
  const paid = payment && { payment: paymentStatus(payment) }
  return { kind: 'charged', charge, request: command.id, isRepeat, tries, reserved, ...of, ...paid, ...standings }
}

function refused(draft: UnitOfWork, command: ChargeCommand, why: Why, now: number): ChargeRefused {
  return { kind: 'refused', ...why, ...standingsOf(draft, command, now) }
}

function standingsOf(
  draft: UnitOfWork,
  { limits, rates, price, receipt, payment }: ChargeCommand,
  now: number,
): Pick<Charged, 'limits' | 'rates' | 'credit' | 'receipt'> {
  return {
    limits: statusOf(draft, limits, now),
    ...(rates && { rates: statusOf(draft, rates, now) }),
    ...(price && !payment && { credit: creditIn(draft.head, price.currency) }),
    ...(receipt && { receipt: receiptStatus(draft.head, receipt) }),
  }
}
