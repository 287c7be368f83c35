/** Values as they are typed on the command line. */
import { usageError } from './commanderror.ts'

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Returns seconds: `30s`, `15m`, `1h`, `-1d`. */
export function durationSeconds(option: string, text: string): number {
  const [, amount, unit = ''] = /^([+-]?\d+)([smhd])$/.exec(text) ?? []
  const seconds = Number(amount) * (UNIT_SECONDS[unit] ?? Number.NaN)
  if (!Number.isSafeInteger(seconds)) throw usageError(`${option}: expected 30s, 15m, 1h or 1d, not "${text}"`)
  return seconds
}

/** Returns seconds since 1970: of `now`, of a number of them, or of a duration from now. */
export function timeSeconds(option: string, text: string, now: number): number {
  if (text === 'now') return now
  return /^\d+$/.test(text) ? Number(text) : Math.floor(now) + durationSeconds(option, text)
}

/** Returns the names of a list with commas. */
export function namesOf(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Gathers an option that may come several times. */
export function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** Returns a whole number. */
export function wholeNumber(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= most) return number
  throw usageError(
    `${option}: expected a whole number${most < Number.MAX_SAFE_INTEGER ? ` up to ${most}` : ''}, not "${text}"`,
  )
}

/** Reads an amount of money such as `5 USD`. */
export function moneyOf(option: string, text: string): { readonly amount: string; readonly currency: string } {
  const [, amount, currency] = /^(\S+) +([A-Z]{3})$/.exec(text) ?? []
  if (amount === undefined || currency === undefined) throw usageError(`${option}: expected '5.00 USD', not "${text}"`)
  return { amount, currency }
}
