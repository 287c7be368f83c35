/**
 * Reads sums over a time.
 *
 * Months of hours are much to read, and mostly for nothing: charts tell few things apart, and a sum over a time is the sum of
 * the days within. So both are kept beside the rows, and whatever is read is the same sum.
 */
import { bucketStart, daysInTen, nextBucket, type Resolution, tenDaysOf, wholeTens } from './buckets.ts'
import type { TallyStorage } from './book.ts'
import type { ReadTallies } from './commands.ts'
import { type EncodedTally, mergeEncoded } from './encoding.ts'
import { daysFrom, madeUntil } from './made.ts'
import { CHARTED, DIMENSIONS, isOthers, MONEY_DIMENSIONS, projection, Tally } from './tally.ts'

type Row = readonly [start: number, tally: EncodedTally]

/** Returns sums by the start of each bucket. What was not made of shorter rows yet is, for this reading. */
export function readBuckets(storage: TallyStorage, query: ReadTallies): ReadonlyMap<number, Tally> {
  const { from, by, moneyBy, isSeries } = query
  const [byTraffic, byMoney] = [projection(DIMENSIONS, by), projection(MONEY_DIMENSIONS, moneyBy)]
  const sums = new Map<number, Tally>()
  const add = ([start, row]: Row): void => {
    const bucket = isSeries ? start : from
    const sum = sums.get(bucket) ?? new Tally()
    sums.set(bucket, sum)
    mergeEncoded(sum, row, byTraffic, byMoney)
  }
  for (const row of isSeries ? chartRows(storage, query) : totalRows(storage, query)) add(row)
  for (const row of unmadeRows(storage, query)) add(row)
  return sums
}

/** Returns the rows of which hours and days are not made yet, each with the start of the hour or day that it is in. */
function* unmadeRows(storage: TallyStorage, query: ReadTallies): Iterable<Row> {
  const { resolution, from, to, timeZone } = query
  if (resolution !== 'hour' && resolution !== 'day') return
  const hours = Math.max(from, madeUntil(storage, 'hours'))
  const days = Math.max(from, madeUntil(storage, 'days'))
  const isAligned = daysFrom(storage, timeZone) !== Infinity && bucketStart('hour', days, timeZone) === days
  const isByHours = resolution === 'day' && days < hours && isAligned
  const inBuckets = function* (rows: Iterable<Row>): Iterable<Row> {
    let [start, end] = [0, 0]
    for (const [at, row] of rows) {
      if (at >= end) {
        start = bucketStart(resolution, at, timeZone)
        end = nextBucket(resolution, start, timeZone)
      }
      yield [start, row]
    }
  }
  if (isByHours) yield* inBuckets(hourRows(storage, { ...query, from: days, to: Math.min(to, hours) }))
  const made = resolution === 'hour' || isByHours ? hours : days
  if (made < to) yield* inBuckets(storage.rows('minute', made, to))
}

function hourRows(storage: TallyStorage, query: ReadTallies): Iterable<Row> {
  return query.isSeries
    ? chartRows(storage, { ...query, resolution: 'hour' })
    : storage.rows('hour', query.from, query.to)
}

/** Returns the rows of a series: what charts need of each, if that is all that is asked. */
function* chartRows(storage: TallyStorage, { resolution, from, to, by, moneyBy }: ReadTallies): Iterable<Row> {
  const isCharted = moneyBy.length === 0 && by.every((dimension) => CHARTED.includes(dimension))
  const beside = isCharted ? besideFrom(storage, resolution, from, to) : to
  yield* storage.rows(resolution, from, beside)
  if (resolution === 'hour' || resolution === 'day') yield* storage.rows(`${resolution}-charts`, beside, to)
}

/** Returns rows with the same sum: days in place of their hours, and sums of ten in place of days. */
function* totalRows(storage: TallyStorage, { resolution, from, to, timeZone }: ReadTallies): Iterable<Row> {
  if (resolution === 'hour') {
    // Days of another clock begin and end at other times than those that are read.
    const first = firstDay(Math.max(from, daysFrom(storage, timeZone)), timeZone)
    const last = bucketStart('day', Math.min(to, madeUntil(storage, 'days')), timeZone)
    // Not of every clock do days begin with an hour.
    const isWhole = first < last && [first, last].every((day) => bucketStart('hour', day, timeZone) === day)
    if (!isWhole) return yield* storage.rows('hour', from, to)
    yield* storage.rows('hour', from, first)
    yield* wholeRows(dayRows(storage, first, last), (day) => hoursOf(storage, day, timeZone))
    return yield* storage.rows('hour', last, to)
  }
  if (resolution === 'day') yield* dayRows(storage, from, to)
  else yield* storage.rows(resolution, from, to)
}

function firstDay(from: number, timeZone: string): number {
  if (from === Infinity) return from
  const day = bucketStart('day', from, timeZone)
  return day === from ? day : nextBucket('day', day, timeZone)
}

function* dayRows(storage: TallyStorage, from: number, to: number): Iterable<Row> {
  const [first, last] = wholeTens(besideFrom(storage, 'day', from, to), to)
  if (first >= last) return yield* storage.rows('day', from, to)
  yield* storage.rows('day', from, first)
  const tens = storage.rows('ten-days', tenDaysOf(first), tenDaysOf(last))
  yield* wholeRows(tens, (ten) => storage.rows('day', ...daysInTen(ten)))
  yield* storage.rows('day', last, to)
}

/** Returns the rows, and of those that had no room for all kinds the shorter ones, each of which had. */
function* wholeRows(rows: Iterable<Row>, shorter: (start: number) => Iterable<Row> | undefined): Iterable<Row> {
  // A list: others are read while it is.
  for (const row of Array.from(rows)) {
    const [start, { traffic, money }] = row
    const isWhole = !traffic.some(([kind]) => isOthers(kind)) && !money.some(([kind]) => isOthers(kind))
    yield* (isWhole ? undefined : shorter(start)) ?? [row]
  }
}

/** Returns the hours of a day; undefined if it does not begin and end with one, or they are not kept any more. */
function hoursOf(storage: TallyStorage, day: number, timeZone: string): readonly Row[] | undefined {
  const next = nextBucket('day', day, timeZone)
  const isOfHours = [day, next].every((start) => bucketStart('hour', start, timeZone) === start)
  const hours = isOfHours ? Array.from(storage.rows('hour', day, next)) : []
  return hours.length === 0 ? undefined : hours
}

/** Returns from when, of a time, rows have others beside them. */
function besideFrom(storage: TallyStorage, resolution: Resolution, from: number, to: number): number {
  if (resolution !== 'hour' && resolution !== 'day') return to
  return Math.min(to, Math.max(from, madeUntil(storage, 'beside')))
}
