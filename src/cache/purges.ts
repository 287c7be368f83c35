import { after, type Eventually } from '../core/eventually.ts'
import {
  addPurge,
  includesPurges,
  mergePurges,
  NO_PURGES,
  type Purge,
  PURGE_BOUND_MS,
  type Purges,
} from './rules/purge.ts'
import type { Clock, CopyStore } from '../ports.ts'

/** What was purged, as this isolate knows it: never older than the bound. */
export interface PurgeList {
  of(zone: string): Eventually<Purges>
  /** What the zone's bulletin says of them, which the store may never hear of. */
  learn(zone: string, heard: Purges): void
  /** Holds here at once. False where those that share the store may never hear of it. */
  add(zone: string, purge: Purge): Promise<boolean>
}

interface KnownPurges {
  readonly purges: Purges
  readonly readAt: number
}

const BOUND_MS = PURGE_BOUND_MS / 2
/** How often a purge is written that another isolate writes over. */
const MAX_WRITES = 3

/** The purges of each zone, kept beside the copies and read again when what is known is older than the bound. */
export function createPurgeList(store: CopyStore, clock: Clock): PurgeList {
  const zones = new Map<string, KnownPurges>()
  const lastHeard = new Map<string, Purges>()
  // What is known is never forgotten for what is read: the one who wrote that may not have known.
  const learn = (zone: string, purges: Purges, readAt: number): Purges => {
    const known = zones.get(zone) ?? { purges: NO_PURGES, readAt }
    const merged = mergePurges(known.purges, purges)
    zones.set(zone, { purges: merged, readAt: Math.max(known.readAt, readAt) })
    return merged
  }
  const read = (zone: string): Eventually<Purges> => {
    const readAt = clock()
    return after(store.getFacts(keyOf(zone)), (facts) => {
      const kept = isPurges(facts) ? facts : NO_PURGES
      const purges = learn(zone, kept, readAt)
      // A store may lose facts, and two may write at once: who knows better puts it right.
      return includesPurges(kept, purges) ? purges : after(store.putFacts(keyOf(zone), purges), () => purges)
    })
  }
  return {
    of(zone) {
      const known = zones.get(zone)
      return known !== undefined && clock() - known.readAt < BOUND_MS ? known.purges : read(zone)
    },
    learn(zone, heard) {
      if (lastHeard.get(zone) === heard) return
      lastHeard.set(zone, heard)
      learn(zone, heard, Number.NEGATIVE_INFINITY)
    },
    async add(zone, purge) {
      const added = addPurge(NO_PURGES, purge, clock())
      learn(zone, added, Number.NEGATIVE_INFINITY)
      for (let writes = 0; writes < MAX_WRITES; writes++) {
        await read(zone)
        const kept = await store.getFacts(keyOf(zone))
        if (isPurges(kept) && includesPurges(kept, added)) return true
      }
      return false
    },
  }
}

function keyOf(zone: string): string {
  return `purges ${zone}`
}

/** `-Infinity` becomes null in JSON, which compares as 0: nothing was asked for before 1970. */
function isPurges(facts: unknown): facts is Purges {
  return (
    typeof facts === 'object' && facts !== null && 'everythingAt' in facts && 'tags' in facts && 'pathPrefixes' in facts
  )
}
