/**
 * Reads of Stripe's events how the payment on a trip to the checkout went.
 *
 * The gate has written the trip into the metadata of what it sold, which no buyer can change, and Stripe's signature says that
 * it is there. Nothing is given or taken for it: it is for who watches that no cards are tried out.
 */
import { tripReference, readTripReference, type TripPayment } from '../standing/rules/trippayment.ts'
import type { StripeClient } from './api.ts'
import { expireCheckout } from './begin.ts'
import { CHECKOUTS_PATH, METADATA, readCheckout } from './checkout.ts'
import { fieldsOf, idOf, type Metadata, metadataOf, readPage, type StripeFields, textOf } from './events.ts'

/** A payment on a trip that was begun in this zone. */
export interface StripeTripPayment {
  readonly id: string
  readonly payment: TripPayment
  /** By which its Checkout Session is found while it is open: a payment intent, or a subscription; undefined if it names neither. */
  readonly of: Readonly<Record<string, string>> | undefined
}

/** Reads an event. Undefined for every other, of another zone, and of another mode of Stripe than the key. */
export function readTripPayment(
  value: unknown,
  zone: string,
  isLive: boolean | undefined,
): StripeTripPayment | undefined {
  const event = fieldsOf(value)
  const object = fieldsOf(fieldsOf(event?.get('data'))?.get('object'))
  const [id, type, live] = [idOf(value), textOf(event?.get('type')), event?.get('livemode')]
  if (event === undefined || object === undefined || id === undefined || event.has('account')) return undefined
  if (isLive !== undefined && typeof live === 'boolean' && live !== isLive) return undefined
  const kind = kindOf(type ?? '', object)
  const trip = metadataOf(object)
    .map((metadata) => tripIn(metadata, zone))
    .find((found) => found !== undefined)
  if (kind === undefined || trip === undefined) return undefined
  return { id, payment: { kind, ...trip }, of: foundBy(type, object) }
}

function kindOf(type: string, object: StripeFields): TripPayment['kind'] | undefined {
  switch (type) {
    case 'payment_intent.payment_failed':
      return 'payment-declined'
    case 'invoice.payment_failed':
      // A renewal that fails is nobody at the checkout.
      return object.get('billing_reason') === 'subscription_create' ? 'payment-declined' : undefined
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      // What cost nothing says nothing of the cards that were declined before it.
      return object.get('payment_status') === 'paid' ? 'payment-succeeded' : undefined
    default:
      return undefined
  }
}

function tripIn(metadata: Metadata, zone: string): Pick<TripPayment, 'trip' | 'network'> | undefined {
  if (metadata.get(METADATA.zone) !== zone) return undefined
  return readTripReference(tripReference(String(metadata.get(METADATA.trip)), textOf(metadata.get(METADATA.network))))
}

function foundBy(type: string | undefined, object: StripeFields): StripeTripPayment['of'] {
  if (type === 'payment_intent.payment_failed') return named('payment_intent', idOf(object.get('id')))
  const details = fieldsOf(fieldsOf(object.get('parent'))?.get('subscription_details'))
  return named('subscription', idOf(details?.get('subscription')) ?? idOf(object.get('subscription')))
}

/** Returns undefined without an id: Stripe would be asked for the Checkout Sessions of anybody. */
function named(name: string, id: string | undefined): StripeTripPayment['of'] {
  return id === undefined ? undefined : { [name]: id }
}

/** Ends the Checkout Session of a declined payment: no further card is tried on it. Returns false if that is not known. */
export async function endCheckout({ of, payment }: StripeTripPayment, api: StripeClient): Promise<boolean> {
  if (of === undefined) return false
  const found = await api.get(CHECKOUTS_PATH, { ...of, limit: '1' })
  const [session] = (found.ok && readPage(Object.fromEntries(found.value))?.items) || []
  const checkout = readCheckout(session)
  if (checkout === undefined || checkout.trip !== payment.trip) return false
  return checkout.status !== 'open' || (await expireCheckout(checkout.id, api)).ok
}
