import { after, type Eventually } from '../../core/eventually.ts'
import { addPurge, NO_PURGES, type Purge, type Purges } from '../../core/purge.ts'
import type { Clock, CopyStore } from '../../ports.ts'

/** What was purged, as this isolate knows it: never older than the bound. */
export interface PurgeList {
  of(zone: string): Eventually<Purges>
  add(zone: string, purge: Purge): Promise<void>
}

interface Known {
  readonly purges: Purges
  readonly readAt: number
}

/** How soon a purge holds in every isolate that shares the store. */
const BOUND_MS = 5000

/** The purges of each zone, kept beside the copies and read again when what is known is older than the bound. */
export function createPurgeList(store: CopyStore, clock: Clock): PurgeList {
  const zones = new Map<string, Known>()
  const learn = (zone: string, facts: unknown): Purges => {
    const known = zones.get(zone)?.purges
    const purges = isPurges(facts) ? facts : (known ?? NO_PURGES)
    zones.set(zone, { purges, readAt: clock() })
    return purges
  }
  const read = (zone: string): Eventually<Purges> => after(store.getFacts(keyOf(zone)), (facts) => learn(zone, facts))
  return {
    of(zone) {
      const known = zones.get(zone)
      return known !== undefined && clock() - known.readAt < BOUND_MS ? known.purges : read(zone)
    },
    async add(zone, purge) {
      const purges = addPurge(await read(zone), purge, clock())
      learn(zone, purges)
      await store.putFacts(keyOf(zone), purges)
    },
  }
}

function keyOf(zone: string): string {
  return `purges ${zone}`
}

/** `-Infinity` becomes null in JSON, which compares as 0: nothing was asked for before 1970. */
function isPurges(facts: unknown): facts is Purges {
  return typeof facts === 'object' && facts !== null && 'everythingAt' in facts && 'pathPrefixes' in facts
}
