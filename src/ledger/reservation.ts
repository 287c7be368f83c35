/**
 * An open reservation, from the charge to the last byte of the response.
 *
 * A charge reserves an upper bound, to be amended once: released if nothing was delivered, or committed by what left. The
 * end of a response is known only after it was sent, and the gate may be killed at any time. So amendments are queued in
 * `waitUntil` before the first byte, and the ledger closes a forgotten charge itself. Errors cost nothing; a client that
 * leaves early pays for the answer, because the origin's work is done. A body is followed to its end.
 */
import { withoutKeys } from '../access/limit.ts'
import type { Metered } from '../access/meter.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Amount, ReceiptStatus } from './rules/commands.ts'
import { costOf, type Ending, isCharged } from './rules/delivered.ts'
import type { Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Ledger, WaitUntil } from '../ports.ts'
import { measuredBy, sendForfeited } from './drained.ts'
import { mayWait, sendAmendment } from './amendment.ts'
import type { AnswerCollection } from './keep.ts'
import { type Counted, writeLimits } from './limitfields.ts'
import { representationOf, strongValidatorOf } from './idempotency.ts'
import { followBody, passthrough } from '../http/passthrough.ts'
import { discardResponse, withoutContent } from '../http/discard.ts'
import { describeMoney } from '../core/money.ts'
import type { ChargedFacts } from '../logrecord.ts'

/** An amount reserved for a request, to be committed or released. */
export interface Reservation {
  /** Returns the charged amounts for the log, once the response is known. Undefined if the response costs nothing. */
  charged(): ChargedFacts | undefined
  /** Gives everything back: nothing was delivered. */
  release(): void
  /**
   * Returns the response to send. Commits once all of it has left, or no more of it will; by the result of `used`, if a
   * meter counted. Content in memory (`isHeld`) leaves with its head. Errors: those of a charge, if an expected part turns
   * out to be a whole answer that must be charged as one; `idempotency-conflict`, if the stored response is not the one
   * delivered before.
   */
  commit(response: Response, used?: Used, isHeld?: boolean): Eventually<Result<Response, Refusal>>
  /** Commits what a meter says, though nothing was delivered: a server was at work. Absent if only an answer costs. */
  readonly forfeit?: ((used: Used) => void) | undefined
  /** Confirms the reservation before an origin is asked. Not called for content in memory. */
  beforeOrigin?(): Eventually<Result<undefined, Refusal>>
}

/** Returns a meter's count for a response, after the response has left. */
export type Used = Metered['used']

/** A charge still open: its id, the request it was made for, and the limits after it. */
export interface OpenCharge extends Counted {
  readonly charge: string
  readonly request: string
  readonly method: string
  /** True under an idempotency key: a delivered answer may be delivered again, and no Range continues it. */
  readonly isKeyed: boolean
  /** Names what a keyed request was answered: its version and variant. */
  readonly variantOf?: (response: Response) => string | undefined
  readonly isRepeat: boolean
  readonly reserved: Amount
  /** The id by which the account knows the charge, if its responses say so. */
  readonly shown?: string
  /** The rest of the receipt; undefined for an account. */
  readonly receipt?: ReceiptStatus
  /** Collects the answer, for the same request again. */
  readonly collection?: AnswerCollection | undefined
}

function chargedFacts({ reserved: { counts: all, price, uses }, isRepeat }: OpenCharge): ChargedFacts {
  const counts = withoutKeys(all)
  return {
    ...(counts.length > 0 && { units: Object.fromEntries(counts.map(({ name, units }) => [name, String(units)])) }),
    ...(price && { price: describeMoney(price) }),
    ...(uses > 0 && { uses }),
    ...(isRepeat && { joined: true as const }),
  }
}

/** The reservation of a request that reserves nothing. */
export const NOTHING_RESERVED: Reservation = {
  charged: () => undefined,
  release: () => undefined,
  commit: (response) => ok(response),
}

/** A reservation for a place under a rate alone. There is nothing to commit: the place stays taken. */
export function ratedReservation(counted: Counted): Reservation {
  return {
    charged: () => undefined,
    release: () => undefined,
    commit(response) {
      if (response.status !== 101) writeLimits(response, counted)
      return ok(response)
    },
  }
}

/** The response field that names the charge of a metered request. */
const CHARGE_FIELD = 'Faregate-Charge'

type Reached = Ending['reached']

/**
 * Makes the reservation of an open charge. `left` aborts once the client has gone. An answer of the origin costs even then:
 * the origin has done its work, and the client may ask again with its key.
 */
