/**
 * Ends a purchase: asks Stripe what became of the Checkout Session that the trip keeps. Nothing in the URL of the return is
 * believed.
 */
import { STRIPE_SAYS } from './says.ts'
import type { LocalText } from '../core/localtext.ts'
import { err, ok, type Result } from '../core/result.ts'
import { logWarning } from '../log.ts'
import { nameOfTrip } from '../login/tripname.ts'
import type { LoginFault, TripContext, TripOutcome, TripReturn } from '../rails/login.ts'
import type { BillingEvent } from '../standing/rules/event.ts'
import type { StripeClient } from './api.ts'
import { askCheckout } from './ask.ts'
import { checkoutKept, customerKept, expireCheckout, refused } from './begin.ts'
import { type Checkout, CHECKOUTS_PATH, EXPANDED, offerSold, readCheckout, strangeness } from './checkout.ts'
import { changesOf, claimsOf, readCustomer, type StripeCustomer } from './customer.ts'
import { fieldsOf, idOf, readPage } from './events.ts'
import { creditOf, receiptBought } from './fulfil.ts'
import { type Selling, STRIPE_ISSUER, type StripeOffer } from './offers.ts'
import type { Clock } from '../ports.ts'

/** What an end needs of its login. */
export interface FinishServices {
  readonly api: StripeClient
  readonly selling: Selling
  readonly clock: Clock
}

/** Asks Stripe about the Checkout Session of a trip, and gives what it has paid for. May be called any number of times. */
export async function finishCheckout(
  back: TripReturn,
  services: FinishServices,
  context: TripContext,
): Promise<Result<TripOutcome, LoginFault>> {
  const { api, selling } = services
  const { zone } = context
  const id = checkoutKept(back.kept)
  if (id === undefined) return refused(STRIPE_SAYS.noOffer)
  const asked = await askCheckout(id, api)
  if (!asked.ok) return asked.error === 'absent' ? refused(STRIPE_SAYS.unknown) : SILENT
  const checkout = asked.value
  const offer = offerSold(checkout, selling.offers)
  if (offer === undefined) return refused(STRIPE_SAYS.noOffer)
  const strange = strangeness(checkout, offer, { zone: zone.id, isLive: selling.isLive })
  const isOfTrip = checkout.offer === back.offer && checkout.trip === (await nameOfTrip(back.state, zone.id))
  if (strange !== undefined || !isOfTrip) {
    logWarning({ stripe: 'return', problem: strange ?? 'of another trip' })
    return refused(STRIPE_SAYS.strange)
  }
  if (checkout.status === 'open') return afterOpen(checkout, back, services, context)
  if (checkout.status === 'expired' || checkout.hasFailed || checkout.isRefunded) return ok({ kind: 'cancelled' })
  return checkout.isPaid ? giveBought({ checkout, offer, back }, services, context) : ok({ kind: 'waiting' })
}

const SILENT: Result<never, LoginFault> = err({
  kind: 'unavailable',
  detail: STRIPE_SAYS.silentAfter,
})

/** Who turns back cannot pay any more: nobody would give what was paid for. */
async function afterOpen(
  { id }: Checkout,
  back: TripReturn,
  services: FinishServices,
  context: TripContext,
): Promise<Result<TripOutcome, LoginFault>> {
  if (!back.parameters.has('cancelled')) return ok({ kind: 'waiting' })
  const ended = await expireCheckout(id, services.api)
  if (ended.ok) return ok({ kind: 'cancelled' })
  // It may have been paid in the meantime.
  const now = await askCheckout(id, services.api)
  if (!now.ok || now.value.status === 'open') return SILENT
  return finishCheckout(back, services, context)
}

/** A purchase that is paid, as the browser comes back from it. */
interface Purchase {
  readonly checkout: Checkout
  readonly offer: StripeOffer
  readonly back: TripReturn
}

