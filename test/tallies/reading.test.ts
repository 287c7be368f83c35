import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryTallies } from '../../src/platform/memory/tallies.ts'
import { applyTally } from '../../src/tallies/rules/book.ts'
import { bucketStart, HOUR_MS, type Kept, MINUTE_MS, nextBucket } from '../../src/tallies/rules/buckets.ts'
import type { ReadTallies } from '../../src/tallies/rules/commands.ts'
import { decodeTally, type EncodedTally, encodeTally } from '../../src/tallies/rules/encoding.ts'
import { CHARTED, DIMENSIONS, kindWith, MONEY_DIMENSIONS, Tally } from '../../src/tallies/rules/tally.ts'

const DAY_MS = 24 * HOUR_MS
/** Clocks change in the middle, in either direction; days begin between hours; noon is midnight in UTC. */
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/Los_Angeles', 'Pacific/Auckland']
const BEGAN = Date.parse('2026-09-20T12:00:00Z')
const DAYS = 45

/** Counts which rows are read. */
class CountedTallies extends MemoryTallies {
  read = 0

  override rows(kept: Kept, from: number, to: number): readonly (readonly [number, EncodedTally])[] {
    const rows = super.rows(kept, from, to)
    this.read += rows.length
    return rows
  }
}

interface Posted {
  readonly at: number
  readonly kind: string
}

function post(storage: MemoryTallies, { at, kind }: Posted, timeZone: string, now: number): void {
  const tally = new Tally()
  tally.cellOf(kind).count += 1
  const minute = bucketStart('minute', at, timeZone)
  applyTally(storage, { kind: 'post', timeZone, minutes: [[minute, encodeTally(tally)]], configuration: 'one' }, now)
}

function sums(
  storage: MemoryTallies,
  query: Omit<ReadTallies, 'kind' | 'moneyBy'>,
): Record<number, Record<string, number>> {
  const moneyBy = query.isSeries ? [] : MONEY_DIMENSIONS
  const answer = applyTally(storage, { ...query, moneyBy, kind: 'read' }, 0)
  if (!answer.ok || answer.value === undefined) throw new Error('nothing was read')
  return Object.fromEntries(
    answer.value.buckets.map(([start, tally]) => [
      start,
      Object.fromEntries(Array.from(decodeTally(tally).traffic, ([kind, { count }]) => [kind, count])),
    ]),
  )
}

function counted(posted: readonly Posted[], from: number, to: number): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { at, kind } of posted) if (at >= from && at < to) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

const kindOf = (route: number): string =>
  kindWith([`/r${route}/*`, 'serve', '2xx', '', 'hit', ...Array.from({ length: DIMENSIONS.length - 5 }, () => '')])

