import { isNotModified } from '../../cache/rules/conditional.ts'
import { assess, type Freshness, type Received } from '../../cache/rules/freshness.ts'
import { ending } from '../../http/rules/fields.ts'
import { prefixesOf, type Purge } from '../../cache/rules/purge.ts'
import { AS_RECEIVED, type CachePolicy, type FreshnessPolicy } from '../../access/route.ts'
import { MAX_HELD_BYTES, store } from '../../cache/rules/stored.ts'
import { isJudgeable, unreadableOf } from '../../cache/rules/unreadable.ts'
import { varyNames } from '../../cache/rules/vary.ts'
import type { Answer, AdmittedRequest } from '../../ports.ts'

/** The origin's own `Cache-Control`, on its way past the platform's cache to the client of a free page. */
const ORIGINAL_FIELD = 'faregate-cache-control'
/** How old the response was when it came, in seconds: the platform counts from there on. */
const AGE_FIELD = 'faregate-age'

/** Cloudflare takes 16 KB of tags with a response. */
const MAX_TAG_BYTES = 12_000

/** What is asked of the Origin entrypoint, and where. */
export interface CachedRequest {
  readonly zone: string
  readonly path: string
  readonly policy: CachePolicy
  /** False for what no one shares. */
  readonly isShared: boolean
  readonly requestedAt: number
}

/**
 * A response as Workers Cache is to see it: one `Cache-Control` that says what the route's policy made of the origin's,
 * and tags by which it can be purged. Whatever may not be stored says so, since silence is stored heuristically. A 304
 * says no more than its origin did: what it does not speak of stays as it is stored.
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
  for (const name of [...OURS_TO_SAY, ...ending(read('connection'))]) headers.delete(name)
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
  headers.delete('age') // it is taken off the lifetime
  if (!isConfirmed || read('cache-tag') !== null) headers.set('cache-tag', tags)
  const names = varyNames(read('vary')) ?? []
  if (read('content-encoding') !== null && !names.includes('accept-encoding')) headers.append('vary', 'Accept-Encoding')
  return shaped
}

const OURS_TO_SAY = ['cdn-cache-control', 'cloudflare-cdn-cache-control', 'cache-tag', ORIGINAL_FIELD, AGE_FIELD]

/** What a 304 says of how long the stored response is good from now on. */
function reassess(received: Received, { policy }: CachedRequest): Freshness | 'as before' | undefined {
  const judge = (changes: Partial<FreshnessPolicy>): Freshness | undefined =>
    assess({ ...received, status: 200 }, { ...policy, freshness: { ...policy.freshness, ...changes } })
  const said = judge({ defaultSeconds: undefined, heuristicSeconds: undefined })
  if (said !== undefined) return said
  const isBarred = judge({ alwaysSeconds: 0 }) === undefined
  return isBarred ? undefined : 'as before'
}

/** Always with `stale-if-error`: without it the platform would serve a stale copy without end. */
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
 * Tags know no zone, host or path by themselves, so each begins with what it is of. Given up once they are too long: those of
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

/** The tag of one page alone. */
export function pathTag(zone: string, path: string): string {
  return `page/${zone}/${encodeURIComponent(path)}`
}

/** The tags that a purge of one zone names on the platform: never everything, for the other zones are there too. */
export function purgeTags(zone: string, { everything, tags, pathPrefixes }: Purge): string[] {
  if (everything) return [zoneTag(zone)]
  return [...tags.map((tag) => ownTag(zone, tag)), ...pathPrefixes.map((prefix) => prefixTag(zone, prefix))]
}

/** A part would be stored as no more than that. The platform's own conditions stay: it has something to confirm. */
export function complete(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.delete('range')
  headers.delete('if-range')
  return new Request(request, { headers })
}

/** RFC 9211, from what the platform says. */
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

/** What came through Workers Cache, as the gate's next stage gives it. */
export async function fromPlatform(
  response: Response,
  { exchange, zone }: AdmittedRequest,
  requestedAt: number,
  now: number,
): Promise<Answer> {
  const { headers, status } = response
  const platform = headers.get('cf-cache-status') ?? ''
  const cache = STATUSES[platform] ?? 'fwd=miss'
  const held =
    platform === 'HIT'
      ? await readCopy(response, { zone: zone.name, path: exchange.target.path }, requestedAt, now)
      : undefined
  headers.delete('cf-cache-status')
  restore(headers)
  const read = (name: string): string | null => exchange.fields.get(name)
  // Of a request for a part too, the conditions come first (RFC 9110 §13.2.2).
  const whole = status === 206 ? 200 : status
  if (isNotModified({ status: whole, read: (name) => headers.get(name) }, read, now)) {
    response.body?.cancel().catch(() => undefined)
    for (const name of ['content-length', 'content-type', 'content-encoding', 'content-range']) headers.delete(name)
    return { response: new Response(null, { status: 304, headers }), cache }
  }
  if (held === undefined) return { response, cache }
  const content = exchange.method === 'HEAD' ? null : held.content
  const init = { status, headers, encodeBody: 'manual' } as const
  return { response: new Response(content, init), cache, copy: held }
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
  const freshness = older(stored.freshness, ageBefore(headers) * 1000)
  return { stored: { ...stored, tags: undefined, freshness }, content, unreadable: unreadableOf(stored, restored) }
}

function older(freshness: Freshness, ms: number): Freshness {
  return { ...freshness, initialAgeMs: freshness.initialAgeMs + ms, lifetimeMs: freshness.lifetimeMs + ms }
}

/** Seconds from when it was made to when the platform got it. */
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
