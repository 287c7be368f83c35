import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../../src/logrecord.ts'
import { MemoryTallies } from '../../src/platform/memory/tallies.ts'
import { applyTally, KEEP_MS, type TallyStorage } from '../../src/tallies/rules/book.ts'
import { HOUR_MS, MINUTE_MS, nextBucket, bucketStart } from '../../src/tallies/rules/buckets.ts'
import type { ReadTallies } from '../../src/tallies/rules/commands.ts'
import { decodeTally, encodeTally } from '../../src/tallies/rules/encoding.ts'
import { DIMENSIONS, trafficKindOf, Tally } from '../../src/tallies/rules/tally.ts'

const BERLIN = 'Europe/Berlin'
const DAY_MS = 24 * HOUR_MS

const line = (at: number, more: Partial<LogRecord> = {}): LogRecord => ({
  time: new Date(at).toISOString(),
  id: 'id',
  trace: undefined,
  zone: 'www',
  route: '/a/*',
  method: 'GET',
  status: 200,
  decision: 'serve',
  reason: undefined,
  check: undefined,
  reference: undefined,
  observed: undefined,
  rail: undefined,
  credential: undefined,
  model: undefined,
  exempt: undefined,
  account: undefined,
  charged: undefined,
  audit: undefined,
  cache: 'hit',
  originMs: 0,
  bytes: 10,
  totalMs: 7,
  ...more,
})

function post(storage: TallyStorage, records: readonly LogRecord[], now: number): void {
  const minutes = new Map<number, Tally>()
  for (const record of records) {
    const start = bucketStart('minute', Date.parse(record.time), 'UTC')
    const tally = minutes.get(start) ?? new Tally()
    minutes.set(start, tally)
    tally.record(record)
  }
  const encoded = Array.from(minutes, ([start, tally]) => [start, encodeTally(tally)] as const)
  applyTally(storage, { kind: 'post', timeZone: BERLIN, minutes: encoded, configuration: 'one' }, now)
}

function countsIn(storage: TallyStorage, query: Pick<ReadTallies, 'resolution' | 'from' | 'to'>): [number, number][] {
  const command = { ...query, kind: 'read', timeZone: BERLIN, by: DIMENSIONS, moneyBy: [], isSeries: true } as const
  const answer = applyTally(storage, command, 0)
  if (!answer.ok || answer.value === undefined) throw new Error('nothing was read')
  return answer.value.buckets
    .map(([start, tally]): [number, number] => {
      const all = [...decodeTally(tally).traffic.values()]
      return [start, all.reduce((sum, { count }) => sum + count, 0)]
    })
    .sort(([one], [other]) => one - other)
}

