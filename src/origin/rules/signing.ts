/** The key and parameters by which the gate signs its requests to origin servers. */
export interface Signing {
  readonly algorithm: SigningAlgorithm
  readonly key: PrivateJwk | Uint8Array
  readonly keyId: string | undefined
  readonly lifetimeSeconds: number
}

/** The `typ` of an assertion; no other kind of token has it (RFC 8725 §3.11). */
export const ASSERTION_TYPE = 'faregate-assertion+jwt'

export type SigningAlgorithm = 'ES256' | 'Ed25519' | 'EdDSA' | 'HS256'

/** The members of the key and no others: all else in a JWK was judged when it was read. */
export type PrivateJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string; readonly d: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string; readonly d: string }

export interface FoundPrivateKey {
  readonly algorithm: SigningAlgorithm
  readonly jwk: PrivateJwk
  readonly kid: string | undefined
}

/** Returns true for a secret meant to be a JWK, rather than the bytes of a shared secret. */
export function looksLikeJwk(secret: string): boolean {
  return secret.trimStart().startsWith('{')
}

/** Reads a private key for ES256 or Ed25519 (RFC 7518 §6.2, RFC 8037 §2). Returns undefined for anything else. */
export function readPrivateJwk(secret: string): FoundPrivateKey | undefined {
  const { kty, crv, alg, use, kid, x, y, d } = membersOf(secret)
  if (!isCoordinate(x) || !isCoordinate(d) || (use !== undefined && use !== 'sig')) return undefined
  if (kid !== undefined && typeof kid !== 'string') return undefined
  if (kty === 'EC' && crv === 'P-256' && isCoordinate(y) && (alg === undefined || alg === 'ES256')) {
    return { algorithm: 'ES256', jwk: { kty, crv, x, y, d }, kid }
  }
  if (kty === 'OKP' && crv === 'Ed25519' && (alg === undefined || alg === 'Ed25519' || alg === 'EdDSA')) {
    return { algorithm: alg ?? 'Ed25519', jwk: { kty, crv, x, d }, kid }
  }
  return undefined
}

function membersOf(secret: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(secret)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** Returns true for 32 bytes in base64url, as is every number in these keys. */
function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{43}$/.test(value)
}
