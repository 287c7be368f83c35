import type { Entitlement } from '../../access/entitlement.ts'
import { limitOfKey } from '../../access/limit.ts'
import type { IssuedCredential, UsedCredential } from '../../ledger/rules/credentials.ts'
import type { IssuedName } from '../../standing/issued.ts'

/** In place of an end: the last second that RFC 3339 can write. */
const NEVER_SECONDS = 253_402_300_799
const TOLERANCE_SECONDS = 5

/** Returns what an API key opens by its record. `said`: the statements that its ledger had when the record was read. */
export function keyEntitlement(
  record: IssuedCredential,
  { issuer, account, id }: IssuedName,
  said: UsedCredential['statements'],
  accountHash: string | undefined,
  secretSignedBy?: string,
): Entitlement {
  const { createdAt, expires, entitlements, plan, limits, accountLimits, signedBy, alsoSignedBy } = record
  return {
    kind: 'entitlement',
    issuer,
    account,
    jti: id,
    entitlements,
    plan,
    limits: [...accountLimits, ...limits.map((limit) => limitOfKey(limit, id))],
    standing: 'active',
    accountHash,
    ...(signedBy !== undefined && { signedBy }),
    ...(secretSignedBy !== undefined && { secretSignedBy }),
    ...(alsoSignedBy !== undefined && { alsoSignedBy }),
    issuedAt: createdAt / 1000,
    notBefore: createdAt / 1000,
    // The end is exact: no other clock has set it.
    expires: expires === undefined ? NEVER_SECONDS : expires / 1000 - TOLERANCE_SECONDS,
    toleranceSeconds: TOLERANCE_SECONDS,
    key: { createdAt: createdAt / 1000, said },
  }
}
