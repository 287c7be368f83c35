/**
 * The tallies of a zone, as one object keeps them: minutes for two days, hours for ninety, days for three years.
 *
 * Everything is added to its minute. When an hour is over it is made of its minutes, and a day of the zone's clock of its
 * own; what comes later than that is added to those too. So a sum over any of the three is the same sum. Beyond two days a
 * minute keeps its totals for a week more, so that the last hour can be compared with the same of last week.
 */
import { bucketStart, HOUR_MS, type Kept, nextBucket, type Resolution, tenDaysOf } from './buckets.ts'
import type {
  AddRecords,
  ForgetPayer,
  NoteConditions,
  PostTallies,
  ReadTallies,
  TallyAnswer,
  TallyCommand,
  TallyReading,
} from './commands.ts'
import { type KnownCondition, noteConditions } from './conditions.ts'
import { decodeTally, type EncodedTally, encodeTally, mergeEncoded } from './encoding.ts'
import { addRecord, isAddedUp, type Mark } from './money.ts'
import { addNear, dropEndedNear, type NearLimit, readNear } from './nearlimits.ts'
import { madeUntil, noteClock } from './made.ts'
import { readBuckets } from './reading.ts'
import { CHARTED, DIMENSIONS, MONEY_DIMENSIONS, projection, Tally } from './tally.ts'

/** Where tallies are stored. Every call is within a transaction. */
export interface TallyStorage {
  row(kept: Kept, start: number): EncodedTally | undefined
  /** Rows from `from`, and before `to`, in order. */
  rows(kept: Kept, from: number, to: number): Iterable<readonly [start: number, tally: EncodedTally]>
  put(kept: Kept, start: number, tally: EncodedTally): void
  drop(kept: Kept, before: number): void
  mark(payer: string): Mark | undefined
  putMark(payer: string, mark: Mark, now: number): void
  dropMark(payer: string): void
  /** The accounts near a limit, by the id of their limit. */
  near(): readonly (readonly [id: string, near: NearLimit])[]
  putNear(id: string, near: NearLimit): void
  dropNear(id: string): void
  /** What is kept under a name. */
  state(name: StateName): string | undefined
  putState(name: StateName, text: string): void
}

/**
 * Until when rows were made of shorter ones, from when they have others beside them, by which clock days are made and since when,
 * the configurations that were seen, what was noted of the zone and when somebody was last at work in it, and what whoever watches
 * it keeps.
 */
export type StateName =
  | 'hours'
  | 'days'
  | 'totals'
  | 'beside'
  | 'clock'
  | 'configurations'
  | 'conditions'
  | 'at-work'
  | 'watched'

const DAY_MS = 24 * HOUR_MS
export const KEEP_MS: Readonly<Record<Resolution, number>> = {
  minute: 2 * DAY_MS,
  hour: 90 * DAY_MS,
  day: 3 * 366 * DAY_MS,
  ever: Infinity,
}
/** How long a minute keeps its totals. */
export const TOTALS_MS = 8 * DAY_MS
const MAX_CONFIGURATIONS = 100

/** The names that a minute's totals still tell apart. */
export const TOTALS_BY = ['decision', 'status', 'reason', 'cache', 'credential', 'format', 'trip', 'offer'] as const

/** Carries out a command. */
export function applyTally(storage: TallyStorage, command: TallyCommand, now: number): TallyAnswer {
  switch (command.kind) {
    case 'post':
      post(storage, command, now)
      return { ok: true, value: undefined }
    case 'records':
      addRecords(storage, command, now)
      return { ok: true, value: undefined }
    case 'read':
      return { ok: true, value: read(storage, command) }
    case 'note':
      note(storage, command, now)
      return { ok: true, value: undefined }
    case 'near':
      return { ok: true, value: undefined, near: readNear(storage, command.hash, command.most, now) }
    case 'forget':
      forget(storage, command)
      return { ok: true, value: undefined }
  }
}

