/**
 * The faults of a zone that show only once it is compiled: of what it has on sale, and of how its pages look and speak.
 */
import { type PricedOffer, opensBy } from '../access/pricedoffer.ts'
import { match, type Route } from '../access/route.ts'
import type { EndpointFactory } from '../endpoints/endpoint.ts'
import { HELP_WORDS } from '../help/words.ts'
import { readTarget } from '../http/rules/target.ts'
import { contrastOf, LEAST_CONTRAST } from '../pages/contrast.ts'
import { FRAME_WORDS } from '../pages/framewords.ts'
import { DARK, DEFAULT_COLORS, LIGHT } from '../pages/style.ts'
import { placeholdersIn, type Words } from '../pages/words.ts'
import { OWN_WORDS } from '../refusals/ownwords.ts'
import type { Site } from '../site.ts'
import { challengeRoomFaults } from './challengeroom.ts'
import { type Fault, faultAt } from './rules/fault.ts'
import type { CheckedZone } from './schema.ts'

type SiteOptions = Pick<CheckedZone, 'routes' | 'pages'>

/** Returns the faults of a compiled zone. `endpoints`: all that the gate has. */
export function siteFaults(site: Site, options: SiteOptions, endpoints: readonly EndpointFactory[]): readonly Fault[] {
  return [
    ...offerFaults(site, options),
    ...colorFaults(options.pages?.colors ?? {}),
    ...textFaults(site, endpoints),
    ...freeFaults(site),
    ...railFaults(site, options),
    ...challengeRoomFaults(site),
  ]
}

function offerFaults({ zone, logins = [] }: Site, { routes }: SiteOptions): readonly Fault[] {
  if (zone.offers.size === 0) return []
  const known = new Set([...zone.offers.keys(), ...logins.flatMap(({ offers }) => offers.map(({ name }) => name))])
  const unknown = routes.flatMap(({ offers = [] }, at) =>
    offers
      .filter((name) => !known.has(name))
      .map((name) => ({ path: `routes[${at}].offers`, message: `"${name}" is on sale nowhere in this zone` })),
  )
  const useless = [...zone.offers.values()]
    .filter((offer) =>
      isNamedInVain(
        offer,
        zone.routes.entries.map(({ route }) => route),
      ),
    )
    .map(({ name }) => ({
      path: `offers.${name}`,
      message:
        'expected that it opens a route that names it: by "grants", or by "receipt" or "credit" if the route has a price',
    }))
  return [...unknown, ...useless]
}

/** Returns true if routes name the offer, and it opens none of them. */
function isNamedInVain(offer: PricedOffer, routes: readonly Route[]): boolean {
  const naming = routes.flatMap(({ terms }) =>
    terms.kind === 'paid' && terms.offer.names?.includes(offer.name) ? [terms] : [],
  )
  const isOpened = naming.some((terms) => opensBy(offer, terms.offer) || (terms.metered && offer.credit))
  return naming.length > 0 && !isOpened
}

function colorFaults({ accent, accentDark }: NonNullable<NonNullable<SiteOptions['pages']>['colors']>): Fault[] {
  const colors = [
    ['accent', accent ?? DEFAULT_COLORS.accent, LIGHT],
    ['accentDark', accentDark ?? DEFAULT_COLORS.accentDark, DARK],
  ] as const
  return colors.flatMap(([name, color, { paper, on }]) => {
    const least = Math.min(contrastOf(color, paper), contrastOf(color, on))
    if (least >= LEAST_CONTRAST) return []
    const message = `expected a contrast of at least ${LEAST_CONTRAST} with ${paper} and ${on}, and it is ${least.toFixed(1)}`
    return [{ path: `pages.colors.${name}`, message }]
  })
}

function textFaults({ zone, refusals }: Site, endpoints: readonly EndpointFactory[]): Fault[] {
  const spoken = [...refusals, ...endpoints].flatMap(({ words }) => (words === undefined ? [] : [words]))
  const known = mergedWords([FRAME_WORDS.en, OWN_WORDS.en, HELP_WORDS.en, ...spoken])
  return Object.entries(zone.pages.texts).flatMap(([language, groups]) =>
    Object.entries(groups).flatMap(([group, texts]) =>
      groupFaults(texts, known.get(group)).map((fault) => faultAt(`pages.texts.${language}.${group}`, fault)),
    ),
  )
}

