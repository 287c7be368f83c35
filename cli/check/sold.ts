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
