import type { Metering } from './limit.ts'
import type { MeteredUnits } from './meter.ts'
import type { Rates } from './ratelimit.ts'
import type { Money } from '../core/money.ts'

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
      /** What the route's meter counts beside that. */
      readonly metered?: MeteredUnits
      readonly rates?: Rates
      /** Where a price that is paid with the cookie is confirmed only if another site has begun the request. */
      readonly confirm?: 'other-sites'
      /** True if whoever is asked to pay for a page is shown the free part of it. */
      readonly preview?: true
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
