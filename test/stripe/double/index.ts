/**
 * A double of Stripe, good enough to sell with: its API, its webhooks, and what buyers, banks and the dashboard do.
 *
 * It stands in one process where `fetch` does, with a clock that is driven; `server.ts` puts it behind a socket, with pages on
 * which a browser pays. What goes wrong is the test's to say: see `Faults`.
 */
import { cancelAtPeriodEnd, cancelSubscription, endPeriod, entitlementsOf, payInvoice } from './billing.ts'
import { StripeApiServer } from './api.ts'
import { declineCard, expireSession, type Paying, paySession, settleSession } from './checkout.ts'
import { createCustomer, deleteCustomer } from './customers.ts'
import { type Attempt, Deliveries, type WebhookEndpoint } from './deliveries.ts'
import { type CallFault, type Faults, seeded } from './faults.ts'
import type { Params } from './form.ts'
import { closeDispute, createDispute, createRefund, endRefund, escalateDispute } from './payments.ts'
import type { CustomerObject, DisputeObject, PriceObject, RefundObject } from './shapes.ts'
import { createDoubleState, type DoubleState, held } from './state.ts'

export { type CallFault, type Faults, randomFaults } from './faults.ts'
export type { Paying } from './checkout.ts'
export type { WebhookEndpoint } from './deliveries.ts'

export const DOUBLE_KEY = 'sk_test_51QdoubleOfStripe0000000000'

export interface DoubleOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** The keys that the API takes. Default `DOUBLE_KEY`. */
  readonly keys?: readonly string[]
  /** Where events go. More can be added later. */
  readonly webhooks?: readonly WebhookEndpoint[]
  /** Where the pages are. Default `https://checkout.stripe.com`. */
  readonly pages?: string
  readonly seed?: number
  /** May be changed at any time. */
  readonly faults?: Faults
}

/** A price to sell: a whole number of the smallest unit. With `every` it is a subscription's. */
export interface NewPrice {
  readonly id: string
  readonly amount: number
  readonly currency?: string
  readonly name?: string
  readonly every?: 'day' | 'week' | 'month' | 'year'
  /** The lookup keys of the features of its product. */
  readonly features?: readonly string[]
  readonly isActive?: boolean
}

export class StripeDouble {
  readonly state: DoubleState
  readonly faults: Faults
  readonly webhooks: WebhookEndpoint[]
  /** Each call, as `POST /v1/refunds`, with what was sent. */
  readonly calls: {
    readonly method: string
    readonly path: string
    readonly query: string
    readonly body: string
    readonly fault: CallFault | undefined
  }[] = []
  readonly #api: StripeApiServer
  readonly #deliveries: Deliveries
  readonly #clock: () => number
  #slow: (() => void)[] = []

  constructor({
    clock,
    keys = [DOUBLE_KEY],
    webhooks = [],
    pages = 'https://checkout.stripe.com',
    seed = 1,
    faults = {},
  }: DoubleOptions) {
    this.#clock = clock
    this.faults = { ...faults }
    this.webhooks = [...webhooks]
    this.#deliveries = new Deliveries(clock, seeded(seed), this.faults)
    this.state = createDoubleState(clock, pages, (event) => {
      for (const endpoint of this.webhooks) this.#deliveries.add(event, endpoint)
    })
    this.#api = new StripeApiServer(this.state, keys)
  }

  /** Stands where `fetch` does, for the API alone. */
  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const { pathname: path, search: query } = new URL(request.url)
    const { method } = request
    const fault = this.faults.call?.({ method, path })
    this.calls.push({ method, path, query, body: await request.clone().text(), fault })
    if (fault === 'down') throw new TypeError('fetch failed')
    if (fault === '500') return apiError(500, 'api_error', 'An unknown error occurred')
    if (fault === '429')
      return apiError(429, 'invalid_request_error', 'Too many requests hit the API too quickly.', 'rate_limit')
    this.run()
    const answer = await this.#api.answer(request)
    if (fault === 'lost') throw new TypeError('fetch failed')
    if (fault === 'timeout') return await untilAborted(init?.signal ?? request.signal)
    if (fault === 'slow') await new Promise<void>((release) => this.#slow.push(release))
    return answer
  }

