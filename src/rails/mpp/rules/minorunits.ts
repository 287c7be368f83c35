import type { Money } from '../../../core/money.ts'

/**
 * The least that Stripe charges, in the currency's smallest unit. A currency that is not listed has no stated minimum, and is
 * not asked for. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
 */
const LEAST: Readonly<Record<string, bigint>> = {
  AED: 200n,
  AUD: 50n,
  BGN: 100n,
  BRL: 50n,
  CAD: 50n,
  CHF: 50n,
  CZK: 1500n,
  DKK: 250n,
  EUR: 50n,
  GBP: 30n,
  HKD: 400n,
  HUF: 17_500n,
  INR: 50n,
  JPY: 50n,
  MXN: 1000n,
  MYR: 200n,
  NOK: 300n,
  NZD: 50n,
  PLN: 200n,
  RON: 200n,
  SEK: 300n,
  SGD: 50n,
  THB: 1000n,
  USD: 50n,
}
/** The most that Stripe charges in these currencies: eight digits. */
const MOST = 99_999_999n
/** Of those, the currencies whose smallest unit is the whole. */
const WHOLE: ReadonlySet<string> = new Set(['JPY'])
const WHOLE_UNITS = 1_000_000_000n
const CENT_UNITS = 10_000_000n

/**
 * Returns an amount in the smallest unit of its currency; undefined if it is finer than that, or less or more than Stripe
 * charges.
 */
export function chargeable({ units, currency }: Money): bigint | undefined {
  const least = Object.hasOwn(LEAST, currency) ? LEAST[currency] : undefined
  const unit = WHOLE.has(currency) ? WHOLE_UNITS : CENT_UNITS
  if (least === undefined || units % unit !== 0n) return undefined
  const amount = units / unit
  return amount >= least && amount <= MOST ? amount : undefined
}
