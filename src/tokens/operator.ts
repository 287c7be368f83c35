import type { Issuer } from '../access/issuer.ts'
import { judgeLifetime, type Lifetime } from '../access/lifetime.ts'
import type { Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import type { Call, Keys } from '../ports.ts'
import { invalid, readLifetime, refuseBound, refuseListed } from './claims.ts'
import type { JsonObject } from './jws.ts'
import { checkSignature, FORGED } from './signature.ts'

/** An operator of the site, with the scopes of the token. */
export interface Operator extends Lifetime {
  readonly issuer: string
  readonly subject: string | undefined
  readonly scopes: readonly string[]
}

/**
 * Verifies operator tokens, times included. Verdicts are not remembered: operators call seldom. Errors: those of a
 * credential, and `keys-unavailable`.
 */
export type VerifyOperator = (token: string, zone: Zone, call: Call) => Promise<Result<Operator, Refusal>>

export function createOperatorVerifier(keys: Keys): VerifyOperator {
  return async (token, zone, call) => {
    const checked = await checkSignature(token, 'operator', zone.operators, keys, call)
    if (!checked.ok) return checked
    const { payload, issuer, isGenuine } = checked.value
    if (!isGenuine) return FORGED
    const operator = readOperator(payload, issuer)
    if (!operator.ok) return operator
    const untimely = judgeLifetime(operator.value, call.now)
    return untimely === undefined ? operator : err(untimely)
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
