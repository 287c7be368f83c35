import { daysIn, daysTo } from './gregorian.ts'

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/

const MOST_SECONDS = 253_402_300_799

/**
 * Parses a date and time (RFC 3339 §5.6) into whole seconds since 1970, fractions cut off. Undefined for text in another
 * form, for times before 1970, and for leap seconds: a count of seconds has no place for them.
 */
export function parseInstant(text: string): number | undefined {
  const match = RFC3339.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number)
  const [offsetHours, offsetMinutes] = [Number(match[8] ?? 0), Number(match[9] ?? 0)]
  if (day < 1 || day > daysIn(year, month) || hours > 23 || minutes > 59 || seconds > 59) return undefined
  if (offsetHours > 23 || offsetMinutes > 59) return undefined
  const offset = (offsetHours * 60 + offsetMinutes) * (match[7] === '-' ? -60 : 60)
  const instant = daysTo(year, month, day) * 86_400 + (hours * 60 + minutes) * 60 + seconds - offset
  return isInstant(instant) ? instant : undefined
}

/** True for whole seconds from 1970 to the end of the year 9999. */
export function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST_SECONDS
}
