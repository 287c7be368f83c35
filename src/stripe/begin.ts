/**
 * Begins a purchase: makes a Checkout Session at Stripe for the trip of a browser.
 */
import { STRIPE_SAYS } from './says.ts'
import type { LocalText } from '../core/localtext.ts'
import { shortfall } from '../access/receipt.ts'
import { match } from '../access/route.ts'
import { err, ok, type Result } from '../core/result.ts'
import { coversTarget } from '../access/resource.ts'
import { readTarget, type Target } from '../http/rules/target.ts'
import { logWarning } from '../log.ts'
import { nameOfTrip } from '../login/tripname.ts'
import type { BegunTrip, LoginFault, TripRequest } from '../rails/login.ts'
import { readTripReference } from '../standing/rules/trippayment.ts'
import type { Zone } from '../zone.ts'
import type { StripeClient, StripeParameters } from './api.ts'
import { askCheckout } from './ask.ts'
import { CHECKOUTS_PATH, METADATA } from './checkout.ts'
import { fieldsOf, idOf } from './events.ts'
import { receiptFor } from './fulfil.ts'
import { localeFor } from './locale.ts'
import { modeOf, type Selling, type StripeOffer } from './offers.ts'
import type { StripePrice } from './price.ts'
import type { ReadPrice } from './prices.ts'
import { writeGoods } from './goods.ts'

/** What a beginning needs of its login. */
export interface BeginServices {
  readonly api: StripeClient
  readonly readPrice: ReadPrice
  readonly selling: Selling
}

/** What Stripe takes as the value of a field of metadata. */
const MAX_METADATA = 500

/** Makes the Checkout Session of a trip. The same trip has the same one, however often it begins. */
export async function beginCheckout(
  asked: TripRequest,
  { api, readPrice, selling }: BeginServices,
  zone: Zone,
  now: number,
): Promise<Result<BegunTrip, LoginFault>> {
  const offer = selling.offers.find(({ name }) => name === asked.offer)
  if (offer === undefined) return refused(STRIPE_SAYS.noOffer)
  const price = await readPrice(offer.prices[0] ?? '', api)
  if (!price.ok) return price.error === 'absent' ? misconfigured(offer, 'no such price') : NO_ANSWER
  const resource = resourceFor(asked, offer)
  const unfit = unfitness(asked, offer, price.value, resource, { zone, now })
  if (unfit !== undefined) return unfit
  const trip = await nameOfTrip(asked.state, zone.id)
  const params = paramsOf(asked, offer, selling, {
    [METADATA.zone]: zone.id,
    [METADATA.offer]: offer.name,
    [METADATA.trip]: trip,
    ...networkIn(asked.reference),
    ...(resource !== undefined && { [METADATA.resource]: resource }),
    ...writeGoods(offer.gives),
  })
  const earlier = await readEarlier(asked, trip, api)
  if (!earlier.ok) return earlier
  if (earlier.value?.location !== undefined)
    return ok({ location: earlier.value.location, kept: asked.earlier ?? null })
  const made = await createSession(asked, params, `${zone.id} ${earlier.value?.id ?? ''}`, api)
  if (!made.ok) return made.error.kind === 'unavailable' ? NO_ANSWER : misconfigured(offer, 'Stripe refused it')
  const [id, location] = [made.value.get('id'), made.value.get('url')]
  if (typeof id !== 'string' || typeof location !== 'string') return NO_ANSWER
  const isKnown = asked.account !== undefined && idOf(made.value.get('customer')) === asked.account
  return ok({ location, kept: { checkout: id, ...(isKnown && { customer: asked.account }) } })
}

/** The Checkout Session that the trip has already. Without a location it has expired, and another one takes its place. */
async function readEarlier(
  asked: TripRequest,
  trip: string,
  api: StripeClient,
): Promise<Result<{ readonly id: string; readonly location: string | undefined } | undefined, LoginFault>> {
  const id = checkoutKept(asked.earlier)
  if (id === undefined) return ok(undefined)
  const known = await askCheckout(id, api)
  if (!known.ok) return known.error === 'absent' ? ok(undefined) : NO_ANSWER
  const { status, url, trip: named } = known.value
  if (named !== trip) return ok(undefined)
  // The return says what became of one that is paid.
  if (status === 'complete') return ok({ id, location: returnOf(asked) })
  const customer = customerKept(asked.earlier)
  const isOthers = customer !== undefined && customer !== asked.account
  if (status !== 'open' || !isOthers) return ok({ id, location: status === 'open' ? url : undefined })
  // Whoever buys now would pay for whom else has begun it.
  return (await expireCheckout(id, api)).ok ? ok({ id, location: undefined }) : NO_ANSWER
}

/** Ends a Checkout Session: it cannot be paid any more. */
export function expireCheckout(id: string, api: StripeClient): ReturnType<StripeClient['post']> {
  return api.post(`${CHECKOUTS_PATH}/${encodeURIComponent(id)}/expire`, {}, `faregate-expire-${id}`)
}

