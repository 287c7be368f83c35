/**
 * The leading side of request collapsing: one request asks the origin on behalf of all that want the same response now.
 *
 * The leader sends the request without its conditions, so that the response suits every follower; if a stale copy exists it
 * adds the copy's own validators. Then one of four things happens: the origin confirms the copy (304), the response fills a
 * `Fill` that everyone reads along, the response must not be shared and goes to the leader alone, or the origin failed. A
 * fill that has begun is finished in `waitUntil` even if the leader's client leaves: the followers and the store still need
 * it.
 */
import { unconditional, validatorsOf } from './rules/conditional.ts'
import { ageMs, outlives, type Received } from './rules/freshness.ts'
import { freshen, store, type Stored, transient } from './rules/stored.ts'
import { isJudgeable, unreadableAfter, unreadableOf } from './rules/unreadable.ts'
import type { Answer, Copy, OriginFailure } from '../ports.ts'
import type { Fill } from './fill.ts'
import { fillContent, pump, readFill, Tick } from './pump.ts'
import { represent } from './represent.ts'
import { applyPurges, type CacheState, type Lookup } from './state.ts'
import { isEventStream } from '../http/rules/fields.ts'

/**
 * The outcome of asking the origin for everyone who wants the same response.
 *
 * - `alone`: the response is not to be shared; each request asks the origin itself.
 * - `again`: the response is another variant, or the fill has ended; look up the copy again.
 * - `failed`: there is no good response. `status` is the bad one's, or undefined if the origin gave none.
 */
export type Led =
  | { readonly outcome: 'answer'; readonly answer: Answer }
  | { readonly outcome: 'alone' | 'again' }
  | { readonly outcome: 'failed'; readonly failure: OriginFailure; readonly status: number | undefined }

/**
 * A stale copy for the origin to confirm, with a way to get its content. `content` gives undefined if the copy is gone by
 * then.
 */
export interface Doubted {
  readonly stored: Stored
  readonly unreadable: Headers | undefined
  readonly content: () => Promise<Uint8Array | undefined>
}

/** The answer for the leader's client, and the work that remains after it. */
interface Opened {
  readonly led: Led
  readonly rest: Promise<void>
}

const NOTHING_LEFT = Promise.resolve()
/** For so long after a response was not shareable, requests with its key do not wait for one another. */
const UNSHARED_MS = 5000

/** Asks the origin, for this request and for all that come meanwhile. Finishes the fill even if the client leaves. */
export async function lead(doubted: Doubted | undefined, visit: Lookup, isolate: CacheState): Promise<Led> {
  const { fills } = isolate
  const fill = fills.begin(visit.fillKey, visit.key.path)
  const still = fills.beat(fill)
  const opened = open(doubted, visit, isolate, fill)
  const finished = opened
    .then(({ rest }) => rest)
    .finally(() => {
      if (fill.state === 'waiting') fill.state = 'failed'
      still()
      fills.end(visit.fillKey, fill)
    })
  visit.waitUntil(finished.catch(() => undefined))
  return (await opened).led
}

async function open(doubted: Doubted | undefined, visit: Lookup, isolate: CacheState, fill: Fill): Promise<Opened> {
  const requestedAt = isolate.clock()
  const answer = await visit.next(visit.admitted, () => asking(visit.outgoing(), doubted))
  if (!answer.ok) return fail(fill, answer.error, undefined)
  const { response } = answer.value
  const { headers, status } = response
  const received = { status, read: (name: string) => headers.get(name), requestedAt, respondedAt: isolate.clock() }
  if (doubted !== undefined && status === 304) return confirm(doubted, received, headers, visit, isolate, fill)
  if (doubted !== undefined && isWorse(doubted.stored, status, received.respondedAt)) {
    response.body?.cancel().catch(() => undefined)
    return fail(fill, 'origin-unreachable', status)
  }
  const stored = shareable(received, response, visit)
  if (stored === undefined) return release(visit, isolate, fill, response)
  fill.isKept = stored.kept !== undefined
  return fillWith(stored.kept ?? stored.transient, response, visit, isolate, fill)
}

function asking(request: Request, doubted: Doubted | undefined): Request {
  const asked = unconditional(request, 'whole')
  for (const [name, value] of doubted === undefined ? [] : validatorsOf(doubted.stored)) asked.headers.set(name, value)
  return asked
}

function isWorse(stored: Stored, status: number, now: number): boolean {
  return status >= 500 && outlives(stored.freshness, ageMs(stored.freshness, stored.respondedAt, now), status)
}

type Shareable = { readonly kept: Stored } | { readonly kept: undefined; readonly transient: Stored }

/**
 * Returns the part of a response that others may get: a copy to store, or a failure to share with those who wait now.
 * Undefined if the response is the leader's alone.
 */
