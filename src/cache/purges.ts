/**
 * Knows what was purged, although nobody tells the store.
 *
 * The Cache API cannot delete by prefix or by tag, and several isolates may share one store. So a purge is a statement with
 * a time: copies asked for before it are not used. The list of purges lies in the store beside the copies, and each isolate
 * reads it again once its own view is older than half the purge bound. The store has no atomic update, so two isolates may
 * overwrite each other: each merges what it reads with what it knows, and writes the union back if the stored list lacks
 * something. Nothing known is ever forgotten for something read.
 */
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

/** The purges of each zone as known to this isolate, never older than the bound. */
export interface PurgeList {
  of(zone: string): Eventually<Purges>
  /** Adds the purges of the zone's bulletin, which the store may never hear of. */
  learn(zone: string, heard: Purges): void
  /** Adds a purge, in this isolate immediately. Returns false if isolates that share the store may never hear of it. */
  add(zone: string, purge: Purge): Promise<boolean>
}

interface KnownPurges {
  readonly purges: Purges
  readonly readAt: number
}

const BOUND_MS = PURGE_BOUND_MS / 2
/** The number of tries to write a purge that another isolate overwrites. */
const MAX_WRITES = 3

/** Creates the list of purges. Reads it from the store again if this isolate's view is older than the bound. */
export function createPurgeList(store: CopyStore, clock: Clock): PurgeList {
  const zones = new Map<string, KnownPurges>()
  const lastHeard = new Map<string, Purges>()
  // Merges, and never replaces: the isolate that wrote the stored list may have known less.
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
      // A store may lose facts, and two isolates may write at once: the one that knows more repairs the list.
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

/** In JSON `-Infinity` becomes null, and null compares as 0: nothing was asked for before 1970. */
function isPurges(facts: unknown): facts is Purges {
  return (
    typeof facts === 'object' && facts !== null && 'everythingAt' in facts && 'tags' in facts && 'pathPrefixes' in facts
  )
}
