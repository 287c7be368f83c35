/**
 * Translates between the gate's cache policy and Workers Cache, which stands before the Origin entrypoint.
 *
 * The platform reads `Cache-Control`, stores heuristically without one, and subtracts `Age` from the lifetime. It knows no
 * policy of a route, and a purge tag knows no zone. So the response is written for the platform on the way in, with the
 * original fields set aside, and restored on the way out. A response not to be stored is marked `no-store`.
 */
import { isNotModified } from '../../cache/rules/conditional.ts'
import { assess, type Freshness, type Received } from '../../cache/rules/freshness.ts'
import { ending } from '../../http/rules/fields.ts'
import { prefixesOf, type Purge } from '../../cache/rules/purge.ts'
import { AS_RECEIVED, type CachePolicy, type FreshnessPolicy } from '../../access/route.ts'
import { MAX_HELD_BYTES, store } from '../../cache/rules/stored.ts'
import { isJudgeable, unreadableOf } from '../../cache/rules/unreadable.ts'
import { varyNames } from '../../cache/rules/vary.ts'
import type { Answer, AdmittedRequest } from '../../ports.ts'

/** Carries the origin's own `Cache-Control` past the platform's cache. */
const ORIGINAL_FIELD = 'faregate-cache-control'
/** Carries the response's age on arrival, in seconds: the platform counts from there. */
const AGE_FIELD = 'faregate-age'

/** The limit for tags in bytes: Cloudflare takes 16 KB with a response. */
const MAX_TAG_BYTES = 12_000

/** A request to the Origin entrypoint, as far as caching depends on it. */
export interface CachedRequest {
  readonly zone: string
  readonly path: string
  readonly policy: CachePolicy
  /** False if the answer is not shared. */
  readonly isShared: boolean
  readonly requestedAt: number
}

/**
 * Writes a response for Workers Cache: one `Cache-Control` that applies the route's policy to the origin's, and tags for
 * purges. A response that may not be stored says so, because the platform stores heuristically otherwise. A 304 says no more
 * than its origin did: the stored response keeps the rest.
 */
export function forPlatform(response: Response, asked: CachedRequest, now: number): Response {
  const shaped = new Response(response.body, response)
  const { headers } = shaped
  const read = (name: string): string | null => response.headers.get(name)
  const original = read('cache-control')
  const isConfirmed = response.status === 304
  const received: Received = { status: response.status, read, requestedAt: asked.requestedAt, respondedAt: now }
  const freshness = !asked.isShared
    ? undefined
    : isConfirmed
      ? reassess(received, asked)
      : assess(received, asked.policy)
  const tags = tagsFor(asked, read('cache-tag'))
  for (const name of [...REWRITTEN_FIELDS, ...ending(read('connection'))]) headers.delete(name)
  if (original !== null) headers.set(ORIGINAL_FIELD, original)
  if (asked.policy.stripsSetCookie && asked.isShared) headers.delete('set-cookie')
  if (freshness === 'as before') {
    headers.delete('cache-control')
    headers.set(AGE_FIELD, '0')
  } else if (freshness === undefined || freshness.isUnproven || tags.length > MAX_TAG_BYTES) {
    headers.set('cache-control', 'no-store')
    return shaped
  } else {
    headers.set('cache-control', directives(freshness))
    headers.set(AGE_FIELD, String(Math.floor(freshness.initialAgeMs / 1000)))
  }
  headers.delete('age') // The age is already subtracted from the lifetime.
  if (!isConfirmed || read('cache-tag') !== null) headers.set('cache-tag', tags)
  const names = varyNames(read('vary')) ?? []
  if (read('content-encoding') !== null && !names.includes('accept-encoding')) headers.append('vary', 'Accept-Encoding')
  return shaped
}

const REWRITTEN_FIELDS = ['cdn-cache-control', 'cloudflare-cdn-cache-control', 'cache-tag', ORIGINAL_FIELD, AGE_FIELD]

/** Returns the freshness that a 304 gives the stored response from now on. */
function reassess(received: Received, { policy }: CachedRequest): Freshness | 'as before' | undefined {
  const judge = (changes: Partial<FreshnessPolicy>): Freshness | undefined =>
    assess({ ...received, status: 200 }, { ...policy, freshness: { ...policy.freshness, ...changes } })
  const stated = judge({ defaultSeconds: undefined, heuristicSeconds: undefined })
  if (stated !== undefined) return stated
  const isBarred = judge({ alwaysSeconds: 0 }) === undefined
  return isBarred ? undefined : 'as before'
}

/** Always writes `stale-if-error`: without it the platform serves a stale copy forever. */
function directives({ lifetimeMs, initialAgeMs, staleWhileRevalidateMs, staleIfErrorMs }: Freshness): string {
  const seconds = (ms: number): number => Math.max(0, Math.floor(ms / 1000))
  return [
    'public',
    `max-age=${seconds(lifetimeMs - initialAgeMs)}`,
    `stale-while-revalidate=${seconds(staleWhileRevalidateMs)}`,
    `stale-if-error=${seconds(staleIfErrorMs)}`,
  ].join(', ')
}

/**
 * Returns the tags of a response. Tags know no zone, host or path, so each begins with one. Stops at the limit: the tags of
 * a path of n segments have n² characters.
 */
