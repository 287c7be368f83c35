import type { Entitlement } from '../../src/access/entitlement.ts'
import type { EntitlementPresentation, PaymentPresentation, Presented } from '../../src/access/proof.ts'

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

interface Given extends Partial<Pick<EntitlementPresentation, 'authority' | 'confirmed'>> {
  readonly entitlement?: EntitlementPresentation['proof']
  readonly receipt?: PaymentPresentation['proof']
  /** A receipt that the browser keeps. */
  readonly kept?: Pick<PaymentPresentation, 'proof' | 'authority' | 'confirmed'>
}

/** What a request presents with these, by rails of the usual names. */
export function presenting({ entitlement, receipt, kept, ...how }: Given): Presented {
  return [
    ...(entitlement === undefined
      ? []
      : [{ role: 'entitlement', rail: 'bearer', proof: entitlement, ...how } as const]),
    ...(kept === undefined ? [] : [{ role: 'payment', rail: 'purchases', ...kept } as const]),
    ...(receipt === undefined ? [] : [{ role: 'payment', rail: 'receipt', proof: receipt } as const]),
  ]
}
