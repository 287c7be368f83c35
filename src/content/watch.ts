import type { AdmittedRequest, WaitUntil } from '../ports.ts'
import { type RecheckServices, recheck } from '../standing/recheck.ts'

/** Whether what has opened a stream or a socket still would. */
export interface Watch {
  /** When it is first to be asked. */
  readonly afterMs: number
  /** When it is to be asked again; undefined where the session is to end. */
  readonly look: () => Promise<number | undefined>
}

/** So soon it is tried again to know better. */
const RETRY_MS = 500

/**
 * Undefined for an anonymous reader. What is known of changes may be half of the bound old, and the other half passes before
 * the next look. `ageMs` says how long ago it was decided to let it through. Where it cannot be known better at the time, what is known is good to the end of the bound, as for any request.
 */
export function watchOf(
  admitted: AdmittedRequest,
  again: RecheckServices,
  waitUntil: WaitUntil,
  ageMs = 0,
): Watch | undefined {
  const { proof, zone } = admitted
  if (proof === undefined) return undefined
  const everyMs = zone.standing.boundMs / 2
  const watched = { ...zone, standing: { ...zone.standing, boundMs: everyMs } }
  return {
    afterMs: Math.max(0, everyMs - ageMs),
    async look() {
      const why = await recheck(admitted, watched, again, waitUntil)
      if (why?.reason !== 'standing-unavailable') return why === undefined ? everyMs : undefined
      return (await recheck(admitted, zone, again, waitUntil)) === undefined ? RETRY_MS : undefined
    },
  }
}