type Group = Words[string]

function mergedWords(all: readonly Words[]): ReadonlyMap<string, Group> {
  const merged = new Map<string, Group>()
  for (const words of all)
    for (const [name, group] of Object.entries(words)) merged.set(name, { ...merged.get(name), ...group })
  return merged
}

function groupFaults(texts: Group, known: Group | undefined): Fault[] {
  if (known === undefined) return [{ path: '', message: 'is no group of the texts of what this configuration names' }]
  return Object.entries(texts).flatMap(([key, text]) => {
    const original = known[key]
    if (original === undefined) return [{ path: key, message: 'is no text of this group' }]
    const fillable = placeholdersIn(original)
    const unknown = placeholdersIn(text).filter((name) => !fillable.includes(name))
    return unknown.map((name) => ({ path: key, message: `has no value for {${name}}` }))
  })
}

/** Reports what a rail cannot charge, rails that a route names and the zone has not, and packs that nothing makes. */
function railFaults(site: Site, { routes }: SiteOptions): Fault[] {
  const { zone, rails } = site
  const moving = new Set(rails.flatMap(({ name, settler }) => (settler === undefined ? [] : [name])))
  const unknown = routes.flatMap(({ pay = [] }, at) =>
    pay
      .filter((name) => !moving.has(name))
      .map((name) => ({ path: `routes[${at}].pay`, message: `"${name}" is no rail of this zone that moves money` })),
  )
  return [...unknown, ...packFaults(site, routes), ...rails.flatMap((rail) => rail.zoneFaults?.(zone, rails) ?? [])]
}

/**
 * Reports packs that nothing sells, credit that nobody could be given or that the request uses up, and receipts of a route that
 * shares its path: they would open the others as well.
 */
function packFaults(site: Site, routes: SiteOptions['routes']): Fault[] {
  const isSold = site.rails.some((rail) => rail.sellPack !== undefined)
  return routes.flatMap((route, at) => {
    if (route.packs === undefined) return []
    const path = `routes[${at}].packs`
    if (!isSold) return [{ path, message: 'expected packs() among the rails' }]
    const credit = creditFault(site, route)
    if (credit !== undefined) return [{ path, message: credit }]
    const isShared = routes.filter((one) => one.path === route.path).length > 1
    return isShared && route.packs.some((pack) => pack.credit === undefined)
      ? [{ path, message: 'expected a path that no other route has' }]
      : []
  })
}

function creditFault({ zone, rails }: Site, { path, packs = [] }: SiteOptions['routes'][number]): string | undefined {
  if (packs.every(({ credit }) => credit === undefined)) return undefined
  if (!rails.some(({ role }) => role === 'entitlement'))
    return 'expected a rail such as bearer(), by which the account comes that "credit" is for'
  const isUsedUp = zone.routes.entries.some(({ route }) => route.path === path && usesUpCredit(route))
  return isUsedUp ? 'expected "credit" to cost more than one request, whose price is paid from it' : undefined
}

function usesUpCredit({ terms }: Route): boolean {
  if (terms.kind !== 'paid') return false
  const { price, packs = [] } = terms.offer
  return packs.some(({ gives, amount }) => gives.kind === 'credit' && amount.units <= (price?.units ?? 0n))
}

/** What every page loads has to be open to whoever is refused. */
function freeFaults({ zone }: Site): Fault[] {
  const { stylesheet, site } = zone.pages
  const loaded = [
    ['pages.stylesheet', stylesheet],
    ['pages.site.logo.path', site.logo?.path],
  ] as const
  return loaded.flatMap(([path, target]) => {
    if (target === undefined) return []
    const read = readTarget(target, '')
    const route = read.ok ? match(zone.routes, read.value, 'GET') : read
    return route.ok && route.value.terms.kind === 'free' ? [] : [{ path, message: 'expected the path of a free route' }]
  })
}
