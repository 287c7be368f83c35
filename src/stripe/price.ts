/**
 * Prices as Stripe has them: amounts in the currency's smallest unit, and how often a subscription is paid.
 */
import type { Money } from '../core/money.ts'
import { fieldsOf } from './events.ts'
import { readMinor } from './rules/minor.ts'

/** A price of Stripe's. */
export interface StripePrice {
  readonly id: string
  /** Undefined for a price in tiers, or one that the buyer chooses. */
  readonly each: Money | undefined
  /** Undefined if it is paid once. */
  readonly every: { readonly interval: string; readonly count: number } | undefined
  /** The name of its product, if the answer includes the product. */
  readonly product: string | undefined
}

/** Reads a price. Undefined if it is none. */
export function readPrice(value: unknown): StripePrice | undefined {
  const price = fieldsOf(value)
  const id = price?.get('id')
  const currency = price?.get('currency')
  if (price === undefined || typeof id !== 'string' || typeof currency !== 'string') return undefined
  const recurring = fieldsOf(price.get('recurring'))
  const interval = recurring?.get('interval')
  const count = recurring?.get('interval_count')
  const product = fieldsOf(price.get('product'))?.get('name')
  return {
    id,
    each: readMinor(price.get('unit_amount'), currency),
    every: typeof interval === 'string' && typeof count === 'number' ? { interval, count } : undefined,
    product: typeof product === 'string' ? product : undefined,
  }
}

const UNITS_DIGITS = 9

function formatOf(currency: string): Intl.NumberFormat {
  return new Intl.NumberFormat('en', { style: 'currency', currency })
}

/** Writes a price in words, as `€5.00 a month`. Undefined for a price in tiers. */
export function priceInWords({ each, every }: StripePrice, quantity: number): string | undefined {
  if (each === undefined) return undefined
  const units = each.units * BigInt(quantity)
  const divisor = 10n ** BigInt(UNITS_DIGITS)
  const decimal = `${units / divisor}.${String(units % divisor).padStart(UNITS_DIGITS, '0')}` as `${number}`
  const amount = formatOf(each.currency).format(decimal)
  if (every === undefined) return amount
  return every.count === 1 ? `${amount} a ${every.interval}` : `${amount} every ${every.count} ${every.interval}s`
}
