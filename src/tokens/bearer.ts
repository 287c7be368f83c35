import { type Exchange, isLoopback } from '../http/rules/exchange.ts'
import { type Reason, refusal, type Refusal } from '../core/problem.ts'
import type { Zone } from '../zone.ts'
import { claimedIssuer } from './jws.ts'

/** Bearer tokens in `Authorization`, and the challenge that asks for one (RFC 6750). */

/** Removes `Authorization` where it is ours: another issuer's token is the origin's business. */
export function stripBearer(fields: Headers, zone: Zone): void {
  const authorization = fields.get('authorization')
  if (authorization !== null && isOurs(authorization, zone)) fields.delete('authorization')
}

/** No field of another scheme has more that could be a token; each that is looked at costs microseconds. */
const MAX_TOKENS = 16

/**
 * Looks leniently: a token that we would refuse for its spelling may still be one that we would take in another. Where there
 * is too much to look at, it may be among that.
 */
function isOurs(authorization: string, zone: Zone): boolean {
  const issuers = zone.issuers.map((issuer) => issuer.issuer)
  const tokens = authorization.split(/[\s,:=]+/).filter((text) => text.includes('.'))
  if (tokens.length > MAX_TOKENS) return true
  return tokens.some((token) => {
    const claimed = claimedIssuer(token)
    return claimed !== undefined && issuers.includes(claimed)
  })
}

/** True where whoever listens could have read what the request carries. */
export function isExposed({ scheme, host }: Exchange): boolean {
  return scheme === 'http' && !isLoopback(host)
}

/** Of whatever came exposed. */
export const EXPOSED = refusal(
  'credential-invalid',
  'A credential sent over plain http is exposed and not accepted. Use https, and a new token.',
  { check: 'transport' },
)

/** RFC 6750 §3: no `error` where no credential came. */
const ERRORS: Partial<Record<Reason, 'invalid_request' | 'invalid_token' | 'insufficient_scope'>> = {
  'credential-malformed': 'invalid_request',
  'credential-ambiguous': 'invalid_request',
  'credential-invalid': 'invalid_token',
  'credential-not-yet-valid': 'invalid_token',
  'credential-expired': 'invalid_token',
  'entitlement-insufficient': 'insufficient_scope',
  'payment-insufficient': 'insufficient_scope',
}

/** The value of `WWW-Authenticate`. `scope` is a list of scopes, and may be empty. */
export function bearerChallenge(realm: string, scope: string, refused: Refusal | undefined): string {
  const error = refused === undefined ? undefined : ERRORS[refused.reason]
  const parameters = [
    `realm="${quote(realm)}"`,
    ...(scope === '' ? [] : [`scope="${scope}"`]),
    ...(error === undefined ? [] : [`error="${error}"`, `error_description="${quote(refused?.detail ?? '')}"`]),
  ]
  return `Bearer ${parameters.join(', ')}`
}

/** RFC 6750 §3 allows neither quotes nor backslashes in a description. */
export function quote(text: string): string {
  return text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?')
}
