import { daysIn, daysTo } from '../../core/gregorian.ts'

/** Days and months of UTC. All days have the same length. */

export const DAY_MS = 86_400_000

/** A month of the Gregorian calendar, counted from January of the year 0. */
type Month = number

const yearOf = (month: Month): number => Math.floor(month / 12)

/** Returns the days from 1970 to the first day of a month. */
function firstDayOf(month: Month): number {
  return daysTo(yearOf(month), (month % 12) + 1, 1)
}

function lastDayOf(month: Month): number {
  return daysIn(yearOf(month), (month % 12) + 1)
}

/** Returns the month that contains an instant, in milliseconds since 1970. */
function monthOf(time: number): Month {
  const day = Math.floor(time / DAY_MS)
  // A guess by the mean length of a month is off by one at most.
  const guess = 1970 * 12 + Math.floor(day / 30.436875)
  if (day < firstDayOf(guess)) return guess - 1
  return day >= firstDayOf(guess + 1) ? guess + 1 : guess
}

/** Returns the day of the month, from 1, that contains an instant, and the offset into that day. */
export function dayOfMonth(time: number): { day: number; offsetMs: number } {
  const day = Math.floor(time / DAY_MS)
  return { day: day - firstDayOf(monthOf(time)) + 1, offsetMs: time - day * DAY_MS }
}

/**
 * Returns the month-long window around an instant. It begins at `offsetMs` into day `day` of a month, or of the last day in
 * shorter months; the next window begins at `day` again.
 */
export function monthAround(time: number, day: number, offsetMs: number): { start: number; end: number } {
  const beginning = (month: Month): number =>
    (firstDayOf(month) + Math.min(day, lastDayOf(month)) - 1) * DAY_MS + offsetMs
  const month = monthOf(time)
  const first = beginning(month) <= time ? month : month - 1
  return { start: beginning(first), end: beginning(first + 1) }
}
