import type { Zone } from '../zone.ts'
import type { PaymentSettler, Rail, SettlerPlatform } from './rail.ts'

/** The settlers of a configuration, for gate and ledgers. */
export interface Settlers {
  /** Returns undefined if the zone, by its id, or the rail moves no money, or no longer exists. */
  of(zone: string, rail: string): PaymentSettler | undefined
}

interface ZoneRails {
  readonly zone: Pick<Zone, 'id'>
  readonly rails: readonly Pick<Rail, 'name' | 'settler'>[]
}

/** Creates the settlers of the rails that move money. Two zones may configure one rail with different options. */
export function createSettlers(sites: Iterable<ZoneRails>, platform: SettlerPlatform): Settlers {
  const settlers = new Map<string, PaymentSettler>()
  for (const { zone, rails } of sites)
    for (const { name, settler } of rails) {
      const key = keyOf(zone.id, name)
      if (settler !== undefined && !settlers.has(key)) settlers.set(key, settler.create(platform))
    }
  return { of: (zone, rail) => settlers.get(keyOf(zone, rail)) }
}

function keyOf(zone: string, rail: string): string {
  return JSON.stringify([zone, rail])
}
