/** Adds up what ledgers tell billing: at least once from them, and each record once in the sums. */
import type { SinkPlatform, UsageSink } from '../usage/sink.ts'
import type { Site } from '../site.ts'
import { payerOfRecord } from './rules/money.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import { watchLimits } from '../ledger/rules/thresholds.ts'
import { nearLimitOf } from './accounts.ts'
import type { TallySinkTerms } from './plugin.ts'
import type { AddRecords } from './rules/commands.ts'
import type { NearLimit } from './rules/nearlimits.ts'
import { shardOf, type ZoneTallies, zonesIn } from './zones.ts'

/** The shares of limits that are listed, in per cent. The first makes an account one that is near a limit. */
const NEAR = [80, 85, 90, 95, 100] as const

/** Returns the sink of all zones. It is not told of charges of zones that are gone. */
export function tallySink(sites: ReadonlyMap<string, Site>, { accountKey, listsNear }: TallySinkTerms): UsageSink {
  const zones = zonesIn(sites)
  const isListing = listsNear && [...zones.values()].some(({ zone }) => zone.gateKeys !== undefined)
  return {
    name: 'tallies',
    to: 'the gate itself',
    ...(isListing && { limits: { thresholds: NEAR, watch: watchLimits } }),
    faults: () => [],
    create:
      ({ tallies }: SinkPlatform, warn) =>
      async (records) => {
        const taken: number[] = []
        for (const [payer, ofPayer] of Map.groupBy(records, payerOfRecord)) {
          const zone = zones.get(String(ofPayer[0]?.facts['zone']))
          if (zone === undefined || tallies === undefined) {
            taken.push(...ofPayer.map(({ position }) => position))
            continue
          }
          const { id, place, timeZone } = zone
          const near = await nearIn(ofPayer, zone, accountKey)
          const command = { kind: 'records', timeZone, payer, records: ofPayer, near } as const
          const answer = await tallies(id, shardOf(payer), place)(command)
          if (answer.ok) taken.push(...ofPayer.map(({ position }) => position))
          else warn(answer.error)
        }
        return taken
      },
  }
}

/** Returns what to list of accounts near a limit. */
async function nearIn(
  records: readonly LedgerRecord[],
  { zone }: ZoneTallies,
  accountKey: string | undefined,
): Promise<NonNullable<AddRecords['near']>> {
  const found: { position: number; near: NearLimit }[] = []
  for (const record of records) {
    const near = record.limit && (await nearLimitOf(record, zone, accountKey))
    if (near !== undefined) found.push({ position: record.position, near })
  }
  return found
}
