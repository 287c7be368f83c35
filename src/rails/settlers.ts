import type { Zone } from '../zone.ts'
import type { PaymentSettler, Rail, SettlerPlatform } from './rail.ts'

/** The settlers of a configuration, for gate and ledgers. */
export interface Settlers {
  /** Returns undefined if the zone, by its id, or the rail moves no money, or no longer exists. */
  of(zone: string, rail: string): PaymentSettler | undefined
  /** Returns what sells the packs of a zone, by its id; undefined if nothing does. */
  packsOf(zone: string): Rail['sellPack']
}

interface ZoneRails {
  readonly zone: Pick<Zone, 'id'>
  readonly rails: readonly Pick<Rail, 'name' | 'settler' | 'sellPack'>[]
}

/** Creates the settlers of the rails that move money. Two zones may configure one rail with different options. */
export function createSettlers(sites: Iterable<ZoneRails>, platform: SettlerPlatform): Settlers {
  const settlers = new Map<string, PaymentSettler>()
  const sellers = new Map<string, Rail['sellPack']>()
  for (const { zone, rails } of sites)
    for (const { name, settler, sellPack } of rails) {
      const key = keyOf(zone.id, name)
      if (settler !== undefined && !settlers.has(key)) settlers.set(key, settler.create(platform))
      if (sellPack !== undefined) sellers.set(zone.id, sellPack)
    }
  return { of: (zone, rail) => settlers.get(keyOf(zone, rail)), packsOf: (zone) => sellers.get(zone) }
}

function keyOf(zone: string, rail: string): string {
  return JSON.stringify([zone, rail])
}
