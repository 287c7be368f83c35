import type { Exchange } from '../http/rules/exchange.ts'
import type { Offer } from '../access/offer.ts'
import { problemType, REASONS, type Refusal, type Remedy, remediesFor } from '../core/problem.ts'
import type { Zone } from '../zone.ts'
import { describeMoney, type MoneyView } from '../core/money.ts'

/** The facts of a refusal: what the problem document, the page and the header fields are all made from. */
export interface RefusedView {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** `urn:uuid:` of the request, also in the log. */
  readonly instance: string
  readonly reason: string
  /** The check of a credential that failed, as `explain` names it. */
  readonly check: string | undefined
  readonly offer: OfferFacts | undefined
  readonly remedies: readonly Remedy[]
}

/** What is on sale, as a program reads it. */
export interface OfferFacts {
  readonly resource: string
  readonly title?: string
  readonly description?: string
  /** Any one of these opens it. */
  readonly entitlements?: readonly string[]
  /** For one request. */
  readonly price?: MoneyView
}

/** What of a refusal is this request's own. */
export interface RequestRef {
  /** The request's id. */
  readonly id: string
  /** The URL of the refused page, percent-encoded for use in another URL's query. */
  readonly returnTo: string
}

/** Gathers the facts; `zone` and `offer` are undefined where the request did not get so far. */
export function describeRefusal(
  { reason, detail, check }: Refusal,
  { id, returnTo }: RequestRef,
  zone: Zone | undefined,
  offer: Offer | undefined,
): RefusedView {
  const { status, title } = REASONS[reason]
  const links = zone?.remedies ?? {}
  return {
    type: problemType(reason, links),
    title,
    status,
    detail,
    instance: `urn:uuid:${id}`,
    reason,
    check,
    offer: status === 402 && offer?.onSale ? offerFacts(offer) : undefined,
    remedies: remediesFor(reason, links, returnTo),
  }
}

function offerFacts(offer: Offer): OfferFacts {
  const { resource, title, description, entitlements, price } = offer
  return {
    resource,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(entitlements.length === 0 ? {} : { entitlements }),
    ...(price === undefined ? {} : { price: describeMoney(price) }),
  }
}

/** The occasion of a refusal of this request. */
export function requestRefOf({ id, origin, target }: Exchange): RequestRef {
  return { id, returnTo: encodeURIComponent(`${origin}${target.path}${target.query}`) }
}
