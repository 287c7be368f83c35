import type { Passage, WaitUntil } from '../ports.ts'
import { type Again, refusedNow } from './again.ts'

/** Whether what has opened a stream or a socket still would. */
export interface Watch {
  /** How often it is to be asked, so that a change is seen within the zone's bound. */
  readonly everyMs: number
  readonly stands: () => Promise<boolean>
}

/**
 * Undefined for an anonymous reader. What is known of changes may be half of the bound old, and the other half passes before
 * the next look.
 */
export function watchOf(passage: Passage, again: Again, waitUntil: WaitUntil): Watch | undefined {
  const { proof, zone } = passage
  if (proof === undefined) return undefined
  const everyMs = zone.standing.boundMs / 2
  const watched = { ...zone, standing: { ...zone.standing, boundMs: everyMs } }
  return { everyMs, stands: async () => (await refusedNow(passage, watched, again, waitUntil)) === undefined }
}
