/**
 * The embedded cache: a shared cache of RFC 9111, for platforms without a cache that a paywall can stand in front of.
 *
 * Order of a request: find the copy, ask for news of purges if there is one, judge its freshness. A fresh copy answers; a
 * stale one answers while it is validated behind the response, if the origin allows that; anything else goes to the origin,
 * once for all requests of the same key. A failing origin is answered from the stale copy if `stale-if-error` allows.
 * Requests that have nothing to share (HEAD and ranges of an unstored response, `no-store`, a key known as unshareable) go
 * to the next stage alone. Safe methods read; a successful unsafe one invalidates its target (RFC 9111 §4.4).
 */
import { needsOrigin } from './rules/conditional.ts'
import { countedQuery, keyText } from './rules/key.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { isSafe } from '../http/rules/exchange.ts'
import { ageMs, judgeFreshness, outlives, wishesOf } from './rules/freshness.ts'
import { isPurged, NO_PURGES, type Purge, type Purges } from './rules/purge.ts'
import { err, ok } from '../core/result.ts'
import { match } from '../access/route.ts'
import { MAX_HELD_BYTES } from './rules/stored.ts'
import type { Clock, CopyStore, Origin, OriginFailure, AdmittedRequest, StoredCopy, WaitUntil } from '../ports.ts'
import { LruCache } from '../core/lru.ts'
import type { PurgeFeed } from './purgenews.ts'
import { Fills } from './fill.ts'
import { followFill } from './follow.ts'
import { type StaleCopy, lead } from './lead.ts'
import { createVariantStore } from './lookup.ts'
import { createPurgeList } from './purges.ts'
import { represent } from './represent.ts'
import { type Answered, applyPurges, type CacheState, type Lookup, lookupOf } from './state.ts'

/** The embedded cache, between the gate and the next stage. */
export interface EmbeddedCache {
  /** Returns the stage of one request, before `next`. */
  stage(next: Origin, waitUntil: WaitUntil): Origin
  /**
   * Purges in this isolate immediately, and within the bound in all that share the store. Returns false if the latter is not
   * certain.
   */
  purge(zone: string, purge: Purge): Promise<boolean>
}

const FACTS_BYTES = 1024 * 1024

export function createEmbeddedCache(store: CopyStore, clock: Clock, news?: PurgeFeed): EmbeddedCache {
  const purges = createPurgeList(store, clock)
  const state: CacheState = {
    variants: createVariantStore(store, purges),
    purges,
    news,
    fills: new Fills(clock),
    clock,
    unshared: new LruCache(FACTS_BYTES),
    failed: new LruCache(FACTS_BYTES),
  }
  return {
    stage: (next, waitUntil) => (admitted, outgoing) => {
      if (!isSafe(admitted.exchange.method)) return passUnsafe(admitted, outgoing, next, state)
      const lookup = lookupOf(admitted, outgoing, next, waitUntil)
      return lookup === undefined ? next(admitted, outgoing) : answerLookup(lookup, state)
    },
    purge: (zone, purge) => {
      state.fills.spoil(`${zone} `)
      return purges.add(zone, purge)
    },
  }
}

/** Answers from a copy if a good one exists. Else asks the next stage, alone or for all that want the same. */
function answerLookup(lookup: Lookup, state: CacheState): Eventually<Answered> {
  if (needsOrigin(lookup.request.read)) return pass(lookup, 'bypass')
  return after(state.variants.find(lookup.key, lookup.selecting), (found) =>
    after(unlessPurged(found, lookup, state), (good) => answerFrom(good, lookup, state, false)),
  )
}

/** Drops a found copy that was purged in another isolate. A request that found no copy does not wait for news of purges. */
function unlessPurged(
  found: StoredCopy | undefined,
  lookup: Lookup,
  state: CacheState,
): Eventually<StoredCopy | undefined> {
  if (found === undefined) return found
  return after(applyPurges(lookup, state), (news) => (isPurged(found.stored, news) ? undefined : found))
}

