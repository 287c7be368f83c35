/**
 * Money that leaves again: refunds and disputes of what the zone sold.
 *
 * An event says only that something happened to a payment. What is so now is asked of Stripe, and all of it is stated: so an
 * event that is lost, late, doubled or overtaken by another changes nothing about the end.
 */
import { err, ok, type Result } from '../core/result.ts'
import { logWarning } from '../log.ts'
import type { EventRefusal } from '../standing/eventreceiver.ts'
import type { BillingEvent, StandingChange } from '../standing/rules/event.ts'
import type { ApiFault, StripeReader } from './api.ts'
import { METADATA } from './checkout.ts'
import { fieldsOf, idOf, type StripeFields, textOf } from './events.ts'
import { type Gives, STRIPE_ISSUER, type StripeOffer } from './offers.ts'
import { readGoods } from './goods.ts'
import { type GivenFor, heldFor, isDone, type PaymentDispute, type PaymentRefund, takenBack } from './rules/takeback.ts'

/** An event of Stripe's about a refund or a dispute. */
export interface MoneyBackEvent {
  readonly id: string
  /** The id of the payment intent. */
  readonly payment: string
  /** The id of the dispute, if it is about one. */
  readonly dispute: string | undefined
  /** The time at which an inquiry became a dispute: seconds since 1970. */
  readonly escalatedAt: number | undefined
}

const REFUND_TYPES: ReadonlySet<string> = new Set([
  'charge.refunded',
  'refund.created',
  'refund.updated',
  'refund.failed',
])
const DISPUTE_TYPES: ReadonlySet<string> = new Set([
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
])

/** Reads such an event. Undefined for every other, and for one of a charge without payment intent, which was not sold here. */
export function readMoneyBack(value: unknown): MoneyBackEvent | undefined {
  const event = fieldsOf(value)
  const [type, id] = [textOf(event?.get('type')), textOf(event?.get('id'))]
  const data = fieldsOf(event?.get('data'))
  const object = fieldsOf(data?.get('object'))
  const payment = idOf(object?.get('payment_intent'))
  if (type === undefined || id === undefined || payment === undefined || event?.has('account') === true)
    return undefined
  const isDispute = DISPUTE_TYPES.has(type)
  if (!isDispute && !REFUND_TYPES.has(type)) return undefined
  const before = textOf(fieldsOf(data?.get('previous_attributes'))?.get('status'))
  const [status, created] = [textOf(object?.get('status')), event?.get('created')]
  const isEscalated = isDispute && isInquiry(before) && !isInquiry(status) && typeof created === 'number'
  return {
    id,
    payment,
    dispute: isDispute ? idOf(object?.get('id')) : undefined,
    escalatedAt: isEscalated ? created : undefined,
  }
}

function isInquiry(status: string | undefined): boolean {
  return status?.startsWith('warning_') === true
}

/** What the changes of a payment are judged by. */
export interface MoneyBackTerms {
  readonly api: StripeReader
  readonly offers: readonly StripeOffer[]
  /** The id of the zone. */
  readonly zone: string
  /** Seconds since 1970. */
  readonly now: number
}

/** Returns what an event changes; undefined if the zone did not sell what the payment paid for. */
export async function applyMoneyBack(
  event: MoneyBackEvent,
  terms: MoneyBackTerms,
): Promise<Result<BillingEvent | undefined, EventRefusal>> {
  const given = await readGiven(event.payment, terms)
  if (!given.ok) return given.error === 'absent' ? ok(undefined) : err(UNKNOWN)
  if (given.value === undefined) return ok(undefined)
  const back = await readBack(event.payment, terms.api)
  if (!back.ok) return err(UNKNOWN)
  const changes = changesOf(given.value, back.value, event, terms.now)
  return ok(changes.length === 0 ? undefined : billingEvent(event.id, given.value, changes))
}

const UNKNOWN: EventRefusal = {
  kind: 'again',
  detail: 'The API of Stripe gave no answer to what became of the payment. Send it again.',
}

/** Returns the event that states changes about what a payment gave. */
export function billingEvent(id: string, { account }: GivenFor, changes: readonly StandingChange[]): BillingEvent {
  return { id, issuer: STRIPE_ISSUER, account, changes }
}

function changesOf(
  given: GivenFor,
  { refunds, disputes }: MoneyBack,
  { id, dispute: named, escalatedAt = 0 }: MoneyBackEvent,
  now: number,
): readonly StandingChange[] {
  const about = disputes.find((dispute) => dispute.id === named)
  const held = about === undefined ? [] : heldFor(given, { ...about, at: Math.max(about.at, escalatedAt) }, now)
  const taken = takenBack(given, refunds, disputes, now)
  warnOf(id, given, refunds, taken.length > 0)
  return [...held, ...taken]
}

