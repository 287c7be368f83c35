/**
 * Presenting a machine payment more than once.
 *
 * Clients retry, and a payment must neither buy two things nor be demanded twice. A payment is bound to the first request
 * that brings it, and later ones are answered by its state. While it is being settled they wait. If the outcome is unknown,
 * one request at a time asks the settler again, and no other payment is demanded meanwhile. A settled payment is delivered
 * in three tries at most. A failed one may be bound anew.
 */
import { NOTHING, together } from './amount.ts'
import { type Charge, deliveryOf, type Part } from './book.ts'
import type { ChargeCommand } from './commands.ts'
import { asking, type ChargePayment, mayHavePaid, paymentStatus, type StoredPayment } from './payment.ts'
import { chainOf, MAX_TRIES, MAX_WAIT_SECONDS, type Repeat } from './repeat.ts'
import { CONTINUATION_MS, firstDue } from './settle.ts'
import { caughtUp, withoutAsker } from './settlement.ts'
import type { UnitOfWork } from './unitofwork.ts'

/** The `Retry-After` while a payment is being settled. */
const WAIT_SECONDS = 1
/** The `Retry-After` while the outcome of a payment is unknown. */
const UNKNOWN_SECONDS = 2

export interface PaidCommand extends ChargeCommand {
  readonly payment: StoredPayment
  readonly idempotency: NonNullable<ChargeCommand['idempotency']>
}

/**
 * Relates a request with a machine payment to earlier ones with the same payment. The payment is bound to the first request
 * by zone, method, target and content, and is settled for that one alone.
 */
export function paymentRepeatOf(work: UnitOfWork, command: PaidCommand, now: number): Repeat {
  const { id, idempotency, payment } = command
  const found = work.book.chargeByKey(idempotency.key)
  const last = found && caughtUp(work, found, now)
  if (last?.payment === undefined) return idempotency.isKnown === true ? UNBOUND : claimAnew(command, now)
  const known = last.payment
  const { digest } = idempotency
  const isSame = (digest === '' || last.chain.idempotency?.digest === digest) && known.stored.zone === payment.zone
  if (idempotency.isKnown === true && !(isSame && mayHavePaid(known))) return UNBOUND
  switch (known.settlement.state) {
    case 'failed':
      return isSame ? claimAnew(command, now, last) : claimAnew(command, now)
    case 'claimed':
      return isSame ? inFlight(known, WAIT_SECONDS) : spent(known)
    case 'settling':
      if (known.settlement.tries === 1 && known.settlement.until > now)
        return isSame ? inFlight(known, WAIT_SECONDS) : spent(known)
      if (known.settlement.until > now) return unknown(known)
      return isSame && isSamePayment(known, payment) ? settleAgain(last, known, id, now) : unknown(known)
    case 'unknown':
      return isSame && isSamePayment(known, payment) ? settleAgain(last, known, id, now) : unknown(known)
    case 'settled':
      return isSame ? redeliver(last, known, command, now) : spent(known)
  }
}

/** The answer to `isKnown` if the payment has not paid for this request. */
const UNBOUND: Repeat = { kind: 'refused', refused: { reason: 'idempotency-conflict', conflict: 'unknown' } }

/** Claims the payment for a first request, or for a further one after a failed settlement. */
function claimAnew(command: PaidCommand, now: number, last?: Charge): Repeat {
  const { id, idempotency, payment, expires, claimByMs = command.settleByMs } = command
  if (expires !== undefined && expires <= now) return { kind: 'refused', refused: { reason: 'credential-expired' } }
  const claimed: ChargePayment = { stored: payment, expires, settlement: { state: 'claimed', until: claimByMs } }
  if (last === undefined)
    return { kind: 'follow', chain: { ...chainOf(id, now), idempotency }, isRepeat: false, payment: claimed }
  const tries = last.chain.tries + 1
  if (tries > MAX_TRIES) return { kind: 'refused', refused: { reason: 'payment-spent' } }
  return { kind: 'follow', chain: { ...last.chain, tries, paid: NOTHING }, isRepeat: true, payment: claimed }
}

/**
 * Returns true if the payment has exactly the stored content. Other content, as from another version of a protocol, might be
 * judged differently.
 */
function isSamePayment({ stored }: ChargePayment, payment: StoredPayment): boolean {
  const contentOf = ({ rail, payload, requirements }: StoredPayment): string =>
    JSON.stringify([rail, payload, requirements])
  return contentOf(stored) === contentOf(payment)
}

/** Lets this request ask the settler at once, as one more part of the charge: one payment is one charge. */
function settleAgain(last: Charge, payment: ChargePayment, by: string, now: number): Repeat {
  // A request forgotten by now has nothing more to report.
  const parts = withoutAsker(last).map((part): Part => (part.end === 'forgotten' ? { ...part, end: 'broken' } : part))
  const settlement = asking(by, payment.settlement, now)
  return { kind: 'join', charge: { ...last, parts, payment: { ...payment, settlement } } }
}

function redeliver(last: Charge, payment: ChargePayment, command: PaidCommand, now: number): Repeat {
  if (last.parts.some(({ end }) => end === 'open')) {
    const seconds = Math.ceil((firstDue(last) - now) / 1000)
    return inFlight(payment, Math.max(1, Math.min(MAX_WAIT_SECONDS, seconds)))
  }
  const { chain } = last
  if (deliveryOf(last.parts) === 'complete') return spent(payment, last, now)
  if (wasAsked(last, command)) return askedOnce(payment, last)
  if (chain.tries >= MAX_TRIES) return spent(payment)
  const paid = together(chain.paid, last.kept)
  return { kind: 'follow', chain: { ...chain, tries: chain.tries + 1, paid }, isRepeat: true, payment }
}

function inFlight(payment: ChargePayment, retryAfterSeconds: number): Repeat {
  const status = paymentStatus(payment)
  const refused = { reason: 'idempotency-conflict', conflict: 'in-flight', retryAfterSeconds, payment: status } as const
  return { kind: 'refused', refused }
}

/** Returns true if the origin must not be asked once more: whoever waited for its answer before has not got it. */
function wasAsked({ parts }: Charge, { askedOnce: when }: PaidCommand): boolean {
  if (when === undefined) return false
  return when === 'before-settlement' || parts.some(({ end }) => end === 'broken' || end === 'forgotten')
}

function askedOnce(payment: ChargePayment, { id }: Charge): Repeat {
  const refused = { reason: 'idempotency-conflict', conflict: 'asked-once', delivered: id } as const
  return { kind: 'refused', refused: { ...refused, payment: paymentStatus(payment) } }
}

/**
 * Refuses a payment already used: another payment is the cure. Content delivered for it may be had again from where it was kept,
 * and a further Range for some minutes.
 */
function spent(payment: ChargePayment, delivered?: Charge, now = 0): Repeat {
  const reason = 'payment-spent'
  if (delivered === undefined) return { kind: 'refused', refused: { reason } }
  const { id, chain } = delivered
  const again = {
    delivered: id,
    ...(chain.representation !== undefined && { representation: chain.representation }),
    ...(now < chain.since + CONTINUATION_MS && { isContinuable: true as const }),
    payment: paymentStatus(payment),
  }
  return { kind: 'refused', refused: { reason, ...again } }
}

/** Refuses while the outcome is unknown: another payment might pay twice. */
function unknown(payment: ChargePayment): Repeat {
  const status = paymentStatus(payment)
  const refused = { reason: 'settlement-unknown', retryAfterSeconds: UNKNOWN_SECONDS, payment: status } as const
  return { kind: 'refused', refused }
}
