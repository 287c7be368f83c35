import { isNothing, NOTHING, together } from './amount.ts'
import { type Chain, type Charge, deliveryOf, type Part } from './book.ts'
import type { ChargeCommand, ChargeRefused, Idempotency } from './commands.ts'
import type { ChargePayment } from './payment.ts'
import type { UnitOfWork } from './unitofwork.ts'
import { CONTINUATION_MS, firstDue, forget, IDEMPOTENCY_MS } from './settle.ts'

/** One delivery, and at most two more tries at the origin. */
export const MAX_TRIES = 3
/** So many Ranges in flight share one charge: each is written with all others. */
const MAX_JOINED = 256
/** So often may be opened what was confirmed once: a second click, another tab, Back and a reload. More would be more than one price. */
const MAX_OPENED = 5
/** Who waits for a request in flight need not wait for the latest it may take. */
export const MAX_WAIT_SECONDS = 5

/** What a request has to do with earlier ones: nothing, a part in a charge in flight, or a chain to go on with. */
export type Repeat =
  | {
      readonly kind: 'refused'
      readonly refused: Pick<ChargeRefused, 'reason' | 'conflict' | 'representation' | 'retryAfterSeconds' | 'payment'>
    }
  | { readonly kind: 'join'; readonly charge: Charge }
  | { readonly kind: 'follow'; readonly chain: Chain; readonly isRepeat: boolean; readonly payment?: ChargePayment }

export function repeatOf(draft: UnitOfWork, command: ChargeCommand, now: number): Repeat {
  const { id, idempotency, continuation, isPart = false, confirmation, representation } = command
  if (confirmation !== undefined) {
    const continued = { id, continuation: `confirmed ${confirmation}`, isPart, representation }
    return confirmedOf(draft, continued, now)
  }
  if (idempotency !== undefined) return retryOf(draft, id, idempotency, now)
  if (continuation !== undefined) return continuationOf(draft, { id, continuation, isPart, representation }, now)
  return { kind: 'follow', chain: chainOf(id, now), isRepeat: false }
}

export function chainOf(first: string, since: number): Chain {
  return { first, since, tries: 1, paid: NOTHING, idempotency: undefined, continuation: undefined }
}

/**
 * A retry under a key. Whatever was sent or generated before is paid for again, up to twice: else a client could cut three
 * answers short of their last byte, and have read three for the price of one. Who was sent nothing goes on with what it paid.
 */
function retryOf(draft: UnitOfWork, id: string, asked: Idempotency, now: number): Repeat {
  const { key, digest, isKnown = false } = asked
  const found = draft.book.chargeByKey(key)
  if (found === undefined || found.chain.since + IDEMPOTENCY_MS <= now) {
    if (isKnown) return conflict('unknown')
    return { kind: 'follow', chain: { ...chainOf(id, now), idempotency: { key, digest } }, isRepeat: false }
  }
  const { chain } = found
  if (chain.idempotency?.digest !== digest) return conflict('other-request')
  const last = overdue(draft, found, now)
  if (last.state === 'open') {
    const seconds = Math.ceil((firstDue(last) - now) / 1000)
    return conflict('in-flight', { retryAfterSeconds: Math.max(1, Math.min(MAX_WAIT_SECONDS, seconds)) })
  }
  if (deliveryOf(last.parts) === 'complete') {
    const { representation } = last.chain
    return conflict('delivered', representation === undefined ? {} : { representation })
  }
  if (chain.tries >= MAX_TRIES) return conflict('too-many-tries')
  const paid = isUnsent(last) ? together(chain.paid, last.kept) : NOTHING
  bind(draft, last)
  return { kind: 'follow', chain: { ...chain, tries: chain.tries + 1, paid }, isRepeat: true }
}

/** What nobody told the end of was broken off by the gate itself. */
function isUnsent({ parts }: Charge): boolean {
  return parts.every((part) => part.end === 'none' || part.end === 'forgotten' || part.isUnsent === true)
}

