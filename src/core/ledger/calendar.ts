/** Days and months of UTC, in which no day is longer than another. */

export const DAY_MS = 86_400_000

/** A month of the Gregorian calendar, counted from January of the year 0. */
type Month = number

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Days from 1970 to the first day of a month. */
function firstDayOf(month: Month): number {
  const year = Math.floor(month / 12)
  // Years are counted from March, so that the day of a leap year is the last of its year.
  const ofMarch = month % 12 < 2 ? year - 1 : year
  const monthOfMarch = (month + 10) % 12
  const leaps = Math.floor(ofMarch / 4) - Math.floor(ofMarch / 100) + Math.floor(ofMarch / 400)
  return ofMarch * 365 + leaps + Math.floor((monthOfMarch * 153 + 2) / 5) - 719_468
}

function daysIn(month: Month): number {
  const year = Math.floor(month / 12)
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return isLeap && month % 12 === 1 ? 29 : (MONTH_DAYS[month % 12] ?? 31)
}

/** The month that an instant, in milliseconds since 1970, falls in. */
function monthOf(time: number): Month {
  const day = Math.floor(time / DAY_MS)
  // A guess by the mean length of a month is off by one at most.
  const guess = 1970 * 12 + Math.floor(day / 30.436875)
  if (day < firstDayOf(guess)) return guess - 1
  return day >= firstDayOf(guess + 1) ? guess + 1 : guess
}

/** Which day of the month an instant falls in, from 1, and how far into that day. */
export function dayOfMonth(time: number): { day: number; offsetMs: number } {
  const day = Math.floor(time / DAY_MS)
  return { day: day - firstDayOf(monthOf(time)) + 1, offsetMs: time - day * DAY_MS }
}

/**
 * The month-long window around an instant that begins on a day of the month, or on the last one where the month is
 * shorter, and so far into that day. The next one begins on the day itself again.
 */
export function monthAround(time: number, day: number, offsetMs: number): { start: number; end: number } {
  const beginning = (month: Month): number => (firstDayOf(month) + Math.min(day, daysIn(month)) - 1) * DAY_MS + offsetMs
  const month = monthOf(time)
  const first = beginning(month) <= time ? month : month - 1
  return { start: beginning(first), end: beginning(first + 1) }
}
