import type { Json } from '../core/json.ts'
import { type DiscoveryDocument, servedDocument } from './plugin.ts'
import { routesOnSale } from './rules/onsale.ts'

/**
 * Serves `/.well-known/x402`: what the site sells for payments by x402, with all that a payment has to agree to. Agents look there
 * by custom; no standard names it.
 *
 * @example
 * ```ts zone
 * discovery: [x402Listing()],
 * ```
 */
export function x402Listing(): DiscoveryDocument {
  return servedDocument({
    name: 'x402-listing',
    path: '/.well-known/x402',
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
