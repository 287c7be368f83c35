/** The times that tallies are kept for: minutes, hours, and days as a zone's clock has them, all half open; and ever. */

import { daysTo } from '../../core/gregorian.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export type Resolution = 'minute' | 'hour' | 'day' | 'ever'

/** What is kept beside: what charts tell apart of each hour and day, and sums of some ten days. */
export type Kept = Resolution | 'hour-charts' | 'day-charts' | 'ten-days'

const TEN_DAYS_MS = 10 * DAY_MS

/**
 * Returns by what the sum of some ten days is kept, which grows with the day; of a day, the start. Where clocks change it may be
 * nine or eleven.
 */
export function tenDaysOf(day: number): number {
  return Math.floor((day + DAY_MS / 2) / TEN_DAYS_MS) * TEN_DAYS_MS
}

/** Returns between which times the days are that are kept by `ten`. */
export function daysInTen(ten: number): readonly [from: number, to: number] {
  return [ten - DAY_MS / 2, ten + TEN_DAYS_MS - DAY_MS / 2]
}

/** Returns between which times, within a time, all that starts is in sums of ten days that have nothing else. */
export function wholeTens(from: number, to: number): readonly [first: number, last: number] {
  return [daysInTen(tenDaysOf(from - 1))[1], daysInTen(tenDaysOf(to))[0]]
}

/** Returns the start of the minute, hour or day of a time, in milliseconds since 1970; 0 for ever. */
export function bucketStart(resolution: Resolution, ms: number, timeZone: string): number {
  if (resolution === 'minute') return ms - (((ms % MINUTE_MS) + MINUTE_MS) % MINUTE_MS)
  if (resolution === 'hour') return ms - (((ms % HOUR_MS) + HOUR_MS) % HOUR_MS)
  return resolution === 'day' ? dayStart(ms, timeZone) : 0
}

/** Returns the start of the next one. */
export function nextBucket(resolution: Resolution, start: number, timeZone: string): number {
  if (resolution === 'minute') return start + MINUTE_MS
  if (resolution === 'hour') return start + HOUR_MS
  if (resolution === 'ever') return Infinity
  // The longest day has 26 hours (Antarctica/Troll); half an hour into the next day is on it whatever the change of clocks.
  return dayStart(start + 26.5 * HOUR_MS, timeZone)
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  clocks.set(timeZone, made)
  return made
}

/** Returns what a clock shows, as if it showed UTC. */
function shownAt(ms: number, timeZone: string): number {
  const parts = new Map(
    clockOf(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
  const days = daysTo(part('year'), part('month'), part('day'))
  return days * DAY_MS + part('hour') * HOUR_MS + part('minute') * MINUTE_MS + part('second') * 1000
}

/**
 * Returns the first instant of the local day. Where clocks jump over midnight, that is the instant of the jump; where they show
 * it twice, the first of both.
 */
function dayStart(ms: number, timeZone: string): number {
  const second = ms - (((ms % 1000) + 1000) % 1000)
  const shown = shownAt(second, timeZone)
  const midnight = shown - (((shown % DAY_MS) + DAY_MS) % DAY_MS)
  // The offset at the guess may be another than at `ms`: clocks may have changed since midnight.
  const guess = second - (shown - midnight)
  const corrected = guess - (shownAt(guess, timeZone) - midnight)
  const start = shownAt(corrected, timeZone) < midnight ? guess : corrected
  return shownAt(start - HOUR_MS, timeZone) < midnight ? start : start - HOUR_MS
}
