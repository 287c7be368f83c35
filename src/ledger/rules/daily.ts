/**
 * Sums of each day, for thirteen months: what an account used, when single charges are forgotten long since.
 *
 * A day is one of UTC, and a charge belongs to the day on which it was made, however late it is amended. Each day has one
 * sum for each route, and where the facts of a charge name a meter, a model, an API key and a tag, for each of those. Models
 * and tags are named by clients, so a day has at most 64 sums, and all days together have at most 6,000; what does not fit is counted under one
 * name, so that the sums of a day are always those of all its charges.
 */
import { isNothing, withAllMore } from './amount.ts'
import { DAY_MS } from './calendar.ts'
import type { Amount, Units } from './commands.ts'
import type { Facts } from './record.ts'
import type { UnitOfWork } from './unitofwork.ts'

/** The sum of the amounts kept for one route on one day. */
export interface DailySum {
  /** Days since 1970, in UTC. */
  readonly day: number
  /** `OTHER_ROUTES` for what did not fit: a route's own name begins with a slash. */
  readonly route: string
  readonly meter?: string
  readonly model?: string
  /** The id of an API key. */
  readonly key?: string
  /** The word by which the requests of a key want to be grouped. */
  readonly tag?: string
  readonly charges: number
  readonly counts: readonly Units[]
  /** By currency. */
  readonly money: readonly Units[]
}

/** The name under which a day counts what did not fit. */
export const OTHER_ROUTES = 'other'
/** The most days that sums are kept: thirteen months, one of them in a leap year. */
export const MOST_DAYS = 397
/** The most sums of one day, without the one under `OTHER_ROUTES`. */
export const MOST_DAY_SUMS = 64
/** The most sums of a ledger: about 2 MB. Beyond that the oldest days are summed up, each under one name. */
export const MOST_SUMS = 6000
/** A longer name counts as another route: a client may have written it. */
const MOST_NAME = 256

/** The charge as far as its day's sum depends on it. */
interface DatedCharge {
  readonly at: number
  readonly facts: Facts
}

/** Adds a change, and `charges` new charges, to the sum of the charge's day. Drops days that are too old. */
export function countDay(work: UnitOfWork, charge: DatedCharge, change: Amount, now: number, charges: number): void {
  if (charges === 0 && isNothing({ ...change, uses: 0 })) return
  const { price, counts } = change
  const money = price === undefined ? [] : [{ name: price.currency, units: price.units }]
  addToDay(work, { ...namesOf(charge), charges, counts, money }, now)
}

/** Adds a sum to the one of the same day and names. */
export function addToDay(work: UnitOfWork, added: DailySum, now: number): void {
  const today = Math.floor(now / DAY_MS)
  if (added.day + MOST_DAYS <= today) return
  const other = otherOf(added.day)
  const known = work.day(dailyKey(added)) ?? work.day(dailyKey(other))
  if (known !== undefined) {
    const sum = joined(known, added)
    return work.putDay(dailyKey(known), isEmptied(sum) ? undefined : sum)
  }
  const all = work.days()
  let ofDay = 0
  for (const [key, sum] of all) {
    if (sum.day + MOST_DAYS <= today) work.putDay(key, undefined)
    else if (sum.day === added.day) ofDay += 1
  }
  const to = ofDay < MOST_DAY_SUMS ? added : { ...added, ...other }
  work.putDay(dailyKey(to), to)
  if (all.size >= MOST_SUMS) foldOldest(work, all)
}

/** Returns true for a sum whose charges have all moved to others. */
function isEmptied({ charges, counts, money }: DailySum): boolean {
  return charges === 0 && [...counts, ...money].every(({ units }) => units === 0n)
}

type SumNames = Pick<DailySum, 'day' | 'route' | 'meter' | 'model' | 'key' | 'tag'>

/** Returns the key of a sum. No two sums of a ledger share one. */
export function dailyKey({ day, route, meter = '', model = '', key = '', tag = '' }: SumNames): string {
  const names = [route, meter, model, key, tag]
  const last = names.findLastIndex((name) => name !== '')
  // As it was before there were keys.
  const shown = last === 0 ? names.slice(0, 1) : last < 3 ? names.slice(0, 3) : names
  return `${day} ${JSON.stringify(shown)}`
}

function namesOf({ at, facts }: DatedCharge): SumNames {
  const day = Math.floor(at / DAY_MS)
  const { route, meter, model, key, tag } = facts
  if (!isName(route) || [meter, model, key, tag].some(isTooLong)) return otherOf(day)
  return {
    day,
    route,
    ...(isName(meter) && { meter }),
    ...(isName(model) && { model }),
    ...(isName(key) && { key }),
    ...(isName(tag) && { tag }),
  }
}

function isName(fact: Facts[string] | undefined): fact is string {
  return typeof fact === 'string' && fact !== '' && fact.length <= MOST_NAME
}

function isTooLong(fact: Facts[string] | undefined): boolean {
  return typeof fact === 'string' && fact.length > MOST_NAME
}

function otherOf(day: number): SumNames {
  return { day, route: OTHER_ROUTES }
}

function joined(sum: DailySum, { charges, counts, money }: DailySum): DailySum {
  return {
    ...sum,
    charges: sum.charges + charges,
    counts: withAllMore(sum.counts, counts),
    money: withAllMore(sum.money, money),
  }
}

/** Sums up the oldest day that has several sums. */
function foldOldest(work: UnitOfWork, all: ReadonlyMap<string, DailySum>): void {
  const days = [...all.values()].map(({ day }) => day).toSorted((a, b) => a - b)
  const oldest = days.find((day, index) => day === days[index + 1])
  if (oldest === undefined) return
  const ofDay = [...all].filter(([, { day }]) => day === oldest)
  for (const [key] of ofDay) work.putDay(key, undefined)
  const folded = foldedDay(ofDay.map(([, sum]) => sum))
  for (const sum of folded) work.putDay(dailyKey(sum), sum)
}

/** Returns one sum for each day, under one name: nothing then tells what was used. */
export function foldedDay(sums: readonly DailySum[]): readonly DailySum[] {
  const byDay = new Map<number, DailySum>()
  for (const { meter: _meter, model: _model, key: _key, tag: _tag, ...sum } of sums) {
    const known = byDay.get(sum.day)
    byDay.set(sum.day, known === undefined ? { ...sum, ...otherOf(sum.day) } : joined(known, sum))
  }
  return [...byDay.values()]
}
