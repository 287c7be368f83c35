/**
 * What a reader may choose to buy: the same as the refusal of the page shows.
 */
import type { Offer } from '../access/offer.ts'
import { countryThatCounts, offersThatOpen, type PricedOffer } from '../access/pricedoffer.ts'
import { match } from '../access/route.ts'
import { ok } from '../core/result.ts'
import type { EndpointCall, EndpointRequest } from '../endpoints/endpoint.ts'
import { readTarget } from '../http/rules/target.ts'
import type { Login, LoginOffer } from '../rails/login.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import { callLogin } from './inflight.ts'
import { HOME } from './rules/to.ts'

/** One offer of one login. */
export interface OfferChoice {
  readonly login: Login
  readonly offer: LoginOffer
  /** As the zone describes it; absent if it does not. */
  readonly priced?: PricedOffer
  /** The country of the reader (ISO 3166-1 alpha-2), if it has prices of its own. */
  readonly country?: string | undefined
}

/** What is asked for the offers of logins. */
interface ChoosingRequest extends Pick<EndpointRequest, 'request' | 'site'> {
  readonly call: EndpointCall
  readonly services: Services
}

/**
 * Returns the offers as the zone describes them, and else with the titles and prices that their logins know now. A login is not
 * asked about what the zone describes.
 */
export async function describeChoices(
  choices: readonly OfferChoice[],
  { request, site, call, services }: ChoosingRequest,
): Promise<readonly OfferChoice[]> {
  const { zone } = site
  const context = { zone, verifiers: services, call }
  const told = new Map<Login, Login['offers']>()
  const unpriced = choices.filter(({ offer }) => !zone.offers.has(offer.name))
  for (const login of new Set(unpriced.map((choice) => choice.login))) {
    const asking = async () => ok((await login.describeOffers?.(context)) ?? login.offers)
    const answer = await callLogin(login, asking).catch(() => undefined)
    if (answer?.ok === true) told.set(login, answer.value)
  }
  const country = countryThatCounts(zone.pricedCountries, () => services.countryOf(request))
  return choices.map(({ login, offer }) => {
    const priced = zone.offers.get(offer.name)
    if (priced !== undefined) return { login, offer, priced, country }
    return { login, offer: told.get(login)?.find(({ name }) => name === offer.name) ?? offer }
  })
}

/** Returns the offers that open the page, the main one first; all of them if its route names none that is sold. */
export function choicesOpening(to: string, all: readonly OfferChoice[], zone: Zone): readonly OfferChoice[] {
  const [path = HOME, ...query] = to.split('?')
  const target = readTarget(path, query.length === 0 ? '' : `?${query.join('?')}`)
  const matched = target.ok ? match(zone.routes, target.value, 'GET') : target
  const offer = matched.ok && matched.value.terms.kind === 'paid' ? matched.value.terms.offer : undefined
  const names = offer === undefined ? [] : namesThatOpen(offer, zone)
  const named = names.flatMap((name) => all.filter((choice) => choice.offer.name === name))
  return named.length === 0 ? all : named
}

function namesThatOpen(offer: Offer, { offers }: Zone): readonly string[] {
  const priced = offersThatOpen(offer, offers).map(({ name }) => name)
  const named = offer.names ?? []
  return [...priced, ...named.filter((name) => !priced.includes(name))]
}