function shareable(
  received: Received,
  { headers }: Response,
  { admitted, key, selecting }: Lookup,
): Shareable | undefined {
  const policy = admitted.route.cache
  if (isEventStream(headers) || !isJudgeable(headers) || Number(headers.get('content-length') ?? 0) > policy.maxBytes)
    return undefined
  const kept = store(received, headers, selecting, key, policy)
  if (kept !== undefined) return { kept }
  if (received.status < 500 || headers.has('set-cookie')) return undefined
  const failure = transient(received, headers, selecting, key, policy)
  return failure === undefined ? undefined : { kept: undefined, transient: failure }
}

function fail(fill: Fill, failure: OriginFailure, status: number | undefined): Opened {
  fill.state = 'failed'
  fill.failure = failure
  fill.status = status
  return { led: { outcome: 'failed', failure, status }, rest: NOTHING_LEFT }
}

/** Gives the response to the leader alone, and marks the key as unshareable for a while. */
function release(visit: Lookup, { unshared, clock }: CacheState, fill: Fill, response: Response): Opened {
  fill.state = 'released'
  unshared.set(visit.fillKey, clock() + UNSHARED_MS)
  return { led: { outcome: 'answer', answer: { response, cache: 'fwd=miss' } }, rest: NOTHING_LEFT }
}

/**
 * Updates the copy from a 304 (RFC 9111 §4.3.4). Asks again without validators if the 304 does not confirm a copy we still
 * have.
 */
async function confirm(
  doubted: Doubted,
  received: Received,
  headers: Headers,
  visit: Lookup,
  isolate: CacheState,
  fill: Fill,
): Promise<Opened> {
  const { admitted, selecting, asked } = visit
  const stored = freshen(doubted.stored, received, headers, selecting, admitted.route.cache)
  const unreadable = stored && unreadableAfter(stored, doubted.unreadable, headers)
  const isWhole = isJudgeable(headers) && unreadable !== 'mixed'
  const content = stored === undefined || !isWhole ? undefined : await doubted.content()
  // The 304 may confirm another response than ours, or one that is gone by now: ask for the whole.
  if (stored === undefined || unreadable === 'mixed' || content === undefined)
    return open(undefined, visit, isolate, fill)
  fill.stored = stored
  fill.unreadable = unreadable
  fill.content = content
  fill.bytes = content.length
  fill.state = 'complete'
  const response = represent(stored, { body: content, unreadable, isReused: false }, asked)
  const answer = { response, cache: 'fwd=stale; fwd-status=304; stored', copy: { stored, content, unreadable } }
  const rest = fill.isSpoilt ? NOTHING_LEFT : keep({ stored, content, unreadable }, visit, isolate)
  return { led: { outcome: 'answer', answer }, rest }
}

/** Streams the response into the fill. The leader's client reads along like every follower. */
function fillWith(stored: Stored, response: Response, visit: Lookup, isolate: CacheState, fill: Fill): Opened {
  const tick = new Tick()
  const unreadable = unreadableOf(stored, response.headers)
  fill.stored = stored
  fill.unreadable = unreadable
  fill.state = 'filling'
  const body = readFill(fill, async (isReady) => {
    while (!isReady()) await tick.wait()
  })
  const rest = finish(stored, response, visit, isolate, fill, tick)
  const answer = {
    response: represent(stored, { body, ...lengthOf(response), unreadable, isReused: false }, visit.asked),
    cache: fill.isKept ? 'fwd=miss; stored' : 'fwd=miss',
  }
  return { led: { outcome: 'answer', answer }, rest }
}

function lengthOf({ headers }: Response): { bytes?: number } {
  const length = headers.get('content-length')
  return length === null ? {} : { bytes: Number(length) }
}

async function finish(
  stored: Stored,
  response: Response,
  visit: Lookup,
  isolate: CacheState,
  fill: Fill,
  tick: Tick,
): Promise<void> {
  const { fills } = isolate
  const { maxBytes } = visit.admitted.route.cache
  if (response.body === null) {
    fill.state = 'complete'
    tick.call()
  } else await pump(response.body, fill, { maxBytes, isFull: () => fills.isFull() }, tick)
  if (fill.state !== 'complete' || !fill.isKept || fill.isSpoilt || fill.bytes > maxBytes) return
  await keep({ stored, content: fillContent(fill), unreadable: fill.unreadable }, visit, isolate)
}

/** Stores a copy, unless another isolate has purged its target since the origin was asked. */
async function keep(copy: Copy, visit: Lookup, isolate: CacheState): Promise<void> {
  await applyPurges(visit, isolate)
  await isolate.shelf.keep(visit.key, copy)
}
