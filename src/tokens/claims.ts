import type { Issuer } from '../access/issuer.ts'
import { isLonger, type Lifetime } from '../access/lifetime.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { isAllowedUri, type StatusReference } from '../access/statuslist.ts'
import { isObject, type JsonObject } from './jws.ts'

/** A claim that is not as it must be, in any kind of token. */
export function invalid(detail: string, check: 'claims' | 'lifetime' | 'audience' = 'claims'): Result<never, Refusal> {
  return err(refusal('credential-invalid', detail, { check }))
}

/** Claims that say something: issuers that cannot leave a claim out write null, for a list that is empty and for all else. */
export function withoutNulls(claims: JsonObject): JsonObject {
  const entries = Object.entries(claims)
  const said = entries.filter(([, value]) => value !== null)
  return said.length === entries.length ? claims : Object.fromEntries(said)
}

/** `aud` as RFC 7519 §4.1.3 has it, compared exactly. */
export function isAudience(aud: unknown, wanted: string): boolean {
  return aud === wanted || (Array.isArray(aud) && aud.includes(wanted))
}

/** The same for a token that may be good in one zone only. */
export function isOnlyAudience(aud: unknown, wanted: string): boolean {
  return aud === wanted || (Array.isArray(aud) && aud.length === 1 && aud[0] === wanted)
}

/** Reads `iat`, `nbf` and `exp`; they are judged at each use. Error: `credential-invalid`. */
export function readLifetime(payload: JsonObject, issuer: Issuer): Result<Lifetime, Refusal> {
  const { exp, iat, nbf } = payload
  if (!isTime(exp)) return invalid('The token\'s "exp" is missing or not a number of seconds.', 'lifetime')
  if (!isTime(iat)) return invalid('The token\'s "iat" is missing or not a number of seconds.', 'lifetime')
  if (nbf !== undefined && !isTime(nbf)) return invalid('The token\'s "nbf" is not a number of seconds.', 'lifetime')
  if (exp <= iat) return invalid('The token\'s "exp" is not after its "iat".', 'lifetime')
  if (isLonger(iat, exp, issuer.maxLifetimeSeconds)) {
    return invalid(
      `The token lives longer than the ${issuer.maxLifetimeSeconds} seconds its issuer may grant.`,
      'lifetime',
    )
  }
  return ok({ expires: exp, issuedAt: iat, notBefore: nbf ?? iat, toleranceSeconds: issuer.clockToleranceSeconds })
}

/** NumericDate: seconds since 1970, with a fraction where it has one (RFC 7519 §2). Beyond 2^53 − 1 they are not told apart. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

/** A token whose owner relies on a check that is not made here is worth nothing here. */
export function refuseBound(payload: JsonObject): Result<never, Refusal> | undefined {
  return 'cnf' in payload
    ? invalid('The token is bound to a key ("cnf"), and proof of possession is not verified here.')
    : undefined
}

/** The same for one that can be revoked, of a kind whose status is not looked up. */
export function refuseListed(payload: JsonObject): Result<never, Refusal> | undefined {
  return 'status' in payload
    ? invalid('The token can be revoked by a status list ("status"), and none is read here.')
    : undefined
}

/**
 * Reads `status` (Token Status List §6.2), where the token has it. Its place in a list is looked up at each use. Other
 * mechanisms beside the list are not looked at; alone they are not enough. Error: `credential-invalid`.
 */
export function readStatus(payload: JsonObject, issuer: Issuer): Result<StatusReference | undefined, Refusal> {
  const { status } = payload
  if (status === undefined) return NO_STATUS
  const { statusLists: policy, claims } = issuer
  // The registered claim is an object. A word is another maker's own.
  if (!isObject(status) && claims.foreignNames.includes('status')) return NO_STATUS
  if (policy === undefined) return refuseListed(payload) ?? NO_STATUS
  const place = isObject(status) ? status['status_list'] : undefined
  if (!isObject(place)) return invalid('The token\'s "status" names no status list, and nothing else is read here.')
  const { idx, uri } = place
  if (typeof idx !== 'number' || !Number.isSafeInteger(idx) || idx < 0)
    return invalid('The "idx" of the token\'s status is not a whole number from 0.')
  if (typeof uri !== 'string' || !isAllowedUri(uri, policy.allow))
    return invalid('The "uri" of the token\'s status is not one of its issuer\'s status lists.')
  return ok({ issuer, policy, uri, idx })
}

const NO_STATUS = ok(undefined)

/** The longest id of a token, receipt or event that is kept. */
export const MAX_ID_CHARACTERS = 255

/** A name: well-formed, so that no two are one when they are written as bytes, and what is said of the one finds it. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed()
}

/** A `jti` that is kept. */
export function isId(value: unknown): value is string {
  return isName(value) && value.length <= MAX_ID_CHARACTERS
}
