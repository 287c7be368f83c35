import type { Payment } from '../access/payment.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Settle } from '../ledger/rules/payment.ts'
import type { Call } from '../ports.ts'
import type { Zone } from '../zone.ts'
import type { Rail, SettlerPlatform } from './rail.ts'

/** Who checks and settles the payments of one rail of one zone. */
export interface RailSettler {
  readonly settle: Settle
  readonly verify: ((paid: Payment, call: Call) => Eventually<Result<undefined, Refusal>>) | undefined
}

/** The settlers of a configuration, for gate and ledgers. */
export interface Settlers {
  /** Returns undefined for a zone or rail that moves no money, or is no more. */
  of(zone: string, rail: string): RailSettler | undefined
}

interface ZoneRails {
  readonly zone: Zone
  readonly rails: readonly Rail[]
}

/** Makes the settlers of the rails that move money. */
export function createSettlers(sites: Iterable<ZoneRails>, platform: SettlerPlatform): Settlers {
  const settlers = new Map<string, RailSettler>()
  for (const { zone, rails } of sites)
    for (const rail of rails) {
      const key = keyOf(zone.name, rail.name)
      if (rail.settler === undefined || settlers.has(key)) continue
      const verify =
        rail.verify === undefined ? undefined : (paid: Payment, call: Call) => rail.verify?.(paid, call) ?? PASSED
      settlers.set(key, { settle: rail.settler.create(platform), verify })
    }
  return { of: (zone, rail) => settlers.get(keyOf(zone, rail)) }
}

const PASSED: Result<undefined, Refusal> = { ok: true, value: undefined }

function keyOf(zone: string, rail: string): string {
  return JSON.stringify([zone, rail])
}
