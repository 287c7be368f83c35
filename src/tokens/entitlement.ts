import { STANDINGS, type Entitlement, type Standing } from '../core/entitlement.ts'
import type { Issuer } from '../core/issuer.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { isObject, type JsonObject } from './jws.ts'

type Claims = Omit<Entitlement, 'accountHash'>

function invalid(detail: string, check: 'claims' | 'lifetime' = 'claims'): Result<never, Refusal> {
  return err(refusal('credential-invalid', detail, { check }))
}

/** `aud` as RFC 7519 §4.1.3 has it, compared exactly. */
export function isAudience(aud: unknown, wanted: string): boolean {
  return aud === wanted || (Array.isArray(aud) && aud.includes(wanted))
}

/**
 * Reads the claims of an entitlement token whose signature is good; times are read here and judged at each use.
 * Error: `credential-invalid`.
 */
export function readEntitlement(payload: JsonObject, issuer: Issuer): Result<Claims, Refusal> {
  const times = readTimes(payload, issuer)
  if (!times.ok) return times
  const account = payload['sub']
  if (typeof account !== 'string' || account === '') return invalid('The token has no "sub".')
  if ('cnf' in payload)
    return invalid('The token is bound to a key ("cnf"), and proof of possession is not verified here.')
  if ('status' in payload)
    return invalid('The token can be revoked by a status list ("status"), and none is read here.')
  const entitlements = readEntitlements(payload[issuer.claims.entitlements])
  if (entitlements === undefined)
    return invalid(`The token's "${issuer.claims.entitlements}" is not a list of entitlements.`)
  const plan = payload[issuer.claims.plan]
  if (plan !== undefined && typeof plan !== 'string')
    return invalid(`The token's "${issuer.claims.plan}" is not a string.`)
  const standing = readStanding(payload[issuer.claims.standing])
  if (standing === undefined)
    return invalid(`The token's "${issuer.claims.standing}" is not one of ${STANDINGS.join(', ')}.`)
  return ok({
    issuer: issuer.issuer,
    account,
    entitlements,
    plan,
    standing,
    toleranceSeconds: issuer.clockToleranceSeconds,
    ...times.value,
  })
}

type Times = Pick<Entitlement, 'issuedAt' | 'notBefore' | 'expires'>

function readTimes(payload: JsonObject, issuer: Issuer): Result<Times, Refusal> {
  const { exp, iat, nbf } = payload
  if (!isTime(exp)) return invalid('The token\'s "exp" is missing or not a whole number of seconds.', 'lifetime')
  if (!isTime(iat)) return invalid('The token\'s "iat" is missing or not a whole number of seconds.', 'lifetime')
  if (nbf !== undefined && !isTime(nbf))
    return invalid('The token\'s "nbf" is not a whole number of seconds.', 'lifetime')
  if (exp <= iat) return invalid('The token\'s "exp" is not after its "iat".', 'lifetime')
  if (exp - iat > issuer.maxLifetimeSeconds) {
    return invalid(
      `The token lives longer than the ${issuer.maxLifetimeSeconds} seconds its issuer may grant.`,
      'lifetime',
    )
  }
  return ok({ expires: exp, issuedAt: iat, notBefore: nbf ?? iat })
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Strings, or RFC 7643 §4.1.2 objects with a `value`; a single string is a space-separated list (RFC 8693 §4.2). */
function readEntitlements(claim: unknown): readonly string[] | undefined {
  if (claim === undefined) return []
  if (typeof claim === 'string') return claim.split(' ').filter((name) => name !== '')
  if (!Array.isArray(claim)) return undefined
  const names: string[] = []
  for (const item of claim) {
    const name: unknown = isObject(item) ? item['value'] : item
    if (typeof name !== 'string' || name === '') return undefined
    names.push(name)
  }
  return names
}

function readStanding(claim: unknown): Standing | undefined {
  return claim === undefined ? 'active' : STANDINGS.find((standing) => standing === claim)
}
