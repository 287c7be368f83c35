import type { LedgerPlace } from '../ledger/rules/place.ts'
import type { Site } from '../site.ts'

/** The objects over which the tallies of a zone are spread. Another number would lose what is kept. */
export const SHARDS = 8

/** Where the tallies of a zone are kept, and the clock of its days. */
export interface ZoneTallies {
  readonly id: string
  readonly place: LedgerPlace
  readonly timeZone: string
  readonly zone: Site['zone']
}

/** Returns the zones of a configuration by name, as the log and billing know them. */
export function zonesIn(sites: ReadonlyMap<string, Site>): ReadonlyMap<string, ZoneTallies> {
  return new Map(Array.from(new Set(sites.values()), ({ zone }) => [zone.name, zoneTalliesOf(zone)]))
}

/** Returns where the tallies of a zone are kept. */
export function zoneTalliesOf(zone: Site['zone']): ZoneTallies {
  const { id, places, timeZone } = zone
  return { id, place: places.own, timeZone, zone }
}

/** The number of the object that a zone is watched from. */
export const FIRST = 0

/** Returns the object in which the records of a payer are added up: always the same, which knows what it has added. */
export function shardOf(payer: string): number {
  let hash = 0x811c9dc5
  for (const char of payer) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 0) % SHARDS
}
