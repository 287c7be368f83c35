/**
 * Refunds a payment by an operator's order: the money at Stripe, the subscription that it began, and what it gave here.
 *
 * Every step can be done again: the refund has a name by which Stripe, and its own metadata, know it. So after an unknown outcome
 * the same order is sent again, and however often it is sent, the money goes back once.
 */
import { parseMoney } from '../core/money.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { RefundFault, RefundMade, RefundOrder } from '../standing/eventreceiver.ts'
import type { StandingChange } from '../standing/rules/event.ts'
import type { ApiFault, StripeClient, WriteFault } from './api.ts'
import { changesOf, readCustomer } from './customer.ts'
import { fieldsOf, idOf, type StripeFields, textOf } from './events.ts'
import {
  billingEvent,
  type MoneyBackTerms,
  readBack,
  readGiven,
  readRefund,
  readSubscriptionPaid,
} from './moneyback.ts'
import { minorOf } from './rules/minor.ts'
import { isDone, takenBack } from './rules/takeback.ts'

/** What an order needs: it also writes. */
export interface RefundTerms extends MoneyBackTerms {
  readonly api: StripeClient
}

/** Refunds a payment, or a part of it. */
export async function refundPayment(order: RefundOrder, terms: RefundTerms): Promise<Result<RefundMade, RefundFault>> {
  const { api, now } = terms
  const payment = await paymentOf(order.payment, api)
  if (!payment.ok) return payment
  const given = await readGiven(payment.value, terms)
  if (!given.ok) return err(faultOf(given.error))
  if (given.value === undefined) return err(NOT_SOLD)
  const amount = amountOf(order, given.value)
  if (!amount.ok) return amount
  const made = await makeRefund(order, payment.value, amount.value, api)
  if (!made.ok) return made
  const subscription = order.amount === undefined ? await endSubscription(payment.value, api) : ok(undefined)
  if (!subscription.ok) return subscription
  const back = await readBack(payment.value, api)
  if (!back.ok) return err(UNKNOWN)
  // What the operator gave back is taken back at once, though the bank may take days.
  const refunds = back.value.refunds.map((each) =>
    each.id === made.value.id && !isDone(each) && each.status !== 'failed' ? { ...each, status: 'succeeded' } : each,
  )
  const standing = await standingAfter(subscription.value, given.value.account, terms)
  if (!standing.ok) return standing
  const changes = [...takenBack(given.value, refunds, back.value.disputes, now), ...standing.value]
  const { id, status, isRepeat } = made.value
  return ok({
    view: {
      payment: payment.value,
      refund: id,
      status,
      isRepeat,
      ...(subscription.value && { canceled: subscription.value }),
    },
    event: changes.length === 0 ? undefined : billingEvent(id, given.value, changes),
    account: given.value.account,
  })
}

const UNKNOWN: RefundFault = {
  kind: 'unknown',
  detail: 'Stripe gave no usable answer, so it is not known whether the money went back. Send the same order again.',
}
const NOT_SOLD: RefundFault = {
  kind: 'absent',
  detail: 'Stripe has no such payment for anything that was sold here.',
}

function faultOf(fault: ApiFault): RefundFault {
  return fault === 'absent' ? NOT_SOLD : UNKNOWN
}

/** Returns how the account stands without the subscription that was ended: the event of that comes later. */
async function standingAfter(
  ended: string | undefined,
  account: string | undefined,
  { api, offers, now }: RefundTerms,
): Promise<Result<readonly StandingChange[], RefundFault>> {
  if (ended === undefined || account === undefined) return ok([])
  const customer = await readCustomer(account, offers, api, now)
  return customer.ok ? ok(changesOf(customer.value)) : err(UNKNOWN)
}

/** Returns the payment intent of a Checkout Session, or of its first invoice. */
async function paymentOf(named: string, api: StripeClient): Promise<Result<string, RefundFault>> {
  if (named.startsWith('pi_')) return ok(named)
  const params = { 'expand[]': 'invoice.payments' }
  const session = await api.get(`/v1/checkout/sessions/${encodeURIComponent(named)}`, params)
  if (!session.ok) return err(faultOf(session.error))
  const payment = idOf(session.value.get('payment_intent')) ?? invoicePayment(session.value)
  return payment === undefined ? NOTHING_PAID : ok(payment)
}

