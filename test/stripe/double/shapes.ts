/** The objects of the double, in the shapes of the `stripe` package: those of their members that a client may look at. */
import type { Stripe } from 'stripe'

/** Replaces what may be expanded by the id alone. */
type ById<T, K extends keyof T> = Omit<T, K> & Record<K, string | null>
type Writable<T> = { -readonly [K in keyof T]: T[K] }
interface StripeListOf<T> {
  object: 'list'
  data: T[]
  has_more: boolean
  url: string
}

export type ProductObject = Pick<
  Stripe.Product,
  'id' | 'object' | 'active' | 'created' | 'livemode' | 'metadata' | 'name'
>

export type PriceObject = Writable<
  Pick<
    Stripe.Price,
    | 'id'
    | 'object'
    | 'active'
    | 'billing_scheme'
    | 'created'
    | 'currency'
    | 'livemode'
    | 'lookup_key'
    | 'metadata'
    | 'nickname'
    | 'recurring'
    | 'type'
    | 'unit_amount'
  >
> & { product: string }

export type CustomerObject = Writable<
  Pick<
    Stripe.Customer,
    'id' | 'object' | 'balance' | 'created' | 'delinquent' | 'description' | 'email' | 'livemode' | 'metadata' | 'name'
  >
>

export type SessionObject = Writable<
  ById<
    Pick<
      Stripe.Checkout.Session,
      | 'id'
      | 'object'
      | 'allow_promotion_codes'
      | 'amount_subtotal'
      | 'amount_total'
      | 'cancel_url'
      | 'client_reference_id'
      | 'created'
      | 'currency'
      | 'customer'
      | 'customer_creation'
      | 'customer_details'
      | 'customer_email'
      | 'expires_at'
      | 'invoice'
      | 'livemode'
      | 'locale'
      | 'metadata'
      | 'mode'
      | 'payment_intent'
      | 'payment_method_types'
      | 'payment_status'
      | 'status'
      | 'subscription'
      | 'success_url'
      | 'ui_mode'
      | 'url'
    >,
    'customer' | 'invoice' | 'payment_intent' | 'subscription'
  >
>

export type LineItemObject = Pick<
  Stripe.LineItem,
  | 'id'
  | 'object'
  | 'amount_discount'
  | 'amount_subtotal'
  | 'amount_tax'
  | 'amount_total'
  | 'currency'
  | 'description'
  | 'quantity'
> & { price: PriceObject }

type SubscriptionItemObject = Writable<
  Pick<
    Stripe.SubscriptionItem,
    | 'id'
    | 'object'
    | 'created'
    | 'current_period_end'
    | 'current_period_start'
    | 'metadata'
    | 'quantity'
    | 'subscription'
  >
> & { price: PriceObject }

export type SubscriptionObject = Writable<
  Omit<
    Pick<
      Stripe.Subscription,
      | 'id'
      | 'object'
      | 'billing_cycle_anchor'
      | 'cancel_at'
      | 'cancel_at_period_end'
      | 'canceled_at'
      | 'cancellation_details'
      | 'collection_method'
      | 'created'
      | 'currency'
      | 'ended_at'
      | 'livemode'
      | 'metadata'
      | 'pause_collection'
      | 'start_date'
      | 'status'
      | 'trial_end'
    >,
    never
  >
> & { customer: string; latest_invoice: string | null; items: StripeListOf<SubscriptionItemObject> }

export type InvoiceObject = Writable<
  Pick<
    Stripe.Invoice,
    | 'id'
    | 'object'
    | 'amount_due'
    | 'amount_paid'
    | 'amount_remaining'
    | 'attempt_count'
    | 'attempted'
    | 'billing_reason'
    | 'collection_method'
    | 'created'
    | 'currency'
    | 'customer_email'
    | 'livemode'
    | 'metadata'
    | 'parent'
    | 'period_end'
    | 'period_start'
    | 'status'
    | 'status_transitions'
    | 'total'
  >
> & { customer: string }

export type InvoicePaymentObject = Writable<
  Pick<
    Stripe.InvoicePayment,
    | 'id'
    | 'object'
    | 'amount_paid'
    | 'amount_requested'
    | 'created'
    | 'currency'
    | 'is_default'
    | 'livemode'
    | 'status'
    | 'status_transitions'
  >
> & { invoice: string; payment: { type: 'payment_intent'; payment_intent: string } }

export type PaymentIntentObject = Writable<
  ById<
    Pick<
      Stripe.PaymentIntent,
      | 'id'
      | 'object'
      | 'amount'
      | 'amount_received'
      | 'canceled_at'
      | 'created'
      | 'currency'
      | 'customer'
      | 'description'
      | 'latest_charge'
      | 'livemode'
      | 'metadata'
      | 'payment_method_types'
      | 'receipt_email'
      | 'status'
    >,
    'customer' | 'latest_charge'
  >
>

export type ChargeObject = Writable<
  ById<
    Pick<
      Stripe.Charge,
      | 'id'
      | 'object'
      | 'amount'
      | 'amount_captured'
      | 'amount_refunded'
      | 'captured'
      | 'created'
      | 'currency'
      | 'customer'
      | 'description'
      | 'disputed'
      | 'failure_code'
      | 'failure_message'
      | 'livemode'
      | 'metadata'
      | 'paid'
      | 'payment_intent'
      | 'refunded'
      | 'status'
    >,
    'customer' | 'payment_intent'
  >
>

export type RefundObject = Writable<
  ById<
    Pick<
      Stripe.Refund,
      | 'id'
      | 'object'
      | 'amount'
      | 'charge'
      | 'created'
      | 'currency'
      | 'failure_reason'
      | 'metadata'
      | 'payment_intent'
      | 'pending_reason'
      | 'reason'
      | 'status'
    >,
    'charge' | 'payment_intent'
  >
>

export type DisputeObject = Writable<
  ById<
    Pick<
      Stripe.Dispute,
      | 'id'
      | 'object'
      | 'amount'
      | 'charge'
      | 'created'
      | 'currency'
      | 'is_charge_refundable'
      | 'livemode'
      | 'metadata'
      | 'payment_intent'
      | 'reason'
      | 'status'
    >,
    'charge' | 'payment_intent'
  >
>

export type PortalObject = Pick<
  Stripe.BillingPortal.Session,
  'id' | 'object' | 'created' | 'customer' | 'flow' | 'livemode' | 'locale' | 'return_url' | 'url'
>

export type ActiveEntitlementObject = Pick<
  Stripe.Entitlements.ActiveEntitlement,
  'id' | 'object' | 'feature' | 'livemode' | 'lookup_key'
>

/** A webhook's body. */
export interface EventObject {
  readonly id: string
  readonly object: 'event'
  readonly api_version: string
  readonly created: number
  readonly data: { readonly object: object; readonly previous_attributes?: object }
  readonly livemode: false
  readonly pending_webhooks: number
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null } | null
  readonly type: Stripe.Event['type']
}
