import { type Exchange, type Fields, isSafe } from '../http/rules/exchange.ts'
import type { Route } from '../access/route.ts'
import type { Offer } from '../access/offer.ts'
import {
  type AmountLeft,
  type CredentialStatus,
  type LinkValues,
  problemType,
  REASONS,
  type Refusal,
  type Remedy,
  remediesOf,
  httpStatusOf,
} from '../core/problem.ts'
import type { Zone } from '../zone.ts'
import { describeMoney, type MoneyView } from '../core/money.ts'
import { shortageText } from './shortage.ts'

/** The facts of a refusal, for the problem document, the page and the header fields. */
export interface RefusedView {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** `urn:uuid:` and the request's id, also in the log. */
  readonly instance: string
  /** A sealed text that says to an operator's look-up what was decided; undefined without a credential or a look-up. */
  readonly reference: string | undefined
  readonly reason: string
  /** The failed check of the credential, as `explain` names the check. */
  readonly check: string | undefined
  readonly offer: OfferFacts | undefined
  /** What was left of prepaid credit, or of quotas, and what the request would have reserved. */
  readonly left?: AmountLeftView
  readonly needed?: AmountLeftView
  readonly remedies: readonly Remedy[]
}

/** Amounts as strings: JSON readers may not hold such numbers. */
export interface AmountLeftView {
  readonly credit?: MoneyView
  /** What the account owes. */
  readonly debt?: MoneyView
  /** By the names of quotas. */
  readonly units?: Readonly<Record<string, string>>
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
export interface RequestRef extends LinkValues {
  /** The request's id. */
  readonly id: string
  readonly reference?: string | undefined
}

/** The facts of a refusal that a reference holds. */
export interface ReferenceFacts {
  readonly zone: Zone
  /** The request's id and its time, in milliseconds since 1970. */
  readonly id: string
  readonly now: number
  readonly route: Route | undefined
  readonly refusal: Refusal
  /** The account's hash for the log. */
  readonly account: string | undefined
}

/** Seals the facts of a refusal into its reference; undefined in a zone without a key. */
export type SealReference = (facts: ReferenceFacts) => string | undefined

/**
 * Gathers the facts. `zone` and `offer` are undefined if the request was refused before they were known. `ofCredentials`: the
 * status of `credential-*` on the route.
 */
export function describeRefusal(
  refusal: Refusal,
  ref: RequestRef,
  zone: Zone | undefined,
  offer: Offer | undefined,
  ofCredentials?: CredentialStatus,
): RefusedView {
  const { reason, detail, check, amounts, hint } = refusal
  const { status, title } = REASONS[reason]
  const links = zone?.remedies ?? {}
  return {
    type: problemType(reason, links),
    title,
    status: httpStatusOf(reason, ofCredentials),
    detail: [detail, amounts && shortageText(amounts, 'request'), hint].filter((text) => text !== undefined).join(' '),
    instance: `urn:uuid:${ref.id}`,
    reference: ref.reference,
    reason,
    check,
    offer: status === 402 && offer?.onSale ? offerFacts(offer) : undefined,
    ...(amounts && { left: describeLeft(amounts.left) }),
    ...(amounts?.needed && { needed: describeLeft(amounts.needed) }),
    remedies: remediesOf(refusal, links, ref),
  }
}

function describeLeft({ credit, debt, units }: AmountLeft): AmountLeftView {
  const counts = units && Object.entries(units).map(([name, left]) => [name, String(left)] as const)
  return {
    ...(credit && { credit: describeMoney(credit) }),
    ...(debt && { debt: describeMoney(debt) }),
    ...(counts && { units: Object.fromEntries(counts) }),
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

/** Returns the id and the return URL of this request: the home page for what nobody can come back to by a link. */
export function requestRefOf({ id, origin, target, method, fields }: Exchange): RequestRef {
  const page = isPage(method, fields) ? `${target.path}${target.query}` : '/'
  return { id, origin, returnTo: encodeURIComponent(`${origin}${page}`) }
}

/** Returns false for an unsafe method, and for what is known to be a part of a page, as an image or a script's request. */
function isPage(method: string, fields: Fields): boolean {
  const destination = fields.get('sec-fetch-dest')
  return isSafe(method) && (destination === null || destination === 'document')
}
