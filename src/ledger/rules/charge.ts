/**
 * The verb that reserves: finds out if a request was paid before, checks that it can be paid, and writes it down.
 *
 * Three questions are answered in order. Is the token still good, after the statements kept here? Does the request belong to
 * an earlier charge: the same command again, a retry under a key, a further Range, a confirmed page, a payment? Then it
 * joins that charge or follows it, and reserves only what was not paid before. Does the rest fit: uses of the receipt, units
 * under every limit, credit, and places under the rates? Everything fits, or nothing is reserved. A pure function: the host
 * makes it atomic.
 */
import { isOfMoney, type Limit } from '../../access/limit.ts'
import type { Money } from '../../core/money.ts'
import { beyond, NOTHING, summed, unitsOf } from './amount.ts'
import { type Applied, type Book, type Charge, type Head, knownCharge } from './book.ts'
import type { Amount, ChargeCommand, Charged, ChargeOutcome, ChargeRefused } from './commands.ts'
import { creditIn } from './credit.ts'
import { UnitOfWork } from './unitofwork.ts'
import { countFor, statusOf } from './limits.ts'
import { checkStanding } from './note.ts'
import { paymentStatus } from './payment.ts'
import { type PaidCommand, paymentRepeatOf } from './paymentrepeat.ts'
import { checkRates, countRates, isOnlyRated } from './rates.ts'
import { checkReceipt, receiptStatus, withEnd } from './receipt.ts'
import { type Repeat, repeatOf } from './repeat.ts'
import { dueAt, move, recordUsage } from './settle.ts'
import { checkAmounts } from './shortage.ts'

/** A payment is its own key. */
const PAYMENT_KEY = 'payment'

type RefusalFacts = Pick<
  ChargeRefused,
  | 'reason'
  | 'check'
  | 'conflict'
  | 'delivered'
  | 'representation'
  | 'isContinuable'
  | 'retryAfterSeconds'
  | 'held'
  | 'payment'
>

/**
 * Reserves what a request may cost, all of it or nothing: a receipt's use, units under every limit, prepaid credit. Amounts
 * that an earlier request of the same chain has paid are not reserved again. Every request takes its place under every rate,
 * whatever else it costs. If the rates are all, no charge is made, and none has to be amended.
 */
export function charge(book: Book, command: ChargeCommand, now: number): Applied<ChargeOutcome> {
  const work = new UnitOfWork(book)
  if (extendsReceipt(book.head, command)) work.putHead({ receipt: withEnd(book.head.receipt, command.expires) })
  const seen = work.changes()
  const applied = apply(work, command, now)
  const isRefused = applied.outcome.kind === 'refused' && applied.changes.length === 0
  return isRefused ? { ...applied, changes: seen } : applied
}

/**
 * Returns true if a used receipt comes in a token with a later end: if the ledger forgot it earlier, it could be used again.
 */
function extendsReceipt({ receipt }: Head, { receipt: terms, expires = 0 }: ChargeCommand): boolean {
  return terms !== undefined && receipt.expires !== undefined && expires > receipt.expires
}

function apply(work: UnitOfWork, command: ChargeCommand, now: number): Applied<ChargeOutcome> {
  const { book } = work
  const outdated = command.proof === undefined ? undefined : checkStanding(book, command.proof, now)
  if (isOnlyRated(command)) return outdated === undefined ? countRatesOnly(work, command, now) : refuse(outdated)
  const known = knownCharge(book, command.id, now)
  if (known !== undefined) return { outcome: answerRepeat(work, command, known, now), changes: [] }
  // A settled payment stays good for what it paid, however late the delivery.
  if (command.expires !== undefined && command.expires <= now && command.payment === undefined)
    return refuse({ reason: 'credential-expired' })
  if (outdated !== undefined) return refuse(outdated)
  const repeat = isPaid(command) ? paymentRepeatOf(work, command, now) : repeatOf(work, command, now)
  switch (repeat.kind) {
    case 'refused':
      return isDelivered(repeat.refused) ? refuseDelivered(repeat.refused) : refuse(lackOf(repeat.refused))
    case 'join':
      return join(work, command, repeat.charge, now)
    case 'follow':
      return reserve(work, command, repeat, now)
  }

  function refuse(why: RefusalFacts): Applied<ChargeOutcome> {
    return { outcome: refused(work, command, why, now), changes: [] }
  }

  /** What is taken for the try before may be another's request: who lacks something is told that, and not to wait for it. */
  function lackOf(why: RefusalFacts): RefusalFacts {
    return (why.conflict === 'sent-again' ? checkAmounts(work, command, amountOf(command), now) : undefined) ?? why
  }

  /**
   * Refuses what may be answered from the store, or with the kept answer. That is free, but takes a place under the rates as
   * any request.
   */
  function refuseDelivered(why: RefusalFacts): Applied<ChargeOutcome> {
    const limited = checkRates(work, command.rates, now)
    if (limited !== undefined) return refuse(limited)
    countRates(work, command.rates, now)
    return { outcome: refused(work, command, why, now), changes: work.changes() }
  }
}

