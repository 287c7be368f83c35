import { leastCounts } from './cost.ts'
import { routeName, type RouteTable } from './route.ts'
import { type Limit, usageOf } from './limit.ts'

/** A limit on an account, with the routes it applies to. */
export interface ApplicableLimit {
  readonly limit: Limit
  /** The routes that set the limit. Undefined for a limit of the token, which applies wherever its unit is counted. */
  readonly routes: readonly string[] | undefined
}

/** Returns the limits of a token, and beside them the quotas of the zone's routes; each once. */
export function applicableLimits(routes: RouteTable, limits: readonly Limit[]): ApplicableLimit[] {
  const own = new Set(limits.map(({ name }) => name))
  const ofRoutes = new Map<string, { limit: Limit; paths: Set<string> }>()
  for (const { route } of routes.entries) {
    if (route.terms.kind !== 'paid') continue
    // A route limits only what it counts.
    const counted = usageOf({ ...route.terms.metering, counts: leastCounts(route.terms) }, limits)?.limits ?? []
    for (const limit of counted.filter(({ name }) => !own.has(name))) {
      const key = JSON.stringify({ ...limit, quota: String(limit.quota) })
      const known = ofRoutes.get(key) ?? { limit, paths: new Set() }
      ofRoutes.set(key, { limit, paths: known.paths.add(routeName(route)) })
    }
  }
  const shared = Array.from(ofRoutes.values(), ({ limit, paths }) => ({ limit, routes: [...paths] }))
  return [...limits.map((limit) => ({ limit, routes: undefined })), ...shared]
}
