import type { Metered, MeteredAmount } from '../access/meter.ts'
import type { Eventually } from '../core/eventually.ts'
import type { AmendCommand, Amount, LimitStatus } from './rules/commands.ts'
import { costOf, type Ending, isCharged } from './rules/delivered.ts'
import { windowSecondsOf } from '../access/limit.ts'
import type { Refusal } from '../core/problem.ts'
import { type LimitStanding, rateLimitFields } from './rules/ratelimitfields.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Ledger, WaitUntil } from '../ports.ts'
import { representationOf, strongValidatorOf } from './idempotency.ts'
import { followBody, passthrough } from '../http/passthrough.ts'
import { withTimeout } from '../http/timeout.ts'
import { describeMoney } from '../core/money.ts'
import type { ChargedFacts } from '../logrecord.ts'

/** What was reserved for a request, to be committed or released. */
export interface Reservation {
  /** What it comes to for the log, once the response is there. Undefined where the response costs nothing. */
  charged(): ChargedFacts | undefined
  /** Nothing was delivered, and it costs nothing. */
  release(): void
  /**
   * Returns the response as its client gets it. What was reserved is committed when all of it has left, or no more of it will:
   * as `used` says, if a meter counted. Errors: those of a charge, if what passed for a further part turns out to be a whole
   * answer, and has to be charged as one; `idempotency-conflict`, if what is stored is not what was delivered before.
   */
  commit(response: Response, used?: Used): Eventually<Result<Response, Refusal>>
  /** Asks once more whether it holds, before an origin is asked: not for what is in memory. */
  beforeOrigin?(): Eventually<Result<undefined, Refusal>>
}

/** What a meter has counted of a response, once that has left. */
export type Used = Metered['used']

/** What is charged and still open: which charge, in the name of which request, and what it leaves. */
export interface OpenCharge extends Counted {
  readonly charge: string
  readonly request: string
  readonly method: string
  /** True under an idempotency key: what was delivered may be delivered again, and no Range goes on with it. */
  readonly isKeyed: boolean
  readonly isRepeat: boolean
  readonly reserved: Amount
}

/** Tried twice. A charge that no one settles is closed by the ledger itself, and marked. */
export async function sendAmendment(ledger: Ledger, command: AmendCommand): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    const done = await ledger.amend(command).catch(() => undefined)
    if (done?.ok === true) return
  }
}

function chargedFacts({ reserved: { counts, price, uses }, isRepeat }: OpenCharge): ChargedFacts {
  return {
    ...(counts.length > 0 && { units: Object.fromEntries(counts.map(({ name, units }) => [name, String(units)])) }),
    ...(price && { price: describeMoney(price) }),
    ...(uses > 0 && { uses }),
    ...(isRepeat && { joined: true as const }),
  }
}

/** Where the limits stand that a request was counted under. */
export interface Counted {
  readonly limits: readonly LimitStatus[]
  readonly rates?: readonly LimitStatus[] | undefined
}

export function limitFields({ limits, rates = [] }: Counted): readonly (readonly [string, string])[] {
  const fields = rateLimitFields([
    ...limits.map(standingOf),
    // A rate's own name is the ledger's affair.
    ...rates.map(standingOf).map((rate) => ({ ...rate, name: `rate-${rate.windowSeconds}` })),
  ])
  if (fields === undefined) return []
  return [
    ['RateLimit-Policy', fields.policy],
    ['RateLimit', fields.limit],
  ]
}

function standingOf({ limit, remaining, resetSeconds }: LimitStatus): LimitStanding {
  const { name, quota, unit, window } = limit
  return { name, quota, unit, windowSeconds: windowSecondsOf(window), remaining, resetSeconds }
}

function writeLimits({ headers }: Response, counted: Counted): void {
  for (const [name, value] of limitFields(counted)) headers.set(name, value)
}

/** Of a request for which nothing is reserved. */
export const NOTHING_RESERVED: Reservation = {
  charged: () => undefined,
  release: () => undefined,
  commit: (response) => ok(response),
}

/** What took a place under a rate and nothing else is not settled: the place stays taken. */
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

type Reached = Ending['reached']

/**
 * A meter that is still draining is not waited for any longer: what is not known costs what was reserved. Cloudflare ends what
 * runs 30 s after its client has left, and what it comes to is to be sent before.
 */
const DRAIN_MS = 25_000

