/**
 * Reads Checkout Sessions, and judges whether one is what the gate began.
 *
 * A URL proves nothing of a Checkout Session: anybody may have made one for the same price, by a payment link or for another
 * site. So the gate writes into its metadata, which no buyer can change, what it was made for, and believes a session only if
 * Stripe says that it has that metadata, and that it sold the offer's price.
 */
import { fieldsOf, idOf, readPage, type StripeFields } from './events.ts'
import { type Gives, modeOf, type StripeOffer } from './offers.ts'
import { readPrice, type StripePrice } from './price.ts'
import { readGoods } from './goods.ts'

/** The fields of metadata that the gate writes. */
export const METADATA = {
  zone: 'faregate_zone',
  offer: 'faregate_offer',
  /** A hash of the trip's state. */
  trip: 'faregate_trip',
  /** A hash of the network at which it began. */
  network: 'faregate_network',
  /** The path or pattern that a receipt is for. */
  resource: 'faregate_resource',
} as const

/** Where they are in the API. */
export const CHECKOUTS_PATH = '/v1/checkout/sessions'
/** What must be expanded in an answer for `readCheckout`. `data.` of a list. */
export const EXPANDED = ['line_items', 'payment_intent.latest_charge', 'subscription'] as const

/** A Checkout Session. */
export interface Checkout {
  readonly id: string
  readonly status: 'open' | 'complete' | 'expired'
  /** Where it is paid, while it is open. */
  readonly url: string | undefined
  /** True if nothing is owed. */
  readonly isPaid: boolean
  /** True if nothing will be paid any more: a bank has refused days later, or the subscription has ended unpaid. */
  readonly hasFailed: boolean
  /** True if all of it was paid back. */
  readonly isRefunded: boolean
  readonly mode: string
  readonly isLive: boolean
  /** Seconds since 1970. */
  readonly created: number
  readonly customer: string | undefined
  readonly email: string | undefined
  /** Names the payment: the payment intent, or the session where nothing was to be paid. */
  readonly payment: string
  /** Undefined if it was not sold by a list that is known whole. */
  readonly lines: readonly CheckoutLine[] | undefined
  readonly isByLink: boolean
  readonly zone: string | undefined
  readonly offer: string | undefined
  readonly trip: string | undefined
  readonly resource: string | undefined
  /** What was sold, as it was offered then; undefined for a subscription. */
  readonly goods: Gives | undefined
}

interface CheckoutLine {
  readonly price: StripePrice
  readonly quantity: number
}

/** Reads a Checkout Session of the API. Undefined if it is none. */
export function readCheckout(value: unknown): Checkout | undefined {
  const session = fieldsOf(value)
  const id = idOf(value)
  const status = session?.get('status')
  const created = session?.get('created')
  const mode = session?.get('mode')
  if (session?.get('object') !== 'checkout.session' || id === undefined) return undefined
  if (status !== 'open' && status !== 'complete' && status !== 'expired') return undefined
  if (typeof created !== 'number' || typeof mode !== 'string') return undefined
  const metadata = fieldsOf(session.get('metadata'))
  const paid = session.get('payment_status')
  const intent = session.get('payment_intent')
  const isPaid = status === 'complete' && (paid === 'paid' || paid === 'no_payment_required')
  return {
    id,
    status,
    url: textIn(session, 'url'),
    isPaid,
    hasFailed: status === 'complete' && !isPaid && isNeverPaid(intent, session.get('subscription')),
    isRefunded: fieldsOf(fieldsOf(intent)?.get('latest_charge'))?.get('refunded') === true,
    mode,
    isLive: session.get('livemode') === true,
    created,
    customer: idOf(session.get('customer')),
    email: textIn(fieldsOf(session.get('customer_details')), 'email'),
    payment: idOf(intent) ?? id,
    lines: readLines(session.get('line_items')),
    isByLink: idOf(session.get('payment_link')) !== undefined,
    zone: textIn(metadata, METADATA.zone),
    offer: textIn(metadata, METADATA.offer),
    trip: textIn(metadata, METADATA.trip),
    resource: textIn(metadata, METADATA.resource),
    goods: readGoods(metadata),
  }
}

const LOST_PAYMENTS: readonly unknown[] = ['requires_payment_method', 'canceled']
const LOST_SUBSCRIPTIONS: readonly unknown[] = ['incomplete_expired', 'canceled']

function isNeverPaid(intent: unknown, subscription: unknown): boolean {
  const [ofPayment, ofSubscription] = [intent, subscription].map((one) => fieldsOf(one)?.get('status'))
  return LOST_PAYMENTS.includes(ofPayment) || LOST_SUBSCRIPTIONS.includes(ofSubscription)
}

function readLines(value: unknown): readonly CheckoutLine[] | undefined {
  const page = readPage(value)
  if (page === undefined || page.hasMore) return undefined
  const lines = page.items.map((item): CheckoutLine | undefined => {
    const line = fieldsOf(item)
    const price = readPrice(line?.get('price'))
    const quantity = line?.get('quantity')
    return price === undefined || typeof quantity !== 'number' ? undefined : { price, quantity }
  })
  return lines.every((line) => line !== undefined) ? lines : undefined
}

function textIn(fields: StripeFields | undefined, name: string): string | undefined {
  const value = fields?.get(name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * Returns the offer that a Checkout Session sold, as it was then: it gives what the session's metadata says. So who has paid loses
 * nothing by a change of the configuration, not even if that has the offer no more.
 */
export function offerSold(
  { goods, lines, ...checkout }: Checkout,
  offers: readonly StripeOffer[],
): StripeOffer | undefined {
  const offer = offers.find(({ name }) => name === checkout.offer)
  if (goods === undefined) return offer
  if (offer !== undefined) return { ...offer, gives: goods }
  const [line] = lines ?? []
  if (checkout.offer === undefined || line === undefined) return undefined
  const { price, quantity } = line
  return { name: checkout.offer, title: undefined, prices: [price.id], quantity, gives: goods }
}

/** Where a Checkout Session is to count. */
export interface CheckoutPlace {
  readonly zone: string
  readonly isLive: boolean | undefined
}

/**
 * Explains in fixed words why a Checkout Session is not one that the gate made to sell this offer in this zone; undefined if it
 * is.
 */
export function strangeness(checkout: Checkout, offer: StripeOffer, place: CheckoutPlace): string | undefined {
  if (checkout.isByLink) return 'made by a payment link'
  if (checkout.zone !== place.zone) return 'of another zone'
  if (checkout.offer !== offer.name) return 'of another offer'
  if (checkout.mode !== modeOf(offer)) return 'of another mode'
  if (place.isLive !== undefined && checkout.isLive !== place.isLive) return 'of another mode of Stripe, live or test'
  const [line, ...others] = checkout.lines ?? []
  if (line === undefined || others.length > 0) return 'not of one line'
  if (!offer.prices.includes(line.price.id)) return 'of a price that the offer does not have'
  return line.quantity === offer.quantity ? undefined : 'of another quantity'
}
