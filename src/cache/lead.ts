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
export interface StaleCopy {
  readonly stored: Stored
  readonly unreadable: Headers | undefined
  readonly content: () => Promise<Uint8Array | undefined>
}

/** The answer for the leader's client, and the work that remains after it. */
interface LeadResult {
  readonly led: Led
  readonly rest: Promise<void>
}

const NO_WORK = Promise.resolve()
/** For so long after a response was not shareable, requests with its key do not wait for one another. */
const UNSHARED_MS = 5000

/** Asks the origin, for this request and for all that come meanwhile. Finishes the fill even if the client leaves. */
export async function lead(stale: StaleCopy | undefined, lookup: Lookup, state: CacheState): Promise<Led> {
  const { fills } = state
  const fill = fills.begin(lookup.fillKey, lookup.key.path)
  const stopBeat = fills.beat(fill)
  const result = askOrigin(stale, lookup, state, fill)
  const finished = result
    .then(({ rest }) => rest)
    .finally(() => {
      if (fill.state === 'waiting') fill.state = 'failed'
      stopBeat()
      fills.end(lookup.fillKey, fill)
    })
  lookup.waitUntil(finished.catch(() => undefined))
  return (await result).led
}

async function askOrigin(
  stale: StaleCopy | undefined,
  lookup: Lookup,
  state: CacheState,
  fill: Fill,
): Promise<LeadResult> {
  const requestedAt = state.clock()
  const answer = await lookup.next(lookup.admitted, () => requestForOrigin(lookup.outgoing(), stale))
  if (!answer.ok) return fail(fill, answer.error, undefined)
  const { response } = answer.value
  const { headers, status } = response
  const received = { status, read: (name: string) => headers.get(name), requestedAt, respondedAt: state.clock() }
  if (stale !== undefined && status === 304) return confirmCopy(stale, received, headers, lookup, state, fill)
  if (stale !== undefined && mayServeStale(stale.stored, status, received.respondedAt)) {
    response.body?.cancel().catch(() => undefined)
    return fail(fill, 'origin-unreachable', status)
  }
  const stored = shareable(received, response, lookup)
  if (stored === undefined) return release(lookup, state, fill, response)
  fill.isKept = stored.kept !== undefined
  return streamInto(stored.kept ?? stored.transient, response, lookup, state, fill)
}

function requestForOrigin(request: Request, stale: StaleCopy | undefined): Request {
  const sent = unconditional(request, 'whole')
  for (const [name, value] of stale === undefined ? [] : validatorsOf(stale.stored)) sent.headers.set(name, value)
  return sent
}

function mayServeStale(stored: Stored, status: number, now: number): boolean {
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

function fail(fill: Fill, failure: OriginFailure, status: number | undefined): LeadResult {
  fill.state = 'failed'
  fill.failure = failure
  fill.status = status
  return { led: { outcome: 'failed', failure, status }, rest: NO_WORK }
}

/** Gives the response to the leader alone, and marks the key as unshareable for a while. */
function release(lookup: Lookup, { unshared, clock }: CacheState, fill: Fill, response: Response): LeadResult {
  fill.state = 'released'
  unshared.set(lookup.fillKey, clock() + UNSHARED_MS)
  return { led: { outcome: 'answer', answer: { response, cache: 'fwd=miss' } }, rest: NO_WORK }
}

/**
 * Updates the copy from a 304 (RFC 9111 §4.3.4). Asks again without validators if the 304 does not confirm a copy we still
 * have.
 */
async function confirmCopy(
  stale: StaleCopy,
  received: Received,
  headers: Headers,
  lookup: Lookup,
  state: CacheState,
  fill: Fill,
): Promise<LeadResult> {
  const { admitted, selecting, request } = lookup
  const stored = freshen(stale.stored, received, headers, selecting, admitted.route.cache)
  const unreadable = stored && unreadableAfter(stored, stale.unreadable, headers)
  const isWhole = isJudgeable(headers) && unreadable !== 'mixed'
  const content = stored === undefined || !isWhole ? undefined : await stale.content()
  // The 304 may confirm another response than ours, or one that is gone by now: ask for the whole.
  if (stored === undefined || unreadable === 'mixed' || content === undefined)
    return askOrigin(undefined, lookup, state, fill)
  fill.stored = stored
  fill.unreadable = unreadable
  fill.content = content
  fill.bytes = content.length
  fill.state = 'complete'
  const response = represent(stored, { body: content, unreadable, isReused: false }, request)
  const answer = { response, cache: 'fwd=stale; fwd-status=304; stored', copy: { stored, content, unreadable } }
  const rest = fill.isSpoilt ? NO_WORK : storeCopy({ stored, content, unreadable }, lookup, state)
  return { led: { outcome: 'answer', answer }, rest }
}

/** Streams the response into the fill. The leader's client reads along like every follower. */
function streamInto(stored: Stored, response: Response, lookup: Lookup, state: CacheState, fill: Fill): LeadResult {
  const tick = new Tick()
  const unreadable = unreadableOf(stored, response.headers)
  fill.stored = stored
  fill.unreadable = unreadable
  fill.state = 'filling'
  const body = readFill(fill, async (isReady) => {
    while (!isReady()) await tick.wait()
  })
  const rest = finishFill(stored, response, lookup, state, fill, tick)
  const answer = {
    response: represent(stored, { body, ...lengthOf(response), unreadable, isReused: false }, lookup.request),
    cache: fill.isKept ? 'fwd=miss; stored' : 'fwd=miss',
  }
  return { led: { outcome: 'answer', answer }, rest }
}

function lengthOf({ headers }: Response): { bytes?: number } {
  const length = headers.get('content-length')
  return length === null ? {} : { bytes: Number(length) }
}

async function finishFill(
  stored: Stored,
  response: Response,
  lookup: Lookup,
  state: CacheState,
  fill: Fill,
  tick: Tick,
): Promise<void> {
  const { fills } = state
  const { maxBytes } = lookup.admitted.route.cache
  if (response.body === null) {
    fill.state = 'complete'
    tick.call()
  } else await pump(response.body, fill, { maxBytes, isFull: () => fills.isFull() }, tick)
  if (fill.state !== 'complete' || !fill.isKept || fill.isSpoilt || fill.bytes > maxBytes) return
  await storeCopy({ stored, content: fillContent(fill), unreadable: fill.unreadable }, lookup, state)
}

/** Stores a copy, unless another isolate has purged its target since the origin was asked. */
async function storeCopy(copy: Copy, lookup: Lookup, state: CacheState): Promise<void> {
  await applyPurges(lookup, state)
  await state.variants.keep(lookup.key, copy)
}
