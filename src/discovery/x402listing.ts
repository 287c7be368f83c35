import type { Json } from '../core/json.ts'
import { type DiscoveryDocument, servedDocument } from './plugin.ts'
import { routesOnSale } from './rules/onsale.ts'

/** How the listing is served. */
export interface X402ListingOptions {
  /** True to serve this listing although your server has one of its own at the path. Default false. */
  replace?: boolean
}

/**
 * Serves `/.well-known/x402`: what the site sells for payments by x402, with all that a payment has to agree to. Agents look there
 * by custom; no standard names it. A listing that the origin has there is served in its place, unless `replace` says otherwise.
 *
 * @example
 * ```ts zone
 * discovery: [x402Listing()],
 * ```
 */
export function x402Listing({ replace = false }: X402ListingOptions = {}): DiscoveryDocument {
  return servedDocument({
    name: 'x402-listing',
    path: '/.well-known/x402',
    replaces: replace,
    write({ zone, rails, address }) {
      const resources = routesOnSale(zone.routes).flatMap(({ route, offer, methods: sold }): Json[] => {
        const accepts = rails
          .flatMap((rail) => rail.prices?.(offer, zone) ?? [])
          .flatMap(({ accepts: one }) => one ?? [])
        if (accepts.length === 0) return []
        const methods = sold === undefined ? {} : { methods: [...sold] }
        return [{ resource: `${address}${route.path}`, ...methods, accepts }]
      })
      return { x402Version: 2, resources }
    },
  })
}
