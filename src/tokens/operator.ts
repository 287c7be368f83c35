import type { Issuer } from '../access/issuer.ts'
import { judgeLifetime, type Lifetime } from '../access/lifetime.ts'
import type { Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import type { Call } from '../ports.ts'
import { readAccessOperator } from './accessoperator.ts'
import { invalid, readLifetime, refuseBound, refuseListed } from './claims.ts'
import type { JsonObject } from './jws.ts'
import { checkTrusted, type TrustSources } from './signature.ts'

/** An operator of the site, with the scopes of the token. */
export interface Operator extends Lifetime {
  readonly issuer: string
  readonly subject: string | undefined
  readonly scopes: readonly string[]
  /** The RFC 7638 thumbprint of the key that signed the token. */
  readonly signedBy?: string | undefined
}

/**
 * Verifies operator tokens, times and distrust included. Verdicts are not remembered: operators call seldom. Errors: those
 * of a credential, `keys-unavailable` and `standing-unavailable`.
 */
export type VerifyOperator = (token: string, zone: Zone, call: Call) => Promise<Result<Operator, Refusal>>

export function createOperatorVerifier(trust: TrustSources): VerifyOperator {
  return async (token, zone, call) => {
    const checked = await checkTrusted(token, { kind: 'operator', issuers: zone.operators, zone }, trust, call)
    if (!checked.ok) return checked
    const { payload, issuer, signedBy, refused } = checked.value
    if (refused !== undefined) return refused
    const { access } = issuer
    const operator = access === undefined ? readOperator(payload, issuer) : readAccessOperator(payload, issuer, access)
    if (!operator.ok) return operator
    const untimely = judgeLifetime(operator.value, call.now)
    return untimely === undefined ? ok({ ...operator.value, signedBy }) : err(untimely)
  }
}

/** A list of scopes: RFC 6749 §3.3, adopted by RFC 8693 §4.2. */
const SCOPES = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/

/** Reads the claims of an operator token whose signature is good. Error: `credential-invalid`. */
export function readOperator(payload: JsonObject, issuer: Issuer): Result<Operator, Refusal> {
  const lifetime = readLifetime(payload, issuer)
  if (!lifetime.ok) return lifetime
  const { sub, scope } = payload
  if (sub !== undefined && (typeof sub !== 'string' || sub === '')) return invalid('The token\'s "sub" is not a name.')
  const unchecked = refuseBound(payload) ?? refuseListed(payload)
  if (unchecked !== undefined) return unchecked
  if (scope !== undefined && (typeof scope !== 'string' || !SCOPES.test(scope)))
    return invalid('The token\'s "scope" is not a list of scopes with a space between each two (RFC 8693 §4.2).')
  return ok({ issuer: issuer.issuer, subject: sub, scopes: scope?.split(' ') ?? [], ...lifetime.value })
}
