import { type Directives, parseCacheControl, parseTargeted, secondsOf } from '../../http/rules/directives.ts'
import { parseHttpDate } from '../../core/httpdate.ts'
import type { CachePolicy, FreshnessPolicy } from '../../access/route.ts'
import type { ReadField } from './vary.ts'
import { varyNames } from './vary.ts'

/** How long a response may be reused, judged once when it came: times pass, these do not change. In milliseconds. */
export interface Freshness {
  /** `corrected_initial_age` of RFC 9111 §4.2.3. */
  readonly initialAgeMs: number
  readonly lifetimeMs: number
  /** Never reused without asking the origin (`no-cache`). */
  readonly isUnproven: boolean
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  /** True where the origin itself allowed a stale copy for any error of its own, 500 included (RFC 5861 §4). */
  readonly coversServerErrors: boolean
}

/** A response as its origin sent it, and when. */
export interface Received {
  readonly status: number
  readonly read: ReadField
  /** Milliseconds since 1970. */
  readonly requestedAt: number
  readonly respondedAt: number
}

/** RFC 9110 §15.1. A status that is not here needs explicit freshness, or `public`. */
const HEURISTIC_STATUSES = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
/** What `alwaysSeconds` and `defaultSeconds` speak of: a failure is not kept for as long as a page. */
const GOOD_STATUSES = new Set([200, 203, 204, 300, 301, 308])
/** A part of a response, or a statement about one that the cache has: neither is stored. */
const PARTIAL_STATUSES = new Set([206, 304, 416])
/** What `must-understand` asks for (RFC 9111 §5.2.2.3): all whose caching rules are known here. */
const UNDERSTOOD_STATUSES = new Set([...HEURISTIC_STATUSES, 302, 303, 307, 400, 401, 403, 500, 502, 503, 504])

/** RFC 9213 §2.2: the field that is most for us wins, and the others then say nothing. */
function directivesOf(read: ReadField): { directives: Directives; isTargeted: boolean } {
  const targeted = parseTargeted(read('cloudflare-cdn-cache-control')) ?? parseTargeted(read('cdn-cache-control'))
  if (targeted !== undefined) return { directives: targeted, isTargeted: true }
  return { directives: parseCacheControl(read('cache-control')), isTargeted: false }
}

/**
 * Judges a response for a shared cache (RFC 9111 §3, §4.2). Undefined when it must not be stored: it is partial, private,
 * `no-store`, sets a cookie, varies by everything, or says nothing by which it could be reused.
 */
export function assess(received: Received, policy: CachePolicy): Freshness | undefined {
  const { status, read } = received
  const { directives, isTargeted } = directivesOf(read)
  if (status < 200 || PARTIAL_STATUSES.has(status) || isForbidden(status, directives)) return undefined
  if (varyNames(read('vary')) === undefined) return undefined
  if (read('set-cookie') !== null && !policy.stripsSetCookie) return undefined
  const explicit = explicitSeconds(received, directives, isTargeted)
  const lifetime = lifetimeSeconds(received, directives, explicit, policy.freshness)
  const isUnproven = directives.has('no-cache') && policy.freshness.alwaysSeconds === undefined
  if (lifetime === undefined && !isUnproven) return undefined
  const stale = staleness(directives, policy.freshness)
  return {
    initialAgeMs: initialAgeMs(received),
    lifetimeMs: Math.min(lifetime ?? 0, policy.freshness.mostSeconds ?? Number.POSITIVE_INFINITY) * 1000,
    isUnproven,
    ...(isUnproven ? NEVER_STALE : stale),
  }
}

function isForbidden(status: number, directives: Directives): boolean {
  if (directives.has('private')) return true
  if (directives.has('must-understand')) return !UNDERSTOOD_STATUSES.has(status)
  return directives.has('no-store')
}

/** What the origin says in so many words; undefined when it says nothing (RFC 9111 §4.2.1). */
function explicitSeconds(received: Received, directives: Directives, isTargeted: boolean): number | undefined {
  const said = secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age')
  if (said !== undefined || isTargeted) return said
  const expires = received.read('expires')
  if (expires === null) return undefined
  const end = parseHttpDate(expires, received.respondedAt)
  return end === undefined ? 0 : Math.max(0, (end - dateOf(received)) / 1000)
}