async function measuredBy(used: Used | undefined): Promise<Ending['measured']> {
  if (used === undefined) return undefined
  const amount = await withTimeout(
    (async () => used())().catch(() => undefined),
    DRAIN_MS,
  )
  return amount && measuredOf(amount)
}

function measuredOf({ counts, price }: MeteredAmount): NonNullable<Ending['measured']> {
  return { counts, ...(price && { price: price.units }) }
}

/**
 * `left` tells that the client has gone. What the origin has answered costs all the same: its work is done, and whoever
 * left would have had it for nothing. With its key, the client may ask again.
 */
export function reservationOf(ledger: Ledger, open: OpenCharge, waitUntil: WaitUntil, left: AbortSignal): Reservation {
  const { charge, request, method, isKeyed } = open
  let answered: () => void = () => undefined
  waitUntil(new Promise<void>((resolve) => (answered = resolve)))
  let isCosting = false
  return {
    charged: () => (isCosting ? chargedFacts(open) : undefined),
    release() {
      waitUntil(sendAmendment(ledger, { charge, request, delivery: 'none' }))
      answered()
    },
    commit(response, used) {
      answered()
      const representation = isKeyed ? representationOf(response) : strongValidatorOf(response)
      const what = representation === undefined ? {} : { representation }
      const ending = { method, status: response.status }
      isCosting = isCharged(ending)
      const end = async (reached: Reached, sent = {}): Promise<void> => {
        const measured = isCosting ? await measuredBy(used) : undefined
        return sendAmendment(ledger, { charge, request, ...costOf({ ...ending, reached, measured }), ...what, ...sent })
      }
      if (response.status === 101) {
        waitUntil(headLeft().then(() => end('end')))
        return ok(response)
      }
      writeLimits(response, open)
      if (!isCosting) {
        waitUntil(end('end'))
        return ok(response)
      }
      if (!left.aborted) {
        const tell = (what: string) => (): void =>
          waitUntil(ledger.describe({ charge, representation: what }).catch(() => undefined))
        const isFirst = charge === request && !isKeyed && representation !== undefined
        const stop = isFirst ? whileSent(response, tell(representation)) : undefined
        const ended = (reached: Reached): Promise<void> => {
          stop?.()
          return end(reached)
        }
        return ok(watched(response, ended, waitUntil))
      }
      discard(response)
      waitUntil(end('begun', { isUnsent: true }))
      return ok(passthrough(null, response))
    },
  }
}

/** What has left at once has told with its end what it was, at no cost. */
const SHORT_BYTES = 65_536
/** As soon as that a body of unknown length has left as a rule. */
const SOON_MS = 250

/**
 * Has it told what an answer is that its client may still be reading when it asks for a further part: at once where it is
 * long, or a part itself, for those are asked for side by side; where its length is not known, once it takes a while. Gives
 * what stops that.
 */
function whileSent({ status, headers }: Response, tell: () => void): (() => void) | undefined {
  const length = headers.get('content-length')
  if (status === 206 || Number(length) > SHORT_BYTES) tell()
  else if (length === null) {
    const timer = setTimeout(tell, SOON_MS)
    return () => clearTimeout(timer)
  }
  return undefined
}

/**
 * Only a part goes on with the charge of another, and only one of the same strong validator: whoever asks for parts and is
 * given all of it anew, or something newer, or something that nothing tells from anything newer, pays anew.
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
      discard(response)
      return anew
    },
  }
}

/** Costs nothing: it was paid and delivered before, and is delivered once more if it is the same. */
export function sameAgain(representation: string, counted: Counted, fallback: Refusal): Reservation {
  return {
    charged: () => undefined,
    release: () => undefined,
    commit(response) {
      const isStored = response.ok || response.status === 304
      if (!isStored || representationOf(response) !== representation) {
        discard(response)
        return err(fallback)
      }
      writeLimits(response, counted)
      return ok(response)
    },
  }
}

function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined)
}

/** A moment, in which the head leaves: nobody tells when, and killed before that, the gate has not said that it delivered. */
function headLeft(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1)
  })
}

/** The same response. Where it has no content, all of it has left with its head. */
function watched(response: Response, end: (reached: Reached) => Promise<void>, waitUntil: WaitUntil): Response {
  if (response.body === null) {
    waitUntil(headLeft().then(() => end('end')))
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