function isDelivered({ delivered, representation }: RefusalFacts): boolean {
  return delivered !== undefined || representation !== undefined
}

function isPaid(command: ChargeCommand): command is PaidCommand {
  return command.payment !== undefined && command.idempotency !== undefined
}

function countRatesOnly(work: UnitOfWork, command: ChargeCommand, now: number): Applied<ChargeOutcome> {
  const { id, rates } = command
  const why = checkRates(work, rates, now)
  if (why !== undefined) return { outcome: refused(work, command, why, now), changes: [] }
  countRates(work, rates, now)
  const balances = balancesOf(work, command, now)
  const common = { charge: id, request: id, isRepeat: false, tries: 1, reserved: NOTHING }
  const outcome = { kind: 'charged' as const, ...common, ...balances }
  return { outcome, changes: work.changes() }
}

/** Answers a command sent again: its caller did not hear the answer. A charge closed since must not serve again. */
function answerRepeat(work: UnitOfWork, command: ChargeCommand, known: Charge, now: number): ChargeOutcome {
  const isOpen = known.parts.some(({ id, end }) => id === command.id && end === 'open')
  const settlement = known.payment?.settlement
  if (settlement?.state === 'settling' && settlement.by !== command.id)
    return refused(work, command, { reason: 'settlement-unknown' }, now)
  if (isOpen)
    return {
      ...charged(work, command, known, isContinued(command, known), now),
      reserved: known.id === command.id ? known.reserved : NOTHING,
    }
  return refused(work, command, { reason: 'idempotency-conflict', conflict: 'delivered' }, now)
}

/** Returns true if the request's first answer was that it continues an earlier charge; false if the charge is its own. */
function isContinued({ id }: ChargeCommand, { id: charge, chain }: Charge): boolean {
  return charge !== id || chain.first !== charge
}

function join(work: UnitOfWork, command: ChargeCommand, found: Charge, now: number): Applied<ChargeOutcome> {
  const { id, settleByMs: settleBy } = command
  const isKnown = found.parts.some((part) => part.id === id)
  if (!isKnown) {
    const why = check(work, command, NOTHING, now)
    if (why !== undefined) return { outcome: refused(work, command, why, now), changes: [] }
    countRates(work, command.rates, now)
    const parts = [...found.parts, { id, settleBy, end: 'open' as const, used: found.reserved }]
    work.putCharge({ ...found, parts, actAt: dueAt({ ...found, parts }), keepUntil: undefined })
  }
  const outcome = { ...charged(work, command, found, true, now), reserved: NOTHING }
  return { outcome, changes: work.changes() }
}

function reserve(
  work: UnitOfWork,
  command: ChargeCommand,
  { chain, isRepeat, payment }: Extract<Repeat, { kind: 'follow' }>,
  now: number,
): Applied<ChargeOutcome> {
  const reserved = beyond(amountOf(command), chain.paid)
  const why = check(work, command, reserved, now) ?? checkRoom(work.book)
  if (why !== undefined) return { outcome: refused(work, command, why, now), changes: [] }
  countFor(work, command.limits, now)
  countRates(work, command.rates, now)
  const { id, settleByMs: settleBy, facts } = command
  const made: Charge = {
    id,
    sequence: work.head.sequence + 1,
    at: now,
    state: 'open',
    actAt: settleBy,
    keepUntil: undefined,
    reserved,
    kept: reserved,
    parts: [{ id, settleBy, end: 'open', used: reserved }],
    chain,
    ...(payment && { payment }),
    facts,
  }
  const isReceipt = command.receipt !== undefined || payment !== undefined
  const { receipt } = work.head
  work.putHead({
    sequence: made.sequence,
    receipt: isReceipt ? withEnd(receipt, endOf(command)) : receipt,
  })
  move(work, made, reserved, now, 1)
  recordUsage(work, made, { kind: 'charge', change: reserved, at: now })
  work.putCharge({ ...made, actAt: dueAt(made) })
  return { outcome: charged(work, command, made, isRepeat, now), changes: work.changes() }
}

