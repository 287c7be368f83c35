import type { LocalText } from '../core/localtext.ts'
import type { Money } from '../core/money.ts'
import type { Period } from '../core/period.ts'
import type { Offer } from './offer.ts'

/** One thing that a zone has on sale, for readers and programs. What sells it is a login or a page elsewhere. */
export interface PricedOffer {
  readonly name: string
  readonly title: LocalText
  readonly description?: LocalText
  /** The first is for countries that no other names. */
  readonly prices: readonly [OfferPrice, ...OfferPrice[]]
  /** The entitlements that it gives; empty if it gives something else. */
  readonly grants: readonly string[]
  /** Given if it opens pages without an account: so many times, or for so long. */
  readonly receipt?: { readonly uses: number } | { readonly passSeconds: number }
  /** The prepaid credit that it gives. */
  readonly credit?: Money
  /** True for the offer that a page puts first. */
  readonly isMain: boolean
  /** A note on tax, as `incl. VAT`. */
  readonly tax?: LocalText
}

/** A price: once, or for each period. */
export interface OfferPrice {
  readonly money: Money
  readonly every?: Period
  /** ISO 3166-1 alpha-2, upper case; absent for all others. */
  readonly countries?: readonly string[]
}

/** Returns the price in a country; undefined for a country that is not known. */
export function priceIn({ prices }: PricedOffer, country: string | undefined): OfferPrice {
  const named = country === undefined ? undefined : prices.find(({ countries }) => countries?.includes(country))
  return named ?? prices[0]
}

/**
 * Returns what opens a route, the main one first: what the route names, else all that gives one of its entitlements, or pays its
 * price.
 */
export function offersThatOpen(
  { names, entitlements, price }: Offer,
  all: ReadonlyMap<string, PricedOffer>,
): readonly PricedOffer[] {
  const opens = (one: PricedOffer): boolean => opensBy(one, { entitlements, price })
  const found = names === undefined ? [...all.values()].filter(opens) : names.flatMap((name) => all.get(name) ?? [])
  return found.toSorted((a, b) => Number(b.isMain) - Number(a.isMain))
}

/** Returns true if an offer gives one of a route's entitlements, or pays its price. */
export function opensBy(
  { grants, receipt, credit }: PricedOffer,
  { entitlements, price }: Pick<Offer, 'entitlements' | 'price'>,
): boolean {
  if (grants.some((grant) => entitlements.includes(grant))) return true
  return price !== undefined && (receipt !== undefined || credit !== undefined)
}

/** Returns the countries that have a price of their own. */
export function pricedCountries(offers: ReadonlyMap<string, PricedOffer>): ReadonlySet<string> {
  return new Set([...offers.values()].flatMap(({ prices }) => prices.flatMap(({ countries = [] }) => countries)))
}

/**
 * Returns the country that a request comes from, if it has prices of its own: templates are kept for no others. `ask`: returns the
 * country; it is called only if any country has.
 */
export function countryThatCounts(priced: ReadonlySet<string>, ask: () => string | undefined): string | undefined {
  const country = priced.size === 0 ? undefined : ask()
  return country !== undefined && priced.has(country) ? country : undefined
}
