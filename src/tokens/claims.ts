import type { Issuer } from '../access/issuer.ts'
import { isLonger, type Lifetime } from '../access/lifetime.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { isAllowedUri, type StatusReference } from '../access/statuslist.ts'
import { isObject, type JsonObject } from './jws.ts'

/** Returns the error for a malformed claim, in any kind of token. */
export function invalid(detail: string, check: 'claims' | 'lifetime' | 'audience' = 'claims'): Result<never, Refusal> {
  return err(refusal('credential-invalid', detail, { check }))
}

/** Removes claims that are null. Issuers that cannot leave a claim out write null, and a null states nothing. */
export function withoutNulls(claims: JsonObject): JsonObject {
  const entries = Object.entries(claims)
  const said = entries.filter(([, value]) => value !== null)
  return said.length === entries.length ? claims : Object.fromEntries(said)
}

/** Compares `aud` with `wanted`, exactly. `aud` may be a list (RFC 7519 §4.1.3). */
export function isAudience(aud: unknown, wanted: string): boolean {
  return aud === wanted || (Array.isArray(aud) && aud.includes(wanted))
}

/** Compares `aud` with `wanted`, exactly, for a token that may be good in one zone only. */
export function isOnlyAudience(aud: unknown, wanted: string): boolean {
  return aud === wanted || (Array.isArray(aud) && aud.length === 1 && aud[0] === wanted)
}

/** Reads `iat`, `nbf` and `exp`. The times are judged at each use. Error: `credential-invalid`. */
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

/**
 * Returns true for a NumericDate: seconds since 1970, with an optional fraction (RFC 7519 §2). Numbers beyond 2^53 − 1
 * are refused: they are not told apart.
 */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

/** Refuses a token bound to a key (`cnf`): its owner relies on a proof of possession that is not verified here. */
export function refuseBound(payload: JsonObject): Result<never, Refusal> | undefined {
  return 'cnf' in payload
    ? invalid('The token is bound to a key ("cnf"), and proof of possession is not verified here.')
    : undefined
}

/** Refuses a token that can be revoked (`status`), if no status is looked up for its kind. */
export function refuseListed(payload: JsonObject): Result<never, Refusal> | undefined {
  return 'status' in payload
    ? invalid('The token can be revoked by a status list ("status"), and none is read here.')
    : undefined
}

/**
 * Reads `status` (Token Status List §6.2), if the token has it. The status itself is looked up at each use. Other
 * mechanisms beside the list are ignored; without a list they are not enough. Error: `credential-invalid`.
 */
export function readStatus(payload: JsonObject, issuer: Issuer): Result<StatusReference | undefined, Refusal> {
  const { status } = payload
  if (status === undefined) return NO_STATUS
  const { statusLists: policy, claims } = issuer
  // The registered claim is an object. A word in its place is another maker's own claim.
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

/** The longest id of a token, receipt or event that may be stored. */
export const MAX_ID_CHARACTERS = 255

/**
 * Returns true for a name: a non-empty, well-formed string. Ill-formed names change when encoded: two could become one, and
 * a statement about an account would miss it.
 */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed()
}

/** Returns true for a `jti` that may be stored. */
export function isId(value: unknown): value is string {
  return isName(value) && value.length <= MAX_ID_CHARACTERS
}
