/** Notes that a receiver of charges takes none: no sum over traffic says so, and each ledger sees only its own charges. */
import { withTimeout } from '../http/timeout.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import type { Site } from '../site.ts'
import type { SinkPlatform, UsageSink } from '../usage/sink.ts'
import { FIRST, zonesIn } from '../tallies/zones.ts'
import { hostOf } from './here.ts'

/** All ledgers of an isolate note a failing sink this often at most, in each zone. */
const NOTE_EVERY_MS = 30_000
const NOTE_MS = 2000

/** Returns the sink with its failures noted. Nothing else is changed, and a note that fails is none. */
export function watchedSink(sink: UsageSink, sites: ReadonlyMap<string, Site>): UsageSink {
  const zones = zonesIn(sites)
  const of = [sink.name, hostOf(sink.to)].filter((part) => part !== '').join(' ')
  const notedAt = new Map<string, number>()
  const note = async (records: readonly LedgerRecord[], { tallies, clock }: SinkPlatform): Promise<void> => {
    const now = clock()
    const byZone = Map.groupBy(records, ({ facts }) => String(facts['zone']))
    const noted = Array.from(byZone, async ([name, left]) => {
      const zone = zones.get(name)
      const sinceMs = now - (notedAt.get(name) ?? Number.NEGATIVE_INFINITY)
      if (zone === undefined || tallies === undefined || (sinceMs >= 0 && sinceMs < NOTE_EVERY_MS)) return
      notedAt.set(name, now)
      const oldest = Math.min(...left.map(({ at }) => at))
      const seconds = Math.max(0, Math.round((now - oldest) / 1000))
      const condition = { name: 'sink-failing', of, seconds } as const
      await tallies(zone.id, FIRST, zone.place)({ kind: 'note', zone: zone.id, conditions: [condition] })
    })
    await withTimeout(Promise.all(noted), NOTE_MS).catch(() => undefined)
  }
  return {
    ...sink,
    create(platform, warn) {
      const send = sink.create(platform, warn)
      return async (records) => {
        let taken: readonly number[] = []
        try {
          return (taken = await send(records))
        } finally {
          const left = records.filter(({ position }) => !taken.includes(position))
          if (left.length > 0) await note(left, platform)
        }
      }
    },
  }
}