export function reservationOf(ledger: Ledger, open: OpenCharge, waitUntil: WaitUntil, left: AbortSignal): Reservation {
  const { charge, request, method, isKeyed, collection, variantOf = representationOf } = open
  let answered: () => void = () => undefined
  waitUntil(new Promise<void>((resolve) => (answered = resolve)))
  let isCosting = false
  const endUnanswered = (sent: Promise<void>): void => {
    collection?.close()
    waitUntil(sent)
    answered()
  }
  return {
    charged: () => (isCosting ? chargedFacts(open) : undefined),
    release: () => endUnanswered(sendAmendment(ledger, { charge, request, delivery: 'none' })),
    forfeit: (used) => endUnanswered(sendForfeited(ledger, open, used)),
    commit(response, used, isHeld = false) {
      answered()
      const representation = isKeyed ? variantOf(response) : strongValidatorOf(response)
      const validator = representation === undefined ? {} : { representation }
      const ending = { method, status: response.status }
      isCosting = isCharged(ending)
      const end = async (reached: Reached, sent = {}): Promise<void> => {
        // A repeat that finds the charge delivered finds the answer, too.
        const kept = reached === 'end' ? collection?.keep('replay') : collection?.close()
        const measured = isCosting ? await measuredBy(used) : undefined
        await kept
        const amendment = { charge, request, ...costOf({ ...ending, reached, measured }), ...validator, ...sent }
        return sendAmendment(ledger, amendment, mayWait(open, amendment))
      }
      if (response.status === 101) {
        waitUntil(afterHead().then(() => end('end')))
        return ok(response)
      }
      writeFields(response, open)
      if (!isCosting) {
        waitUntil(end('end'))
        return ok(isReadByOptions(ending) ? withoutContent(response) : response)
      }
      // An account pays the same for all of it, or some, and no key waits for the end.
      if (isHeld && !left.aborted && !isKeyed && open.receipt === undefined) {
        waitUntil(end('end'))
        return ok(response)
      }
      if (!left.aborted) {
        const described = charge === request && !isKeyed ? representation : undefined
        const stop = describeWhileSent(response, described, (tag) => waitUntil(sendDescription(ledger, charge, tag)))
        let ending: Promise<void> | undefined
        const ended = (reached: Reached): Promise<void> => {
          stop?.()
          return (ending ??= end(reached))
        }
        // While an origin is silent, nothing else shows that its client has left.
        if (used !== undefined) left.addEventListener('abort', () => waitUntil(ended('begun')), { once: true })
        return ok(followToEnd(response, ended, waitUntil))
      }
      discardResponse(response)
      waitUntil(end('begun', { isUnsent: true }))
      return ok(passthrough(null, response))
    },
  }
}

async function sendDescription(ledger: Ledger, charge: string, representation: string): Promise<void> {
  await ledger.describe({ charge, representation }).catch(() => undefined)
}

/** Writes what a response says of its charge. */
function writeFields(response: Response, open: OpenCharge): void {
  writeLimits(response, open)
  if (open.shown !== undefined) response.headers.set(CHARGE_FIELD, open.shown)
}

/**
 * Returns true for what OPTIONS would read for nothing. Many servers answer any method with the page, and OPTIONS is not
 * charged: so it is told the head alone, as HEAD is.
 */
function isReadByOptions({ method, status }: Pick<Ending, 'method' | 'status'>): boolean {
  return method === 'OPTIONS' && status >= 200 && status <= 299
}

/** Shorter bodies leave at once, and their end tells the ledger what they were at no extra call. */
const SHORT_BYTES = 65_536
/** The time within which a body of unknown length usually leaves. */
const SOON_MS = 250

/**
 * Calls `describe` for an answer that its client may still be reading when it asks for a further part: at once if the answer is
 * long, or itself a part, since parts are requested side by side; after a while if its length is unknown. Returns a function
 * that cancels.
 */
function describeWhileSent(
  { status, headers }: Response,
  representation: string | undefined,
  describe: (representation: string) => void,
): (() => void) | undefined {
  if (representation === undefined) return undefined
  const length = headers.get('content-length')
  if (status === 206 || Number(length) > SHORT_BYTES) describe(representation)
  else if (length === null) {
    const timer = setTimeout(describe, SOON_MS, representation)
    return () => clearTimeout(timer)
  }
  return undefined
}

/**
 * Continues an earlier charge only for a part with the same strong validator. Any other answer is charged anew: the whole
 * instead of a part, a newer version, or a response without anything to tell it from a newer one.
 */
export function orAnew(
  reservation: Reservation,
  representation: string | undefined,
  chargeAnew: (ofPart: string | undefined) => Promise<Result<Reservation, Refusal>>,
): Reservation {
  let delivering = reservation
  return {
    charged: () => delivering.charged(),
    release: () => reservation.release(),
    async commit(response, used) {
      const ofPart = response.status === 206 ? strongValidatorOf(response) : undefined
      if (!response.ok || (ofPart !== undefined && ofPart === representation)) return reservation.commit(response, used)
      reservation.release()
      const anew = await chargeAnew(ofPart)
      if (anew.ok) {
        delivering = anew.value
        return anew.value.commit(response, used)
      }
      discardResponse(response)
      return anew
    },
  }
}

/**
 * A free reservation for content that was paid and delivered before. Returns `fallback` if the stored response is not the
 * same.
 */
export function sameAgain(
  representation: string,
  counted: Counted,
  fallback: Refusal,
  variantOf: NonNullable<OpenCharge['variantOf']>,
): Reservation {
  return {
    charged: () => undefined,
    release: () => undefined,
    commit(response) {
      const isStored = response.ok || response.status === 304
      if (!isStored || variantOf(response) !== representation) {
        discardResponse(response)
        return err(fallback)
      }
      writeLimits(response, counted)
      return ok(response)
    },
  }
}

/**
 * Waits a moment for the head to leave: no event tells. If the gate is killed before that, it has not reported a delivery.
 */
function afterHead(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1)
  })
}

/** Calls `end` when the body has left, or breaks off. A response without content has left with its head. */
function followToEnd(response: Response, end: (reached: Reached) => Promise<void>, waitUntil: WaitUntil): Response {
  if (response.body === null) {
    waitUntil(afterHead().then(() => end('end')))
    return response
  }
  const { body, left } = followBody(response, response.body)
  waitUntil(
    left.then(
      () => end('end'),
      () => end('begun'),
    ),
  )
  return body === response.body ? response : new Response(body, response)
}