function post(storage: TallyStorage, { minutes, timeZone, configuration }: PostTallies, now: number): void {
  rollUp(storage, timeZone, now)
  for (const [start, tally] of minutes) addTo(storage, start, decodeTally(tally), timeZone, now)
  noteConfiguration(storage, configuration, now)
}

function forget(storage: TallyStorage, { payer, hashes }: ForgetPayer): void {
  storage.dropMark(payer)
  for (const [id, { hash }] of storage.near()) if (hashes.includes(hash)) storage.dropNear(id)
}

function addRecords(storage: TallyStorage, { payer, records, near = [], timeZone }: AddRecords, now: number): void {
  rollUp(storage, timeZone, now)
  const mark = storage.mark(payer)
  const fresh = records.filter((record) => !isAddedUp(record, mark))
  const last = fresh.at(-1)
  if (last === undefined) return
  const byMinute = new Map<number, Tally>()
  for (const record of fresh) {
    const start = bucketStart('minute', record.at, timeZone)
    const tally = byMinute.get(start) ?? new Tally()
    byMinute.set(start, tally)
    addRecord(tally, record)
  }
  for (const [start, tally] of byMinute) if (tally.money.size > 0) addTo(storage, start, tally, timeZone, now)
  const isFresh = new Set(fresh.map(({ position }) => position))
  for (const { position, near: one } of near) if (isFresh.has(position)) addNear(storage, one, now)
  storage.putMark(payer, { position: last.position, at: last.at }, now)
}

/** Adds to the minute and to the sums of ever, and to the hour and day if those are made already. */
function addTo(storage: TallyStorage, minute: number, tally: Tally, timeZone: string, now: number): void {
  if (minute >= now - KEEP_MS.minute) addToRow(storage, 'minute', minute, tally)
  else if (minute >= now - TOTALS_MS) addToRow(storage, 'minute', minute, totalsOf(tally))
  const hour = bucketStart('hour', minute, timeZone)
  if (hour < madeUntil(storage, 'hours')) addToRow(storage, 'hour', hour, tally)
  const day = bucketStart('day', minute, timeZone)
  if (day < madeUntil(storage, 'days')) addToRow(storage, 'day', day, tally)
  addToRow(storage, 'ever', 0, withoutAccounts(tally))
}

/** Accounts are of a time: of ever they would be all. */
function withoutAccounts(tally: Tally): Tally {
  const sums = new Tally()
  sums.merge(tally)
  sums.hurt.clear()
  sums.hasMoreHurt = false
  return sums
}

/** Adds to a row, and to what is kept beside it. */
function addToRow(storage: TallyStorage, resolution: Resolution, start: number, tally: Tally): void {
  mergeInto(storage, resolution, start, tally)
  if (resolution === 'hour' || resolution === 'day') mergeInto(storage, `${resolution}-charts`, start, chartsOf(tally))
  if (resolution === 'day') mergeInto(storage, 'ten-days', tenDaysOf(start), tally)
}

function mergeInto(storage: TallyStorage, kept: Kept, start: number, tally: Tally): void {
  const row = storage.row(kept, start)
  const sum = row === undefined ? new Tally() : decodeTally(row)
  sum.merge(tally)
  storage.put(kept, start, encodeTally(sum))
}

function chartsOf(tally: Tally): Tally {
  const charts = new Tally()
  charts.merge(tally, projection(DIMENSIONS, CHARTED), projection(MONEY_DIMENSIONS, []))
  return charts
}

/** Makes the hours and days that are over since the last time, and forgets what is older than it is kept. */
function rollUp(storage: TallyStorage, timeZone: string, now: number): void {
  if (bucketStart('hour', now, timeZone) === madeUntil(storage, 'hours')) return
  // Rows of an earlier version have nothing beside them.
  if (storage.state('beside') === undefined) storage.putState('beside', String(madeUntil(storage, 'hours')))
  noteClock(storage, timeZone)
  make(storage, 'hour', 'hours', timeZone, now)
  make(storage, 'day', 'days', timeZone, now)
  for (const resolution of ['hour', 'day'] as const)
    for (const kept of [resolution, `${resolution}-charts`] as const) storage.drop(kept, now - KEEP_MS[resolution])
  storage.drop('ten-days', now - KEEP_MS.day)
  shorten(storage, now)
  dropEndedNear(storage, now)
}