describe('buckets of a clock', () => {
  it.each([
    ['a winter day', '2026-01-15T12:00:00Z', '2026-01-14T23:00:00Z', 24],
    ['the day on which clocks go forward', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00Z', 23],
    ['just after they did', '2026-03-29T01:00:01Z', '2026-03-28T23:00:00Z', 23],
    ['the day on which they go back', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00Z', 25],
    ['in the hour that comes twice', '2026-10-25T01:30:00Z', '2026-10-24T22:00:00Z', 25],
  ])('begin and end %s', (_, at, start, hours) => {
    const began = bucketStart('day', Date.parse(at), BERLIN)
    expect(new Date(began).toISOString()).toBe(start.replace('Z', '.000Z'))
    expect((nextBucket('day', began, BERLIN) - began) / HOUR_MS).toBe(hours)
  })

  it.each(['UTC', BERLIN, 'Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns', 'America/Havana', 'Pacific/Apia'])(
    'of %s follow each other through a year, without a gap and without an overlap',
    (timeZone) => {
      let start = bucketStart('day', Date.parse('2026-01-01T12:00:00Z'), timeZone)
      for (let day = 0; day < 370; day++) {
        const next = nextBucket('day', start, timeZone)
        const hours = (next - start) / HOUR_MS
        expect(hours >= 23 && hours <= 25).toBe(true)
        expect(bucketStart('day', next - 1, timeZone)).toBe(start)
        expect(bucketStart('day', next, timeZone)).toBe(next)
        start = next
      }
    },
  )

  it.each([
    ['Antarctica/Troll', '2026-10-25T12:00:00Z', 26],
    ['Antarctica/Troll', '2026-03-29T12:00:00Z', 22],
    ['Australia/Lord_Howe', '2026-04-05T02:00:00Z', 24.5],
    ['Australia/Lord_Howe', '2026-10-04T02:00:00Z', 23.5],
  ])('of %s end on %s too, when its clock changes by two hours or by half of one', (timeZone, at, hours) => {
    const start = bucketStart('day', Date.parse(at), timeZone)
    const next = nextBucket('day', start, timeZone)
    expect((next - start) / HOUR_MS).toBe(hours)
    expect([bucketStart('day', next - 1, timeZone), bucketStart('day', next, timeZone)]).toEqual([start, next])
  })
})

describe('what was posted', () => {
  const began = Date.parse('2026-10-24T10:00:00Z')

  it('is the same sum by minutes, hours and days, across midnight and a change of clocks', () => {
    const storage = new MemoryTallies()
    for (let at = began; at < began + 45 * HOUR_MS; at += 7 * MINUTE_MS) post(storage, [line(at)], at + 10_000)
    const [from, to] = [bucketStart('day', began, BERLIN), bucketStart('day', began + 72 * HOUR_MS, BERLIN)]
    const [minutes, hours, days] = (['minute', 'hour', 'day'] as const).map((resolution) =>
      countsIn(storage, { resolution, from, to }),
    )
    const byDay = new Map<number, number>()
    for (const [start, count] of minutes ?? []) {
      const day = bucketStart('day', start, BERLIN)
      byDay.set(day, (byDay.get(day) ?? 0) + count)
    }
    expect(days).toEqual([...byDay])
    expect(days).toHaveLength(3)
    const sum = (all: readonly [number, number][] = []) => all.reduce((known, [, count]) => known + count, 0)
    expect([sum(minutes), sum(hours)]).toEqual([sum(days), sum(days)])
  })

  it('is added to the hour and the day that were made already, though it comes late', () => {
    const storage = new MemoryTallies()
    post(storage, [line(began)], began)
    post(storage, [line(began + 2 * DAY_MS)], began + 2 * DAY_MS)
    post(storage, [line(began + MINUTE_MS)], began + 2 * DAY_MS)
    const from = bucketStart('day', began, BERLIN)
    const to = from + DAY_MS
    expect(countsIn(storage, { resolution: 'hour', from, to }).map(([, count]) => count)).toEqual([2])
    expect(countsIn(storage, { resolution: 'day', from, to }).map(([, count]) => count)).toEqual([2])
  })

  it('is added to the totals of a minute though it comes days late, and to no minute that is gone', () => {
    const storage = new MemoryTallies()
    const late = began + KEEP_MS.minute + 2 * HOUR_MS
    post(storage, [line(began), line(began, { route: '/b' })], began)
    post(storage, [line(began, { route: '/c' })], late)
    const within = { resolution: 'minute', from: began, to: began + HOUR_MS } as const
    expect(countsIn(storage, within)).toEqual([[began, 3]])
    expect([...storage.rows('minute', began, began + 1)][0]?.[1].traffic).toHaveLength(1)
    post(storage, [line(began, { route: '/d' })], began + 9 * DAY_MS)
    expect(countsIn(storage, within)).toEqual([])
  })

  it('keeps hours and days when its minutes are gone, and the totals of a minute for a week', () => {
    const storage = new MemoryTallies()
    post(storage, [line(began), line(began, { route: '/b' })], began)
    const within = { from: began, to: began + HOUR_MS }
    const late = began + KEEP_MS.minute + 2 * HOUR_MS
    post(storage, [line(late)], late)
    expect(countsIn(storage, { resolution: 'minute', ...within })).toEqual([[began, 2]])
    expect([...storage.rows('minute', began, began + 1)][0]?.[1].traffic).toHaveLength(1)
    post(storage, [line(began + 9 * DAY_MS)], began + 9 * DAY_MS)
    expect(countsIn(storage, { resolution: 'minute', ...within })).toEqual([])
    expect(countsIn(storage, { resolution: 'hour', ...within })).toEqual([[began, 2]])
  })
})

describe('a tally', () => {
  it('tells apart what is named by the configuration, and no more than a thousand kinds', () => {
    const tally = new Tally()
    for (let route = 0; route < 3000; route++) tally.record(line(0, { route: `/${route}` }))
    expect(tally.traffic.size).toBe(1001)
    expect([...tally.traffic.values()].reduce((sum, { count }) => sum + count, 0)).toBe(3000)
  })

  it('keeps the accounts that were refused with a genuine credential, and no other', () => {
    const tally = new Tally()
    const refused = { decision: 'refuse', status: 402, account: 'hash' } as const
    for (const account of ['one', 'two', 'one']) tally.record(line(0, { ...refused, credential: 'verified', account }))
    tally.record(line(0, { ...refused, credential: 'refused', account: 'forged' }))
    tally.record(line(0, { account: 'served', credential: 'verified' }))
    expect([...tally.hurt]).toEqual(['one', 'two'])
    for (let account = 0; account < 3000; account++) tally.addHurt(String(account))
    expect([tally.hurt.size, tally.hasMoreHurt]).toEqual([2000, true])
  })

  it('survives being written and read', () => {
    const tally = new Tally()
    tally.record(line(0, { totalMs: 40_000, originMs: 39_000 }))
    const cell = tally.moneyOf('a\n\n\n')
    cell.money.set('USD', 10n ** 30n)
    cell.units.set('__proto__', 1n)
    tally.addHurt('one')
    expect(decodeTally(JSON.parse(JSON.stringify(encodeTally(tally))) as ReturnType<typeof encodeTally>)).toEqual(tally)
  })

  it('names a kind by the route, never by the path or the account', () => {
    const kind = trafficKindOf(line(0, { account: 'the account', id: 'the id', charged: { uses: 1 } }))
    expect(kind.split('\n')).toEqual(['/a/*', 'serve', '2xx', '', 'hit', '', '', '', '', '', '', '', ''])
  })
})
