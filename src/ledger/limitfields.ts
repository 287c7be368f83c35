import { windowSecondsOf } from '../access/limit.ts'
import type { LimitStatus } from './rules/commands.ts'
import { type LimitStanding, rateLimitFields } from './rules/ratelimitfields.ts'

/** The state of the limits that a request was counted under. */
export interface Counted {
  readonly limits: readonly LimitStatus[]
  readonly rates?: readonly LimitStatus[] | undefined
}

/** Returns the `RateLimit` fields of a response. */
export function limitFields({ limits, rates = [] }: Counted): readonly (readonly [string, string])[] {
  const fields = rateLimitFields([
    ...tightest(limits).map(limitStandingOf),
    // The stored name of a rate is internal to the ledger.
    ...rates.map(limitStandingOf).map((rate) => ({ ...rate, name: `rate-${rate.windowSeconds}` })),
  ])
  if (fields === undefined) return []
  return [
    ['RateLimit-Policy', fields.policy],
    ['RateLimit', fields.limit],
  ]
}

/** Of a key's limit and its account's of the same name and window, leaves the one with less left. */
function tightest(limits: readonly LimitStatus[]): readonly LimitStatus[] {
  if (!limits.some(({ limit }) => limit.of !== undefined)) return limits
  return limits.filter((one) => {
    const rival = limits.find((other) => other !== one && isRival(one, other))
    if (rival === undefined || rival.remaining > one.remaining) return true
    return rival.remaining === one.remaining && one.limit.of === undefined
  })
}

/** Returns true if one limit is a key's, the other its account's, and both are of the same. */
function isRival({ limit: one }: LimitStatus, { limit: other }: LimitStatus): boolean {
  if ((one.of === undefined) === (other.of === undefined)) return false
  return (one.of ?? one.name) === (other.of ?? other.name) && one.window === other.window && one.unit === other.unit
}

function limitStandingOf({ limit, remaining, resetSeconds }: LimitStatus): LimitStanding {
  const { name: own, of: name = own, quota, unit, window } = limit
  return { name, quota, unit, windowSeconds: windowSecondsOf(window), remaining, resetSeconds }
}

export function writeLimits({ headers }: Response, counted: Counted): void {
  for (const [name, value] of limitFields(counted)) headers.set(name, value)
}
