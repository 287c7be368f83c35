import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'

const BEARER = /^bearer +([^\s,]+)$/i
const ANY_BEARER = /(?:^|,)\s*bearer(?:\s|$)/i

/**
 * Reads the bearer token of an `Authorization` field (RFC 6750 §2.1). Returns undefined without the field, and for
 * another scheme: other schemes belong to another rail, or to the origin. Errors: `credential-ambiguous`,
 * `credential-malformed`.
 */
export function readBearer(authorization: string | null): Result<string, Refusal> | undefined {
  if (authorization === null) return undefined
  const token = BEARER.exec(authorization)?.[1]
  if (token !== undefined) return ok(token)
  if (!ANY_BEARER.test(authorization)) return undefined
  return err(authorization.includes(',') ? TWO : MALFORMED)
}

const ANY_PAYMENT = /(?:^|,)\s*payment(?:\s|$)/i

/** Returns true if an `Authorization` field holds, alone or among others, a credential of the scheme `Payment`. */
export function hasPayment(authorization: string | null): boolean {
  return authorization !== null && ANY_PAYMENT.test(authorization)
}

const TWO = refusal('credential-ambiguous', 'The request has more than one value in "Authorization".', {
  check: 'spelling',
})
const MALFORMED = refusal('credential-malformed', 'The "Authorization" field is not "Bearer" and one token.', {
  check: 'spelling',
})
