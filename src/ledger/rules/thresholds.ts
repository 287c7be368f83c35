/**
 * Tells billing when an account has used a share of a limit, such as 75 % of a month's quota.
 *
 * A share is told once for each limit, quota, window and threshold, in a record of the transaction in which it was reached. What
 * counts is what is kept: a charge of a fixed price from its reservation on, since it is kept unless the origin fails; a metered
 * one once it is closed, since a meter reserves far more than most requests use. What was told is noted beside the usage, so
 * that neither an amount given back and used again nor a restart tells it twice. It is noted for each quota: a larger one that
 * is bought within a window has shares of its own. A sliding window has no start: of it a share is told once in its length.
 */
import { type Limit, meaningOf, type Window, windowSecondsOf } from '../../access/limit.ts'
import { NOTHING, unitsOf } from './amount.ts'
import type { Book, Charge, LedgerChange } from './book.ts'
import { DAY_MS } from './calendar.ts'
import { keyOf, keyOfSeries, MOST_RATE_SECONDS } from './limits.ts'
import type { LedgerRecord, LimitCrossing } from './record.ts'
import { countedAt, resetAt, type Series, used, type WatchedQuota } from './series.ts'
import { mayGiveBack } from './shortage.ts'
import { CLOCK_SLACK_MS, countsUntil, lengthOf, startOf, type WindowSpan } from './window.ts'

/**
 * Returns what to write beside the changes of a command, which the book has already: records of the shares that were reached,
 * and notes of them. `limits` are those of a charge.
 */
export type LimitWatch = (
  book: Book,
  changes: readonly LedgerChange[],
  limits: readonly Limit[],
  now: number,
) => readonly LedgerChange[]

const NONE: readonly LedgerChange[] = []

/** The most quotas of one series in a window. Of more, that many plans in a month or hour, nothing is told. */
const MAX_QUOTAS = 8
/** Told in full. */
const ALL = 100

/** Watches limits. `thresholds`: in per cent, ascending. Rates, limits of a minute or less, are not watched. */
export function watchLimits(thresholds: readonly number[]): LimitWatch {
  return (book, changes, limits, now) => {
    if (changes.length === 0) return NONE
    let { position } = book.head
    let more: LedgerChange[] | undefined
    for (const series of book.series.values()) {
      const charge = lastOf(changes, series)
      if (charge === undefined) continue
      const watched = noted(series, limits, now)
      const told = toldOf(book, watched, thresholds, now)
      if (told === undefined && watched === series) continue
      more ??= []
      more.push({ table: 'series', key: keyOfSeries(series), row: told?.series ?? watched })
      for (const limit of told?.limits ?? []) {
        position += 1
        more.push({ table: 'records', key: position, row: recordOf(charge, position, now, limit) })
      }
    }
    if (position !== book.head.position) more?.push({ table: 'head', row: { ...book.head, position } })
    return more ?? NONE
  }
}

/**
 * Returns the last charge among the changes that a series counts, if the limit of the series is still asked for: usage is also
 * counted by the windows of plans that nobody has any more.
 */
function lastOf(changes: readonly LedgerChange[], { name, askedAt }: Series): Charge | undefined {
  let last: Charge | undefined
  for (const change of changes) {
    if (change.table !== 'charges' || change.row.at > askedAt) continue
    for (const count of change.row.reserved.counts) if (count.name === name) last = change.row
  }
  return last
}

/** Puts the quota by which a charge asked for a series first. What closes later is held against it. */
function noted(series: Series, limits: readonly Limit[], now: number): Series {
  if (limits.length === 0 || series.askedAt !== now) return series
  const limit = limitOf(series, limits)
  if (limit === undefined || limit.quota === series.watched?.[0]?.quota) return series
  if (limit.quota === 0n || windowSecondsOf(limit.window) <= MOST_RATE_SECONDS) return series
  return { ...series, watched: withQuota(series, limit.quota, now) }
}

/** Returns the limit that counts by a series. Spells its key only where its name does not tell. */
function limitOf(series: Series, limits: readonly Limit[]): Limit | undefined {
  let [found, count]: [Limit | undefined, number] = [undefined, 0]
  for (const limit of limits)
    if (limit.name === series.name) {
      found = limit
      count += 1
    }
  if (count === 0 || (count === 1 && found?.quota === series.watched?.[0]?.quota)) return found
  const key = keyOfSeries(series)
  return limits.find((limit) => keyOf(limit) === key)
}

