import type { Stripe } from 'stripe'
import type { SubscriptionObject } from './double/shapes.ts'

/** Stripe's objects as its own types have them: those of their members that a reader of events may look at. */
export type Subscription = SubscriptionObject
type Invoice = Pick<
  Stripe.Invoice,
  'id' | 'object' | 'status' | 'customer' | 'metadata' | 'created' | 'billing_reason' | 'parent' | 'livemode'
>
type Summary = Stripe.EntitlementsActiveEntitlementSummaryUpdatedEvent['data']['object']
type ActiveEntitlement = Summary['entitlements']['data'][number]

export const CUSTOMER = 'cus_QhV1'
/** When everything happens, seconds since 1970. */
export const AT = 1_790_000_000

export function subscription(over: Partial<Subscription> = {}): Subscription {
  return {
    id: 'sub_1PJVXN',
    object: 'subscription',
    status: 'active',
    customer: CUSTOMER,
    metadata: {},
    billing_cycle_anchor: AT,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: null,
    created: AT,
    currency: 'eur',
    collection_method: 'charge_automatically',
    ended_at: null,
    items: { object: 'list', data: [], has_more: false, url: '/v1/subscription_items' },
    latest_invoice: null,
    livemode: false,
    pause_collection: null,
    start_date: AT,
    trial_end: null,
    ...over,
  }
}

export function invoice(over: Partial<Invoice> = {}): Invoice {
  return {
    id: 'in_1PJVXO',
    object: 'invoice',
    status: 'open',
    customer: CUSTOMER,
    metadata: {},
    created: AT,
    billing_reason: 'subscription_cycle',
    parent: {
      type: 'subscription_details',
      quote_details: null,
      subscription_details: { subscription: 'sub_1PJVXN', metadata: {} },
    },
    livemode: false,
    ...over,
  }
}

export function entitlement(name: string): ActiveEntitlement {
  return {
    id: `ent_${name}`,
    object: 'entitlements.active_entitlement',
    feature: `feat_${name}`,
    livemode: false,
    lookup_key: name,
  }
}

export function summary(names: readonly string[], hasMore = false): Summary {
  return {
    object: 'entitlements.active_entitlement_summary',
    customer: CUSTOMER,
    livemode: false,
    entitlements: {
      object: 'list',
      data: names.map(entitlement),
      has_more: hasMore,
      url: `/v1/customer/${CUSTOMER}/entitlements`,
    },
  }
}

type Envelope = Omit<Stripe.EventBase, 'data' | 'type'>
let count = 0

function event<T extends Stripe.Event['type'], D>(type: T, data: D, over: Partial<Envelope>) {
  const envelope: Envelope = {
    id: `evt_1PJVX${count++}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: AT,
    livemode: false,
    pending_webhooks: 1,
    request: null,
    ...over,
  }
  return { ...envelope, type, data }
}

export type SubscriptionType = Extract<Stripe.Event['type'], `customer.subscription.${string}`>
export type InvoiceType = Extract<Stripe.Event['type'], `invoice.${string}`>

export function subscriptionEvent(
  type: SubscriptionType,
  object: Partial<Subscription>,
  over: Partial<Envelope> & { readonly before?: Partial<Stripe.Subscription> } = {},
) {
  const { before, ...rest } = over
  const data = { object: subscription(object), ...(before === undefined ? {} : { previous_attributes: before }) }
  return event(type, data, rest)
}

export function invoiceEvent(type: InvoiceType, object: Partial<Invoice> = {}, over: Partial<Envelope> = {}) {
  return event(type, { object: invoice(object) }, over)
}

export function customerDeletedEvent(metadata: Record<string, string> = {}) {
  const object: Pick<Stripe.Customer, 'id' | 'object' | 'created' | 'metadata' | 'livemode'> = {
    id: CUSTOMER,
    object: 'customer',
    created: AT,
    metadata,
    livemode: false,
  }
  return event('customer.deleted', { object }, {})
}

export function summaryEvent(names: readonly string[], hasMore = false, over: Partial<Envelope> = {}) {
  return event('entitlements.active_entitlement_summary.updated', { object: summary(names, hasMore) }, over)
}