/** Asks for the session; without the customer, if Stripe has deleted it since. */
async function createSession(
  { account }: TripRequest,
  params: StripeParameters,
  salt: string,
  api: StripeClient,
): ReturnType<StripeClient['post']> {
  if (account !== undefined) {
    const isTaxed = params['automatic_tax'] !== undefined
    const known = { ...params, customer: account, ...(isTaxed && { customer_update: { address: 'auto' } }) }
    const made = await postSession(known, salt, api)
    if (made.ok || made.error.kind !== 'absent') return made
  }
  // Stripe makes a customer for a subscription by itself.
  return postSession({ ...params, ...(params['mode'] === 'payment' && { customer_creation: 'always' }) }, salt, api)
}

/** How often a call is made whose answers are lost. */
const MOST_TRIES = 3

/** Asks again under the same key. That has the trip in it, by its hash: Stripe refuses a key that comes with other parameters. */
async function postSession(
  params: StripeParameters,
  salt: string,
  api: StripeClient,
): ReturnType<StripeClient['post']> {
  const key = `faregate-${await nameOfTrip(JSON.stringify(params), salt)}`
  let made = await api.post(CHECKOUTS_PATH, params, key)
  for (let tries = 1; tries < MOST_TRIES && !made.ok && made.error.kind === 'unavailable'; tries++)
    made = await api.post(CHECKOUTS_PATH, params, key)
  return made
}

function paramsOf(
  asked: TripRequest,
  offer: StripeOffer,
  { checkout }: Selling,
  metadata: Readonly<Record<string, string>>,
): StripeParameters {
  const mode = modeOf(offer)
  return {
    mode,
    line_items: [{ price: offer.prices[0], quantity: offer.quantity }],
    success_url: `${returnOf(asked)}&session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${returnOf(asked)}&cancelled=1`,
    locale: localeFor(asked.languages),
    metadata,
    // Events of the payment and of the subscription are found by it.
    [mode === 'payment' ? 'payment_intent_data' : 'subscription_data']: { metadata },
    ...(checkout.promotionCodes && { allow_promotion_codes: true }),
    ...(checkout.automaticTax && { automatic_tax: { enabled: true } }),
  }
}

function networkIn(reference: string | undefined): Readonly<Record<string, string>> {
  const network = readTripReference(reference)?.network
  return network === undefined ? {} : { [METADATA.network]: network }
}

function returnOf({ redirectUri, state }: TripRequest): string {
  return `${redirectUri}?state=${encodeURIComponent(state)}`
}

/** Returns the path or pattern that a receipt of this offer is for; undefined for other offers. */
function resourceFor({ to }: TripRequest, { gives }: StripeOffer): string | undefined {
  if (gives.kind !== 'receipt') return undefined
  return gives.resource ?? targetOf(to)?.path ?? ''
}

function targetOf(to: string): Target | undefined {
  const url = URL.parse(to)
  const target = url === null ? undefined : readTarget(url.pathname, url.search)
  return target?.ok === true ? target.value : undefined
}

/** Returns the fault of an offer that would not give its buyer what it promises: nothing is sold then. */
function unfitness(
  { to }: TripRequest,
  offer: StripeOffer,
  price: StripePrice,
  resource: string | undefined,
  { zone, now }: { readonly zone: Zone; readonly now: number },
): Result<never, LoginFault> | undefined {
  const { gives } = offer
  if ((price.every !== undefined) !== (gives.kind === 'subscription')) {
    return misconfigured(offer, 'its price is paid once, or again and again, and the offer is not')
  }
  if (gives.kind !== 'receipt' || resource === undefined) return undefined
  const isThisPage = gives.resource === undefined
  if (isThisPage && (resource.includes('*') || resource.length > MAX_METADATA)) return NOT_SOLD_SINGLY
  const receipt = receiptFor({ payment: 'pi', customer: undefined, created: now / 1000, resource, price }, offer, now)
  if (receipt === undefined) return isThisPage ? NOT_SOLD_SINGLY : misconfigured(offer, 'its worth is not known')
  const target = targetOf(to)
  if (target === undefined || (!isThisPage && !coversTarget(receipt.resource, target))) return undefined
  const route = match(zone.routes, target, 'GET')
  const terms = route.ok ? route.value.terms : undefined
  if (terms?.kind !== 'paid') return isThisPage ? NOT_SOLD_SINGLY : undefined
  const short = shortfall(receipt, terms.offer, { method: 'GET', target })
  if (short === undefined) return undefined
  if (terms.offer.price === undefined) return NOT_SOLD_SINGLY
  return misconfigured(offer, short)
}

/** Returns the id of the Checkout Session that a trip keeps. */
export function checkoutKept(kept: unknown): string | undefined {
  const id = fieldsOf(kept)?.get('checkout')
  return typeof id === 'string' ? id : undefined
}

/** Returns the customer who was signed in when the trip's Checkout Session was made for that customer; undefined for others. */
export function customerKept(kept: unknown): string | undefined {
  const customer = fieldsOf(kept)?.get('customer')
  return typeof customer === 'string' ? customer : undefined
}

/** Refuses for good. */
export function refused(detail: LocalText): Result<never, LoginFault> {
  return err({ kind: 'refused', detail })
}

export const NO_ANSWER: Result<never, LoginFault> = err({
  kind: 'unavailable',
  detail: STRIPE_SAYS.silent,
})
const NOT_SOLD_SINGLY = refused(STRIPE_SAYS.notSoldSingly)

function misconfigured({ name }: StripeOffer, problem: string): Result<never, LoginFault> {
  logWarning({ stripe: 'checkout', offer: name, problem })
  return refused(STRIPE_SAYS.notSoldNow)
}
