/**
 * What a feed opens: what its owner's last presented entitlement opened.
 *
 * A feed reader asks for years and never signs in, and an entitlement ends within a day. So the entitlement is copied into the
 * feed's record when its owner presents it at the endpoint for feeds, and counts on from there: for 35 days after its own
 * end, or after billing last spoke of the account, since billing would have said if the subscription had ended. Where nobody
 * could say so, it ends when the entitlement ends. Standing is not copied for good: what is said of the account later
 * overrules it at each use.
 */
import type { Entitlement } from '../../access/entitlement.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, type Result } from '../../core/result.ts'
import type { EntitlementSnapshot, IssuedCredential, UsedCredential } from '../../ledger/rules/credentials.ts'
import { asItStands } from '../../standing/rules/asitstands.ts'
import { type Entry, standingSaid } from '../../standing/rules/standing.ts'

/** The days that a feed outlives its owner's entitlement. */
export const FEED_DAYS = 35
const DAY_SECONDS = 86_400

/** The members of a record that an entitlement fills. */
export type Snapshot = Pick<IssuedCredential, 'entitlements' | 'accountLimits'> & {
  readonly plan: string | undefined
  readonly snapshot: EntitlementSnapshot
}

/** Copies an entitlement as it was signed. `now` is in milliseconds. */
export function snapshotOf(signed: Entitlement, now: number): Snapshot {
  const { entitlements, plan, limits, standing, issuedAt, expires, signedBy, status } = signed
  return {
    entitlements,
    plan,
    accountLimits: limits,
    snapshot: {
      presentedAt: now,
      issuedAt,
      validUntil: Math.floor(expires * 1000),
      standing,
      ...(signedBy !== undefined && { signedBy }),
      ...(status && { status: { uri: status.uri, idx: status.idx } }),
    },
  }
}

/**
 * Returns true if an entitlement takes the place of the one in a record: it was signed later, or with another key, as when the
 * one before is not trusted any more. Two that are signed with two keys take each other's place once a minute at most: every
 * isolate hears of each change. `now` is in milliseconds.
 */
export function isRenewed({ snapshot }: IssuedCredential, { issuedAt, signedBy }: Entitlement, now: number): boolean {
  if (snapshot === undefined || snapshot.issuedAt < issuedAt) return true
  return snapshot.signedBy !== signedBy && now - snapshot.presentedAt >= SAME_MS
}

const SAME_MS = 60_000

/** Whose feed it is. */
export interface FeedOwner {
  readonly issuer: string
  readonly account: string
  readonly accountHash: string | undefined
  /** The clock difference forgiven between the issuer and the gate. */
  readonly toleranceSeconds: number
  /** True if events may speak of the account. */
  readonly isToldOf: boolean
  /** True if another than its issuer says how the account stands. */
  readonly isSpokenFor: boolean
}

/** A feed's record, as it was read at `asOf`, in milliseconds. */
export interface ReadFeed extends UsedCredential {
  readonly asOf: number
}

/**
 * Returns the entitlement of a feed by its record: as it stood when the record was read, to be judged like any other. `secret`
 * is the hash of the token that was sent, `now` the time of the request in milliseconds. Error: `credential-invalid`, for a
 * feed that was removed, disabled or has another token now.
 */
export function feedEntitlement(
  { credential, statements, asOf }: ReadFeed,
  secret: string,
  owner: FeedOwner,
  now: number,
): Result<Entitlement, Refusal> {
  const known = credential?.secrets.find(({ hash, until = Infinity }) => hash === secret && now < until)
  if (credential?.snapshot === undefined || known === undefined) return err(REPLACED)
  if (credential.isDisabled === true) return err(DISABLED)
  const { snapshot } = credential
  const { ofAccount } = statements
  const signed: Entitlement = {
    kind: 'entitlement',
    issuer: owner.issuer,
    account: owner.account,
    jti: credential.id,
    entitlements: credential.entitlements,
    plan: credential.plan,
    limits: credential.accountLimits,
    standing: snapshot.standing,
    issuedAt: snapshot.issuedAt,
    notBefore: snapshot.issuedAt,
    expires: endOfFeed(snapshot, ofAccount, owner.isToldOf, asOf),
    toleranceSeconds: owner.toleranceSeconds,
    accountHash: owner.accountHash,
    signedBy: snapshot.signedBy,
    secretSignedBy: known.signedBy,
  }
  return asItStands(signed, ofAccount, statements.ofToken, now / 1000, owner.isSpokenFor)
}

const REPLACED = refusal('credential-invalid', 'The URL of this feed was replaced, or the feed was removed.', {
  check: 'signature',
})
const DISABLED = refusal('credential-invalid', 'This feed was switched off.', { check: 'standing' })

/**
 * Returns the end of a feed, in seconds since 1970. While the account is said not to be active, the end is put off: its
 * standing is the reason to refuse it, not its age.
 */
function endOfFeed(
  { validUntil }: EntitlementSnapshot,
  said: Entry | undefined,
  isToldOf: boolean,
  asOf: number,
): number {
  const end = validUntil / 1000
  if (!isToldOf) return end
  const standing = said && standingSaid(said)
  const spokenAt = Math.max(standing?.at ?? -Infinity, said?.entitlements?.at ?? -Infinity)
  const isPutOff = standing !== undefined && standing.standing !== 'active'
  return Math.max(end, spokenAt, isPutOff ? asOf / 1000 : -Infinity) + FEED_DAYS * DAY_SECONDS
}
