/** Subscriptions, their invoices, and what customers are entitled to. */
import { failPayment, createPayment, succeedPayment } from './payments.ts'
import type { ActiveEntitlementObject, InvoiceObject, PriceObject, SubscriptionObject } from './shapes.ts'
import { change, type DoubleState, held } from './state.ts'

interface NewSubscription {
  readonly customer: string
  readonly price: PriceObject
  readonly quantity: number
  readonly metadata: Record<string, string>
  readonly method: string
  readonly trialDays: number
}

const DAY = 86_400
const INTERVALS: Readonly<Record<string, number>> = { day: DAY, week: 7 * DAY, month: 30 * DAY, year: 365 * DAY }

/** A month has 30 days here. */
function periodOf({ recurring }: PriceObject): number {
  return (INTERVALS[recurring?.interval ?? 'month'] ?? DAY) * (recurring?.interval_count ?? 1)
}

/** Begins a subscription as checkout does, with its first invoice. Paid by card it is paid at once, else the payment is processing. */
export function subscribe(state: DoubleState, made: NewSubscription): SubscriptionObject {
  const id = state.id('sub')
  const now = state.now()
  const ends = now + (made.trialDays > 0 ? made.trialDays * DAY : periodOf(made.price))
  const item = {
    id: state.id('si'),
    object: 'subscription_item' as const,
    created: now,
    current_period_end: ends,
    current_period_start: now,
    metadata: {},
    price: made.price,
    quantity: made.quantity,
    subscription: id,
  }
  const subscription: SubscriptionObject = {
    id,
    object: 'subscription',
    billing_cycle_anchor: now,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: now,
    currency: made.price.currency,
    customer: made.customer,
    ended_at: null,
    items: { object: 'list', data: [item], has_more: false, url: `/v1/subscription_items?subscription=${id}` },
    latest_invoice: null,
    livemode: false,
    metadata: made.metadata,
    pause_collection: null,
    start_date: now,
    status: made.trialDays > 0 ? 'trialing' : 'incomplete',
    trial_end: made.trialDays > 0 ? ends : null,
  }
  state.subscriptions.set(id, subscription)
  state.emit('customer.subscription.created', subscription)
  if (made.trialDays > 0) tellEntitlements(state, made.customer)
  else beginPayment(state, subscription, 'subscription_create', made.method)
  return subscription
}

function beginPayment(
  state: DoubleState,
  subscription: SubscriptionObject,
  reason: 'subscription_create' | 'subscription_cycle',
  method: string,
): void {
  const invoice = createInvoice(state, subscription, reason)
  const intent = createPayment(state, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: invoice.customer,
    metadata: {},
    description: reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    method,
  })
  attach(state, invoice, intent.id)
  if (method === 'card') return payInvoice(state, invoice.id, !state.declining.has(invoice.customer))
  // A bank debit takes days; the subscription is active meanwhile.
  setStatus(state, subscription, 'active')
}

