import type { Compiled } from '../../src/config/config.ts'

/** Warns of what is sold and opens nothing: no route requires what the offer grants. */
export function unopeningOffers({ sites }: Pick<Compiled, 'sites'>): string[] {
  return [...new Set(sites.values())].flatMap(({ zone, logins = [] }) => {
    const { entries, unmatched } = zone.routes
    const terms = [...entries.map(({ route }) => route), unmatched].map((route) => route.terms)
    const required = new Set(terms.flatMap((one) => (one.kind === 'paid' ? one.offer.entitlements : [])))
    return logins
      .flatMap(({ offers }) => offers)
      .filter(({ grants }) => grants !== undefined && !grants.some((name) => required.has(name)))
      .map(
        ({ name, grants = [] }) =>
          `zone ${zone.name}: the offer "${name}" opens nothing, for no route requires ${grants.join(' or ')}`,
      )
  })
}

/** Warns of a login's offer that gives something else than the zone says: a page would promise what nobody gets. */
export function brokenPromises({ sites }: Pick<Compiled, 'sites'>): string[] {
  return [...new Set(sites.values())].flatMap(({ zone, logins = [] }) =>
    logins
      .flatMap(({ offers }) => offers)
      .flatMap(({ name, grants }) => {
        const promised = zone.offers.get(name)?.grants
        if (grants === undefined || promised === undefined) return []
        const missing = promised.filter((one) => !grants.includes(one))
        if (missing.length === 0) return []
        return [
          `zone ${zone.name}: pages say that "${name}" gives ${missing.join(' and ')}, and who sells it gives ${grants.join(' and ')}`,
        ]
      }),
  )
}
