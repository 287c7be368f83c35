/** Reads the tallies of a zone from all of its objects. */
import { withTimeout } from '../http/timeout.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import type { ReadTallies, TallyReading } from './rules/commands.ts'
import { mergeEncoded } from './rules/encoding.ts'
import { Tally } from './rules/tally.ts'
import type { TallyStores } from './rules/stores.ts'
import { SHARDS, zoneTalliesOf } from './zones.ts'

const READ_MS = 5000

/** Sums by the start of each bucket, in order, and when a configuration was first seen. */
export interface ReadSums {
  readonly buckets: ReadonlyMap<number, Tally>
  readonly configurations: readonly (readonly [at: number, fingerprint: string])[]
}

/** Reads sums. Error: an object did not answer, so that no sum would be right. */
export async function readTallies(
  stores: TallyStores | undefined,
  zone: Zone,
  query: Omit<ReadTallies, 'kind' | 'timeZone'>,
): Promise<Result<ReadSums, 'tallies-unavailable'>> {
  if (stores === undefined) return UNAVAILABLE
  const { id, place, timeZone } = zoneTalliesOf(zone)
  const command: ReadTallies = { ...query, kind: 'read', timeZone }
  const asked = Array.from({ length: SHARDS }, (_, shard) =>
    withTimeout(
      stores(id, shard, place)(command).catch(() => undefined),
      READ_MS,
    ),
  )
  const readings: TallyReading[] = []
  for (const answer of await Promise.all(asked)) {
    if (answer?.ok !== true || answer.value === undefined) return UNAVAILABLE
    readings.push(answer.value)
  }
  return ok({ buckets: sumsOf(readings), configurations: firstSeen(readings) })
}

const UNAVAILABLE = err('tallies-unavailable' as const)

/** Each object bounds its own kinds. A bound of their sum would make counters fall: a kind of one would displace one of another. */
function sumsOf(readings: readonly TallyReading[]): ReadonlyMap<number, Tally> {
  const sums = new Map<number, Tally>()
  for (const { buckets } of readings)
    for (const [start, tally] of buckets) {
      const sum = sums.get(start) ?? new Tally(Infinity)
      sums.set(start, sum)
      mergeEncoded(sum, tally)
    }
  return new Map([...sums].sort(([one], [other]) => one - other))
}

/** Each object sees a configuration by itself: the first that saw it says when. */
function firstSeen(readings: readonly TallyReading[]): ReadSums['configurations'] {
  const first = new Map<string, number>()
  for (const { configurations } of readings)
    for (const [at, fingerprint] of configurations)
      first.set(fingerprint, Math.min(at, first.get(fingerprint) ?? Infinity))
  return Array.from(first, ([fingerprint, at]) => [at, fingerprint] as const).sort(([one], [other]) => one - other)
}
