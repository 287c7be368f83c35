/**
 * Reads webhooks of a Stripe account that sells, into changes of its customers' accounts.
 *
 * An event is only a hint that something has changed. Stripe is asked for the object itself, with the key of the
 * configuration, so that an event which comes late, twice or before another says what is so now, and one that another mode or
 * account has signed for says nothing.
 */
import { err, ok, type Result } from '../core/result.ts'
import { logWarning } from '../log.ts'
import type { EventCall } from '../standing/eventreceiver.ts'
import type { BillingEvent } from '../standing/rules/event.ts'
import { createStripeClient, type StripeClient } from './api.ts'
import { offerSold, strangeness } from './checkout.ts'
import { changesOf, readCustomer } from './customer.ts'
import { fieldsOf, idOf, readStripeEvent } from './events.ts'
import { askCheckout } from './ask.ts'
import { purchaseEvent } from './finish.ts'
import { type Selling, STRIPE_ISSUER } from './offers.ts'
import type { StripeApi } from './source.ts'

/** An event of a Stripe account that sells. */
export interface SoldEvent {
  readonly id: string
  readonly isLive: boolean | undefined
  readonly about:
    | { readonly kind: 'checkout'; readonly checkout: string }
    /** Of a subscription, its invoice, or the customer itself. */
    | { readonly kind: 'customer'; readonly customer: string }
}

const CHECKOUTS: ReadonlySet<string> = new Set([
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
])

/** Reads an event from its JSON. Undefined if it concerns no account: nothing is given for what failed or expired. */
export function readSoldEvent(value: unknown): Result<SoldEvent | undefined, 'malformed'> {
  const event = fieldsOf(value)
  const type = event?.get('type')
  const live = event?.get('livemode')
  const isLive = typeof live === 'boolean' ? live : undefined
  if (event?.get('object') === 'event' && typeof type === 'string' && CHECKOUTS.has(type)) {
    const id = idOf(value)
    const checkout = idOf(fieldsOf(event.get('data'))?.get('object'))
    if (id === undefined || checkout === undefined) return err('malformed')
    return ok(event.has('account') ? undefined : { id, isLive, about: { kind: 'checkout', checkout } })
  }
  const read = readStripeEvent(value)
  if (!read.ok || read.value === undefined) return read.ok ? ok(undefined) : read
  const { id, about, customer } = read.value
  // The offers say what a customer is entitled to, so that Stripe's list of features says nothing here.
  return ok(about === 'entitlements' ? undefined : { id, isLive, about: { kind: 'customer', customer } })
}

/** Returns the change that an event makes; undefined if it makes none in this zone. Error: send it again. */
export async function applySoldEvent(
  { id, isLive, about }: SoldEvent,
  selling: Selling,
  source: StripeApi,
  { clock, fetch, zone }: Pick<EventCall, 'clock' | 'fetch' | 'zone'>,
): Promise<Result<BillingEvent | undefined, 'unavailable'>> {
  const warn = (problem: string): void => logWarning({ stripe: id, problem })
  if (selling.isLive !== undefined && isLive !== undefined && isLive !== selling.isLive) {
    warn('of another mode of Stripe, live or test, than the key')
    return ok(undefined)
  }
  const api = createStripeClient(source, fetch, warn)
  const seller: Seller = { selling, api, zone, clock, warn }
  return about.kind === 'checkout' ? applyCheckout(about.checkout, seller) : applyCustomer(id, about.customer, seller)
}

interface Seller extends Pick<EventCall, 'clock' | 'zone'> {
  readonly selling: Selling
  readonly api: StripeClient
  readonly warn: (problem: string) => void
}

type Applied = Promise<Result<BillingEvent | undefined, 'unavailable'>>

async function applyCheckout(id: string, { selling, api, zone, clock, warn }: Seller): Applied {
  const asked = await askCheckout(id, api)
  if (!asked.ok) return err('unavailable')
  const checkout = asked.value
  // Another zone of the account, or the seller's own shop.
  if (checkout.zone !== zone.id || !checkout.isPaid || checkout.isRefunded) return ok(undefined)
  const offer = offerSold(checkout, selling.offers)
  const strange = offer && strangeness(checkout, offer, { zone: zone.id, isLive: selling.isLive })
  if (offer === undefined || strange !== undefined || checkout.customer === undefined) {
    warn(strange ?? 'of an offer that there is not, or without a customer')
    return ok(undefined)
  }
  const customer = await readCustomer(checkout.customer, selling.offers, api, clock() / 1000)
  return customer.ok ? ok(purchaseEvent(checkout, offer, customer.value)) : err('unavailable')
}

async function applyCustomer(id: string, customer: string, { selling, api, clock }: Seller): Applied {
  const found = await readCustomer(customer, selling.offers, api, clock() / 1000)
  if (!found.ok) return err('unavailable')
  return ok({ id, issuer: STRIPE_ISSUER, account: customer, changes: changesOf(found.value) })
}