interface Continued {
  readonly id: string
  readonly continuation: string
  readonly isPart: boolean
  readonly representation: string | undefined
}

/**
 * A further Range goes on with the latest charge of its target, for the whole or for a part, if it is part of the same
 * representation. Before it is known what it is part of, it goes on for the time being: whoever has its answer asks again
 * with the strong validator of that. It shares the reservation of a charge in flight, whichever of them ends first: one of
 * two requests may not be taken back by the client after the other was let through for nothing.
 *
 * So one charge gives at most one representation, any number of times within five minutes.
 */
function continuationOf(
  draft: UnitOfWork,
  { id, continuation, isPart, representation }: Continued,
  now: number,
): Repeat {
  const found = isPart ? draft.book.chargeByContinuation(continuation) : undefined
  const told = representation === undefined ? {} : { representation }
  const fresh: Repeat = { kind: 'follow', chain: { ...chainOf(id, now), continuation, ...told }, isRepeat: false }
  if (found === undefined || found.chain.since + CONTINUATION_MS <= now) return fresh
  const last = overdue(draft, found, now)
  const { representation: known } = last.chain
  const isUnknown =
    representation === undefined ? known === undefined && last.state !== 'open' : known !== representation
  if (isUnknown) return fresh
  if (last.state === 'open') return last.parts.length < MAX_JOINED ? { kind: 'join', charge: last } : fresh
  const paid = together(last.chain.paid, last.kept)
  if (isNothing(paid)) return fresh
  bind(draft, last)
  return { kind: 'follow', chain: { ...last.chain, paid }, isRepeat: true }
}

/**
 * What was confirmed once is charged once, whatever it is that its reader is shown when they come back to it: five times at most
 * within five minutes, since pages change. A Range that is asked for once it is known what was opened opens nothing: should it
 * turn out to be part of something else, whoever has its answer asks again.
 */
function confirmedOf(draft: UnitOfWork, { id, continuation, isPart, representation }: Continued, now: number): Repeat {
  const found = draft.book.chargeByContinuation(continuation)
  const first: Chain = { ...chainOf(id, now), continuation, isConfirmed: true }
  const fresh: Repeat = { kind: 'follow', chain: first, isRepeat: false }
  if (found === undefined || found.chain.since + CONTINUATION_MS <= now) return fresh
  const last = overdue(draft, found, now)
  const paid = together(last.chain.paid, last.kept)
  const isOpen = last.state === 'open'
  if (!isOpen && isNothing(paid)) return fresh
  const isFurther = isPart && representation === undefined && last.chain.representation !== undefined
  if (isFurther && isOpen && last.parts.length >= MAX_JOINED) return conflict('too-many-tries')
  const tries = last.chain.tries + (isFurther ? 0 : 1)
  if (tries > MAX_OPENED) return conflict('too-many-tries')
  const chain: Chain = { ...last.chain, tries }
  if (isOpen) return { kind: 'join', charge: { ...last, chain } }
  bind(draft, last)
  return { kind: 'follow', chain: { ...chain, paid }, isRepeat: true }
}

/**
 * What another request goes on with is paid for good: whoever comes late to settle it would give back what the other did
 * not reserve again.
 */
function bind(draft: UnitOfWork, charge: Charge): void {
  if (charge.state !== 'unsettled') return
  const parts = charge.parts.map((part): Part => (part.end === 'forgotten' ? { ...part, end: 'broken' } : part))
  draft.putCharge({ ...charge, parts })
}

/** The alarm may be late; what is overdue is closed before anything is built on it. */
function overdue(draft: UnitOfWork, charge: Charge, now: number): Charge {
  const isDue = charge.state === 'open' && charge.actAt !== undefined && charge.actAt <= now
  return isDue ? forget(draft, charge, now) : charge
}

function conflict(
  kind: NonNullable<ChargeRefused['conflict']>,
  more: Pick<ChargeRefused, 'representation' | 'retryAfterSeconds'> = {},
): Repeat {
  return { kind: 'refused', refused: { reason: 'idempotency-conflict', conflict: kind, ...more } }
}
