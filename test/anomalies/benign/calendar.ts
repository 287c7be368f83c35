/**
 * The eight weeks of the corpus: from Monday 16 November 2026, with Black Friday, two ends of a month, Christmas, a new year and
 * the exams of January.
 */
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

const START = Date.UTC(2026, 10, 16)
export const DAYS = 56

/** A day of the calendar. Whoever lives by it adds the offset of their zone. */
export interface Day {
  readonly index: number
  /** Midnight in UTC. */
  readonly start: number
  readonly month: number
  readonly date: number
  /** 0 is Sunday. */
  readonly weekday: number
  readonly isWorkday: boolean
}

/** Returns the day of that index. */
export function dayAt(index: number): Day {
  const start = START + index * DAY
  const when = new Date(start)
  const [month, date, weekday] = [when.getUTCMonth() + 1, when.getUTCDate(), when.getUTCDay()]
  const isHoliday = (month === 12 && date >= 24 && date <= 26) || (month === 1 && date === 1)
  return { index, start, month, date, weekday, isWorkday: weekday !== 0 && weekday !== 6 && !isHoliday }
}

/** Returns the index of a date within the corpus, such as `12-24`. */
export function indexOf(date: string): number {
  const [month = 0, day = 0] = date.split('-').map(Number)
  return (Date.UTC(month > 6 ? 2026 : 2027, month - 1, day) - START) / DAY
}

/** Returns true from the first date to the last, both included. */
export function isWithin({ index }: Day, first: string, last: string): boolean {
  return index >= indexOf(first) && index <= indexOf(last)
}

/** Returns the time of a local hour, where clocks are `offset` hours ahead of UTC. */
export function timeAt({ start }: Day, hour: number, offset: number): number {
  return start + (hour - offset) * HOUR
}