const NOTHING_PAID: Result<never, RefundFault> = err({ kind: 'refused', detail: 'Nothing was paid for it.' })

function invoicePayment(session: StripeFields): string | undefined {
  const payments = fieldsOf(fieldsOf(session.get('invoice'))?.get('payments'))?.get('data')
  const [first]: readonly unknown[] = Array.isArray(payments) ? payments : []
  return idOf(fieldsOf(fieldsOf(first)?.get('payment'))?.get('payment_intent'))
}

/** Returns the amount in the smallest unit; undefined for all that is left. */
function amountOf(
  { amount }: RefundOrder,
  { amount: paid, currency }: { readonly amount: number; readonly currency: string },
): Result<number | undefined, RefundFault> {
  if (amount === undefined) return ok(undefined)
  const money = parseMoney(amount, currency.toUpperCase())
  const minor = money && minorOf(money)
  if (minor === undefined || minor <= 0 || minor > paid) {
    return err({
      kind: 'refused',
      detail: `amount: expected a part of what was paid, such as "5.00", in ${currency.toUpperCase()}.`,
    })
  }
  return ok(minor)
}

interface OrderedRefund {
  readonly id: string
  readonly status: string
  readonly isRepeat: boolean
}

/** The field of a refund's metadata that names the order. */
const ORDER = 'faregate_order'

/** Makes the refund, unless the order has made it: Stripe forgets keys after a day, and keeps metadata. */
async function makeRefund(
  { id, amount: asked }: RefundOrder,
  payment: string,
  amount: number | undefined,
  api: StripeClient,
): Promise<Result<OrderedRefund, RefundFault>> {
  const name = id ?? (asked === undefined ? 'all' : `part ${String(amount)}`)
  const earlier = await api.list('/v1/refunds', { payment_intent: payment }, readOrdered)
  if (!earlier.ok) return err(faultOf(earlier.error))
  const own = earlier.value.filter(({ order }) => order === name)
  const known = own.find(({ status }) => status !== 'failed' && status !== 'canceled')
  if (known !== undefined) return ok({ id: known.id, status: known.status, isRepeat: true })
  const params = { payment_intent: payment, ...(amount !== undefined && { amount }), metadata: { [ORDER]: name } }
  const made = await api.post('/v1/refunds', params, `faregate refund ${payment} ${name} ${own.length}`)
  if (made.ok) {
    const refund = readRefund(Object.fromEntries(made.value))
    return refund === undefined ? err(UNKNOWN) : ok({ id: refund.id, status: refund.status, isRepeat: false })
  }
  const last = earlier.value[0]
  // Somebody refunded all of it by other means: what the order asks for is so.
  if (made.error.code === 'charge_already_refunded' && last !== undefined && amount === undefined) {
    return ok({ id: last.id, status: last.status, isRepeat: true })
  }
  return err(writeFault(made.error))
}

function readOrdered(
  value: unknown,
): { readonly id: string; readonly status: string; readonly order: unknown } | undefined {
  const refund = readRefund(value)
  return (
    refund && { id: refund.id, status: refund.status, order: fieldsOf(fieldsOf(value)?.get('metadata'))?.get(ORDER) }
  )
}

function writeFault({ kind, code = 'refused' }: WriteFault): RefundFault {
  if (kind === 'unavailable') return UNKNOWN
  return kind === 'absent'
    ? NOT_SOLD
    : {
        kind: 'refused',
        detail: `Stripe refuses the refund: ${code}. It says the same for a day; with an "id" the order is another.`,
      }
}

/** Ends the subscription that the payment paid for, if it is not over. Returns its id. */
async function endSubscription(payment: string, api: StripeClient): Promise<Result<string | undefined, RefundFault>> {
  const paid = await readSubscriptionPaid(payment, api)
  if (!paid.ok) return err(faultOf(paid.error))
  if (paid.value === undefined) return ok(undefined)
  const { id } = paid.value
  const ended = await api.remove(`/v1/subscriptions/${encodeURIComponent(id)}`, `faregate end ${id}`)
  if (ended.ok) return ok(textOf(ended.value.get('id')) ?? id)
  return ended.error.kind === 'absent' ? ok(id) : err(UNKNOWN)
}