/** The most charges in flight for one account, fewer if their texts are long: a ledger holds them in memory. */
export const MAX_ACTIVE = 2_000

/** Returns the refusal if an account has too many charges in flight. They end soon. */
function checkRoom({ active }: Book): RefusalFacts | undefined {
  return active < MAX_ACTIVE ? undefined : { reason: 'too-many-requests', retryAfterSeconds: 1 }
}

/** Returns the time until which the ledger of a receipt or payment is needed. */
function endOf({ expires, packEndsMs }: ChargeCommand): number | undefined {
  return packEndsMs === undefined || expires === undefined ? expires : Math.max(expires, packEndsMs)
}

/**
 * Returns true if a payment of the amount has settled in this ledger: nothing that the gate signs counts without that. What is
 * only reserved, or in doubt, is in the totals as well; once a settled payment is forgotten, they are all that is known of it.
 */
function isSoldFor({ book, head }: UnitOfWork, { currency, units }: Money): boolean {
  const known = book.chargeByKey(PAYMENT_KEY)?.payment
  const isSettled = known === undefined || known.settlement.state === 'settled'
  return isSettled && unitsOf(head.totals.money, currency) >= units
}

function amountOf({ counts, price, receipt }: ChargeCommand): Amount {
  return { counts: summed(counts), price, uses: receipt === undefined ? 0 : 1 }
}

/**
 * Returns the reason to refuse, by the request, then the plan, then the balance. Rates come last: waiting does not help a
 * client that lacks one of the others.
 */
function check(work: UnitOfWork, command: ChargeCommand, reserved: Amount, now: number): RefusalFacts | undefined {
  const { receipt, rates, soldFor } = command
  if (soldFor !== undefined && !isSoldFor(work, soldFor)) return { reason: 'payment-spent' }
  // A pass buys time: after its end no earlier request can be continued either.
  const isUsed = receipt !== undefined && (reserved.uses > 0 || 'passSeconds' in receipt)
  const spent = isUsed ? checkReceipt(work.head, receipt, now) : undefined
  if (spent !== undefined) return spent
  return checkAmounts(work, command, reserved, now) ?? checkRates(work, rates, now)
}

function charged(work: UnitOfWork, command: ChargeCommand, made: Charge, isRepeat: boolean, now: number): Charged {
  const balances = balancesOf(work, command, now)
  const { payment } = made
  const { tries, first, representation } = made.chain
  const of = isRepeat && representation !== undefined ? { representation } : {}
  const { id: charge, reserved } = made
  const ids = { charge, request: command.id, ...(first !== charge && { first }) }
  const paid = payment && { payment: paymentStatus(payment) }
  return { kind: 'charged', ...ids, isRepeat, tries, reserved, ...of, ...paid, ...balances }
}

function refused(work: UnitOfWork, command: ChargeCommand, why: RefusalFacts, now: number): ChargeRefused {
  return { kind: 'refused', ...why, ...balancesOf(work, command, now) }
}

/** Limits of money are the operator's affair: what a client knows of is its price. */
function isTold(limit: Limit): boolean {
  return !isOfMoney(limit)
}

function balancesOf(
  work: UnitOfWork,
  { limits, rates, price, receipt, payment }: ChargeCommand,
  now: number,
): Pick<Charged, 'limits' | 'rates' | 'credit' | 'receipt'> {
  return {
    limits: statusOf(work, limits.filter(isTold), now),
    ...(rates && { rates: statusOf(work, rates, now) }),
    ...(price && !payment && { credit: creditIn(work.head, price.currency) }),
    ...(receipt && { receipt: receiptStatus(work.head, receipt) }),
  }
}
