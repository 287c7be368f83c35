import { after, type Eventually } from '../core/eventually.ts'
import { PURGE_BOUND_MS, type Purges } from './rules/purge.ts'
import type { Zone } from '../zone.ts'
import type { Call } from '../ports.ts'
import type { Bulletins, Glance } from '../standing/bulletin.ts'
import { withTimeout } from '../http/timeout.ts'

/**
 * The purges of each zone, from the zone's bulletin, made by any isolate. Free content does not depend on it: while the
 * bulletin cannot be read, the purges already known decide, and nobody waits for more.
 */
export interface PurgeFeed {
  /** Returns the purges, no older than the bound; undefined if they have to be waited for. */
  known(zone: Zone, call: Call): Purges | undefined
  /** Returns the purges, after waiting at most half a second for news. */
  latest(zone: Zone, call: Call): Eventually<Purges>
}

/** A distant object answers sooner, and a reader of a free page can afford the wait. */
const MOST_MS = 500

export function createPurgeFeed(bulletins: Bulletins): PurgeFeed {
  const glance = (zone: Zone, call: Call): Glance => bulletins.glance(zone, call, PURGE_BOUND_MS)
  return {
    known(zone, call) {
      const seen = glance(zone, call)
      return isEnough(seen, call.now) ? seen.known.head.purges : undefined
    },
    latest(zone, call) {
      const seen = glance(zone, call)
      if (isEnough(seen, call.now)) return seen.known.head.purges
      const read = bulletins.of(boundToPurges(zone), call)
      const inHand = read instanceof Promise ? withTimeout<unknown>(read, MOST_MS).catch(() => undefined) : undefined
      return after(inHand, () => glance(zone, call).known.head.purges)
    },
  }
}

function isEnough({ asOf, failedAt }: Glance, now: number): boolean {
  return now - asOf < PURGE_BOUND_MS || failedAt > asOf
}

/** Holds purges to their own bound: an operator may allow standing to be older than purges. */
function boundToPurges(zone: Zone): Zone {
  return { ...zone, standing: { ...zone.standing, boundMs: PURGE_BOUND_MS, serveMs: 0 } }
}
