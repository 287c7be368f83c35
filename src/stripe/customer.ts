/**
 * How a customer stands with Stripe, for a zone that sells by Stripe alone.
 *
 * Stripe is the only one who knows, so it is asked each time: at sign-in, at each renewal, and when an event tells of a change.
 */
import type { Standing } from '../access/entitlement.ts'
import { ok, type Result } from '../core/result.ts'
import type { StandingChange } from '../standing/rules/event.ts'
import type { SessionClaims } from '../rails/login.ts'
import type { ApiFault, StripeClient } from './api.ts'
import { bestStanding, fieldsOf, idOf, readPage, standingOf } from './events.ts'
import { offerOfPrice, STRIPE_ISSUER, type StripeOffer } from './offers.ts'

/** A customer of Stripe's, as it stood at `at`. */
export interface StripeCustomer {
  readonly id: string
  /** Seconds since 1970, with a fraction: just before Stripe was asked. */
  readonly at: number
  readonly isDeleted: boolean
  readonly standing: Standing
  /** The entitlements of its best subscriptions. */
  readonly names: readonly string[]
  /** The titles of those subscriptions' offers. */
  readonly titles: readonly string[]
  /** The offers of all its subscriptions that last; one that was bought twice is there twice. */
  readonly lasting: readonly StripeOffer[]
}

/** A subscription, as far as selling needs it. */
export interface SoldSubscription {
  readonly status: string
  readonly prices: readonly string[]
}

/** Asks Stripe how a customer stands now. `absent`: Stripe does not know the customer under this key. */
export async function readCustomer(
  id: string,
  offers: readonly StripeOffer[],
  api: StripeClient,
  at: number,
): Promise<Result<StripeCustomer, ApiFault>> {
  const [found, list] = await Promise.all([
    api.get(`/v1/customers/${encodeURIComponent(id)}`),
    api.list('/v1/subscriptions', { customer: id, status: 'all' }, readSold),
  ])
  if (!found.ok) return found
  // Stripe still finds a customer that was deleted. If it finds none, the key belongs to another account of Stripe's.
  if (found.value.get('deleted') === true)
    return ok({ ...judgeCustomer(id, [], offers, at), isDeleted: true, standing: 'inactive' })
  return list.ok ? ok(judgeCustomer(id, list.value, offers, at)) : list
}

function readSold(value: unknown): SoldSubscription | undefined {
  const fields = fieldsOf(value)
  const status = fields?.get('status')
  const items = readPage(fields?.get('items'))?.items
  if (typeof status !== 'string' || items === undefined) return undefined
  return { status, prices: items.flatMap((item) => idOf(fieldsOf(item)?.get('price')) ?? []) }
}

/**
 * Judges a customer by its subscriptions. The best standing counts, and what the subscriptions of that standing sold: one that
 * is not paid opens nothing by the side of one that is. A customer without a subscription has bought something else, or will:
 * it is active, and entitled to nothing. One whose last subscription has ended is inactive, unless the zone sells credit, which
 * would be lost to it.
 */
export function judgeCustomer(
  id: string,
  subscriptions: readonly SoldSubscription[],
  offers: readonly StripeOffer[],
  at: number,
): StripeCustomer {
  const sold = subscriptions.flatMap(({ status, prices }) => {
    const standing = standingIfSold(status)
    if (standing === undefined) return []
    const found = new Set(prices.flatMap((price) => offerOfPrice(offers, price) ?? []))
    return [...found].map((offer) => ({ standing, offer }))
  })
  const standing =
    sold.length === 0 ? withoutSubscription(subscriptions, offers) : bestStanding(sold.map((one) => one.standing))
  const best = sold.filter((one) => one.standing === standing).map(({ offer }) => offer)
  const names = best.flatMap(({ gives }) => (gives.kind === 'subscription' ? gives.names : []))
  return {
    id,
    at,
    isDeleted: false,
    standing,
    names: [...new Set(names)],
    titles: [...new Set(best.map(({ name, title }) => title ?? name))],
    lasting: sold.map(({ offer }) => offer),
  }
}

/** Judges a customer without a subscription that lasts. */
function withoutSubscription(
  subscriptions: readonly SoldSubscription[],
  offers: readonly StripeOffer[],
): 'active' | 'inactive' {
  const hasEnded = subscriptions.some(
    ({ status, prices }) =>
      !status.startsWith('incomplete') && prices.some((price) => offerOfPrice(offers, price) !== undefined),
  )
  return hasEnded && !offers.some(({ gives }) => gives.kind === 'credit') ? 'inactive' : 'active'
}

/** Returns undefined for a subscription that has not begun, has ended, or is paused. */
function standingIfSold(status: string): 'active' | 'past-due' | undefined {
  if (status === 'incomplete') return undefined
  const standing = standingOf(status)
  return standing === 'active' || standing === 'past-due' ? standing : undefined
}

/** Returns the claims of the customer's session. */
export function claimsOf({ id, at, standing, names, titles }: StripeCustomer): SessionClaims {
  return {
    issuer: STRIPE_ISSUER,
    account: id,
    entitlements: names,
    plan: titles.length === 0 ? undefined : titles.join(', '),
    limits: [],
    standing,
    issuedAt: Math.floor(at),
    signedBy: undefined,
  }
}

/** Returns what is stated of the customer's account. */
export function changesOf({ at, standing, names }: StripeCustomer): readonly StandingChange[] {
  return [
    { kind: 'statement', statement: { kind: 'standing', at, standing } },
    { kind: 'statement', statement: { kind: 'entitlements', at, names } },
  ]
}
