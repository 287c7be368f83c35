/**
 * How long a response may be reused: RFC 9111 §4.2, the targeted fields of RFC 9213, and the stale extensions of RFC 5861.
 *
 * A response is judged twice. `assess` runs once, on arrival: it decides if the response may be stored at all, and condenses
 * fields, route and clock into a few durations. `judgeFreshness` runs for each request: it compares these with the current
 * age and with the request's own directives. A copy never gains time later, except by a 304. The gate's rule above the RFC:
 * a route may override the origin's lifetime, yet never make a response storable that is `private`, `no-store`, partial, or
 * sets a cookie unstripped.
 */
import { type Directives, parseCacheControl, parseTargeted, secondsOf } from '../../http/rules/directives.ts'
import { parseHttpDate } from '../../core/httpdate.ts'
import type { CachePolicy, FreshnessPolicy } from '../../access/route.ts'
import type { ReadField } from './vary.ts'
import { varyNames } from './vary.ts'

/** How long a response may be reused, judged once on arrival. Durations in milliseconds. */
export interface Freshness {
  /** `corrected_initial_age` of RFC 9111 §4.2.3. */
  readonly initialAgeMs: number
  readonly lifetimeMs: number
  /** True if every reuse needs the origin's confirmation (`no-cache`). */
  readonly isUnproven: boolean
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  /** True if the origin itself allows a stale copy for any server error, 500 included (RFC 5861 §4). */
  readonly coversServerErrors: boolean
}

/** A response as its origin sent it, with the times of request and response. */
export interface Received {
  readonly status: number
  readonly read: ReadField
  /** Milliseconds since 1970. */
  readonly requestedAt: number
  readonly respondedAt: number
}

/** The statuses that are heuristically cacheable (RFC 9110 §15.1). Others need explicit freshness, or `public`. */
const HEURISTIC_STATUSES = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
/** The statuses to which `alwaysSeconds` and `defaultSeconds` apply: a failure is not kept as long as a page. */
const GOOD_STATUSES = new Set([200, 203, 204, 300, 301, 308])
/** Statuses that are never stored: parts of a response, and statements about a copy that the cache has. */
const PARTIAL_STATUSES = new Set([206, 304, 416])
/** The statuses whose caching rules are known here, as `must-understand` asks (RFC 9111 §5.2.2.3). */
const UNDERSTOOD_STATUSES = new Set([...HEURISTIC_STATUSES, 302, 303, 307, 400, 401, 403, 500, 502, 503, 504])

/** Returns the directives of the most specific field for this cache; the other fields are then ignored (RFC 9213 §2.2). */
function directivesOf(read: ReadField): { directives: Directives; isTargeted: boolean } {
  const targeted = parseTargeted(read('cloudflare-cdn-cache-control')) ?? parseTargeted(read('cdn-cache-control'))
  if (targeted !== undefined) return { directives: targeted, isTargeted: true }
  return { directives: parseCacheControl(read('cache-control')), isTargeted: false }
}

/**
 * Judges a response for a shared cache (RFC 9111 §3, §4.2). Returns undefined if the response must not be stored: it is
 * partial, `private` or `no-store`, sets a cookie, varies by everything, or gives no ground for reuse.
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

/** Returns the lifetime that the origin states, in seconds; undefined if it states none (RFC 9111 §4.2.1). */
function explicitSeconds(received: Received, directives: Directives, isTargeted: boolean): number | undefined {
  const maxAge = secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age')
  if (maxAge !== undefined || isTargeted) return maxAge
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

/**
 * Returns the stale allowances. `s-maxage` forbids a shared cache to serve stale copies (RFC 9111 §4.2.4), as
 * `proxy-revalidate` does (§5.2.2.10).
 */
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

/**
 * Computes the age on arrival (RFC 9111 §4.2.3). The first value of `Age` counts (§5.1), and a value that is no number
 * counts as 0.
 */
function initialAgeMs(received: Received): number {
  const { read, requestedAt, respondedAt } = received
  const [first = ''] = (read('age') ?? '').split(',')
  const ageMs = /^\d+$/.test(first.trim()) ? Number(first) * 1000 : 0
  return Math.max(0, respondedAt - dateOf(received), ageMs + respondedAt - requestedAt)
}

/** Returns `current_age` of RFC 9111 §4.2.3, in milliseconds. */
export function ageMs({ initialAgeMs }: Freshness, respondedAt: number, now: number): number {
  return initialAgeMs + Math.max(0, now - respondedAt)
}

/** The cache directives of a request (RFC 9111 §5.2.1). */
export interface Wishes {
  readonly directives: Directives
}

/** Reads the cache directives of a request. `Pragma: no-cache` counts only without `Cache-Control` (RFC 9111 §5.4). */
export function wishesOf(read: ReadField): Wishes {
  const field = read('cache-control')
  const pragma = field === null ? read('pragma') : null
  if (field === null && pragma === null) return NO_WISHES
  return { directives: parseCacheControl(field ?? (pragma?.toLowerCase().includes('no-cache') ? 'no-cache' : null)) }
}

const NO_WISHES: Wishes = { directives: parseCacheControl(null) }

/** `fresh`: serve. `stale`: serve, and validate meanwhile. `unproven`: ask the origin first. */
export type FreshnessVerdict = 'fresh' | 'stale' | 'unproven'

/** Judges a copy of age `age`, in milliseconds, against the directives of a request. */
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

/**
 * Returns true if a copy of age `age`, in milliseconds, may replace a failure. `status` is the failure's, or undefined if no
 * response came.
 */
export function outlives(freshness: Freshness, age: number, status: number | undefined): boolean {
  if (status !== undefined && !isOutage(status, freshness.coversServerErrors)) return false
  return age < freshness.lifetimeMs + freshness.staleIfErrorMs
}

function isOutage(status: number, coversServerErrors: boolean): boolean {
  return status === 502 || status === 503 || status === 504 || (status === 500 && coversServerErrors)
}
