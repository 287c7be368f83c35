/**
 * Counts usage in windows of time.
 *
 * A series holds the usage of one name, in parts of one span: whole windows for a fixed limit, sixtieths for a sliding one.
 * Parts that no longer count are dropped, so that its size is bounded. Usage belongs to the name rather than the plan. If a
 * plan brings a limit with another window, its series begins with what the other series know of that window, and remembers
 * what it copied: a charge made before may be amended later, and has to be given back in every series that counts it.
 */
import { CLOCK_SLACK_MS, countsUntil, lengthOf, type WindowSpan, startOf } from './window.ts'

/** The usage of one name, counted in the parts of one span. */
export interface Series {
  readonly name: string
  readonly span: WindowSpan
  /** The number of the first charge that this series counts itself. */
  readonly since: number
  /** The series that this one was copied from. */
  readonly copied?: SeriesCopy
  /** The time a limit last asked for the series. */
  readonly askedAt: number
  /** The start of each part, ascending, and its units. */
  readonly parts: readonly (readonly [start: number, units: bigint])[]
  /** The quotas of which billing is told (`thresholds.ts`): that of the limit which asked last, then others of its window. */
  readonly watched?: readonly WatchedQuota[]
}

/** What billing was told of one quota. */
export interface WatchedQuota {
  readonly quota: bigint
  /** The highest threshold that was told in a window, in per cent; 0 for none. */
  readonly told: number
  /** That window, half open, in milliseconds since 1970. */
  readonly from: number
  readonly until: number
}

/** The knowledge of another series at the time of copying, from the start of the first part copied. */
interface SeriesCopy extends Pick<Series, 'span' | 'since'> {
  readonly from: number
  /** The series that the other one was copied from. No further back: nobody changes plans so often while a request lasts. */
  readonly copied?: Omit<SeriesCopy, 'copied'>
}

export function used({ span, parts }: Series, now: number): bigint {
  return parts.reduce((sum, [start, units]) => (countsUntil(span, start) > now ? sum + units : sum), 0n)
}

/** Adds units, possibly negative, at a time. Parts never fall below zero, and parts already dropped do not change. */
export function counted(series: Series, at: number, units: bigint, now: number): Series {
  const start = startOf(series.span, at)
  // A part is kept for so long after it stopped counting; never more than a window.
  const slackMs = Math.min(CLOCK_SLACK_MS, lengthOf(series.span))
  const live = series.parts.filter(([other]) => countsUntil(series.span, other) + slackMs > now)
  const index = live.findIndex(([other]) => other >= start)
  const found = live[index]
  if (found !== undefined && found[0] === start) {
    const sum = found[1] + units
    return { ...series, parts: live.with(index, [start, sum < 0n ? 0n : sum]) }
  }
  if (units <= 0n) return { ...series, parts: live }
  return { ...series, parts: live.toSpliced(index < 0 ? live.length : index, 0, [start, units]) }
}

/** Returns the time at which `units` are free under a quota; undefined if they never will be. */
export function freeAt(series: Series, units: bigint, quota: bigint, now: number): number | undefined {
  if (units > quota) return undefined
  let over = used(series, now) + units - quota
  let free = now
  for (const [start, counts] of series.parts) {
    const until = countsUntil(series.span, start)
    if (over <= 0n) break
    if (until <= now) continue
    over -= counts
    free = until
  }
  return free
}

/**
 * Returns the time at which more of a quota is free than now: the end of a fixed window, or of the oldest part that counts.
 */
export function resetAt({ span, parts }: Series, now: number): number {
  const oldest = parts.find(([start, units]) => units > 0n && countsUntil(span, start) > now)
  if (oldest !== undefined) return countsUntil(span, oldest[0])
  return span.kind === 'sliding' ? now : countsUntil(span, startOf(span, now))
}

/**
 * Begins the series of a limit new to this ledger, with the usage that other series of the name know of its window: usage
 * survives a change of plan as far as their parts can tell. The series that knows of the most usage is believed.
 */
export function begun(name: string, span: WindowSpan, others: readonly Series[], since: number, now: number): Series {
  const empty: Series = { name, span, since, askedAt: now, parts: [] }
  const earliest = span.kind === 'sliding' ? now - span.lengthMs : startOf(span, now)
  let best = empty
  for (const other of others) {
    const parts = other.parts.filter(([start]) => start >= earliest)
    const from = parts[0]?.[0] ?? now
    let copy: Series = { ...empty, copied: copiedFrom(other, from) }
    for (const [start, units] of parts) copy = counted(copy, start, units, now)
    if (used(copy, now) > used(best, now)) best = copy
  }
  return best
}

function copiedFrom({ span, since, copied }: Series, from: number): SeriesCopy {
  if (copied === undefined) return { span, since, from }
  const { copied: _older, ...before } = copied
  return { span, since, from, copied: before }
}

/**
 * Returns the time at which a charge is counted here; undefined if it is not. Charges from before the series began are
 * counted only if they were copied.
 */
export function countedAt(
  { since, copied }: Pick<Series, 'since' | 'copied'>,
  charge: { readonly sequence: number; readonly at: number },
): number | undefined {
  if (charge.sequence >= since) return charge.at
  const at = copied && countedAt(copied, charge)
  if (copied === undefined || at === undefined) return undefined
  const start = startOf(copied.span, at)
  return start < copied.from ? undefined : start
}

/** Returns true if no limit has asked for a whole window: all usage counted then has passed. */
export function isIdle(series: Series, now: number): boolean {
  return now >= idleAt(series)
}

export function idleAt({ span, askedAt }: Series): number {
  return askedAt + lengthOf(span) + 1
}
