/**
 * Finds earlier requests for the same thing, so that it is paid once.
 *
 * Four kinds of request continue an earlier charge: a retry under an `Idempotency-Key`, one that its client sends by itself
 * without a key, a further Range of the same representation, and a request for a page whose price was confirmed. If the earlier charge is in flight the request joins
 * it, with one reservation for both; if it is closed the request follows it, and reserves only what was not kept before.
 * Each kind has bounds, because a generous rule would sell several answers for one price: tries, times opened, minutes, and
 * strong validators for parts.
 */
import { isNothing, NOTHING, together } from './amount.ts'
import { type Chain, type Charge, deliveryOf, type Part } from './book.ts'
import type { ChargeCommand, ChargeRefused, Idempotency } from './commands.ts'
import type { ChargePayment } from './payment.ts'
import type { UnitOfWork } from './unitofwork.ts'
import { CONTINUATION_MS, firstDue, forget, IDEMPOTENCY_MS, RETRY_MS } from './settle.ts'

/** One delivery, and at most two more tries at the origin. */
export const MAX_TRIES = 3
/** The most Ranges in flight that share a charge: each is written together with all others. */
const MAX_JOINED = 256
/**
 * The most times that one confirmation opens its page: a second click, another tab, Back and a reload. More would be worth
 * more than one price.
 */
const MAX_OPENED = 5
/** The longest `Retry-After` for a request in flight: it usually ends long before its limit. */
export const MAX_WAIT_SECONDS = 5

/** The relation of a request to earlier ones: refused, a part of a charge in flight, or the next in a chain. */
export type Repeat =
  | {
      readonly kind: 'refused'
      readonly refused: Pick<
        ChargeRefused,
        'reason' | 'conflict' | 'delivered' | 'representation' | 'isContinuable' | 'retryAfterSeconds' | 'payment'
      >
    }
  | { readonly kind: 'join'; readonly charge: Charge }
  | { readonly kind: 'follow'; readonly chain: Chain; readonly isRepeat: boolean; readonly payment?: ChargePayment }

export function repeatOf(work: UnitOfWork, command: ChargeCommand, now: number): Repeat {
  const { id, idempotency, clientRetry, continuation, isPart = false, confirmation, representation } = command
  if (confirmation !== undefined) {
    const continued = { id, continuation: `confirmed ${confirmation}`, isPart, representation }
    return confirmedOf(work, continued, now)
  }
  if (idempotency !== undefined) return retryOf(work, id, idempotency, now)
  if (clientRetry !== undefined) return sentAgainOf(work, id, clientRetry, now)
  if (continuation !== undefined) return continuationOf(work, { id, continuation, isPart, representation }, now)
  return { kind: 'follow', chain: chainOf(id, now), isRepeat: false }
}

export function chainOf(first: string, since: number): Chain {
  return { first, since, tries: 1, paid: NOTHING, idempotency: undefined, continuation: undefined }
}

/**
 * Relates a retry under a key to the charges before. Anything sent or generated before is paid for again, in up to two more
 * tries: otherwise a client could cut three answers short of their last byte, and read three at the price of one. A client
 * that was sent nothing continues with what it paid.
 */
function retryOf(work: UnitOfWork, id: string, asked: Idempotency, now: number): Repeat {
  const { key, digest, isKnown = false } = asked
  const found = work.book.chargeByKey(key)
  if (found === undefined || found.chain.since + IDEMPOTENCY_MS <= now) {
    if (isKnown) return conflict('unknown')
    return { kind: 'follow', chain: { ...chainOf(id, now), idempotency: { key, digest } }, isRepeat: false }
  }
  const { chain } = found
  if (chain.idempotency?.digest !== digest) return conflict('other-request')
  const last = closeIfOverdue(work, found, now)
  if (last.state === 'open') {
    const seconds = Math.ceil((firstDue(last) - now) / 1000)
    return conflict('in-flight', { retryAfterSeconds: Math.max(1, Math.min(MAX_WAIT_SECONDS, seconds)) })
  }
  if (deliveryOf(last.parts) === 'complete') {
    const { representation } = last.chain
    return conflict('delivered', { delivered: last.id, ...(representation === undefined ? {} : { representation }) })
  }
  if (chain.tries >= MAX_TRIES) return conflict('too-many-tries')
  const paid = isUnsent(last) ? together(chain.paid, last.kept) : NOTHING
  makeFinal(work, last)
  return { kind: 'follow', chain: { ...chain, tries: chain.tries + 1, paid }, isRepeat: true }
}

/**
 * Returns true if nothing was sent. A forgotten request was broken off by the gate itself. What a meter counted was generated,
 * and is paid for whether it was sent or not.
 */
function isUnsent({ parts, facts }: Charge): boolean {
  const isMetered = facts['meter'] !== undefined
  return parts.every(
    (part) => part.end === 'none' || part.end === 'forgotten' || (part.isUnsent === true && !isMetered),
  )
}

/** A request whose client repeats requests by itself, without an `Idempotency-Key`. */
export interface ClientRetry {
  /** The digest of method, target and content. */
  readonly digest: string
  /** True if the client says that it sends the request again. Anyone can say so. */
  readonly isRetry: boolean
}

/** The most charges of one request that are looked at: equal requests may be many. */
export const MOST_OF_ONE = 32

/**
 * Relates a retry without a key to the charges of equal requests before. It continues the latest that broke off or failed within
 * ten minutes: it has that charge's id, and reserves and pays everything anew. So it is worth nothing to claim to be one. If nothing
 * failed and one request is in flight, that is taken for the try before; if several are, they are requests of their own, as all
 * are that claim nothing.
 */