/** Makes the buckets before that of `now` from their minutes. */
function make(
  storage: TallyStorage,
  resolution: 'hour' | 'day',
  name: 'hours' | 'days',
  timeZone: string,
  now: number,
): void {
  const made = madeUntil(storage, name)
  const until = bucketStart(resolution, now, timeZone)
  if (until <= made) return
  for (const [start, sum] of summed(storage.rows('minute', made, until), resolution, timeZone))
    addToRow(storage, resolution, start, sum)
  storage.putState(name, String(until))
}

function summed(
  rows: Iterable<readonly [number, EncodedTally]>,
  resolution: Resolution,
  timeZone: string,
): Map<number, Tally> {
  const sums = new Map<number, Tally>()
  let [start, end] = [0, 0]
  for (const [minute, row] of rows) {
    if (minute >= end) {
      start = bucketStart(resolution, minute, timeZone)
      end = nextBucket(resolution, start, timeZone)
    }
    const sum = sums.get(start) ?? new Tally()
    sums.set(start, sum)
    mergeEncoded(sum, row)
  }
  return sums
}

/** Leaves the totals of minutes beyond two days, and forgets those beyond a week more. */
function shorten(storage: TallyStorage, now: number): void {
  const until = bucketStart('hour', now - KEEP_MS.minute, 'UTC')
  // A list: rows are written while it is read.
  const rows = Array.from(storage.rows('minute', madeUntil(storage, 'totals'), until))
  for (const [minute, row] of rows) storage.put('minute', minute, encodeTally(totalsOf(decodeTally(row))))
  storage.putState('totals', String(until))
  storage.drop('minute', now - TOTALS_MS)
}

function totalsOf(tally: Tally): Tally {
  const totals = new Tally()
  totals.merge(tally, projection(DIMENSIONS, TOTALS_BY), projection(MONEY_DIMENSIONS, []))
  return totals
}

/** When somebody was last at work in a zone, in milliseconds since 1970, and the zone's id. */
export interface AtWork {
  readonly zone: string
  readonly at: number
}

function note(storage: TallyStorage, { zone, conditions }: NoteConditions, now: number): void {
  const known = conditionsIn(storage)
  const next = noteConditions(known, conditions, now)
  if (known.length > 0 || next.length > 0) storage.putState('conditions', JSON.stringify(next))
  storage.putState('at-work', JSON.stringify({ zone, at: now } satisfies AtWork))
}

/** Returns what was noted of the zone. */
export function conditionsIn(storage: TallyStorage): readonly KnownCondition[] {
  return JSON.parse(storage.state('conditions') ?? '[]') as readonly KnownCondition[]
}

/** Returns when somebody was last at work; undefined in an object that was told of nobody. */
export function atWorkIn(storage: TallyStorage): AtWork | undefined {
  const noted = storage.state('at-work')
  return noted === undefined ? undefined : (JSON.parse(noted) as AtWork)
}

function noteConfiguration(storage: TallyStorage, configuration: string, now: number): void {
  const known = configurationsIn(storage)
  if (known.some(([, fingerprint]) => fingerprint === configuration)) return
  const all = [...known, [now, configuration] as const].slice(-MAX_CONFIGURATIONS)
  storage.putState('configurations', JSON.stringify(all))
}

function configurationsIn(storage: TallyStorage): TallyReading['configurations'] {
  return JSON.parse(storage.state('configurations') ?? '[]') as TallyReading['configurations']
}

/** Reads sums, and what goes with them. */
function read(storage: TallyStorage, query: ReadTallies): TallyReading {
  return {
    buckets: Array.from(readBuckets(storage, query), ([start, sum]) => [start, encodeTally(sum)]),
    configurations: configurationsIn(storage),
    ...(storage.state('at-work') !== undefined && {
      conditions: conditionsIn(storage),
      watched: storage.state('watched'),
    }),
  }
}
