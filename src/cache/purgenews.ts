import { after, type Eventually } from '../core/eventually.ts'
import { PURGE_BOUND_MS, type Purges } from './rules/purge.ts'
import type { Zone } from '../zone.ts'
import type { Call } from '../ports.ts'
import type { Bulletins, Glance } from '../standing/bulletin.ts'
import { withTimeout } from '../http/timeout.ts'

/**
 * What was purged in each zone, by whomever, as its bulletin tells every isolate. Free content does not depend on it: while
 * it cannot be read, what is known of it is all there is, and no one waits for more.
 */
export interface PurgeFeed {
  /** No older than the bound; undefined where it has to be waited for. */
  known(zone: Zone, call: Call): Purges | undefined
  /** The same, waited for a little. */
  latest(zone: Zone, call: Call): Eventually<Purges>
}

/** An object far away answers in less, and one reader who waits that long for a free page is no harm. */
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

/** An operator may let standing be older than that, and not purges. */
function boundToPurges(zone: Zone): Zone {
  return { ...zone, standing: { ...zone.standing, boundMs: PURGE_BOUND_MS, serveMs: 0 } }
}
