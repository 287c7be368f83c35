/**
 * What a zone sells by Stripe: prices of Stripe's, and what a buyer gets for each.
 */
import type { ReceiptUses } from '../access/receipt.ts'
import type { Money } from '../core/money.ts'
import type { LoginOffer } from '../rails/login.ts'

/** The `iss` of accounts that are customers of Stripe. No token of that issuer exists. */
export const STRIPE_ISSUER = 'https://stripe.com'

/** One offer, checked. */
export interface StripeOffer {
  readonly name: string
  /** Shown in place of the product's name. */
  readonly title: string | undefined
  /** The first one is sold. The others were: what they sold still counts. */
  readonly prices: readonly string[]
  readonly quantity: number
  readonly gives: Gives
}

/** What a buyer gets. */
export type Gives =
  /** Entitlements for as long as the subscription lasts. */
  | { readonly kind: 'subscription'; readonly names: readonly string[] }
  | ({ readonly kind: 'receipt' } & ReceiptTerms)
  | { readonly kind: 'credit'; readonly money: Money }

interface ReceiptTerms {
  readonly grant: ReceiptUses
  /** A path pattern; undefined for the page that the buyer came from. */
  readonly resource: string | undefined
  readonly validSeconds: number
  /** What the receipt counts as; undefined for what was paid by Stripe's price. */
  readonly worth: Money | undefined
}

/** What a zone sells, and how. */
export interface Selling {
  readonly offers: readonly StripeOffer[]
  readonly checkout: CheckoutTerms
  /** True if the key is of live mode, false of test mode, undefined if its spelling does not say. */
  readonly isLive: boolean | undefined
}

/** What every Checkout Session has. */
export interface CheckoutTerms {
  readonly automaticTax: boolean
  readonly promotionCodes: boolean
}

/** Stripe's word for how an offer is paid. */
export function modeOf({ gives }: StripeOffer): 'payment' | 'subscription' {
  return gives.kind === 'subscription' ? 'subscription' : 'payment'
}

/** Returns the offer that a price belongs to, whether it is sold still or was. */
export function offerOfPrice(offers: readonly StripeOffer[], price: string): StripeOffer | undefined {
  return offers.find(({ prices: [sold] }) => sold === price) ?? offers.find(({ prices }) => prices.includes(price))
}

/** Returns the offers as they are known without asking Stripe. */
export function namesOf(offers: readonly StripeOffer[]): readonly LoginOffer[] {
  return offers.map(({ name, title, gives }) => ({
    name,
    title: title ?? name,
    ...(gives.kind === 'subscription' && { grants: gives.names }),
  }))
}

/** Returns the mode of a key by its spelling: `sk_live_…`, `rk_test_…`. */
export function isLiveKey(key: string): boolean | undefined {
  const mode = /^[sr]k_(live|test)_/.exec(key)?.[1]
  return mode === undefined ? undefined : mode === 'live'
}
