import type { Exchange } from '../http/rules/exchange.ts'
import type { Offer } from '../access/offer.ts'
import { problemType, REASONS, type Refusal, type Remedy, remediesFor } from '../core/problem.ts'
import type { Zone } from '../zone.ts'
import { describeMoney, type MoneyView } from '../core/money.ts'

/** The facts of a refusal, for the problem document, the page and the header fields. */
export interface RefusedView {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** `urn:uuid:` and the request's id, also in the log. */
  readonly instance: string
  readonly reason: string
  /** The failed check of the credential, as `explain` names the check. */
  readonly check: string | undefined
  readonly offer: OfferFacts | undefined
  readonly remedies: readonly Remedy[]
}

/** The offer, for programs. */
export interface OfferFacts {
  readonly resource: string
  readonly title?: string
  readonly description?: string
  /** Any one of these entitlements opens the resource. */
  readonly entitlements?: readonly string[]
  /** The price of one request. */
  readonly price?: MoneyView
}

/** The values of a single request in a refusal. */
export interface RequestRef {
  /** The request's id. */
  readonly id: string
  /** The URL of the refused page, percent-encoded for the query of another URL. */
  readonly returnTo: string
}

/** Gathers the facts. `zone` and `offer` are undefined if the request was refused before they were known. */
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

/** Returns the id and the return URL of this request. */
export function requestRefOf({ id, origin, target }: Exchange): RequestRef {
  return { id, returnTo: encodeURIComponent(`${origin}${target.path}${target.query}`) }
}