/** Tells an operator what the gate leaves as it is. */
function warnOf(event: string, { gave }: GivenFor, refunds: readonly PaymentRefund[], isTaken: boolean): void {
  const warn = (problem: string): void => logWarning({ stripe: event, problem })
  if (refunds.some(({ status }) => status === 'failed')) warn('a refund failed: what it took back stays taken')
  if (gave.kind === 'receipt' && !isTaken && refunds.some(isDone)) warn('partly refunded: its receipt stays')
  if (gave.kind === 'subscription' && refunds.some(isDone))
    warn('refunded: its subscription stays until it is canceled')
}

/** Asks what a payment gave. Undefined if the zone did not sell it. */
export async function readGiven(
  payment: string,
  { api, offers, zone }: Pick<MoneyBackTerms, 'api' | 'offers' | 'zone'>,
): Promise<Result<GivenFor | undefined, ApiFault>> {
  const intent = await api.get(`/v1/payment_intents/${encodeURIComponent(payment)}`)
  if (!intent.ok) return intent
  const fields = intent.value
  const [amount, currency] = [fields.get('amount_received'), textOf(fields.get('currency'))]
  if (typeof amount !== 'number' || currency === undefined) return err('unavailable')
  const paid = { payment, amount, currency, account: idOf(fields.get('customer')) }
  const goods = goodsIn(fields, offers, zone)
  if (goods !== undefined) return ok({ ...paid, gave: gaveOf(goods) })
  const subscription = await readSubscriptionPaid(payment, api)
  if (!subscription.ok) return subscription
  const isSold = subscription.value !== undefined && zoneIn(subscription.value.facts) === zone
  return ok(isSold ? { ...paid, gave: { kind: 'subscription' } } : undefined)
}

function gaveOf(gives: Gives): GivenFor['gave'] {
  return gives.kind === 'credit' ? { kind: 'credit', money: gives.money } : { kind: gives.kind }
}

function zoneIn(object: StripeFields | undefined): unknown {
  return fieldsOf(object?.get('metadata'))?.get(METADATA.zone)
}

/** Returns what a payment paid for, as it was offered then. */
function goodsIn(object: StripeFields, offers: readonly StripeOffer[], zone: string): Gives | undefined {
  const metadata = fieldsOf(object.get('metadata'))
  if (zoneIn(object) !== zone) return undefined
  return readGoods(metadata) ?? offers.find(({ name }) => name === metadata?.get(METADATA.offer))?.gives
}

/** A subscription that a payment paid an invoice of. */
export interface SubscriptionPaid {
  readonly id: string
  /** What its invoice says of it, its metadata among that. */
  readonly facts: StripeFields | undefined
}

/** Asks for the subscription that a payment paid for; undefined if that was something else. */
export async function readSubscriptionPaid(
  payment: string,
  api: StripeReader,
): Promise<Result<SubscriptionPaid | undefined, ApiFault>> {
  const asked = { 'payment[type]': 'payment_intent', 'payment[payment_intent]': payment, 'expand[]': 'data.invoice' }
  const list = await api.list('/v1/invoice_payments', asked, (item) => fieldsOf(fieldsOf(item)?.get('invoice')))
  if (!list.ok) return list
  const facts = fieldsOf(fieldsOf(list.value[0]?.get('parent'))?.get('subscription_details'))
  const id = idOf(facts?.get('subscription'))
  return ok(id === undefined ? undefined : { id, facts })
}

/** What became of the money of a payment. */
export interface MoneyBack {
  readonly refunds: readonly PaymentRefund[]
  readonly disputes: readonly PaymentDispute[]
}

export async function readBack(payment: string, api: StripeReader): Promise<Result<MoneyBack, ApiFault>> {
  const of = { payment_intent: payment }
  const [refunds, disputes] = await Promise.all([
    api.list('/v1/refunds', of, readRefund),
    api.list('/v1/disputes', of, readDispute),
  ])
  if (!refunds.ok) return refunds
  return disputes.ok ? ok({ refunds: refunds.value, disputes: disputes.value }) : disputes
}

/** Reads a refund of the API. */
export function readRefund(value: unknown): PaymentRefund | undefined {
  const fields = fieldsOf(value)
  const [id, amount, status] = [idOf(value), fields?.get('amount'), textOf(fields?.get('status'))]
  if (id === undefined || typeof amount !== 'number' || status === undefined) return undefined
  return { id, amount, status }
}

function readDispute(value: unknown): PaymentDispute | undefined {
  const fields = fieldsOf(value)
  const [id, status, currency] = [idOf(value), textOf(fields?.get('status')), textOf(fields?.get('currency'))]
  const [amount, at] = [fields?.get('amount'), fields?.get('created')]
  if (id === undefined || status === undefined || currency === undefined) return undefined
  return typeof amount === 'number' && typeof at === 'number' ? { id, amount, currency, at, status } : undefined
}
