import type { Entitlement } from '../../src/access/entitlement.ts'

/** What a token of Ann's says that was signed then and is good for an hour. Seconds since 1970. */
export function entitlementOf(issuedAt: number, over: Partial<Entitlement> = {}): Entitlement {
  return {
    kind: 'entitlement',
    issuer: 'https://billing.test',
    account: 'ann',
    jti: undefined,
    entitlements: ['premium'],
    plan: undefined,
    limits: [],
    standing: 'active',
    accountHash: undefined,
    issuedAt,
    notBefore: issuedAt,
    expires: issuedAt + 3600,
    toleranceSeconds: 5,
    ...over,
  }
}
