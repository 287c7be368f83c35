import { isInstant, parseInstant } from '../core/instant.ts'

/** So much of something in a window of time. Limits of one name with several windows hold all at once. */
export interface Limit {
  /** Usage is counted under it, so that it survives a change of plan. */
  readonly name: string
  readonly quota: bigint
  /** What is counted. A route says how much of it one request uses. */
  readonly unit: string
  readonly window: Window
  /** `fixed`: all comes back when a window ends. `sliding`: each use comes back a window after it was made. */
  readonly kind: LimitKind
  /** When a fixed window begins, and all others with it: seconds since 1970. Undefined for 1970 itself. */
  readonly anchor: number | undefined
}

/** Seconds, or a day or month of UTC. */
export type Window = number | 'P1D' | 'P1M'

export const LIMIT_KINDS = ['fixed', 'sliding'] as const
export type LimitKind = (typeof LIMIT_KINDS)[number]

export const DEFAULT_UNIT = 'requests'
/** How many limits one token may have, and how many quotas one route. */
export const MAX_LIMITS = 16
const MAX_WINDOW_SECONDS = 366 * 86_400

/** What can be written as a String in a header field (RFC 9651 §3.3.3). */
export const LIMIT_TEXT = /^[\x20-\x7e]{1,64}$/

export function isWindow(value: unknown): value is Window {
  if (value === 'P1D' || value === 'P1M') return true
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= MAX_WINDOW_SECONDS
}

/** A time in seconds since 1970, or as RFC 3339 writes it; undefined when it is neither. */
export function readAnchor(value: unknown): number | undefined {
  if (typeof value === 'string') return parseInstant(value)
  return isInstant(value) ? value : undefined
}

/** How long a window is; of months the longest. */
export function windowSecondsOf(window: Window): number {
  if (typeof window === 'number') return window
  return window === 'P1D' ? 86_400 : 31 * 86_400
}

/** What one request on a route uses, by name of a limit or by unit. */
export type Counts = Readonly<Record<string, bigint>>

/** How a route counts its requests, and the limits that hold there for every account. */
export interface Metering {
  readonly counts: Counts
  readonly quotas: readonly Limit[]
}

/** A request is a request. */
export const DEFAULT_METERING: Metering = { counts: { [DEFAULT_UNIT]: 1n }, quotas: [] }

/** The limits that a request takes something from, and how much of each name it takes. */
export interface Usage {
  readonly counts: readonly { readonly name: string; readonly units: bigint }[]
  readonly limits: readonly Limit[]
}

/**
 * What a request uses under the limits of its token and of its route; undefined where none of them counts it. Where both
 * have limits of a name, the token's hold: a plan may give more than a route gives by default.
 */
export function usageOf({ counts, quotas }: Metering, limits: readonly Limit[]): Usage | undefined {
  if (limits.length === 0 && quotas.length === 0) return undefined
  const own = new Set(limits.map(({ name }) => name))
  const counted = [...limits, ...quotas.filter(({ name }) => !own.has(name))].filter(
    (limit) => unitsOf(counts, limit) > 0n,
  )
  if (counted.length === 0) return undefined
  const units = new Map(Object.entries(counts))
  for (const limit of counted) units.set(limit.name, unitsOf(counts, limit))
  const used = Array.from(units, ([name, taken]) => ({ name, units: taken }))
  return { counts: used.filter(({ units: taken }) => taken > 0n), limits: counted }
}

/** By name where the route counts that, else by unit: a limit of requests has a say wherever requests are counted. */
function unitsOf(counts: Counts, { name, unit }: Limit): bigint {
  if (Object.hasOwn(counts, name)) return counts[name] ?? 0n
  return Object.hasOwn(counts, unit) ? (counts[unit] ?? 0n) : 0n
}