  /** Lets slow answers come. */
  release(): void {
    for (const release of this.#slow.splice(0)) release()
  }

  /** How many answers wait for `release`. */
  get waiting(): number {
    return this.#slow.length
  }

  get attempts(): readonly Attempt[] {
    return this.#deliveries.attempts
  }

  /** When the next delivery is due, in milliseconds since 1970. */
  get nextDeliveryMs(): number | undefined {
    return this.#deliveries.nextMs
  }

  /** Delivers the events that are due by the clock. */
  deliver(): Promise<number> {
    this.run()
    return this.#deliveries.deliver()
  }

  /** Delivers all events with all their attempts, moving the clock on by `setTime` to where each is due. */
  async deliverAll(setTime: (ms: number) => void): Promise<void> {
    await this.deliver()
    for (let due = this.nextDeliveryMs; due !== undefined; due = this.nextDeliveryMs) {
      if (due > this.#clock()) setTime(due)
      await this.#deliveries.deliver()
    }
  }

  /** Does what time alone does: sessions expire, subscriptions renew or end. */
  run(): void {
    const now = this.state.now()
    for (const { id, status, expires_at: expires } of this.state.sessions.values()) {
      if (status === 'open' && expires <= now) expireSession(this.state, id)
    }
    for (const subscription of this.state.subscriptions.values()) {
      // One period at a time: each has its own events.
      while (isLive(subscription.status) && (subscription.items.data[0]?.current_period_end ?? now) < now) {
        endPeriod(this.state, subscription.id)
      }
    }
  }

  addPrice({ id, amount, currency = 'eur', name = id, every, features = [], isActive = true }: NewPrice): PriceObject {
    const { state } = this
    const created = state.now()
    const product = `prod_${id.replace(/^price_/, '')}`
    state.products.set(product, {
      id: product,
      object: 'product',
      active: true,
      created,
      livemode: false,
      metadata: {},
      name,
    })
    state.features.set(product, features)
    const recurring = {
      interval: every ?? 'month',
      interval_count: 1,
      meter: null,
      usage_type: 'licensed',
      trial_period_days: null,
    } as const
    const price: PriceObject = {
      id,
      object: 'price',
      active: isActive,
      billing_scheme: 'per_unit',
      created,
      currency,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product,
      recurring: every === undefined ? null : recurring,
      type: every === undefined ? 'one_time' : 'recurring',
      unit_amount: amount,
    }
    state.prices.set(id, price)
    return price
  }

  addCustomer(made: Parameters<typeof createCustomer>[1] = {}): CustomerObject {
    return createCustomer(this.state, made)
  }

  deleteCustomer(id: string): void {
    deleteCustomer(this.state, id)
  }

  /** The session's id, from the URL to which the gate sent the browser. */
  sessionAt(url: string): string {
    return held(this.state.sessions, new URL(url).pathname.split('/').at(-1)).id
  }

  /** The buyer pays. Returns the URL to which the browser goes then. */
  pay(session: string, paying?: Paying): string {
    return paySession(this.state, session, paying)
  }

  /** The buyer's card is declined: the session is open for another. */
  decline(session: string): void {
    declineCard(this.state, session)
  }

  /** The bank debit of a session ends, days later. */
  settle(session: string, outcome: 'paid' | 'failed'): void {
    settleSession(this.state, session, outcome === 'paid')
  }

  expire(session: string): void {
    expireSession(this.state, session)
  }

  /** The customer's card declines from now on, or no more. */
  setDeclining(customer: string, isDeclining: boolean): void {
    if (isDeclining) this.state.declining.add(customer)
    else this.state.declining.delete(customer)
  }

  /** Pays the open invoice of a subscription, as after a change of card. */
  payLatestInvoice(subscription: string): void {
    payInvoice(this.state, held(this.state.subscriptions, subscription).latest_invoice ?? '', true)
  }

  /** Ends the period now: the subscription renews, or ends if that was asked for. */
  endPeriod(subscription: string): void {
    endPeriod(this.state, subscription)
  }

  cancel(subscription: string): void {
    cancelSubscription(this.state, subscription)
  }

  cancelAtPeriodEnd(subscription: string, value = true): void {
    cancelAtPeriodEnd(this.state, subscription, value)
  }

  entitlements(customer: string): readonly string[] {
    return entitlementsOf(this.state, customer).map(({ lookup_key: key }) => key)
  }

  /** A refund by the dashboard, of a payment intent or charge. */
  refund(payment: string, amount?: number): RefundObject {
    const params: Params = {
      [payment.startsWith('pi_') ? 'payment_intent' : 'charge']: payment,
      ...(amount === undefined ? {} : { amount: String(amount) }),
    }
    return createRefund(this.state, params)
  }

  /** A refund that was pending ends, or the bank returns one that had succeeded. */
  endRefund(refund: string, status: 'succeeded' | 'failed' | 'canceled'): void {
    endRefund(this.state, refund, status)
  }

  dispute(payment: string, status?: DisputeObject['status']): DisputeObject {
    return createDispute(this.state, payment, status)
  }

  /** An inquiry becomes a dispute. */
  escalate(dispute: string): void {
    escalateDispute(this.state, dispute)
  }

  closeDispute(dispute: string, status: 'won' | 'lost' | 'warning_closed'): void {
    closeDispute(this.state, dispute, status)
  }
}

export function createStripeDouble(options: DoubleOptions): StripeDouble {
  return new StripeDouble(options)
}

function apiError(status: number, type: string, message: string, code?: string): Response {
  return Response.json({ error: { type, message, ...(code === undefined ? {} : { code }) } }, { status })
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
}

function isLive(status: string): boolean {
  return status !== 'canceled' && status !== 'incomplete'
}