function withQuota({ span, watched = [] }: Series, quota: bigint, now: number): readonly WatchedQuota[] {
  const known = watched.find((one) => one.quota === quota)
  const others = watched.filter((one) => one !== known && one.told > 0 && one.until + CLOCK_SLACK_MS > now)
  if (known !== undefined) return [known, ...others]
  if (others.length < MAX_QUOTAS) return [{ quota, told: 0, from: 0, until: 0 }, ...others]
  return [{ quota, told: ALL, ...windowAt(span, now) }, ...others.slice(0, MAX_QUOTAS)]
}

function windowAt(span: WindowSpan, now: number): Pick<WatchedQuota, 'from' | 'until'> {
  if (span.kind === 'sliding') return { from: now, until: now + lengthOf(span) }
  const from = startOf(span, now)
  return { from, until: countsUntil(span, from) }
}

interface Told {
  /** The series in which they are noted. */
  readonly series: Series
  readonly limits: readonly LimitCrossing[]
}

/** Returns the shares that were reached and not told; undefined if there are none. */
function toldOf(book: Book, series: Series, thresholds: readonly number[], now: number): Told | undefined {
  const first = series.watched?.[0]
  // The clock ran back, to a window before the one that was told of.
  if (first === undefined || now < first.from) return undefined
  const isSame = now < first.until
  const told = isSame ? first.told : 0
  const next = nextAfter(thresholds, told)
  if (next === undefined || !mayReach(series, first.quota, next)) return undefined
  const kept = used(series, now) - heldIn(book, series, now)
  const reached = thresholds.filter((threshold) => threshold > told && isReached(kept, first.quota, threshold))
  const last = reached.at(-1)
  if (last === undefined) return undefined
  const { from, until } = isSame ? first : windowAt(series.span, now)
  const { quota } = first
  const watched = [{ quota, told: last, from, until }, ...(series.watched ?? []).slice(1)]
  const of = { ...meaningOf(series.name), quota, used: kept, ...windowOf(series.span), from }
  const resetsAt = resetAt(series, now)
  return { series: { ...series, watched }, limits: reached.map((threshold) => ({ ...of, threshold, resetsAt })) }
}

function nextAfter(thresholds: readonly number[], told: number): number | undefined {
  for (const threshold of thresholds) if (threshold > told) return threshold
  return undefined
}

function isReached(kept: bigint, quota: bigint, threshold: number): boolean {
  return kept * 100n >= quota * BigInt(threshold)
}

/** What doubles may be wrong by, and more. */
const ALMOST = 1 - 1e-9

/** Returns false if a share is not reached, for certain and cheaply: most charges reach none. */
function mayReach({ parts }: Series, quota: bigint, threshold: number): boolean {
  let sum = 0
  for (const part of parts) sum += Number(part[1])
  return sum * 100 >= Number(quota) * threshold * ALMOST
}

/** Returns the units that open metered charges may give back. */
function heldIn(book: Book, series: Series, now: number): bigint {
  let units = 0n
  for (const charge of book.openCharges()) {
    if (!mayGiveBack(charge)) continue
    const at = countedAt(series, charge)
    if (at !== undefined && countsUntil(series.span, startOf(series.span, at)) > now)
      units += unitsOf(charge.reserved.counts, series.name)
  }
  return units
}

function windowOf(span: WindowSpan): { readonly window: Window; readonly kind: Limit['kind'] } {
  if (span.kind === 'month') return { window: 'P1M', kind: 'fixed' }
  const kind = span.kind === 'sliding' ? 'sliding' : 'fixed'
  return { window: span.lengthMs === DAY_MS ? 'P1D' : span.lengthMs / 1000, kind }
}

function recordOf({ id, chain, facts }: Charge, position: number, at: number, limit: LimitCrossing): LedgerRecord {
  const repeats = chain.first === id ? undefined : chain.first
  const amounts = { kept: NOTHING, change: NOTHING }
  const names = { position, id: `${id}/threshold/${position}`, kind: 'threshold' as const, charge: id, repeats }
  return { ...names, at, delivery: undefined, ...amounts, limit, facts }
}
