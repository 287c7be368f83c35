/**
 * Amounts and times in words. Exact: amounts are decimal strings, and no number floats.
 */
import type { MoneyView } from '../core/money.ts'
import type { Period } from '../core/period.ts'

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>()

/** Returns a formatter, made once: making one costs more than using it. */
function remembered<F extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => F): F {
  const known = (formats.get(key) as F | undefined) ?? make()
  formats.set(key, known)
  return known
}

/** Formats an amount with its currency: `€5.00`, `5,00 €`. Whole amounts keep their cents; smaller parts are kept as they are. */
export function moneyInWords({ amount, currency }: MoneyView, language: string): string {
  const decimals = amount.split('.')[1]?.length ?? 0
  const format = remembered(`m ${language} ${currency} ${decimals}`, () => {
    const plain = new Intl.NumberFormat(language, { style: 'currency', currency })
    const usual = plain.resolvedOptions().maximumFractionDigits ?? 2
    return decimals <= usual
      ? plain
      : new Intl.NumberFormat(language, { style: 'currency', currency, maximumFractionDigits: decimals })
  })
  return format.format(amount as Intl.StringNumericLiteral)
}

/** Formats a count: `12,000`. */
export function countInWords(count: bigint | number, language: string): string {
  return remembered(`n ${language}`, () => new Intl.NumberFormat(language)).format(count)
}

/** Formats a day: `3 December 2026`. `seconds` since 1970. */
export function dayInWords(seconds: number, language: string, timeZone = 'UTC'): string {
  return remembered(
    `d ${language} ${timeZone}`,
    () => new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone }),
  ).format(seconds * 1000)
}

/** Formats a time of a day, with the zone's name: `3 December 2026 at 14:05 UTC`. `seconds` since 1970. */
export function instantInWords(seconds: number, language: string, timeZone = 'UTC'): string {
  const options = {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
    timeZoneName: 'short',
    hourCycle: 'h23',
  } as const
  return remembered(`t ${language} ${timeZone}`, () => new Intl.DateTimeFormat(language, options)).format(
    seconds * 1000,
  )
}

const SPANS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** Formats a duration in its largest unit, rounded up: `3 hours`. */
export function durationInWords(seconds: number, language: string): string {
  const [unit, size] = SPANS.find(([, most]) => seconds >= most) ?? ['second', 1]
  return unitsInWords(Math.ceil(seconds / size), unit, language)
}

/** Formats a period: `month`, `2 weeks`. */
export function periodInWords({ count, unit }: Period, language: string): string {
  if (count > 1) return unitsInWords(count, unit, language)
  // The unit alone, as it follows "per".
  return unitsInWords(1, unit, language).replace(/^[^\p{L}]+/u, '')
}

function unitsInWords(count: number, unit: string, language: string): string {
  const options = { style: 'unit', unit, unitDisplay: 'long' } as const
  return remembered(`u ${language} ${unit}`, () => new Intl.NumberFormat(language, options)).format(count)
}
