/** The times that the dashboard shows. All are half open, and whole buckets of what is kept. */
import { bucketStart, HOUR_MS, MINUTE_MS, nextBucket, type Resolution } from '../../tallies/rules/buckets.ts'

export const RANGES = ['1h', '24h', '7d', '90d'] as const
export type RangeName = (typeof RANGES)[number]

/** A time and the one that it is compared with. */
export interface Range {
  readonly name: RangeName
  readonly resolution: Resolution
  /** From `from`, and before `to`; `to` is the end of the present bucket. */
  readonly from: number
  readonly to: number
  readonly before: { readonly from: number; readonly to: number; readonly words: string }
}

const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS

/** Returns the range of a name that ends now. An unknown name is the last day. */
export function rangeOf(name: string | null, now: number, timeZone: string): Range {
  switch (name ?? '24h') {
    case '1h':
      return weekly('1h', 'minute', 60 * MINUTE_MS, now)
    case '7d':
      return weekly('7d', 'hour', WEEK_MS, now)
    case '90d': {
      const today = bucketStart('day', now, timeZone)
      const [to, from] = [nextBucket('day', today, timeZone), daysBefore(today, 89, timeZone)]
      const before = { from: daysBefore(from, 90, timeZone), to: from }
      return { name: '90d', resolution: 'day', from, to, before: { ...before, words: 'the 90 days before' } }
    }
    default:
      return weekly('24h', 'hour', DAY_MS, now)
  }
}

/** Returns the start of a day from that of a later one. Noon is on the day that is meant, however clocks have changed since. */
function daysBefore(start: number, days: number, timeZone: string): number {
  return bucketStart('day', start - days * DAY_MS + DAY_MS / 2, timeZone)
}

function weekly(name: RangeName, resolution: 'minute' | 'hour', lengthMs: number, now: number): Range {
  const to = bucketStart(resolution, now, 'UTC') + (resolution === 'minute' ? MINUTE_MS : HOUR_MS)
  const from = to - lengthMs
  return {
    name,
    resolution,
    from,
    to,
    before: { from: from - WEEK_MS, to: to - WEEK_MS, words: 'the same time last week' },
  }
}

/** Returns the starts of all buckets of a range, in order, whether anything is in them or not. */
export function bucketsOf({ resolution, from, to }: Range, timeZone: string): readonly number[] {
  const starts: number[] = []
  for (let start = from; start < to; start = nextBucket(resolution, start, timeZone)) starts.push(start)
  return starts
}
