import { type Exchange, type Fields, isSafe } from '../http/rules/exchange.ts'
import type { Route } from '../access/route.ts'
import type { Offer } from '../access/offer.ts'
import {
  type AmountLeft,
  type Check,
  type Reason,
  REASONS,
  type Refusal,
  type RefusalFacts,
  type TermsStatuses,
  httpStatusOf,
} from '../core/problem.ts'
import { type LinkValues, offerLink, problemType, type Remedy, remediesOf } from '../core/remedy.ts'
import { offersThatOpen, type PricedOffer, priceIn } from '../access/pricedoffer.ts'
import { isInstant } from '../core/instant.ts'
import { localText } from '../core/localtext.ts'
import { formatPeriod } from '../core/period.ts'
import { instantText } from '../http/date.ts'
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
  /** What is on sale that opens the resource, the main one first. Absent if nothing would help. */
  readonly offers?: readonly OfferView[]
  /** What was left of prepaid credit, or of quotas, and what the request would have reserved. */
  readonly left?: AmountLeftView
  readonly needed?: AmountLeftView
  /** The numbers behind the reason. */
  readonly facts?: FactsView
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

/** One thing on sale. */
export interface OfferView {
  readonly name: string
  readonly title: string
  readonly description?: string
  readonly price: PriceView
  /** A note on tax. */
  readonly tax?: string
  /** The entitlements that it gives. */
  readonly grants?: readonly string[]
  /** The page that sells it; absent if the configuration names none. */
  readonly href?: string
}

/** A price: once, or for each period. */
export interface PriceView extends MoneyView {
  /** ISO 8601-2: `P1M`. */
  readonly every?: string
}

/** The numbers behind a reason. Times are RFC 3339. */
export interface FactsView {
  readonly limit?: {
    readonly name: string
    readonly unit?: string
    readonly quota: string
    readonly used?: string
    readonly resets?: string
  }
  readonly views?: { readonly quota: number; readonly resets: string }
  readonly until?: string
  readonly from?: string
  readonly plan?: string
  readonly resource?: string
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

/** A reference, opened. */
export interface OpenedReference {
  /** The id of the request. */
  readonly id: string
  /** The time of the request, in milliseconds since 1970; whole seconds. */
  readonly at: number
  /** The route, as the configuration names it now. Undefined if it has no such route, or none was found for the request. */
  readonly route: Route | undefined
  readonly reason: Reason | undefined
  readonly check: Check | undefined
  /** The account's hash, as in the log. Undefined if the account was not known, or the log has no hashes. */
  readonly account: string | undefined
  /** The generation of the secret that sealed it. */
  readonly generation: number
}

/** Opens a reference of the zone. Undefined for every other text. */
export type OpenReference = (text: string, zone: Zone) => OpenedReference | undefined

/** For whom a refusal is described. */
export interface DescribedFor extends TermsStatuses {
  /** Default: the first of the zone's pages. */
  readonly language?: string
  /** ISO 3166-1 alpha-2, if prices depend on it. */
  readonly country?: string | undefined
}

/** Gathers the facts. `zone` and `offer` are undefined if the request was refused before they were known. */
export function describeRefusal(
  refusal: Refusal,
  ref: RequestRef,
  zone: Zone | undefined,
  offer: Offer | undefined,
  how: DescribedFor = {},
): RefusedView {
  const { reason, detail, check, amounts, hint, facts } = refusal
  const { status, title } = REASONS[reason]
  const links = zone?.remedies ?? {}
  return {
    type: problemType(reason, links, ref),
    title,
    status: refusal.status ?? httpStatusOf(reason, how),
    detail: [detail, amounts && shortageText(amounts, 'request'), hint].filter((text) => text !== undefined).join(' '),
    instance: `urn:uuid:${ref.id}`,
    reference: ref.reference,
    reason,
    check,
    offer: status === 402 && offer?.onSale ? offerFacts(offer) : undefined,
    ...offersOnSale(refusal, ref, zone, offer, how),
    ...(amounts && { left: describeLeft(amounts.left) }),
    ...(amounts?.needed && { needed: describeLeft(amounts.needed) }),
    ...(facts && { facts: describeFacts(facts) }),
    remedies: remediesOf(refusal, links, ref),
  }
}

/**
 * Returns what a buyer could buy now. Nobody is asked to buy who has bought already: while a payment is on its way, if the last
 * one of a subscription failed, or before access begins; and buying lifts no hold.
 */
function offersOnSale(
  { reason, check, ownRemedy }: Refusal,
  ref: RequestRef,
  zone: Zone | undefined,
  offer: Offer | undefined,
  { language, country }: DescribedFor,
): { readonly offers?: readonly OfferView[] } {
  if (zone === undefined || offer?.onSale !== true || REASONS[reason].status !== 402) return {}
  if (reason === 'security-hold' || reason === 'credential-not-yet-valid') return {}
  if ((reason === 'payment-declined' && check !== 'charge') || ownRemedy?.replacesBuying === true) return {}
  const offers = offersThatOpen(offer, zone.offers)
  if (offers.length === 0) return {}
  const described = { language: language ?? zone.pages.languages[0], country }
  return { offers: offers.map((one) => describeOffer(one, offerLink(one.name, zone.remedies, ref), described)) }
}

/** Returns an offer as pages and programs see it. `href`: where it is sold. */
export function describeOffer(
  offer: PricedOffer,
  href: string | undefined,
  { language, country }: { readonly language: string; readonly country: string | undefined },
): OfferView {
  const { name, title, description, grants, tax } = offer
  const { money, every } = priceIn(offer, country)
  return {
    name,
    title: localText(title, language),
    ...(description !== undefined && { description: localText(description, language) }),
    price: { ...describeMoney(money), ...(every && { every: formatPeriod(every) }) },
    ...(tax !== undefined && { tax: localText(tax, language) }),
    ...(grants.length > 0 && { grants }),
    ...(href !== undefined && { href }),
  }
}

function describeFacts({ limit, views, until, from, ...rest }: RefusalFacts): FactsView {
  return {
    ...(limit && {
      limit: {
        name: limit.name,
        ...(limit.unit !== undefined && { unit: limit.unit }),
        quota: String(limit.quota),
        ...(limit.used !== undefined && { used: String(limit.used) }),
        ...(isInstant(limit.resetsAt) && { resets: instantText(limit.resetsAt) }),
      },
    }),
    ...(views && { views: { quota: views.quota, resets: instantText(views.resetsAt) } }),
    // Whoever signed a token may have written any number.
    ...(isInstant(until) && { until: instantText(until) }),
    ...(isInstant(from) && { from: instantText(from) }),
    ...rest,
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
