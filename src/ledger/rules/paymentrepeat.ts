import { NOTHING, together } from './amount.ts'
import { type Charge, deliveryOf, type Part } from './book.ts'
import type { ChargeCommand } from './commands.ts'
import { asking, type ChargePayment, mayHavePaid, paymentStatus, type StoredPayment } from './payment.ts'
import { chainOf, MAX_TRIES, MAX_WAIT_SECONDS, type Repeat } from './repeat.ts'
import { firstDue } from './settle.ts'
import { caughtUp, withoutAsker } from './settlement.ts'
import type { UnitOfWork } from './unitofwork.ts'

/** Who waits for a payment that is being settled. */
const WAIT_SECONDS = 1
/** Who waits for one of which nobody knows. */
const UNKNOWN_SECONDS = 2

export interface PaidCommand extends ChargeCommand {
  readonly payment: StoredPayment
  readonly idempotency: NonNullable<ChargeCommand['idempotency']>
}

/**
 * What a request that brings a machine payment has to do with earlier ones that brought it. It is bound to the first request,
 * by zone, method, target and content, and is settled for that alone. While it is unknown what became of it, one request at a
 * time has it asked for; a new payment is never demanded meanwhile. What settled is delivered in three tries at most, and
 * what failed may be bound anew.
 */
export function paymentRepeatOf(draft: UnitOfWork, command: PaidCommand, now: number): Repeat {
  const { id, idempotency, payment } = command
  const found = draft.book.chargeByKey(idempotency.key)
  const last = found && caughtUp(draft, found, now)
  if (last?.payment === undefined) return idempotency.isKnown === true ? UNBOUND : anew(command, now)
  const known = last.payment
  const { digest } = idempotency
  const isSame = (digest === '' || last.chain.idempotency?.digest === digest) && known.stored.zone === payment.zone
  if (idempotency.isKnown === true && !(isSame && mayHavePaid(known))) return UNBOUND
  switch (known.settlement.state) {
    case 'failed':
      return isSame ? anew(command, now, last) : anew(command, now)
    case 'claimed':
      return isSame ? inFlight(known, WAIT_SECONDS) : spent(known)
    case 'settling':
      if (known.settlement.tries === 1 && known.settlement.until > now)
        return isSame ? inFlight(known, WAIT_SECONDS) : spent(known)
      if (known.settlement.until > now) return unknown(known)
      return isSame && isSameWords(known, payment) ? ask(last, known, id, now) : unknown(known)
    case 'unknown':
      return isSame && isSameWords(known, payment) ? ask(last, known, id, now) : unknown(known)
    case 'settled':
      return isSame ? redeliver(last, known, now) : spent(known)
  }
}

/** The answer to who asks for what a payment has paid already, and it has paid for nothing of that. */
const UNBOUND: Repeat = { kind: 'refused', refused: { reason: 'idempotency-conflict', conflict: 'unknown' } }

/** A first request with a payment, or a further one of which none has settled. */
function anew(command: PaidCommand, now: number, last?: Charge): Repeat {
  const { id, idempotency, payment, expires, claimByMs = command.settleByMs } = command
  if (expires !== undefined && expires <= now) return { kind: 'refused', refused: { reason: 'credential-expired' } }
  const claimed: ChargePayment = { stored: payment, expires, settlement: { state: 'claimed', until: claimByMs } }
  if (last === undefined)
    return { kind: 'follow', chain: { ...chainOf(id, now), idempotency }, isRepeat: false, payment: claimed }
  const tries = last.chain.tries + 1
  if (tries > MAX_TRIES) return { kind: 'refused', refused: { reason: 'payment-spent' } }
  return { kind: 'follow', chain: { ...last.chain, tries, paid: NOTHING }, isRepeat: true, payment: claimed }
}

/** True where it is settled by the same words, to the last: others, as those of another version of a protocol, might be judged otherwise. */
function isSameWords({ stored }: ChargePayment, payment: StoredPayment): boolean {
  const words = ({ rail, payload, requirements }: StoredPayment): string =>
    JSON.stringify([rail, payload, requirements])
  return words(stored) === words(payment)
}

/** The request asks at once, and is one more part of the charge: there is one payment, so there is one charge. */
function ask(last: Charge, payment: ChargePayment, by: string, now: number): Repeat {
  // Whoever was not heard of in time has nothing more to say.
  const parts = withoutAsker(last).map((part): Part => (part.end === 'forgotten' ? { ...part, end: 'broken' } : part))
  const settlement = asking(by, payment.settlement, now)
  return { kind: 'join', charge: { ...last, parts, payment: { ...payment, settlement } } }
}

function redeliver(last: Charge, payment: ChargePayment, now: number): Repeat {
  if (last.parts.some(({ end }) => end === 'open')) {
    const seconds = Math.ceil((firstDue(last) - now) / 1000)
    return inFlight(payment, Math.max(1, Math.min(MAX_WAIT_SECONDS, seconds)))
  }
  const { chain } = last
  if (deliveryOf(last.parts) === 'complete') return spent(payment, chain.representation)
  if (chain.tries >= MAX_TRIES) return spent(payment)
  const paid = together(chain.paid, last.kept)
  return { kind: 'follow', chain: { ...chain, tries: chain.tries + 1, paid }, isRepeat: true, payment }
}

function inFlight(payment: ChargePayment, retryAfterSeconds: number): Repeat {
  const status = paymentStatus(payment)
  const refused = { reason: 'idempotency-conflict', conflict: 'in-flight', retryAfterSeconds, payment: status } as const
  return { kind: 'refused', refused }
}

/** Paying anew is the cure. What was delivered may be had again, where it is stored. */
function spent(payment: ChargePayment, representation?: string): Repeat {
  const again = representation === undefined ? {} : { representation, payment: paymentStatus(payment) }
  return { kind: 'refused', refused: { reason: 'payment-spent', ...again } }
}

/** Paying anew may be to pay twice. */
function unknown(payment: ChargePayment): Repeat {
  const status = paymentStatus(payment)
  const refused = { reason: 'settlement-unknown', retryAfterSeconds: UNKNOWN_SECONDS, payment: status } as const
  return { kind: 'refused', refused }
}
