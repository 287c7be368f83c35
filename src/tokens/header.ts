import { isSameAlgorithm, type Issuer, mediaSubtype, type TokenKind } from '../access/issuer.ts'
import { type Check, refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { WantedKey } from '../ports.ts'
import type { JsonObject } from './jws.ts'

function invalid(check: Check, detail: string): Result<never, Refusal> {
  return err(refusal('credential-invalid', detail, { check }))
}

/**
 * Judges the protected header: an algorithm allowed for this issuer, the `typ` of this kind, no `crit`. Keys and URLs in
 * the header (`jwk`, `jku`, `x5u`, `x5c`) are ignored: RFC 8725 §3.10. Error: `credential-invalid`.
 */
export function readHeader(header: JsonObject, issuer: Issuer, kind: TokenKind): Result<WantedKey, Refusal> {
  const { alg, kid, typ } = header
  if (typeof alg !== 'string' || !issuer.algorithms.some((name) => isSameAlgorithm(name, alg))) {
    return invalid(
      'algorithm',
      `The token is not signed with an algorithm that its issuer may use: ${issuer.algorithms.join(', ')}.`,
    )
  }
  const types = issuer.types[kind] ?? []
  const isFit =
    typeof typ === 'string'
      ? types.includes(mediaSubtype(typ))
      : typ === undefined && (kind === 'entitlement' || kind === 'operator') && issuer.allowsAbsentType
  if (!isFit) {
    return invalid('type', `The token's "typ" is not one that its issuer uses for this: ${types.join(', ')}.`)
  }
  if ('crit' in header)
    return invalid('header', 'The token has a critical header parameter ("crit") that is not understood.')
  if ('b64' in header) return invalid('header', 'The token has an unencoded payload ("b64"), which is not a JWT.')
  if (kid !== undefined && typeof kid !== 'string') return invalid('header', 'The token\'s "kid" is not a string.')
  return ok({ alg, kid })
}
