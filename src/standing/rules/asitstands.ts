/** Judges a credential by the statements that were made of its account and of itself since it was signed. */
import { type Entitlement, HELD, heldUntil, type KeyRecord, type Standing, stricter } from '../../access/entitlement.ts'
import type { Entry } from '../../access/statements.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { isSignedOut, SIGN_IN_AGAIN, SIGNED_OUT } from './signedout.ts'
import { holdIn, join, standingSaid } from './standing.ts'

/** The parts of a proof that standing depends on. */
export type Signed =
  | Pick<Entitlement, 'kind' | 'issuedAt' | 'standing' | 'entitlements' | 'key' | 'signedInAt'>
  | { readonly kind: 'receipt'; readonly issuedAt: number }

/** The refusal if standing is unknown: nobody is served then. */
export const STANDING_UNKNOWN = refusal(
  'standing-unavailable',
  'It cannot be known now whether this account is in good standing.',
  { check: 'standing' },
)
const REVOKED = refusal('subscription-inactive', 'The token was revoked.', { check: 'standing' })

/**
 * Returns the proof as it stands at `now` (in seconds), after everything said of its account and of the token itself since
 * signing: the latest statement wins, the stricter one on a tie. If another than its issuer speaks for the account
 * (`isSpokenFor`), what that one said wins whenever the token was signed. Errors: `security-hold`; `subscription-inactive` for
 * a revoked token; `credential-expired` for a session that was ended, and where a new sign-in is asked for.
 */
export function asItStands<P extends Signed>(
  proof: P,
  ofAccount: Entry | undefined,
  ofToken: Entry | undefined,
  now: number,
  isSpokenFor = false,
): Result<P, Refusal> {
  if (proof.kind === 'entitlement' && proof.key !== undefined)
    return keyAsItStands(proof, proof.key, ofAccount, ofToken, now)
  const held = heldBy(ofAccount, ofToken, now)
  if (held !== undefined) return err(held)
  if (
    proof.kind === 'entitlement' &&
    proof.signedInAt !== undefined &&
    isSignedOut(proof.signedInAt, ofAccount, ofToken)
  )
    return err(SIGNED_OUT)
  // A revocation by `jti` holds whenever the token was issued; one of the account holds for tokens issued by then.
  if (ofToken?.revokedAt !== undefined) return err(REVOKED)
  if (ofAccount === undefined) return ok(proof)
  if (ofAccount.revokedAt !== undefined && secondOf(proof.issuedAt) <= ofAccount.revokedAt) return err(REVOKED)
  if (proof.kind === 'receipt') return ok(proof)
  if (ofAccount.askedAt !== undefined && secondOf(proof.issuedAt) <= ofAccount.askedAt) return err(SIGN_IN_AGAIN)
  const { standing, entitlements } = proof
  // A token that does not speak for its account is a statement from before all others.
  const at = isSpokenFor ? Number.NEGATIVE_INFINITY : proof.issuedAt
  return ok({
    ...proof,
    standing: standingAfter({ at, standing }, standingSaid(ofAccount)),
    entitlements: entitlementsAfter({ at, names: entitlements }, ofAccount),
  })
}

function heldBy(ofAccount: Entry | undefined, ofToken: Entry | undefined, now: number): Refusal | undefined {
  const holds = [ofAccount, ofToken].flatMap((entry) => (entry === undefined ? [] : (holdIn(entry, now) ?? [])))
  if (holds.length === 0) return undefined
  const until = Math.max(...holds.map((hold) => hold.until ?? Infinity))
  return until === Infinity ? HELD : heldUntil(until)
}

const DISABLED = refusal('subscription-inactive', 'The API key is disabled.', { check: 'standing' })

/**
 * Returns an API key as it stands. A key states nothing about its account: what was said of the account holds whenever it was
 * said, and can only take from what the key opens. A key made by the time of a revocation of all tokens is revoked.
 */
function keyAsItStands<P extends Signed>(
  proof: P,
  { createdAt, said }: KeyRecord,
  laterOfAccount: Entry | undefined,
  laterOfKey: Entry | undefined,
  now: number,
): Result<P, Refusal> {
  const ofAccount = joinKnown(said?.ofAccount, laterOfAccount)
  const ofKey = joinKnown(said?.ofToken, laterOfKey)
  const held = heldBy(ofAccount, ofKey, now)
  if (held !== undefined) return err(held)
  const isRevoked = ofAccount?.revokedAt !== undefined && secondOf(createdAt) <= ofAccount.revokedAt
  if (ofKey?.revokedAt !== undefined || isRevoked) return err(REVOKED)
  if (ofKey?.standing?.standing === 'inactive') return err(DISABLED)
  if (proof.kind === 'receipt' || ofAccount === undefined) return ok(proof)
  const names = ofAccount.entitlements?.names
  return ok({
    ...proof,
    standing: standingSaid(ofAccount)?.standing ?? 'active',
    entitlements: names === undefined ? proof.entitlements : proof.entitlements.filter((name) => names.includes(name)),
  })
}

/** Joins two entries that may be missing. */
export function joinKnown(one: Entry | undefined, other: Entry | undefined): Entry | undefined {
  return one === undefined || other === undefined ? (one ?? other) : join(one, other)
}

/**
 * Rounds a time down to its second. Most tokens and events state the second of signing and no more, so everything said in
 * one second counts as simultaneous, even if one of the times has a fraction.
 */
export function secondOf(at: number): number {
  return Math.floor(at)
}

function standingAfter(signed: NonNullable<Entry['standing']>, said: Entry['standing']): Standing {
  if (said === undefined || secondOf(said.at) < secondOf(signed.at)) return signed.standing
  return secondOf(said.at) > secondOf(signed.at) ? said.standing : stricter(said.standing, signed.standing)
}

function entitlementsAfter(
  signed: NonNullable<Entry['entitlements']>,
  { entitlements: said }: Entry,
): readonly string[] {
  if (said === undefined || secondOf(said.at) < secondOf(signed.at)) return signed.names
  return secondOf(said.at) > secondOf(signed.at) ? said.names : signed.names.filter((name) => said.names.includes(name))
}
