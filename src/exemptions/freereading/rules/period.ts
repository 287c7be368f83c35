import { DAY_MS, monthAround } from '../../../ledger/rules/calendar.ts'

/** A day, a week from Monday on, or a month of the calendar, in UTC. */
export type FreePeriod = 'P1D' | 'P1W' | 'P1M'

/** The first Monday after 1970 began, in days. */
const FIRST_MONDAY = 4

/** Returns the period around a time; all in milliseconds since 1970. */
export function periodAround(every: FreePeriod, now: number): { readonly start: number; readonly end: number } {
  if (every === 'P1M') return monthAround(now, 1, 0)
  const days = every === 'P1D' ? 1 : 7
  const first = every === 'P1D' ? 0 : FIRST_MONDAY * DAY_MS
  const start = first + Math.floor((now - first) / (days * DAY_MS)) * days * DAY_MS
  return { start, end: start + days * DAY_MS }
}