function answerFrom(
  found: StoredCopy | undefined,
  lookup: Lookup,
  state: CacheState,
  hasWaited: boolean,
): Eventually<Answered> {
  const wishes = wishesOf(lookup.request.read)
  if (found !== undefined) {
    const { freshness, respondedAt } = found.stored
    const verdict = judgeFreshness(freshness, ageMs(freshness, respondedAt, lookup.request.now), wishes)
    if (verdict === 'fresh') return serve(found, lookup, 'hit')
    if (verdict === 'stale') {
      if (state.fills.find(lookup.fillKey, lookup.selecting, NO_PURGES) === undefined)
        revalidateInBackground(found, lookup, state)
      return serve(found, lookup, 'hit; detail=revalidating')
    }
  }
  if (wishes.directives.has('only-if-cached'))
    return ok({ response: gatewayTimeout(), cache: 'fwd=miss; fwd-status=504' })
  if (mustAskAlone(found, lookup, state) || wishes.directives.has('no-store')) {
    return found === undefined ? pass(lookup, 'miss') : passOrServeStale(found, lookup)
  }
  return leadOrFollow(found, lookup, state, hasWaited)
}

/** Answers `only-if-cached` without a copy (RFC 9111 §5.2.1.7). */
function gatewayTimeout(): Response {
  return new Response(null, { status: 504, headers: { 'cache-control': 'no-store' } })
}

/** Returns true if the request is to ask alone: a range of an unstored response and a HEAD have no content to share. */
function mustAskAlone(
  found: StoredCopy | undefined,
  { request, fillKey }: Lookup,
  { unshared, clock, fills }: CacheState,
): boolean {
  if (request.method === 'HEAD' || fills.isFull()) return true
  if (found !== undefined) return false
  return request.read('range') !== null || (unshared.get(fillKey) ?? 0) > clock()
}

/**
 * Asks the origin for every request that wants the same response, or follows the one that asks. A request whose leader
 * failed tries again once, as leader or as follower, and fails if a second failure fell within its own time.
 */
async function leadOrFollow(
  stale: StoredCopy | undefined,
  lookup: Lookup,
  state: CacheState,
  hasWaited: boolean,
): Promise<Answered> {
  // A response on its way may have been purged in another isolate, too.
  if (state.fills.find(lookup.fillKey, lookup.selecting, NO_PURGES) !== undefined) await applyPurges(lookup, state)
  const purges = await purgesOf(lookup.key.zone, state)
  const found = stale !== undefined && isPurged(stale.stored, purges) ? undefined : stale
  const fill = state.fills.find(lookup.fillKey, lookup.selecting, purges)
  const seen = hasWaited && fill === undefined ? state.failed.get(lookup.fillKey) : undefined
  if (seen !== undefined && seen.lastButOneAt >= lookup.request.now) return err(seen.failure)
  const led = fill === undefined ? await lead(staleCopyOf(found), lookup, state) : await followFill(fill, lookup, state)
  switch (led.outcome) {
    case 'answer':
      return ok(led.answer)
    case 'alone':
      return pass(lookup, 'miss')
    case 'again':
      return lookUpAgain(found, lookup, state, hasWaited)
    case 'failed': {
      if (found !== undefined && mayServeStale(found, lookup, led.status)) return serveStale(found, lookup, led.status)
      if (fill === undefined) noteFailure(led.failure, lookup, state)
      return fill === undefined || hasWaited ? err(led.failure) : lookUpAgain(found, lookup, state, true)
    }
  }
}

function noteFailure(failure: OriginFailure, { fillKey }: Lookup, { failed, clock }: CacheState): void {
  const lastButOneAt = failed.get(fillKey)?.lastAt ?? Number.NEGATIVE_INFINITY
  failed.set(fillKey, { failure, lastAt: clock(), lastButOneAt })
}

/** Returns the purges of a zone. If the store fails, counts everything asked for until now as purged. */
async function purgesOf(zone: string, { purges, clock }: CacheState): Promise<Purges> {
  try {
    return await purges.of(zone)
  } catch {
    return { ...NO_PURGES, everythingAt: clock() }
  }
}

/** Asks the next stage alone, and answers from the stale copy if that fails. */
async function passOrServeStale(found: StoredCopy, lookup: Lookup): Promise<Answered> {
  const answered = await pass(lookup, 'stale')
  const failed = answered.ok ? answered.value.response : undefined
  if (!mayServeStale(found, lookup, failed?.status)) return answered
  failed?.body?.cancel().catch(() => undefined)
  return serveStale(found, lookup, failed?.status)
}

