import type { Offer } from '../../access/offer.ts'
import type { Route, RouteTable } from '../../access/route.ts'

/** A route whose requests may be bought or opened by a plan. */
export interface RouteOnSale {
  readonly route: Route
  readonly offer: Offer
}

/** Returns the routes on sale, in the order of their paths. */
export function routesOnSale({ entries }: RouteTable): readonly RouteOnSale[] {
  return entries
    .flatMap(({ route }) =>
      route.terms.kind === 'paid' && route.terms.offer.onSale ? [{ route, offer: route.terms.offer }] : [],
    )
    .toSorted((one, other) => (one.route.path < other.route.path ? -1 : 1))
}
