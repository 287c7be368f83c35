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
    ...limits.map(limitStandingOf),
    // The stored name of a rate is internal to the ledger.
    ...rates.map(limitStandingOf).map((rate) => ({ ...rate, name: `rate-${rate.windowSeconds}` })),
  ])
  if (fields === undefined) return []
  return [
    ['RateLimit-Policy', fields.policy],
    ['RateLimit', fields.limit],
  ]
}

function limitStandingOf({ limit, remaining, resetSeconds }: LimitStatus): LimitStanding {
  const { name, quota, unit, window } = limit
  return { name, quota, unit, windowSeconds: windowSecondsOf(window), remaining, resetSeconds }
}

export function writeLimits({ headers }: Response, counted: Counted): void {
  for (const [name, value] of limitFields(counted)) headers.set(name, value)
}
