import type { Metering } from './limit.ts'
import type { Rates } from './ratelimit.ts'

/** An amount of money: `units` in 10⁻⁹ of the currency's major unit. */
export interface Money {
  readonly units: bigint
  /** ISO 4217, upper case. */
  readonly currency: string
}

const UNITS_PER_MAJOR_DIGITS = 9
const DECIMAL = /^(0|[1-9]\d{0,11})(?:\.(\d{1,9}))?$/

/** Reads a decimal string such as `0.25` and a currency; undefined when they are none. Nothing floats. */
export function parseMoney(amount: unknown, currency: unknown): Money | undefined {
  if (typeof amount !== 'string' || typeof currency !== 'string') return undefined
  const match = DECIMAL.exec(amount)
  if (match === null || !/^[A-Z]{3}$/.test(currency)) return undefined
  const fraction = (match[2] ?? '').padEnd(UNITS_PER_MAJOR_DIGITS, '0')
  return { units: BigInt(`${match[1]}${fraction}`), currency }
}

/** The amount as a decimal string without trailing zeros. */
export function formatAmount(money: Money): string {
  const digits = money.units.toString().padStart(UNITS_PER_MAJOR_DIGITS + 1, '0')
  const major = digits.slice(0, -UNITS_PER_MAJOR_DIGITS)
  const fraction = digits.slice(-UNITS_PER_MAJOR_DIGITS).replace(/(?<!0)0+$/, '')
  return fraction === '' ? major : `${major}.${fraction}`
}

/** Money as programs read it: a decimal string, and an ISO 4217 code. */
export function describeMoney(money: Money): { readonly amount: string; readonly currency: string } {
  return { amount: formatAmount(money), currency: money.currency }
}

/**
 * Free; closed to everyone; or paid, by any one of the entitlements, or by the price of a request. What is paid may only be
 * watched for a time.
 */
export type Terms =
  | { readonly kind: 'free' }
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'paid'
      readonly offer: Offer
      readonly metering: Metering
      readonly rates?: Rates
      /** Where a price that is paid with the cookie is confirmed only if another site has begun the request. */
      readonly confirm?: 'other-sites'
      /** In milliseconds since 1970. */
      readonly observedUntilMs: number | undefined
    }

/** What is on sale that would open a route. */
export interface Offer {
  /** Any one of these opens it. Empty where only a payment per request does. */
  readonly entitlements: readonly string[]
  readonly price: Money | undefined
  /** False where nothing that is sold would open it: whoever lacks the entitlement is refused for good. */
  readonly onSale: boolean
  readonly title: string | undefined
  readonly description: string | undefined
  /** The path pattern it covers, as configured. */
  readonly resource: string
}
