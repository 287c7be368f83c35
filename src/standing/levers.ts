import type { Lever } from '../access/lever.ts'
import { levered } from '../access/leverterms.ts'
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
  return {
    apply: (route, zone, call) =>
      after(latest(zone, call), (levers) =>
        (levers === undefined || levers.length === 0) && isPlain(route) ? route : levered(route, levers, call.now),
      ),
  }
}

/** Returns true for a route that no lever has changed. */
function isPlain({ terms, closing }: Route): boolean {
  return closing === undefined && (terms.kind === 'free' || terms.lever === undefined)
}
