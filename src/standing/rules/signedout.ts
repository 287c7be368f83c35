import type { Entry } from '../../access/statements.ts'
import { refusal } from '../../core/problem.ts'

/** The refusal of a session that was ended before its time. */
export const SIGNED_OUT = refusal('credential-expired', 'This sign-in has ended. Sign in again.', { check: 'standing' })

/** The refusal of a token that came before a sign-in was asked for. */
export const SIGN_IN_AGAIN = refusal(
  'credential-expired',
  'This account is asked to sign in again. Tokens that were signed before then open nothing more.',
  { check: 'standing' },
)

/**
 * Returns true for a session that was ended. A hold, also one that is over, a revocation of all tokens and a sign-in that is asked for end the sessions
 * that were signed in by then, however new their claims are: whoever holds a stolen cookie can have it renewed. `signedInAt` is
 * in whole seconds.
 */
export function isSignedOut(signedInAt: number, ofAccount: Entry | undefined, ofToken: Entry | undefined): boolean {
  if (ofToken?.revokedAt !== undefined) return true
  return ofAccount !== undefined && signedInAt <= sessionsEndedAt(ofAccount)
}

/** Returns the time until which sessions that were signed in by then are void, in seconds since 1970. */
function sessionsEndedAt({ heldAt, revokedAt, askedAt, holds = [] }: Entry): number {
  const none = Number.NEGATIVE_INFINITY
  return Math.max(heldAt ?? none, revokedAt ?? none, askedAt ?? none, ...holds.map(({ at }) => at))
}