/** What came in so many days, every few hours, a part of it late. `later`: the zone's clock after half of them. */
function filled(timeZone: string, seed: number, later = timeZone) {
  const storage = new CountedTallies()
  const posted: Posted[] = []
  let state = seed
  const draw = (most: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
  for (let now = BEGAN; now < BEGAN + DAYS * DAY_MS; now += (1 + draw(4)) * HOUR_MS + draw(60) * MINUTE_MS) {
    const late = draw(5) === 0 ? draw(30) * DAY_MS : 0
    const one = { at: Math.max(BEGAN, now - late), kind: kindOf(draw(3)) }
    posted.push(one)
    post(storage, one, now < BEGAN + (DAYS / 2) * DAY_MS ? timeZone : later, now)
  }
  return { storage, posted }
}

describe('sums over a time', () => {
  it('are those of what came, whatever they are read of', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.constantFrom('hour' as const, 'day' as const),
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.tuple(fc.nat({ max: (DAYS + 1) * 24 }), fc.nat({ max: (DAYS + 1) * 24 })),
        (timeZone, resolution, seed, hours) => {
          const { storage, posted } = filled(timeZone, seed)
          const [first = 0, second = 0] = hours.toSorted((one, other) => one - other)
          const from = bucketStart(resolution, BEGAN + first * HOUR_MS, timeZone)
          const to = nextBucket(resolution, bucketStart(resolution, BEGAN + second * HOUR_MS, timeZone), timeZone)
          const query = { timeZone, resolution, from, to }
          const whole = sums(storage, { ...query, by: DIMENSIONS, isSeries: false })
          expect(whole[from] ?? {}).toEqual(counted(posted, from, to))
          const series = sums(storage, { ...query, by: CHARTED, isSeries: true })
          for (let start = from; start < to; start = nextBucket(resolution, start, timeZone)) {
            const all = Object.values(counted(posted, start, nextBucket(resolution, start, timeZone)))
            const shown = Object.values(series[start] ?? {})
            const sum = (numbers: readonly number[]): number => numbers.reduce((known, one) => known + one, 0)
            expect(sum(shown)).toBe(sum(all))
            expect(shown.length).toBeLessThan(2)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('are the same once a zone has another clock, whose days begin at other times', () => {
    const zone = fc.constantFrom(...ZONES, 'Antarctica/Troll', 'Australia/Lord_Howe')
    const hour = fc.nat({ max: (DAYS + 1) * 24 })
    fc.assert(
      fc.property(
        zone,
        zone,
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.tuple(hour, hour),
        (one, timeZone, seed, hours) => {
          const { storage, posted } = filled(one, seed, timeZone)
          const [from = 0, to = 0] = hours.toSorted((first, second) => first - second).map((at) => BEGAN + at * HOUR_MS)
          const whole = sums(storage, { timeZone, resolution: 'hour', from, to, by: DIMENSIONS, isSeries: false })
          expect(whole[from] ?? {}).toEqual(counted(posted, from, to))
          const [first, last] = [from, to].map((at) => bucketStart('day', at, timeZone)) as [number, number]
          const days = { timeZone, resolution: 'day', from: first, to: last } as const
          const counts = (isSeries: boolean): number[] =>
            Object.values(sums(storage, { ...days, by: CHARTED, isSeries })).flatMap((all) => Object.values(all))
          const sum = (numbers: readonly number[]): number => numbers.reduce((known, count) => known + count, 0)
          expect(sum(counts(false))).toBe(sum(counts(true)))
        },
      ),
      { numRuns: 60 },
    )
  })

  it.each(['hour', 'day'] as const)(
    'by %s keep the names of more kinds than a longer row has room for',
    (resolution) => {
      const storage = new MemoryTallies()
      const now = BEGAN + 30 * DAY_MS
      let posts = 0
      for (let at = BEGAN; at < now; at += 6 * HOUR_MS) {
        const tally = new Tally()
        for (let kind = 0; kind < 400; kind++) tally.cellOf(kindOf(400 * posts + kind)).count += 1
        posts += 1
        const minutes = [[at, encodeTally(tally)]] as const
        applyTally(storage, { kind: 'post', timeZone: 'UTC', minutes, configuration: 'one' }, at)
      }
      // A day of 1,600 kinds has lost the names of the last ones; ten days lose those of no other.
      const from = bucketStart('day', BEGAN, 'UTC') + DAY_MS
      const query = { timeZone: 'UTC', resolution, from, to: from + 25 * DAY_MS, by: ['decision'] as const }
      const [whole = {}] = Object.values(sums(storage, { ...query, isSeries: false }))
      const named = Object.entries(whole).reduce(
        (sum, [kind, count]) => (kind.includes('serve') ? sum + count : sum),
        0,
      )
      expect(named).toBe(resolution === 'hour' ? 25 * 1600 : 25 * 1000)
    },
  )

  it('of a week and of ninety days are read of few rows', () => {
    const timeZone = 'Europe/Berlin'
    const storage = new CountedTallies()
    const now = BEGAN + 100 * DAY_MS
    for (let at = BEGAN; at < now; at += HOUR_MS) post(storage, { at, kind: kindOf(0) }, timeZone, at)
    const readOf = (resolution: 'hour' | 'day', days: number): number => {
      storage.read = 0
      const from = bucketStart(resolution, now - days * DAY_MS, timeZone)
      sums(storage, { timeZone, resolution, from, to: now, by: DIMENSIONS, isSeries: false })
      return storage.read
    }
    // The hours at both ends, the days between, and the minutes of this hour.
    expect(readOf('hour', 7)).toBeLessThan(24 + 24 + 7)
    // At most nineteen days and eight tens, and the minutes of today: here one an hour.
    expect(readOf('day', 90)).toBeLessThan(19 + 9 + 24)
  })

  it('hold rows of an earlier version, which have nothing beside them', () => {
    const timeZone = 'UTC'
    const earlier = new MemoryTallies()
    for (let at = BEGAN; at < BEGAN + 25 * DAY_MS; at += 5 * HOUR_MS)
      post(earlier, { at, kind: kindOf(0) }, timeZone, at)
    const storage = new MemoryTallies()
    const until = bucketStart('hour', BEGAN + 25 * DAY_MS, timeZone)
    for (const resolution of ['minute', 'hour', 'day', 'ever'] as const)
      for (const [start, row] of earlier.rows(resolution, 0, until)) storage.put(resolution, start, row)
    for (const name of ['hours', 'days', 'totals'] as const) storage.putState(name, earlier.state(name) ?? '0')
    for (let at = until; at < until + 20 * DAY_MS; at += 5 * HOUR_MS)
      post(storage, { at, kind: kindOf(1) }, timeZone, at)
    const from = bucketStart('day', BEGAN, timeZone)
    const query = { timeZone, resolution: 'day', from, to: until + 21 * DAY_MS } as const
    const [whole = {}] = Object.values(sums(storage, { ...query, by: DIMENSIONS, isSeries: false }))
    expect(whole).toEqual({ [kindOf(0)]: 120, [kindOf(1)]: 96 })
    const series = Object.values(sums(storage, { ...query, by: CHARTED, isSeries: true }))
    expect(series.flatMap((counts) => Object.values(counts)).reduce((sum, count) => sum + count, 0)).toBe(216)
  })
})
