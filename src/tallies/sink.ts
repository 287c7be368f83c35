/** Adds up what ledgers tell billing: at least once from them, and each record once in the sums. */
import type { SinkPlatform, UsageSink } from '../usage/sink.ts'
import type { Site } from '../site.ts'
import { payerOfRecord } from './rules/money.ts'
import { shardOf, zonesIn } from './zones.ts'

/** Returns the sink of all zones. It is not told of charges of zones that are gone. */
export function tallySink(sites: ReadonlyMap<string, Site>): UsageSink {
  const zones = zonesIn(sites)
  return {
    name: 'tallies',
    to: 'the gate itself',
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
          const answer = await tallies(
            id,
            shardOf(payer),
            place,
          )({ kind: 'records', timeZone, payer, records: ofPayer })
          if (answer.ok) taken.push(...ofPayer.map(({ position }) => position))
          else warn(answer.error)
        }
        return taken
      },
  }
}
