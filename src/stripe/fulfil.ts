/**
 * Turns a paid Checkout Session into what the buyer gets. The return of the browser and the webhooks both do this, in any order
 * and any number of times: everything is named by the payment, so that it counts once.
 */
import type { Receipt } from '../access/receipt.ts'
import { compileResource } from '../access/resource.ts'
import type { Money } from '../core/money.ts'
import type { StandingChange } from '../standing/rules/event.ts'
import type { Checkout } from './checkout.ts'
import { type Gives, STRIPE_ISSUER, type StripeOffer } from './offers.ts'
import type { StripePrice } from './price.ts'

/** Returns the credit that a paid Checkout Session gives, as changes of an event whose id is its payment's. */
export function creditOf({ gives }: StripeOffer): readonly StandingChange[] {
  return gives.kind === 'credit' ? [{ kind: 'credit-granted', money: gives.money }] : []
}

/** The facts of a receipt that do not depend on its offer. */
export interface ReceiptFacts extends Pick<Checkout, 'payment' | 'customer' | 'created'> {
  readonly resource: string | undefined
  readonly price: StripePrice
}

/**
 * Makes the receipt of a payment. Undefined if the offer gives none, if its resource is no path, or if its worth is unknown. The
 * receipt counts as much as its price at Stripe, before discounts and taxes, if the offer says nothing else. `now`: in
 * milliseconds.
 */
export function receiptFor(facts: ReceiptFacts, { gives, quantity }: StripeOffer, now: number): Receipt | undefined {
  if (gives.kind !== 'receipt') return undefined
  const pattern = facts.resource ?? gives.resource
  const resource = pattern === undefined ? undefined : compileResource(pattern)
  const amount = worthOf(gives, facts.price, quantity)
  if (resource === undefined || amount === undefined) return undefined
  // Stripe's clock may be ahead.
  const begins = Math.min(facts.created, Math.floor(now / 1000))
  return {
    kind: 'receipt',
    issuer: STRIPE_ISSUER,
    jti: facts.payment,
    payer: facts.customer,
    amount,
    resource,
    methods: ['GET', 'HEAD'],
    grant: gives.grant,
    issuedAt: begins,
    notBefore: begins,
    expires: facts.created + gives.validSeconds,
    toleranceSeconds: 0,
    accountHash: undefined,
  }
}

function worthOf(
  { worth }: Extract<Gives, { kind: 'receipt' }>,
  { each }: StripePrice,
  quantity: number,
): Money | undefined {
  if (worth !== undefined) return worth
  return each && { ...each, units: each.units * BigInt(quantity) }
}

/** Returns the receipt that a Checkout Session of the offer has paid for; undefined if there is none, or it has ended. */
export function receiptBought(checkout: Checkout, offer: StripeOffer, now: number): Receipt | undefined {
  const price = checkout.lines?.[0]?.price
  if (!checkout.isPaid || checkout.isRefunded || price === undefined) return undefined
  const receipt = receiptFor({ ...checkout, price }, offer, now)
  return receipt === undefined || receipt.expires * 1000 <= now ? undefined : receipt
}
