import { type Limit, windowSecondsOf } from '../../access/limit.ts'
import type { Charge } from './book.ts'
import type { Amount, ChargeRefused, LimitStatus, Units } from './commands.ts'
import { unitsOf } from './amount.ts'
import type { UnitOfWork } from './unitofwork.ts'
import { begun, counted, countedAt, freeAt, resetAt, type Series, used } from './series.ts'
import { countsUntil, spanKey, startOf, windowSpanOf } from './window.ts'

/** Joins span and name: spans contain no spaces, names may. */
export function keyOfSeries({ span, name }: Pick<Series, 'span' | 'name'>): string {
  return `${spanKey(span)} ${name}`
}

export function keyOf(limit: Limit): string {
  return keyOfSeries({ span: windowSpanOf(limit), name: limit.name })
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

/** Returns true if units fit under a limit, once `held` of those used are given back. */
export function fitsUnder(work: UnitOfWork, limit: Limit, units: bigint, now: number, held = 0n): boolean {
  return units === 0n || used(seriesFor(work, limit, now), now) - held + units <= limit.quota
}

/** Returns the units of charges that count under a limit now. */
export function heldUnder(
  work: UnitOfWork,
  limit: Limit,
  charges: readonly Pick<Charge, 'sequence' | 'at' | 'reserved'>[],
  now: number,
): bigint {
  const series = seriesFor(work, limit, now)
  let units = 0n
  for (const charge of charges) {
    const at = countedAt(series, charge)
    const isCounted = at !== undefined && countsUntil(series.span, startOf(series.span, at)) > now
    if (isCounted) units += unitsOf(charge.reserved.counts, limit.name)
  }
  return units
}

/** The longest window, in seconds, of a limit that is a rate: waiting for it helps. */
export const MOST_RATE_SECONDS = 60

/** Returns the refusal if any limit lacks room for its counts, or undefined. A limit of a minute or less is a rate. */
export function checkLimits(
  work: UnitOfWork,
  limits: readonly Limit[],
  counts: readonly Units[],
  now: number,
): Pick<ChargeRefused, 'reason' | 'retryAfterSeconds'> | undefined {
  let [longest, isRate, isEver]: [number, boolean, boolean] = [now, true, true]
  for (const limit of limits) {
    const units = unitsOf(counts, limit.name)
    const wait = units === 0n ? now : freeAt(seriesFor(work, limit, now), units, limit.quota, now)
    if (wait === now) continue
    if (wait === undefined) isEver = false
    else longest = Math.max(longest, wait)
    isRate &&= windowSecondsOf(limit.window) <= MOST_RATE_SECONDS
  }
  if (!isEver) return { reason: 'usage-limit-reached' }
  if (longest === now) return undefined
  const reason = isRate ? 'too-many-requests' : 'usage-limit-reached'
  return { reason, retryAfterSeconds: Math.ceil((longest - now) / 1000) }
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
