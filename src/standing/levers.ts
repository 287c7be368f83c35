import { areSameLevers, type Lever } from '../access/lever.ts'
import { levered, leveredUntil } from '../access/leverterms.ts'
import type { Route } from '../access/route.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { withTimeout } from '../http/timeout.ts'
import type { Call } from '../ports.ts'
import type { Zone } from '../zone.ts'
import type { Bulletins } from './bulletin.ts'

/** The levers of each zone, as this isolate knows them. */
export interface Levers {
  /** Returns the route as the zone's levers have it now. Knows each within the bound of the zone, and holds it until its end. */
  apply(route: Route, zone: Zone, call: Call): Eventually<Route>
}

/** Creates the levers of one isolate. */
export type CreateLevers = (bulletins: Bulletins) => Levers

/** A distant object answers sooner. */
const MOST_MS = 500

/**
 * Creates the levers over the bulletins. While the bulletin cannot be read, those last known hold until their end, and nobody
 * waits; an isolate that has never read it knows none.
 */
export function createLevers(bulletins: Bulletins): Levers {
  const latest = (zone: Zone, call: Call): Eventually<readonly Lever[] | undefined> => {
    const { boundMs } = zone.standing
    const { known, asOf, failedAt } = bulletins.glance(zone, call, boundMs)
    if (call.now - asOf < boundMs || failedAt > asOf) return known.head.levers
    const read = bulletins.of({ ...zone, standing: { ...zone.standing, serveMs: 0 } }, call)
    const inHand = read instanceof Promise ? withTimeout<unknown>(read, MOST_MS).catch(() => undefined) : undefined
    return after(inHand, () => bulletins.glance(zone, call, boundMs).known.head.levers)
  }
  const remember = createMemory()
  return {
    apply: (route, zone, call) =>
      after(latest(zone, call), (levers) =>
        (levers === undefined || levers.length === 0) && isPlain(route) ? route : remember(route, levers, call.now),
      ),
  }
}

/** What levers have made of a route, and from when until when they make the same of it. */
interface LeveredRoute {
  levers: readonly Lever[] | undefined
  readonly from: number
  readonly until: number
  readonly route: Route
}

/** Creates the memory of what levers make of routes: the last of each, so that no request makes a route of its own. */
function createMemory(): (route: Route, levers: readonly Lever[] | undefined, now: number) => Route {
  const made = new WeakMap<Route, LeveredRoute>()
  return (route, levers, now) => {
    const known = made.get(route)
    if (known !== undefined && known.from <= now && now < known.until && areSameLevers(known.levers, levers)) {
      known.levers = levers // each read of the bulletin brings a list of its own
      return known.route
    }
    const fresh = { levers, from: now, until: leveredUntil(levers, now), route: levered(route, levers, now) }
    made.set(route, fresh)
    return fresh.route
  }
}

/** Returns true for a route that no lever has changed. */
function isPlain({ terms, closing }: Route): boolean {
  return closing === undefined && (terms.kind === 'free' || terms.lever === undefined)
}
