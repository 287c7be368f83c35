/** A period of the calendar (ISO 8601-2), of days, weeks, months or years: `P1M`, `P2W`. */
export interface Period {
  /** At least 1. */
  readonly count: number
  readonly unit: 'day' | 'week' | 'month' | 'year'
}

const PERIOD = /^P([1-9]\d{0,2})([DWMY])$/
const UNITS = { D: 'day', W: 'week', M: 'month', Y: 'year' } as const

/** Parses a period; undefined if it is malformed. */
export function parsePeriod(text: string): Period | undefined {
  const match = PERIOD.exec(text)
  if (match === null) return undefined
  return { count: Number(match[1]), unit: UNITS[match[2] as keyof typeof UNITS] }
}

/** Formats a period as `parsePeriod` reads it. */
export function formatPeriod({ count, unit }: Period): string {
  return `P${count}${unit.charAt(0).toUpperCase()}`
}