function tagsFor({ zone, path }: CachedRequest, own: string | null): string {
  const named = (own ?? '')
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
  let tags = `${zoneTag(zone)},${pathTag(zone, path)}`
  for (const prefix of prefixesOf(path)) {
    if (tags.length > MAX_TAG_BYTES) return tags
    tags += `,${prefixTag(zone, prefix)}`
  }
  return [tags, ...named.map((tag) => ownTag(zone, tag))].join(',')
}

const zoneTag = (zone: string): string => `zone/${zone}`
const prefixTag = (zone: string, prefix: string): string => `below/${zone}/${encodeURIComponent(prefix)}`
const ownTag = (zone: string, tag: string): string => `tag/${zone}/${encodeURIComponent(tag.toLowerCase())}`

/** Returns the tag of one page alone. */
export function pathTag(zone: string, path: string): string {
  return `page/${zone}/${encodeURIComponent(path)}`
}

/** Returns the platform's tags for a purge of one zone. Never purges everything: other zones share the cache. */
export function purgeTags(zone: string, { everything, tags, pathPrefixes }: Purge): string[] {
  if (everything) return [zoneTag(zone)]
  return [...tags.map((tag) => ownTag(zone, tag)), ...pathPrefixes.map((prefix) => prefixTag(zone, prefix))]
}

/**
 * Removes the range, because a stored part would stay a part. The platform's own conditions stay: it confirms a copy with
 * them.
 */
export function complete(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.delete('range')
  headers.delete('if-range')
  return new Request(request, { headers })
}

/** Maps the platform's status to `Cache-Status` (RFC 9211). */
const STATUSES: Record<string, string> = {
  HIT: 'hit',
  MISS: 'fwd=miss; stored',
  EXPIRED: 'fwd=stale; stored',
  REVALIDATED: 'fwd=stale; fwd-status=304; stored',
  UPDATING: 'hit; detail=revalidating',
  STALE: 'hit; fwd=stale',
  BYPASS: 'fwd=bypass',
  DYNAMIC: 'fwd=bypass',
}

/** Turns a response of Workers Cache into the answer of the gate's next stage. */
export async function fromPlatform(
  response: Response,
  { exchange, zone }: AdmittedRequest,
  requestedAt: number,
  now: number,
): Promise<Answer> {
  const { headers, status } = response
  const platform = headers.get('cf-cache-status') ?? ''
  const cache = STATUSES[platform] ?? 'fwd=miss'
  const memoryCopy =
    platform === 'HIT'
      ? await readCopy(response, { zone: zone.id, path: exchange.target.path }, requestedAt, now)
      : undefined
  headers.delete('cf-cache-status')
  restore(headers)
  const read = (name: string): string | null => exchange.fields.get(name)
  // Conditions are evaluated before a range (RFC 9110 §13.2.2).
  const whole = status === 206 ? 200 : status
  if (isNotModified({ status: whole, read: (name) => headers.get(name) }, read, now)) {
    response.body?.cancel().catch(() => undefined)
    for (const name of ['content-length', 'content-type', 'content-encoding', 'content-range']) headers.delete(name)
    return { response: new Response(null, { status: 304, headers }), cache }
  }
  if (memoryCopy === undefined) return { response, cache }
  const content = exchange.method === 'HEAD' ? null : memoryCopy.content
  const init = { status, headers, encodeBody: 'manual' } as const
  return { response: new Response(content, init), cache, copy: memoryCopy }
}

async function readCopy(response: Response, place: { zone: string; path: string }, requestedAt: number, now: number) {
  const { headers, status, body } = response
  const length = headers.get('content-length')
  if (status !== 200 || body === null || length === null || Number(length) > MAX_HELD_BYTES) return undefined
  const restored = new Headers(headers)
  const received: Received = { status, read: (name) => headers.get(name), requestedAt, respondedAt: now }
  restore(restored)
  restored.delete('cf-cache-status')
  const stored = store(received, restored, () => null, place, AS_RECEIVED)
  if (stored === undefined || stored.selection.length > 0 || !isJudgeable(headers)) return undefined
  const content = new Uint8Array(await response.arrayBuffer())
  const freshness = aged(stored.freshness, ageBefore(headers) * 1000)
  return { stored: { ...stored, tags: undefined, freshness }, content, unreadable: unreadableOf(stored, restored) }
}

function aged(freshness: Freshness, ms: number): Freshness {
  return { ...freshness, initialAgeMs: freshness.initialAgeMs + ms, lifetimeMs: freshness.lifetimeMs + ms }
}

/** Returns the seconds between the response's creation and its arrival at the platform. */
function ageBefore(headers: Headers): number {
  return Number(headers.get(AGE_FIELD) ?? 0)
}

function restore(headers: Headers): void {
  const original = headers.get(ORIGINAL_FIELD)
  headers.delete(ORIGINAL_FIELD)
  if (original === null) headers.delete('cache-control')
  else headers.set('cache-control', original)
  const seconds = ageBefore(headers)
  headers.delete(AGE_FIELD)
  if (seconds > 0) headers.set('age', String(seconds + Number(headers.get('age') ?? 0)))
}
