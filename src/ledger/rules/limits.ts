import type { Limit } from '../../access/limit.ts'
import type { Amount, ChargeRefused, LimitStatus, Units } from './commands.ts'
import { unitsOf } from './amount.ts'
import type { UnitOfWork } from './unitofwork.ts'
import { begun, counted, countedAt, freeAt, resetAt, type Series, used } from './series.ts'
import { spanKey, windowSpanOf } from './window.ts'

/** Joins span and name: spans contain no spaces, names may. */
function keyOf(limit: Limit): string {
  return `${spanKey(windowSpanOf(limit))} ${limit.name}`
}

/** Returns the usage under a limit. For a limit not counted yet, derives it from the other series of its name. */
function seriesFor(work: UnitOfWork, limit: Limit, now: number): Series {
  const known = work.series(keyOf(limit))
  if (known !== undefined) return known
  const others = [...work.seriesOf(limit.name).values()]
  return begun(limit.name, windowSpanOf(limit), others, work.head.sequence + 1, now)
}

/** Starts counting the usage of every limit, if it was not counted before. */
export function countFor(work: UnitOfWork, limits: readonly Limit[], now: number): void {
  for (const limit of limits) work.putSeries(keyOf(limit), { ...seriesFor(work, limit, now), askedAt: now })
}

/** Counts units under this limit alone. */
export function countOf(work: UnitOfWork, limit: Limit, units: bigint, now: number): void {
  work.putSeries(keyOf(limit), counted(seriesFor(work, limit, now), now, units, now))
}

export function statusOf(work: UnitOfWork, limits: readonly Limit[], now: number): LimitStatus[] {
  return limits.map((limit) => {
    const series = seriesFor(work, limit, now)
    const taken = used(series, now)
    const free = limit.quota - taken
    const resetSeconds = Math.max(0, Math.ceil((resetAt(series, now) - now) / 1000))
    return { limit, used: taken, remaining: free > 0n ? free : 0n, resetSeconds }
  })
}

/** Returns the refusal if any limit lacks room for its counts, or undefined. */
export function checkLimits(
  work: UnitOfWork,
  limits: readonly Limit[],
  counts: readonly Units[],
  now: number,
): Pick<ChargeRefused, 'reason' | 'retryAfterSeconds'> | undefined {
  const waits = limits.map((limit) => {
    const units = unitsOf(counts, limit.name)
    return units === 0n ? now : freeAt(seriesFor(work, limit, now), units, limit.quota, now)
  })
  if (waits.every((wait) => wait === now)) return undefined
  const reason = 'usage-limit-reached'
  const longest = waits.includes(undefined) ? undefined : Math.max(...waits.map((wait) => wait ?? now))
  return longest === undefined ? { reason } : { reason, retryAfterSeconds: Math.ceil((longest - now) / 1000) }
}

/**
 * Counts the change of a charge, negative for amounts given back, in every series of its names: usage belongs to the name.
 */
export function countUnits(
  work: UnitOfWork,
  charge: { readonly sequence: number; readonly at: number },
  change: Amount,
  now: number,
): void {
  for (const { name, units } of change.counts) {
    if (units === 0n) continue
    for (const [key, series] of work.seriesOf(name)) {
      const at = countedAt(series, charge)
      // A series gives back only what it counted.
      if (at !== undefined) work.putSeries(key, counted(series, at, units, now))
    }
  }
}
