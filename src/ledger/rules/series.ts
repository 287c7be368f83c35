import { countsUntil, lengthOf, type WindowSpan, startOf } from './window.ts'

/** The usage of one name, counted in the parts of one span. */
export interface Series {
  readonly name: string
  readonly span: WindowSpan
  /** The number of the first charge that is counted here by itself. */
  readonly since: number
  /** The series that this one began with. */
  readonly copied?: Copied
  /** When a limit last asked for it. */
  readonly askedAt: number
  /** The beginning of each part, ascending, and its units. */
  readonly parts: readonly (readonly [start: number, units: bigint])[]
}

/** What another series knew when it was copied, from the beginning of the first part that was taken. */
interface Copied extends Pick<Series, 'span' | 'since'> {
  readonly from: number
  /** What that one began with itself. No further back: nobody changes plans so often while a request lasts. */
  readonly copied?: Omit<Copied, 'copied'>
}

/** A part is kept a little after it stopped to count, for a clock that runs back to find; and for no longer than a window. */
const CLOCK_SLACK_MS = 60_000

export function used({ span, parts }: Series, now: number): bigint {
  return parts.reduce((sum, [start, units]) => (countsUntil(span, start) > now ? sum + units : sum), 0n)
}

/** The series with more units, or fewer, at a time. Never below zero, and nothing for a part that is gone. */
export function counted(series: Series, at: number, units: bigint, now: number): Series {
  const start = startOf(series.span, at)
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

/** When so many units are free under a quota; undefined when they never are. */
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

/** When more of a quota is free than now: the end of a fixed window, or of the oldest part that counts. */
export function resetAt({ span, parts }: Series, now: number): number {
  const oldest = parts.find(([start, units]) => units > 0n && countsUntil(span, start) > now)
  if (oldest !== undefined) return countsUntil(span, oldest[0])
  return span.kind === 'sliding' ? now : countsUntil(span, startOf(span, now))
}

/**
 * A series for a limit that is new here: what the other series of the name know of its window is in it, so that usage
 * survives a change of plan as far as their parts can tell. The one that knows of most is believed.
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

function copiedFrom({ span, since, copied }: Series, from: number): Copied {
  if (copied === undefined) return { span, since, from }
  const { copied: _older, ...before } = copied
  return { span, since, from, copied: before }
}

/** When a charge is counted here, if it is: what was charged before a series began it has from another, or not at all. */
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

/** True where no limit has asked for a whole window: what it counted then has passed. */
export function isIdle(series: Series, now: number): boolean {
  return now >= idleAt(series)
}

export function idleAt({ span, askedAt }: Series): number {
  return askedAt + lengthOf(span) + 1
}
