import type { Money } from '../core/money.ts'
import { isInstant, parseInstant } from '../core/instant.ts'

/** A quota of something in a window of time. Limits of one name with different windows all apply. */
export interface Limit {
  /** Usage is counted under the name, so it survives a change of plan. */
  readonly name: string
  /**
   * Present for a limit of an API key: the name without the key, as routes count it and as people know it. `name` is the
   * key's alone, so that the limits of the key and of its account are counted apart.
   */
  readonly of?: string
  readonly quota: bigint
  /** The unit counted. A route says how many of them one request uses. */
  readonly unit: string
  readonly window: Window
  /** `fixed`: everything returns when a window ends. `sliding`: each use returns one window after it was made. */
  readonly kind: LimitKind
  /** The start of one fixed window, and thereby of all: seconds since 1970. Undefined means 1970 itself. */
  readonly anchor: number | undefined
}

/** Seconds, or a day or month of UTC. */
export type Window = number | 'P1D' | 'P1M'

export const LIMIT_KINDS = ['fixed', 'sliding'] as const
export type LimitKind = (typeof LIMIT_KINDS)[number]

export const DEFAULT_UNIT = 'requests'
/** The most limits of one token, and the most quotas of one route. */
export const MAX_LIMITS = 16
const MAX_WINDOW_SECONDS = 366 * 86_400

/** Begins the name of every key's limit. No other limit can have it: see `LIMIT_TEXT`. */
const OF_KEY = '\u0001'
const OF_MONEY = `${OF_KEY}spending `

/** Names a key's limit apart from those of its account, so that each counts by itself. `id`: the key's. */
export function limitOfKey(limit: Limit, id: string): Limit {
  return { ...limit, name: `${OF_KEY}${id} ${limit.name}`, of: limit.name }
}

/**
 * Makes a limit of money: its units are those of the price, and it counts nothing else. It is named like a key's, so that no usage is
 * told of it beside the price.
 */
export function limitOfMoney({ units, currency }: Money, window: Window): Limit {
  const name = `${OF_MONEY}${currency}`
  return { name, of: 'spending', quota: units, unit: currency, window, kind: 'fixed', anchor: undefined }
}

/** A limit as people know it. */
export interface LimitMeaning {
  readonly name: string
  /** The id of the API key whose limit it is. */
  readonly key?: string
  /** The currency of a limit of money, which counts in 10⁻⁹ of it. */
  readonly currency?: string
}

/** Returns what the name of a limit says. */
export function meaningOf(name: string): LimitMeaning {
  if (name.startsWith(OF_MONEY)) return { name: 'spending', currency: name.slice(OF_MONEY.length) }
  const space = name.indexOf(' ')
  return name.startsWith(OF_KEY) ? { name: name.slice(space + 1), key: name.slice(OF_KEY.length, space) } : { name }
}

/** Returns true for a limit of money. */
export function isOfMoney({ name }: Limit): boolean {
  return name.startsWith(OF_MONEY)
}

/** Returns the units that the account itself used: those of a key's limits are the same ones once more. */
export function withoutKeys<C extends { readonly name: string }>(counts: readonly C[]): readonly C[] {
  return counts.some(({ name }) => name.startsWith(OF_KEY))
    ? counts.filter(({ name }) => !name.startsWith(OF_KEY))
    : counts
}

/** Text that fits a String in a header field (RFC 9651 §3.3.3). */
export const LIMIT_TEXT = /^[\x20-\x7e]{1,64}$/

export function isWindow(value: unknown): value is Window {
  if (value === 'P1D' || value === 'P1M') return true
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= MAX_WINDOW_SECONDS
}

/** Reads a time in seconds since 1970, or in RFC 3339; undefined if it is neither. */
export function readAnchor(value: unknown): number | undefined {
  if (typeof value === 'string') return parseInstant(value)
  return isInstant(value) ? value : undefined
}

/** Returns the length of a window in seconds; for months the longest. */
export function windowSecondsOf(window: Window): number {
  if (typeof window === 'number') return window
  return window === 'P1D' ? 86_400 : 31 * 86_400
}

/** The amounts that one request on a route uses, by name of a limit or by unit. */
export type Counts = Readonly<Record<string, bigint>>

/** The counts of each request on a route, and the route's quotas for every account. */
export interface Metering {
  readonly counts: Counts
  readonly quotas: readonly Limit[]
}

/** Without configuration, a request counts as one request. */
export const DEFAULT_METERING: Metering = { counts: { [DEFAULT_UNIT]: 1n }, quotas: [] }

/** The limits that a request uses, and how much of each name. */
export interface Usage {
  readonly counts: readonly { readonly name: string; readonly units: bigint }[]
  readonly limits: readonly Limit[]
}

/**
 * Returns a request's usage under the limits of its token and of its route; undefined if none of them counts it. If both
 * limit the same name, the token's limit holds: a plan may give more than a route gives by default.
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

/**
 * Returns the amount under a limit: by its name if the route counts that, else by its unit. A limit of requests so holds
 * wherever requests are counted.
 */
function unitsOf(counts: Counts, { name: own, of: name = own, unit }: Limit): bigint {
  if (Object.hasOwn(counts, name)) return counts[name] ?? 0n
  return Object.hasOwn(counts, unit) ? (counts[unit] ?? 0n) : 0n
}
