import { daysIn, daysTo } from './gregorian.ts'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The three forms of RFC 9110 §5.6.7: IMF-fixdate, RFC 850 and asctime. Only case is forgiven. */
const FIXDATE = /^[a-z]{3}, (\d\d) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) gmt$/i
const RFC850 = /^[a-z]{6,9}, (\d\d)-([a-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d) gmt$/i
const ASCTIME = /^[a-z]{3} ([a-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/i

/**
 * Parses an HTTP-date into milliseconds since 1970; undefined if `text` is none. A year of two digits is taken for the
 * century before if it would lie more than fifty years after `now`.
 */
export function parseHttpDate(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  const fixdate = FIXDATE.exec(text)
  if (fixdate !== null) {
    const [, day, month, year, ...time] = fixdate
    return assemble(Number(year), month, day, time)
  }
  const rfc850 = RFC850.exec(text)
  if (rfc850 !== null) {
    const [, day, month, year, ...time] = rfc850
    return assemble(century(Number(year), now), month, day, time)
  }
  const asctime = ASCTIME.exec(text)
  if (asctime === null) return undefined
  const [, month, day, hours = '', minutes = '', seconds = '', year] = asctime
  return assemble(Number(year), month, day, [hours, minutes, seconds])
}

function assemble(
  year: number,
  monthName: string | undefined,
  dayText: string | undefined,
  time: readonly string[],
): number | undefined {
  const month = MONTHS.indexOf((monthName ?? '').toLowerCase()) + 1
  const day = Number(dayText)
  const [hours = 0, minutes = 0, seconds = 0] = time.map(Number)
  if (day < 1 || day > daysIn(year, month) || hours > 23 || minutes > 59 || seconds > 60) return undefined
  return (((daysTo(year, month, day) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

const YEAR_MS = 365.2425 * 86_400_000

function century(twoDigits: number, now: number): number {
  const thisYear = 1970 + Math.floor(now / YEAR_MS)
  const year = Math.floor(thisYear / 100) * 100 + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}
