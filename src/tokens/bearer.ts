import { type Exchange, isLoopback } from '../http/rules/exchange.ts'
import { type Reason, refusal, type Refusal } from '../core/problem.ts'
import type { Zone } from '../zone.ts'
import { claimedIssuer } from './jws.ts'

/** Bearer tokens in `Authorization`, and the challenge that asks for one (RFC 6750). */

/** Removes `Authorization` if its token names an issuer of the zone. The origin keeps tokens of other issuers. */
export function stripBearer(fields: Headers, zone: Zone): void {
  const authorization = fields.get('authorization')
  if (authorization !== null && isOurs(authorization, zone)) fields.delete('authorization')
}

/** Fields of other schemes never hold more parts that could be tokens. Reading one costs microseconds. */
const MAX_TOKENS = 16

/**
 * Returns true if a part of the field names an issuer of the zone. Reads leniently: a token misspelt here may be accepted
 * in its proper spelling. Returns true if there are too many parts to read: one of them may be ours.
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

/** Returns true if an eavesdropper could have read the request: plain http, and not from this machine. */
export function isExposed({ scheme, host }: Exchange): boolean {
  return scheme === 'http' && !isLoopback(host)
}

/** The refusal of any credential that came exposed. */
export const EXPOSED = refusal(
  'credential-invalid',
  'A credential sent over plain http is exposed and not accepted. Use https, and a new token.',
  { check: 'transport' },
)

/** RFC 6750 §3: a challenge has no `error` if no credential came. */
const ERRORS: Partial<Record<Reason, 'invalid_request' | 'invalid_token' | 'insufficient_scope'>> = {
  'credential-malformed': 'invalid_request',
  'credential-ambiguous': 'invalid_request',
  'credential-invalid': 'invalid_token',
  'credential-not-yet-valid': 'invalid_token',
  'credential-expired': 'invalid_token',
  'entitlement-insufficient': 'insufficient_scope',
  'payment-insufficient': 'insufficient_scope',
}

/** Formats the value of `WWW-Authenticate`. `scope`: a list of scopes, possibly empty. */
export function bearerChallenge(realm: string, scope: string, refused: Refusal | undefined): string {
  const error = refused === undefined ? undefined : ERRORS[refused.reason]
  const parameters = [
    `realm="${quote(realm)}"`,
    ...(scope === '' ? [] : [`scope="${scope}"`]),
    ...(error === undefined ? [] : [`error="${error}"`, `error_description="${quote(refused?.detail ?? '')}"`]),
  ]
  return `Bearer ${parameters.join(', ')}`
}

/** Makes a text fit for a quoted parameter: RFC 6750 §3 allows neither quotes nor backslashes in a description. */
export function quote(text: string): string {
  return text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?')
}