/** Returns true if the copy may replace a failure. `status` is the failure's, or undefined if there was no response. */
function mayServeStale(found: StoredCopy, lookup: Lookup, status: number | undefined): boolean {
  return outlives(found.stored.freshness, ageOf(found, lookup), status)
}

function serveStale(found: StoredCopy, lookup: Lookup, status: number | undefined): Eventually<Answered> {
  return serve(found, lookup, `hit; fwd=stale${status === undefined ? '' : `; fwd-status=${status}`}`)
}

function ageOf({ stored }: StoredCopy, { request }: Lookup): number {
  return ageMs(stored.freshness, stored.respondedAt, request.now)
}

/** Looks the copy up again, after a fill was stored, turned out another variant, or failed. */
async function lookUpAgain(
  found: StoredCopy | undefined,
  lookup: Lookup,
  state: CacheState,
  hasWaited: boolean,
): Promise<Answered> {
  const latest = await state.variants.find(lookup.key, lookup.selecting)
  return answerFrom(latest ?? found, lookup, state, hasWaited)
}

function serve(found: StoredCopy, lookup: Lookup, cache: string): Eventually<Answered> {
  const { stored, content, bytes, unreadable } = found
  const ttlSeconds = Math.floor((stored.freshness.lifetimeMs - ageOf(found, lookup)) / 1000)
  const whole = (body: Uint8Array): Answered => {
    const response = represent(stored, { body, unreadable, isReused: true }, lookup.request)
    return ok({ response, cache, ttlSeconds, copy: { stored, content: body, unreadable } })
  }
  if (content instanceof Uint8Array) return whole(content)
  // A range is cut from bytes, and small content is held in memory by the gate; other content can be streamed as it
  // comes.
  if (bytes <= MAX_HELD_BYTES || lookup.request.read('range') !== null) return bytesOf(content).then(whole)
  const response = represent(stored, { body: content, bytes, unreadable, isReused: true }, lookup.request)
  return ok({ response, cache, ttlSeconds })
}

async function bytesOf(content: Uint8Array | ReadableStream): Promise<Uint8Array> {
  return content instanceof Uint8Array ? content : new Uint8Array(await new Response(content).arrayBuffer())
}

function staleCopyOf(found: StoredCopy | undefined): StaleCopy | undefined {
  if (found === undefined) return undefined
  const { stored, unreadable } = found
  return { stored, unreadable, content: () => bytesOf(found.content) }
}

/**
 * Validates a stale copy after it was served. The client has consumed the content, so a confirmed copy is read from the
 * store again.
 */
function revalidateInBackground({ stored, unreadable }: StoredCopy, lookup: Lookup, state: CacheState): void {
  if (lookup.request.method === 'HEAD') return
  const content = async (): Promise<Uint8Array | undefined> => {
    const latest = await state.variants.find(lookup.key, lookup.selecting)
    return latest === undefined ? undefined : bytesOf(latest.content)
  }
  lookup.waitUntil(lead({ stored, unreadable, content }, lookup, state))
}

/** Sends the request to the next stage unchanged, for itself alone. */
async function pass(lookup: Lookup, why: string): Promise<Answered> {
  const answered = await lookup.next(lookup.admitted, lookup.outgoing)
  return answered.ok ? ok({ ...answered.value, cache: `fwd=${why}` }) : answered
}

/** Passes an unsafe request on. If it succeeds, forgets every copy of its target (RFC 9111 §4.4). */
async function passUnsafe(
  admitted: AdmittedRequest,
  outgoing: () => Request,
  next: Origin,
  { variants: shelf, fills }: CacheState,
): Promise<Answered> {
  const answered = await next(admitted, outgoing)
  if (!answered.ok || answered.value.response.status < 200 || answered.value.response.status >= 400) return answered
  const { zone, exchange } = admitted
  const read = match(zone.routes, exchange.target, 'GET')
  if (!read.ok || read.value.cache.partition === 'off') return answered
  const { path } = exchange.target
  const query = countedQuery(exchange.target.query, read.value.cache.query)
  for (const scheme of ['http', 'https']) {
    const key = { zone: zone.id, scheme, path, query }
    fills.spoil(`${keyText(key)}\n`)
    await shelf.forget(key)
  }
  return answered
}
