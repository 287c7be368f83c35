import type { Refusal } from '../core/problem.ts'
import type { AdmittedRequest, WaitUntil } from '../ports.ts'
import { type RecheckServices, recheck } from '../standing/recheck.ts'

/** Checks, again and again, if a stream or a socket would still be admitted. */
export interface Watch {
  /** Milliseconds to the first look. */
  readonly afterMs: number
  /** Returns the milliseconds to the next look, or the refusal if the session has to end. */
  readonly look: () => Promise<number | Refusal>
}

/** The time to the next attempt if the standing could not be learnt. */
const RETRY_MS = 500

/**
 * Creates the watch of an admitted request; undefined for an anonymous reader, unless an operator may close the route. `ageMs`: the age of the decision.
 *
 * Knowledge of a change may be half of the revocation bound old, and the other half passes before the next look. If newer
 * knowledge cannot be had, the old is good to the end of the bound, as for any request.
 */
export function watchOf(
  admitted: AdmittedRequest,
  services: RecheckServices,
  waitUntil: WaitUntil,
  ageMs = 0,
): Watch | undefined {
  const { proof, exempt, zone } = admitted
  const isAnonymous = proof === undefined || (exempt !== undefined && exempt.lever === undefined)
  if (services.levers === undefined && (isAnonymous || admitted.route.terms.kind !== 'paid')) return undefined
  const everyMs = zone.standing.boundMs / 2
  const watched = { ...zone, standing: { ...zone.standing, boundMs: everyMs } }
  return {
    afterMs: Math.max(0, everyMs - ageMs),
    async look() {
      const why = await recheck(admitted, watched, services, waitUntil)
      if (why?.reason !== 'standing-unavailable') return why ?? everyMs
      return (await recheck(admitted, zone, services, waitUntil)) ?? RETRY_MS
    },
  }
}
