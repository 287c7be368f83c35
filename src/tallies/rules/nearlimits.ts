/**
 * The accounts of a zone that are near a limit, as one object of its tallies keeps them.
 *
 * Ledgers tell when a share of a limit is used; what was told is listed here until the window ends. An account is a keyed hash,
 * and beside it its name, sealed: only the gate opens it, when an operator asks who that is. An object lists a bounded number, and
 * lets go of the smallest shares first.
 */
import type { Window, LimitKind } from '../../access/limit.ts'
import type { TallyStorage } from './book.ts'

/** One account near one limit. All of it is JSON. */
export interface NearLimit {
  /** The keyed hash of the account, as in the log. */
  readonly hash: string
  /** The sealed name of the account. */
  readonly sealed: string
  readonly limit: string
  /** The id of the API key whose limit it is. */
  readonly key?: string
  /** The currency of a limit of money. */
  readonly currency?: string
  readonly window: Window
  readonly kind: LimitKind
  /** The threshold that was reached last, in per cent. */
  readonly threshold: number
  /** Decimal strings: units, or 10⁻⁹ of the currency. */
  readonly used: string
  readonly quota: string
  /** When more is free. */
  readonly resetsAt: number
  /** Until when it is listed: the end of the window. */
  readonly until: number
}

/** What is listed in an object, and how much there is of it. */
export interface NearLimits {
  readonly limits: readonly NearLimit[]
  readonly count: number
}

/** The most that an object lists. */
export const MAX_NEAR = 500

/** Lists an account. What was told of the same limit before is replaced. */
export function addNear(storage: TallyStorage, near: NearLimit, now: number): void {
  if (near.until <= now) return
  storage.putNear(idOf(near), near)
  const listed = storage.near()
  if (listed.length > MAX_NEAR) for (const [id] of [...listed].sort(byShare).slice(MAX_NEAR)) storage.dropNear(id)
}

/** Lets go of what is listed of windows that have ended. */
export function dropEndedNear(storage: TallyStorage, now: number): void {
  for (const [id, { until }] of storage.near()) if (until <= now) storage.dropNear(id)
}

/** Returns what is listed, the largest shares first. `hash`: of one account alone. */
export function readNear(storage: TallyStorage, hash: string | undefined, most: number, now: number): NearLimits {
  const listed = storage.near().filter(([, near]) => near.until > now && (hash === undefined || near.hash === hash))
  const limits = [...listed].sort(byShare).map(([, near]) => near)
  return { limits: limits.slice(0, most), count: limits.length }
}

function idOf({ hash, limit, key = '', window, kind }: NearLimit): string {
  return JSON.stringify([hash, limit, key, window, kind])
}

function byShare([, one]: readonly [string, NearLimit], [, other]: readonly [string, NearLimit]): number {
  return compareNear(one, other)
}

/** Orders by what is used, and then by what lasts longer. */
export function compareNear(one: NearLimit, other: NearLimit): number {
  return other.threshold - one.threshold || other.until - one.until || (one.hash < other.hash ? -1 : 1)
}
