import * as v from 'valibot'
import type { Issuer } from '../access/issuer.ts'
import type { Rail } from '../rails/rail.ts'
import type { EventReceiver } from '../standing/eventreceiver.ts'
import { issuersSpokenFor } from './told.ts'
import type { StandingPolicy } from '../zone.ts'
import { DAY, REVOCATION_BOUND_SECONDS, seconds } from './rules/values.ts'

const unavailable = v.union(
  [v.literal('refuse'), v.strictObject({ serveSeconds: seconds(1, DAY) })],
  'expected "refuse" or {serveSeconds}',
)

/** The schema of `standing`. */
export const standing = v.strictObject({
  boundSeconds: v.optional(seconds(1, 60)),
  whenUnavailable: v.optional(unavailable),
})

export type CheckedStanding = v.InferOutput<typeof standing>

/**
 * Compiles the policy of a zone. The longest lifetime among `issuers`, or the longest use of a record by the rails, decides
 * how long a change is kept.
 * A source of events speaks for the accounts of an issuer that signs no events.
 */
export function compileStanding(
  options: CheckedStanding | undefined,
  issuers: readonly Issuer[],
  rails: readonly Pick<Rail, 'longestUseSeconds'>[] = [],
  receivers: readonly Pick<EventReceiver, 'issuer'>[] = [],
): StandingPolicy {
  const { boundSeconds = REVOCATION_BOUND_SECONDS, whenUnavailable = 'refuse' } = options ?? {}
  const spokenFor = issuersSpokenFor(issuers, receivers)
  const lifetimes = issuers.map((issuer) => issuer.maxLifetimeSeconds + 2 * issuer.clockToleranceSeconds)
  const distrust = issuers.find((issuer) => issuer.distrust !== undefined)?.distrust
  const uses = rails.map(({ longestUseSeconds = 0 }) => longestUseSeconds)
  return {
    boundMs: boundSeconds * 1000,
    serveMs: whenUnavailable === 'refuse' ? 0 : whenUnavailable.serveSeconds * 1000,
    longestTokenSeconds: Math.ceil(Math.max(0, ...lifetimes, ...uses)),
    ...(spokenFor.size > 0 && { spokenFor }),
    ...(distrust && { distrust }),
  }
}
