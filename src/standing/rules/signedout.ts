import type { Entry } from '../../access/statements.ts'
import { refusal } from '../../core/problem.ts'

/** The refusal of a session that was ended before its time. */
export const SIGNED_OUT = refusal('credential-expired', 'This sign-in has ended. Sign in again.', { check: 'standing' })

/**
 * Returns true for a session that was ended. A hold, also one that was lifted, and a revocation of all tokens end the sessions
 * that were signed in by then, however new their claims are: whoever holds a stolen cookie can have it renewed. `signedInAt` is
 * in whole seconds.
 */
export function isSignedOut(signedInAt: number, ofAccount: Entry | undefined, ofToken: Entry | undefined): boolean {
  if (ofToken?.revokedAt !== undefined) return true
  return ofAccount !== undefined && signedInAt <= sessionsEndedAt(ofAccount)
}

/** Returns the time until which sessions that were signed in by then are void, in seconds since 1970. */
export function sessionsEndedAt({ heldAt, revokedAt, holds = [] }: Entry): number {
  const none = Number.NEGATIVE_INFINITY
  return Math.max(heldAt ?? none, revokedAt ?? none, ...holds.map(({ at }) => at))
}