function lifetimeSeconds(
  received: Received,
  directives: Directives,
  explicit: number | undefined,
  policy: FreshnessPolicy,
): number | undefined {
  const isGood = GOOD_STATUSES.has(received.status)
  if (isGood && policy.alwaysSeconds !== undefined) return policy.alwaysSeconds
  if (explicit !== undefined) return explicit
  if (directives.has('no-cache')) return undefined
  if (isGood && policy.defaultSeconds !== undefined) return policy.defaultSeconds
  if (policy.heuristicSeconds === undefined) return undefined
  if (!HEURISTIC_STATUSES.has(received.status) && !directives.has('public')) return undefined
  const modified = parseHttpDate(received.read('last-modified'), received.respondedAt)
  if (modified === undefined) return undefined
  return Math.min(Math.max(0, dateOf(received) - modified) / 10_000, policy.heuristicSeconds)
}

const NEVER_STALE = { staleWhileRevalidateMs: 0, staleIfErrorMs: 0, coversServerErrors: false }

/** RFC 9111 §4.2.4: `s-maxage` forbids a shared cache to serve stale copies as `proxy-revalidate` does (§5.2.2.10). */
function staleness(directives: Directives, policy: FreshnessPolicy) {
  if (['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => directives.has(name))) return NEVER_STALE
  const onError = secondsOf(directives, 'stale-if-error')
  const meanwhile = secondsOf(directives, 'stale-while-revalidate')
  return {
    staleWhileRevalidateMs: (meanwhile ?? policy.staleWhileRevalidateSeconds) * 1000,
    staleIfErrorMs: (onError ?? policy.staleIfErrorSeconds) * 1000,
    coversServerErrors: onError !== undefined,
  }
}

function dateOf({ read, respondedAt }: Received): number {
  return parseHttpDate(read('date'), respondedAt) ?? respondedAt
}

/** RFC 9111 §4.2.3, §5.1: of several values the first counts, and what is not a number of seconds counts for nothing. */
function initialAgeMs(received: Received): number {
  const { read, requestedAt, respondedAt } = received
  const [first = ''] = (read('age') ?? '').split(',')
  const ageMs = /^\d+$/.test(first.trim()) ? Number(first) * 1000 : 0
  return Math.max(0, respondedAt - dateOf(received), ageMs + respondedAt - requestedAt)
}

/** `current_age` of RFC 9111 §4.2.3, in milliseconds. */
export function ageMs({ initialAgeMs }: Freshness, respondedAt: number, now: number): number {
  return initialAgeMs + Math.max(0, now - respondedAt)
}

/** What a client asks of caches (RFC 9111 §5.2.1). */
export interface Wishes {
  readonly directives: Directives
}

/** `Pragma: no-cache` counts where there is no `Cache-Control` (RFC 9111 §5.4). */
export function wishesOf(read: ReadField): Wishes {
  const field = read('cache-control')
  const pragma = field === null ? read('pragma') : null
  if (field === null && pragma === null) return NO_WISHES
  return { directives: parseCacheControl(field ?? (pragma?.toLowerCase().includes('no-cache') ? 'no-cache' : null)) }
}

const NO_WISHES: Wishes = { directives: parseCacheControl(null) }

/** `fresh`: serve it. `stale`: serve it, and validate it meanwhile. `unproven`: the origin has to confirm it first. */
export type FreshnessVerdict = 'fresh' | 'stale' | 'unproven'

/** What may be done with a copy of this age, in milliseconds, for a client that wishes so. */
export function judgeFreshness(freshness: Freshness, age: number, { directives }: Wishes): FreshnessVerdict {
  if (freshness.isUnproven || directives.has('no-cache')) return 'unproven'
  if (directives.size === 0 && age < freshness.lifetimeMs) return 'fresh'
  const mostMs = (secondsOf(directives, 'max-age') ?? Number.POSITIVE_INFINITY) * 1000
  const leastLeftMs = (secondsOf(directives, 'min-fresh') ?? 0) * 1000
  if (age > mostMs) return 'unproven'
  if (age + leastLeftMs < freshness.lifetimeMs) return 'fresh'
  if (directives.has('min-fresh')) return 'unproven'
  return age < freshness.lifetimeMs + freshness.staleWhileRevalidateMs ? 'stale' : 'unproven'
}

/** True when a copy of this age, in milliseconds, may be served in place of a failure: one that a status tells of, or none does. */
export function outlives(freshness: Freshness, age: number, status: number | undefined): boolean {
  if (status !== undefined && !isOutage(status, freshness.coversServerErrors)) return false
  return age < freshness.lifetimeMs + freshness.staleIfErrorMs
}

function isOutage(status: number, coversServerErrors: boolean): boolean {
  return status === 502 || status === 503 || status === 504 || (status === 500 && coversServerErrors)
}