function createInvoice(
  state: DoubleState,
  subscription: SubscriptionObject,
  reason: 'subscription_create' | 'subscription_cycle',
): InvoiceObject {
  const now = state.now()
  const amount = subscription.items.data.reduce(
    (sum, { price, quantity = 1 }) => sum + (price.unit_amount ?? 0) * quantity,
    0,
  )
  const invoice: InvoiceObject = {
    id: state.id('in'),
    object: 'invoice',
    amount_due: amount,
    amount_paid: 0,
    amount_remaining: amount,
    attempt_count: 0,
    attempted: false,
    billing_reason: reason,
    collection_method: 'charge_automatically',
    created: now,
    currency: subscription.currency,
    customer: subscription.customer,
    customer_email: held(state.customers, subscription.customer).email,
    livemode: false,
    metadata: {},
    parent: {
      type: 'subscription_details',
      quote_details: null,
      subscription_details: { subscription: subscription.id, metadata: subscription.metadata },
    },
    period_end: now,
    period_start: now,
    status: 'open',
    status_transitions: { finalized_at: now, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    total: amount,
  }
  state.invoices.set(invoice.id, invoice)
  subscription.latest_invoice = invoice.id
  state.emit('invoice.created', { ...invoice, status: 'draft' })
  state.emit('invoice.finalized', invoice)
  return invoice
}

function attach(state: DoubleState, invoice: InvoiceObject, intent: string): void {
  const id = state.id('inpay')
  state.invoicePayments.set(id, {
    id,
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: state.now(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  })
}

export function intentOf(state: DoubleState, invoice: string): string {
  const payment = [...state.invoicePayments.values()].find((each) => each.invoice === invoice)
  return payment?.payment.payment_intent ?? ''
}

export function subscriptionIn({ parent }: InvoiceObject): string {
  const named = parent?.subscription_details?.subscription
  return typeof named === 'string' ? named : ''
}

/** Ends the payment of an open invoice. */
export function payInvoice(state: DoubleState, id: string, isPaid: boolean): void {
  const invoice = held(state.invoices, id)
  const intent = held(state.intents, intentOf(state, id))
  const subscription = held(state.subscriptions, subscriptionIn(invoice))
  Object.assign(invoice, { attempted: true, attempt_count: invoice.attempt_count + 1 })
  if (!isPaid) {
    failPayment(state, intent)
    state.emit('invoice.payment_failed', invoice)
    if (subscription.status !== 'canceled' && invoice.billing_reason === 'subscription_cycle')
      setStatus(state, subscription, 'past_due')
    if (invoice.billing_reason === 'subscription_create') setStatus(state, subscription, 'incomplete')
    return
  }
  succeedPayment(state, intent)
  Object.assign(invoice, { status: 'paid', amount_paid: invoice.amount_due, amount_remaining: 0 })
  invoice.status_transitions = { ...invoice.status_transitions, paid_at: state.now() }
  for (const payment of state.invoicePayments.values()) {
    if (payment.invoice === id) Object.assign(payment, { status: 'paid', amount_paid: invoice.amount_due })
  }
  state.emit('invoice.paid', invoice)
  state.emit('invoice.payment_succeeded', invoice)
  if (subscription.status !== 'canceled') setStatus(state, subscription, 'active')
}

function setStatus(state: DoubleState, subscription: SubscriptionObject, status: SubscriptionObject['status']): void {
  const before = change(subscription, { status })
  if (Object.keys(before).length === 0) return
  state.emit('customer.subscription.updated', subscription, before)
  tellEntitlements(state, subscription.customer)
}

export function cancelSubscription(state: DoubleState, id: string): SubscriptionObject {
  const subscription = held(state.subscriptions, id)
  const now = state.now()
  Object.assign(subscription, { status: 'canceled', canceled_at: subscription.canceled_at ?? now, ended_at: now })
  state.emit('customer.subscription.deleted', subscription)
  tellEntitlements(state, subscription.customer)
  return subscription
}

export function cancelAtPeriodEnd(state: DoubleState, id: string, value: boolean): SubscriptionObject {
  const subscription = held(state.subscriptions, id)
  const end = subscription.items.data[0]?.current_period_end ?? null
  const values = { cancel_at_period_end: value, canceled_at: value ? state.now() : null, cancel_at: value ? end : null }
  state.emit('customer.subscription.updated', subscription, change(subscription, values))
  return subscription
}

/** Ends the period of a subscription: renews it, or cancels it if that was asked for. */
export function endPeriod(state: DoubleState, id: string): void {
  const subscription = held(state.subscriptions, id)
  const [item] = subscription.items.data
  if (item === undefined || subscription.status === 'canceled') return
  if (subscription.cancel_at_period_end) return void cancelSubscription(state, id)
  const before = structuredClone(subscription.items)
  item.current_period_start = item.current_period_end
  item.current_period_end += periodOf(item.price)
  state.emit('customer.subscription.updated', subscription, { items: before })
  beginPayment(state, subscription, 'subscription_cycle', 'card')
}

export function entitlementsOf(state: DoubleState, customer: string): ActiveEntitlementObject[] {
  const live = [...state.subscriptions.values()].filter((each) => each.customer === customer && GIVES.has(each.status))
  const keys = live.flatMap(({ items }) => items.data.flatMap(({ price }) => state.features.get(price.product) ?? []))
  return [...new Set([...(state.granted.get(customer) ?? []), ...keys])].map((key) => ({
    id: `ent_test_${customer.slice(4)}_${key}`,
    object: 'entitlements.active_entitlement',
    feature: `feat_test_${key}`,
    livemode: false,
    lookup_key: key,
  }))
}

const GIVES: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due'])

function tellEntitlements(state: DoubleState, customer: string): void {
  const data = entitlementsOf(state, customer)
  const url = `/v1/customer/${customer}/entitlements`
  state.emit('entitlements.active_entitlement_summary.updated', {
    object: 'entitlements.active_entitlement_summary',
    customer,
    livemode: false,
    entitlements: { object: 'list', data: data.slice(0, 10), has_more: data.length > 10, url },
  })
}