function sentAgainOf(work: UnitOfWork, id: string, { digest, isRetry }: ClientRetry, now: number): Repeat {
  const continuation = `again ${digest}`
  const chain: Chain = { ...chainOf(id, now), continuation, isSentAgain: true }
  const fresh: Repeat = { kind: 'follow', chain, isRepeat: false }
  if (!isRetry) return fresh
  const tries = latestTries(work, continuation, now)
  const failed = tries.find((one) => mayBeTriedAgain(one, now))
  if (failed !== undefined) {
    const { chain: before } = failed
    return { kind: 'follow', chain: { ...before, tries: before.tries + 1, paid: NOTHING }, isRepeat: true }
  }
  const open = tries.filter(({ state }) => state === 'open')
  return open.length === 1 ? conflict('sent-again', { retryAfterSeconds: 1 }) : fresh
}

/** Returns the latest charge of each chain, the latest first. */
function latestTries(work: UnitOfWork, continuation: string, now: number): readonly Charge[] {
  const found = work.book.chargesByContinuation(continuation, MOST_OF_ONE, now)
  const chains = new Map<string, Charge>()
  for (const charge of found) if (!chains.has(charge.chain.first)) chains.set(charge.chain.first, charge)
  return [...chains.values()].map((charge) => closeIfOverdue(work, charge, now))
}

function mayBeTriedAgain({ state, parts, chain }: Charge, now: number): boolean {
  if (state === 'open' || deliveryOf(parts) === 'complete' || chain.tries >= MAX_TRIES) return false
  return parts.every(({ end, settleBy }) => end !== 'forgotten' || settleBy + RETRY_MS > now)
}

interface ContinuationRequest {
  readonly id: string
  readonly continuation: string
  readonly isPart: boolean
  readonly representation: string | undefined
}

/**
 * Relates a further Range to the latest charge of its target, for the whole or for a part, if it belongs to the same
 * representation.
 *
 * While the representation is unknown the Range continues for now, and the caller asks again with the strong validator of
 * the answer. It shares the reservation of a charge in flight, whichever of them ends first: otherwise a client could have
 * one of two requests taken back after the other was let through for nothing. So one charge gives at most one
 * representation, any number of times within five minutes.
 */
function continuationOf(
  work: UnitOfWork,
  { id, continuation, isPart, representation }: ContinuationRequest,
  now: number,
): Repeat {
  const [found] = isPart ? work.book.chargesByContinuation(continuation, 1, now) : []
  const told = representation === undefined ? {} : { representation }
  const fresh: Repeat = { kind: 'follow', chain: { ...chainOf(id, now), continuation, ...told }, isRepeat: false }
  if (found === undefined || found.chain.since + CONTINUATION_MS <= now) return fresh
  const last = closeIfOverdue(work, found, now)
  const { representation: known } = last.chain
  const isUnknown =
    representation === undefined ? known === undefined && last.state !== 'open' : known !== representation
  if (isUnknown) return fresh
  if (last.state === 'open') return last.parts.length < MAX_JOINED ? { kind: 'join', charge: last } : fresh
  const paid = together(last.chain.paid, last.kept)
  if (isNothing(paid)) return fresh
  makeFinal(work, last)
  return { kind: 'follow', chain: { ...last.chain, paid }, isRepeat: true }
}

/**
 * Relates a request under a confirmation to the charge before. One confirmation is one charge, whatever its page shows when
 * its reader comes back: it opens at most five times within five minutes, since pages change. A Range requested once the
 * representation is known opens nothing; if the answer belongs to another one, the caller asks again.
 */
function confirmedOf(
  work: UnitOfWork,
  { id, continuation, isPart, representation }: ContinuationRequest,
  now: number,
): Repeat {
  const [found] = work.book.chargesByContinuation(continuation, 1, now)
  const first: Chain = { ...chainOf(id, now), continuation, isConfirmed: true }
  const fresh: Repeat = { kind: 'follow', chain: first, isRepeat: false }
  if (found === undefined || found.chain.since + CONTINUATION_MS <= now) return fresh
  const last = closeIfOverdue(work, found, now)
  const paid = together(last.chain.paid, last.kept)
  const isOpen = last.state === 'open'
  if (!isOpen && isNothing(paid)) return fresh
  const isFurther = isPart && representation === undefined && last.chain.representation !== undefined
  if (isFurther && isOpen && last.parts.length >= MAX_JOINED) return conflict('too-many-tries')
  const tries = last.chain.tries + (isFurther ? 0 : 1)
  if (tries > MAX_OPENED) return conflict('too-many-tries')
  const chain: Chain = { ...last.chain, tries }
  if (isOpen) return { kind: 'join', charge: { ...last, chain } }
  makeFinal(work, last)
  return { kind: 'follow', chain: { ...chain, paid }, isRepeat: true }
}

/**
 * Makes a forgotten charge final once another request continues it: a late report would give back an amount that the other
 * request did not reserve again.
 */
function makeFinal(work: UnitOfWork, charge: Charge): void {
  if (charge.state !== 'unsettled') return
  const parts = charge.parts.map((part): Part => (part.end === 'forgotten' ? { ...part, end: 'broken' } : part))
  work.putCharge({ ...charge, parts })
}

/** Closes a charge that is overdue before anything is built on it: the alarm may be late. */
function closeIfOverdue(work: UnitOfWork, charge: Charge, now: number): Charge {
  const isDue = charge.state === 'open' && charge.actAt !== undefined && charge.actAt <= now
  return isDue ? forget(work, charge, now) : charge
}

function conflict(
  kind: NonNullable<ChargeRefused['conflict']>,
  more: Pick<ChargeRefused, 'delivered' | 'representation' | 'retryAfterSeconds'> = {},
): Repeat {
  return { kind: 'refused', refused: { reason: 'idempotency-conflict', conflict: kind, ...more } }
}
