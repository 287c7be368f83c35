/** Days of the Gregorian calendar, counted from 1970. */

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const MONTH_STARTS = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

/** Returns the number of days in a month, 1 being January; 0 if there is no such month. */
export function daysIn(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (MONTH_DAYS[month - 1] ?? 0)
}

/** Returns the days from 1970-01-01 to a date; month and day count from 1. */
export function daysTo(year: number, month: number, day: number): number {
  const past = year - 1
  const years = past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 719_162
  return years + (MONTH_STARTS[month - 1] ?? 0) + (isLeap(year) && month > 2 ? 1 : 0) + day - 1
}
