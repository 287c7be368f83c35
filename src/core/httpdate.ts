const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The three forms of RFC 9110 §5.6.7: IMF-fixdate, RFC 850 and asctime. Case is forgiven, nothing else. */
const FIXDATE = /^[a-z]{3}, (\d\d) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) gmt$/i
const RFC850 = /^[a-z]{6,9}, (\d\d)-([a-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d) gmt$/i
const ASCTIME = /^[a-z]{3} ([a-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/i

/**
 * Reads an HTTP-date, in milliseconds since 1970. Undefined when it is not one. A year of two digits that would be more
 * than fifty years after `now` is of the century before.
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

/** Days from 1970 to the first of January of a year of the Gregorian calendar. */
function daysBefore(year: number): number {
  const past = year - 1
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 719_162
}

const MONTH_STARTS = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function assemble(
  year: number,
  monthName: string | undefined,
  dayText: string | undefined,
  time: readonly string[],
): number | undefined {
  const month = MONTHS.indexOf((monthName ?? '').toLowerCase())
  const day = Number(dayText)
  const [hours = 0, minutes = 0, seconds = 0] = time.map(Number)
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const lastDay = isLeap && month === 1 ? 29 : (MONTH_DAYS[month] ?? 0)
  if (day < 1 || day > lastDay || hours > 23 || minutes > 59 || seconds > 60) return undefined
  const days = daysBefore(year) + (MONTH_STARTS[month] ?? 0) + (isLeap && month > 1 ? 1 : 0) + day - 1
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

const YEAR_MS = 365.2425 * 86_400_000

function century(twoDigits: number, now: number): number {
  const thisYear = 1970 + Math.floor(now / YEAR_MS)
  const year = Math.floor(thisYear / 100) * 100 + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}
