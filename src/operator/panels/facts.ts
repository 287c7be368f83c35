/** What each panel of the dashboard is written from, and how it is said. */
import type { ReadFound } from '../../anomalies/plugin.ts'
import { describeMoney } from '../../core/money.ts'
import { countInWords, instantInWords, moneyInWords } from '../../pages/format.ts'
import type { ReadSums } from '../../tallies/read.ts'
import type { NearLimits } from '../../tallies/rules/nearlimits.ts'
import { Tally } from '../../tallies/rules/tally.ts'
import type { Zone } from '../../zone.ts'
import { bucketsOf, type Range } from '../rules/ranges.ts'
import type { SeenServer } from '../rules/servers.ts'
import type { ShownHolds } from '../rules/shownhold.ts'
import type { ShownLevers } from '../rules/shownlevers.ts'
import type { OperatorSession, DashboardPlace } from '../rules/session.ts'

/** The language of the dashboard. */
export const EN = 'en'

/** What a dashboard is written from. */
export interface DashboardFacts {
  readonly zone: Zone
  readonly range: Range
  readonly total: Tally
  readonly before: Tally
  readonly series: ReadSums['buckets']
  readonly configurations: ReadSums['configurations']
  readonly near: NearLimits
  readonly now: number
  readonly place: DashboardPlace
  readonly session: OperatorSession
  /** The zones that the operator may look at. */
  readonly zones: readonly Zone[]
  /** The action of the button that led here. */
  readonly did: string | undefined
  /** Undefined if they cannot be read now. */
  readonly holds: ShownHolds | undefined
  /** Undefined where the configuration has none. */
  readonly levers: ShownLevers | undefined
  /** The sealed look-up of an account that is near a limit; empty if the operator cannot look one up. */
  readonly lookUpNear: string
  /** Undefined if this isolate has called none. */
  readonly servers: readonly SeenServer[] | undefined
  /** The sealed order that ends the session. */
  readonly signOut: string
  /** The sealed orders of an operator's word on a hold of the gate's own; empty if the operator may not give it. */
  readonly foundOrders: { readonly lift: string; readonly confirm: string }
  /** What was not normal; absent where nobody watches. */
  readonly found?: Awaited<ReturnType<ReadFound>> | undefined
}

/** Returns a number with its groups of digits. */
export function count(value: number): string {
  return countInWords(value, EN)
}

/** Returns money of several currencies in words. */
export function moneyWords(revenue: ReadonlyMap<string, bigint>): string {
  const all = Array.from(revenue, ([currency, units]) => moneyInWords(describeMoney({ currency, units }), EN))
  return all.length === 0 ? 'nothing' : all.join(' + ')
}

/** Returns a share in percent, with one digit behind the point. */
export function percent(part: number, all: number): string {
  return all === 0 ? 'none' : `${Math.round((part / all) * 1000) / 10} %`
}

/** Returns bytes in megabytes. */
export function megabytes(bytes: number): string {
  return String(Math.round(bytes / 10_000) / 100)
}

/** Returns a bound of a histogram in words. */
export function msWords(ms: number | undefined): string {
  if (ms === undefined) return 'none'
  return ms === Infinity ? 'over 30 s' : ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`
}

/** Returns what is read of each bucket of the range. */
export function bucketed<T>({ range, series, zone }: DashboardFacts, read: (tally: Tally) => T): T[] {
  const nothing = new Tally()
  return bucketsOf(range, zone.timeZone).map((start) => read(series.get(start) ?? nothing))
}

/** The buckets of the range in words, and where the configuration changed. */
export function axisOf({ range, zone, configurations }: DashboardFacts) {
  const starts = bucketsOf(range, zone.timeZone)
  const words = (ms: number): string => instantInWords(Math.floor(ms / 1000), EN, zone.timeZone)
  const marks = new Map<number, string>()
  for (const [at] of configurations.slice(1)) {
    const index = starts.findLastIndex((start) => start <= at)
    if (index >= 0 && at < range.to) marks.set(index, `configuration changed: ${words(at)}`)
  }
  const bucket = { minute: 'Minute', hour: 'Hour', day: 'Day', ever: '' }[range.resolution]
  return { bucket, labels: labelsOf(starts, range.resolution === 'day', zone.timeZone), marks }
}

/** Returns the labels of buckets. An hour that comes twice, when clocks change, says by which clock it is meant. */
function labelsOf(starts: readonly number[], isOfDays: boolean, timeZone: string): readonly string[] {
  const options = { month: 'short', day: 'numeric', timeZone } as const
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  const plain = new Intl.DateTimeFormat(EN, isOfDays ? options : { ...options, ...time })
  const zoned = new Intl.DateTimeFormat(EN, { ...options, ...time, timeZoneName: 'short' })
  const labels = starts.map((start) => plain.format(start))
  return labels.map((label, at) =>
    label === labels[at - 1] || label === labels[at + 1] ? zoned.format(starts[at]) : label,
  )
}
