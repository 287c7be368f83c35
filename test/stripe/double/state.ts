/** What the double knows: its objects, and the events that their changes made. */
import type {
  ChargeObject,
  CustomerObject,
  DisputeObject,
  EventObject,
  InvoiceObject,
  InvoicePaymentObject,
  LineItemObject,
  PaymentIntentObject,
  PortalObject,
  PriceObject,
  ProductObject,
  RefundObject,
  SessionObject,
  SubscriptionObject,
} from './shapes.ts'

/** The version of the API, which is that of the `stripe` package. */
export const API_VERSION = '2026-10-28.endive'

/** What a session does once it is paid. */
export interface SessionPlan {
  readonly lines: readonly LineItemObject[]
  /** Metadata for the payment intent or subscription that it makes. */
  readonly metadata: Record<string, string>
  readonly description: string | null
  readonly trialDays: number
}

export interface DoubleState {
  readonly products: Map<string, ProductObject>
  /** The lookup keys of the features of each product. */
  readonly features: Map<string, readonly string[]>
  /** Features that a customer has without a subscription, by the dashboard. */
  readonly granted: Map<string, readonly string[]>
  readonly prices: Map<string, PriceObject>
  readonly customers: Map<string, CustomerObject>
  /** The customers whose card declines. */
  readonly declining: Set<string>
  readonly deleted: Set<string>
  readonly sessions: Map<string, SessionObject>
  readonly plans: Map<string, SessionPlan>
  readonly subscriptions: Map<string, SubscriptionObject>
  readonly invoices: Map<string, InvoiceObject>
  readonly invoicePayments: Map<string, InvoicePaymentObject>
  readonly intents: Map<string, PaymentIntentObject>
  readonly charges: Map<string, ChargeObject>
  readonly refunds: Map<string, RefundObject>
  readonly disputes: Map<string, DisputeObject>
  readonly portals: Map<string, PortalObject>
  readonly events: EventObject[]
  /** Where the pages of checkout and of the portal are. */
  readonly pages: string
  /** Seconds since 1970. */
  now(): number
  /** Makes the id of an object; it looks like Stripe's, and is as long. */
  id(prefix: string, length?: number): string
  emit(type: EventObject['type'], object: object, before?: object): void
  /** The call that makes what is made now. */
  request: { id: string; idempotency_key: string | null } | null
}

export function createDoubleState(
  clock: () => number,
  pages: string,
  deliver: (event: EventObject) => void,
): DoubleState {
  let count = 0
  const state: DoubleState = {
    products: new Map(),
    features: new Map(),
    granted: new Map(),
    prices: new Map(),
    customers: new Map(),
    declining: new Set(),
    deleted: new Set(),
    sessions: new Map(),
    plans: new Map(),
    subscriptions: new Map(),
    invoices: new Map(),
    invoicePayments: new Map(),
    intents: new Map(),
    charges: new Map(),
    refunds: new Map(),
    disputes: new Map(),
    portals: new Map(),
    events: [],
    pages,
    now: () => Math.floor(clock() / 1000),
    id(prefix, length = 24) {
      count += 1
      // Neighbours differ in more than their last character.
      const tail = (count * 7919).toString(36).padStart(6, '0')
      return `${prefix}_${`1Q${'x7KdPm3Vb9RtZn2Lw8Gs4Hc6Jf5Qa1Ey0Uo'.repeat(2)}`.slice(0, length - tail.length)}${tail}`
    },
    emit(type, object, before) {
      const data = { object: structuredClone(object), ...(before === undefined ? {} : { previous_attributes: before }) }
      const event: EventObject = {
        id: state.id('evt'),
        object: 'event',
        api_version: API_VERSION,
        created: state.now(),
        data,
        livemode: false,
        pending_webhooks: 1,
        request: state.request,
        type,
      }
      state.events.push(event)
      deliver(event)
    },
    request: null,
  }
  return state
}

/** Returns the object, which must be there: for what the double keeps together. */
export function held<T>(objects: ReadonlyMap<string, T>, id: string | null | undefined): T {
  const found = id === null || id === undefined ? undefined : objects.get(id)
  if (found === undefined) throw new RangeError(`the double has no ${id}`)
  return found
}

/** Changes an object, and returns the former values of what changed. */
export function change<T extends object>(object: T, values: Partial<T>): Partial<T> {
  const before: Partial<T> = {}
  for (const key of Object.keys(values) as (keyof T)[]) {
    if (object[key] === values[key]) continue
    before[key] = object[key]
  }
  Object.assign(object, values)
  return structuredClone(before)
}
