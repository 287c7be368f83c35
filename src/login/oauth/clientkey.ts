import { importJWK, importPKCS8, type JWK } from 'jose'

/** A private key as it signs assertions of the client. */
export interface ClientKey {
  readonly key: CryptoKey
  readonly kid?: string
}

/** The algorithms tried for a PEM, which names none. */
const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'Ed25519', 'RS256'] as const
const PEM = /^-----BEGIN PRIVATE KEY-----[\sA-Za-z0-9+/=]+-----END PRIVATE KEY-----$/
const DEFAULT_ALGORITHMS: Readonly<Record<string, string>> = {
  RSA: 'RS256',
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'Ed25519',
}

/** Returns true for text that looks like a private key in PEM (PKCS #8) or as a JWK. */
export function isPrivateKey(given: string): boolean {
  return PEM.test(asPem(given)) || jwkOf(given) !== undefined
}

/** Imports a private key. Throws if it is none. */
export async function importClientKey(given: string): Promise<ClientKey> {
  const jwk = jwkOf(given)
  if (jwk !== undefined) {
    const alg = jwk.alg === 'EdDSA' ? 'Ed25519' : (jwk.alg ?? DEFAULT_ALGORITHMS[jwk.crv ?? jwk.kty ?? ''])
    const key = await importJWK(jwk, alg)
    if (key instanceof Uint8Array || key.type !== 'private') throw new TypeError('not a private key')
    return { key, ...(jwk.kid !== undefined && { kid: jwk.kid }) }
  }
  for (const alg of ALGORITHMS) {
    const key = await importPKCS8(asPem(given), alg).catch(() => undefined)
    if (key !== undefined) return { key }
  }
  throw new TypeError('not a private key')
}

/** A variable of an environment often has `\n` for the ends of lines. */
function asPem(given: string): string {
  return given.replaceAll('\\n', '\n').trim()
}

function jwkOf(given: string): JWK | undefined {
  try {
    const value: unknown = JSON.parse(given)
    return isPrivateJwk(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isPrivateJwk(value: unknown): value is JWK {
  if (typeof value !== 'object' || value === null || !('kty' in value) || !('d' in value)) return false
  return typeof value.kty === 'string' && typeof value.d === 'string'
}
