import type { Money } from '../../core/money.ts'

/**
 * Amounts as Stripe writes them: whole numbers of the currency's smallest unit, and its code in lower case.
 * https://docs.stripe.com/currencies
 */

/** The currencies whose smallest unit is the whole. */
const WHOLE = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '))
/** The currencies with a thousandth as the smallest unit. */
const THOUSANDTHS = new Set('BHD JOD KWD OMR TND'.split(' '))
const UNITS_DIGITS = 9

function digitsOf(currency: string): number {
  return WHOLE.has(currency) ? 0 : THOUSANDTHS.has(currency) ? 3 : 2
}

/** Reads an amount of Stripe's; undefined if it is none. */
export function readMinor(amount: unknown, currency: unknown): Money | undefined {
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount < 0) return undefined
  if (typeof currency !== 'string' || !/^[a-z]{3}$/.test(currency)) return undefined
  const code = currency.toUpperCase()
  return { units: BigInt(amount) * 10n ** BigInt(UNITS_DIGITS - digitsOf(code)), currency: code }
}

/** Writes an amount as Stripe does; undefined if it is finer than the currency's smallest unit. */
export function minorOf({ units, currency }: Money): number | undefined {
  const unit = 10n ** BigInt(UNITS_DIGITS - digitsOf(currency))
  return units % unit === 0n ? Number(units / unit) : undefined
}
