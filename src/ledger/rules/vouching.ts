/**
 * Notes on an issued credential which keys signed for it: it is worth no more than they are, so that nothing that was made
 * with a stolen key outlives it.
 */
import type { Act } from './audit.ts'
import type { CredentialChange, IssuedCredential } from './credentials.ts'

/** Notes the key that signed an order on what the order is for: it is worth no more than that key. */
export function signedFor<T>(what: T, act: Act | undefined): T {
  return act?.signedBy === undefined ? what : { ...what, signedBy: act.signedBy }
}

/** Notes the key that signed an order on all of a credential. */
export function vouchedFor(credential: IssuedCredential, act: Act | undefined): IssuedCredential {
  return signedForTerms({ ...credential, secrets: credential.secrets.map((secret) => signedFor(secret, act)) }, act)
}

function signedForTerms({ alsoSignedBy, ...credential }: IssuedCredential, act: Act | undefined): IssuedCredential {
  const isKept = act?.signedBy === undefined && alsoSignedBy !== undefined
  return isKept ? { ...credential, alsoSignedBy } : signedFor(credential, act)
}

/** The terms by which a credential opens more. */
const OPENING = ['plan', 'entitlements', 'accountLimits', 'expires'] as const
/** The most keys that are remembered to have signed for a part: few sites have had as many. */
const MOST_SIGNERS = 16

/** Notes a further key. It vouches for a part of the terms, so what others signed for stays theirs. */
function alsoSignedFor(credential: IssuedCredential, act: Act | undefined): IssuedCredential {
  const { signedBy, alsoSignedBy = [] } = credential
  const by = act?.signedBy
  if (by === undefined || by === signedBy || alsoSignedBy.includes(by)) return credential
  return { ...credential, alsoSignedBy: [...alsoSignedBy, by].slice(-MOST_SIGNERS) }
}

/** Notes the key that signed for new terms. Who switches a credential on vouches for all of it. */
export function withTermsOf(
  credential: IssuedCredential,
  change: CredentialChange | undefined,
  act: Act | undefined,
): IssuedCredential {
  if (change === undefined) return credential
  if ('isDisabled' in change) return change.isDisabled === true ? credential : vouchedFor(credential, act)
  return OPENING.every((term) => term in change) ? signedForTerms(credential, act) : alsoSignedFor(credential, act)
}