async function giveBought(
  purchase: Purchase,
  { api, selling, clock }: FinishServices,
  context: TripContext,
): Promise<Result<TripOutcome, LoginFault>> {
  const { checkout, offer, back } = purchase
  if (checkout.customer === undefined) return refused(STRIPE_SAYS.noCustomer)
  const customer = await readCustomer(checkout.customer, selling.offers, api, clock() / 1000)
  if (!customer.ok) return SILENT
  const applied = await context.applyEvent(purchaseEvent(checkout, offer, customer.value))
  if (!applied.ok && applied.error === 'ledger-unavailable') return SILENT
  // The same payment gave something else before: by an operator's order, or as its metadata was then.
  if (!applied.ok) logWarning({ stripe: 'return', problem: 'given before, and another amount' })
  const receipt = receiptBought(checkout, offer, clock())
  const receipts = receipt === undefined ? [] : [receipt]
  const buyer = customerKept(back.kept)
  // The session in which it was begun has ended. To pay for an account proves nothing of who owns it.
  if (buyer !== undefined && buyer !== back.account)
    return ok(receipt === undefined ? BOUGHT_FOR_ANOTHER : { kind: 'bought', receipts })
  const { times, isOfOther } = await timesBought(purchase, customer.value, selling, api)
  const notice = times < 2 ? {} : { notice: noticeFor(checkout, times) }
  // The reader stays with the one that will be left.
  if (isOfOther) return ok({ kind: 'bought', receipts, ...notice })
  return ok({ kind: 'signed-in', session: { claims: claimsOf(customer.value) }, receipts, ...notice })
}

/** Returns what a paid Checkout Session changes: credit by the id of its payment, and how the customer stands now. */
export function purchaseEvent(checkout: Checkout, offer: StripeOffer, customer: StripeCustomer): BillingEvent {
  const changes = [...creditOf(offer), ...changesOf(customer)]
  return { id: checkout.payment, issuer: STRIPE_ISSUER, account: customer.id, changes }
}

const BOUGHT_FOR_ANOTHER: TripOutcome = {
  kind: 'bought',
  receipts: [],
  notice: STRIPE_SAYS.boughtForAnother,
}

const MOST_NAMESAKES = 3

/**
 * Counts how often a buyer has the same subscription: by its customer, and by another one that is signed in here, as after two
 * tabs. Customers of the same address are told of to the operator alone: anybody may type it at Stripe.
 */
async function timesBought(
  { checkout: { id, mode, email }, offer, back }: Purchase,
  customer: StripeCustomer,
  { offers }: Selling,
  api: StripeClient,
): Promise<{ readonly times: number; readonly isOfOther: boolean }> {
  if (mode !== 'subscription') return { times: 1, isOfOther: false }
  const timesOf = async (ids: readonly string[]): Promise<number> => {
    const found = await Promise.all(ids.map((one) => readCustomer(one, offers, api, customer.at)))
    return found.flatMap((each) => (each.ok ? each.value.lasting : [])).filter(({ name }) => name === offer.name).length
  }
  const own = customer.lasting.filter(({ name }) => name === offer.name).length
  const others = back.account === undefined || back.account === customer.id ? 0 : await timesOf([back.account])
  if (own + others < 2 && email !== undefined) {
    const namesakes = (await customersOf(email, api)).filter((one) => one !== customer.id).slice(0, MOST_NAMESAKES)
    if ((await timesOf(namesakes)) > 0)
      logWarning({ stripe: id, problem: 'two customers of one address have this subscription' })
  }
  return { times: own + others, isOfOther: others > 0 }
}

function noticeFor({ id }: Checkout, times: number): LocalText {
  const how = times === 2 ? 'twice' : `${times} times`
  return {
    en: `You have this subscription ${how} now. Write to us with the reference ${id}, and one is paid back.`,
    de: `Sie haben dieses Abonnement jetzt ${times}-mal. Schreiben Sie uns mit der Referenz ${id}, dann wird eines erstattet.`,
  }
}

/** Returns the ids of the customers with this address, the latest first. None if Stripe does not answer. */
export async function customersOf(email: string, api: StripeClient): Promise<readonly string[]> {
  const answer = await api.get('/v1/customers', { email, limit: '20' })
  return answer.ok ? (readPage(Object.fromEntries(answer.value))?.items ?? []).flatMap((item) => idOf(item) ?? []) : []
}

/** Returns the receipts that a customer has bought and that last. None if Stripe does not answer. */
export async function receiptsOf(
  customer: string,
  zone: string,
  { api, selling, clock }: FinishServices,
): Promise<NonNullable<Extract<TripOutcome, { kind: 'bought' }>['receipts']>> {
  const expanded = Object.fromEntries(EXPANDED.map((path, at) => [`expand[${at}]`, `data.${path}`]))
  const answer = await api.get(CHECKOUTS_PATH, { customer, status: 'complete', limit: '100', ...expanded })
  const items = answer.ok ? readPage(Object.fromEntries(answer.value))?.items : undefined
  return (items ?? []).flatMap((item) => {
    const checkout = fieldsOf(item) && readCheckout(item)
    const offer = checkout && offerSold(checkout, selling.offers)
    if (checkout === undefined || offer === undefined) return []
    if (strangeness(checkout, offer, { zone, isLive: selling.isLive }) !== undefined) return []
    return receiptBought(checkout, offer, clock()) ?? []
  })
}
