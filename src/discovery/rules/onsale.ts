import type { Offer } from '../../access/offer.ts'
import type { Route, RouteTable } from '../../access/route.ts'

/** A path whose requests may be bought or opened by a plan. */
export interface RouteOnSale {
  readonly route: Route
  readonly offer: Offer
  /** The methods that have this price; undefined for all. */
  readonly methods: readonly string[] | undefined
}

/** What is told of a path where some methods have a price of their own, and every other has this one. */
const TOLD_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Returns what is on sale under a path and a method alone, in the order of the paths. A method of a path is there once, with the route
 * that requests get. Left out are routes whose query or content says what a request costs: their path has no one price.
 */
export function routesOnSale({ byPath }: RouteTable): readonly RouteOnSale[] {
  const taken = new Map<string, readonly string[] | undefined>()
  return byPath
    .flatMap(({ route, pattern: { key } }): readonly RouteOnSale[] => {
      if (taken.has(key) && taken.get(key) === undefined) return []
      const before = taken.get(key) ?? []
      const methods = before.length === 0 ? route.methods : without(route.methods ?? TOLD_METHODS, before)
      taken.set(key, route.methods && [...before, ...route.methods])
      const { terms, protocol } = route
      if (terms.kind !== 'paid' || !terms.offer.onSale || protocol !== undefined || methods?.length === 0) return []
      return [{ route, offer: terms.offer, methods }]
    })
    .toSorted((one, other) => (one.route.path < other.route.path ? -1 : 1))
}

function without(methods: readonly string[], taken: readonly string[]): readonly string[] {
  return methods.filter((method) => !taken.includes(method))
}
