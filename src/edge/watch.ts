import { judge } from '../core/observe.ts'
import { ok } from '../core/result.ts'
import type { Clock, Passage, WaitUntil } from '../ports.ts'
import type { Consult } from './standing.ts'

/** Whether what has opened a stream or a socket still would. */
export interface Watch {
  /** How often it is to be asked, so that a change is seen within the zone's bound. */
  readonly everyMs: number
  readonly stands: () => Promise<boolean>
}

/**
 * Decides again on a request that was let through, by its proof as it stands at that time. Undefined for an anonymous reader.
 * What is known of changes may be half of the bound old, and the other half passes before the next look.
 */
export function watchOf(passage: Passage, consult: Consult, clock: Clock, waitUntil: WaitUntil): Watch | undefined {
  const { proof, zone, route, exchange } = passage
  if (proof === undefined) return undefined
  const presented = proof.kind === 'receipt' ? { receipt: ok(proof) } : { entitlement: ok(proof) }
  const everyMs = zone.standing.boundMs / 2
  const watched = { ...zone, standing: { ...zone.standing, boundMs: everyMs } }
  return {
    everyMs,
    async stands() {
      const now = clock()
      const standing = await consult(presented, watched, { now, waitUntil })
      return judge(route.terms, standing, { ...exchange, now }).action === 'serve'
    },
  }
}
