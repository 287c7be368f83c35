/**
 * Verifies with a public key by WebCrypto alone.
 *
 * Nearly every fresh token is signed with a public key, and the token has been read, its header judged and its key imported
 * by then. `jose` would do all three again for each signature. What it would still check of the key is checked here, once
 * for each key. Secrets are left to `jose`.
 */

import { base64url } from 'jose'

/** The parameters that WebCrypto wants for an algorithm, and the key that fits it (RFC 7518 §3.1, RFC 8037 §3.1). */
interface SignatureAlgorithm {
  readonly parameters: { readonly name: string; readonly hash?: string; readonly saltLength?: number }
  readonly namedCurve?: string
}

const ED25519: SignatureAlgorithm = { parameters: { name: 'Ed25519' } }

/** RFC 7518 §3.3 and §3.5 ask for RSA keys of 2,048 bits or more. */
const MIN_RSA_BITS = 2048

/** A map, not an object: a name that an object inherits is no algorithm. */
const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = /* @__PURE__ */ new Map([
  ['EdDSA', ED25519],
  ['Ed25519', ED25519],
  ['ES256', ecdsa(256, 'P-256')],
  ['ES384', ecdsa(384, 'P-384')],
  ['ES512', ecdsa(512, 'P-521')],
  ['PS256', pss(256)],
  ['PS384', pss(384)],
  ['PS512', pss(512)],
  ['RS256', pkcs1(256)],
  ['RS384', pkcs1(384)],
  ['RS512', pkcs1(512)],
])

function ecdsa(bits: number, namedCurve: string): SignatureAlgorithm {
  return { parameters: { name: 'ECDSA', hash: `SHA-${bits}` }, namedCurve }
}

/** The salt is as long as the hash (RFC 7518 §3.5). */
function pss(bits: number): SignatureAlgorithm {
  return { parameters: { name: 'RSA-PSS', hash: `SHA-${bits}`, saltLength: bits / 8 } }
}

function pkcs1(bits: number): SignatureAlgorithm {
  return { parameters: { name: 'RSASSA-PKCS1-v1_5', hash: `SHA-${bits}` } }
}

/** The members of a key's algorithm that decide whether it fits. */
interface KeyAlgorithm {
  readonly name: string
  readonly hash?: string | { readonly name?: string }
  readonly namedCurve?: string
  readonly modulusLength?: number
}

/** Returns true if the key may verify, is of the algorithm's own type, hash and curve, and is not too short. */
function fitsAlgorithm(key: CryptoKey, { parameters, namedCurve }: SignatureAlgorithm): boolean {
  const own: KeyAlgorithm = key.algorithm
  if (key.type !== 'public' || !key.usages.includes('verify') || own.name !== parameters.name) return false
  if (namedCurve !== undefined) return own.namedCurve === namedCurve
  if (parameters.hash === undefined) return true
  const hash = typeof own.hash === 'string' ? own.hash : own.hash?.name
  return hash === parameters.hash && (own.modulusLength ?? 0) >= MIN_RSA_BITS
}

/** The algorithm that a key was found to fit; undefined for a key that fits none asked for so far. */
const fitting = /* @__PURE__ */ new WeakMap<CryptoKey, SignatureAlgorithm>()

const encoder = new TextEncoder()

/**
 * Returns whether the signature of a token is good under `alg`, a name of RFC 7518. `token`: read by `readCompact`, and its
 * header judged. An algorithm that is unknown, and a key that does not fit it, make no signature good.
 */
export async function isSignedWithPublicKey(key: CryptoKey, token: string, alg: string): Promise<boolean> {
  const algorithm = ALGORITHMS.get(alg)
  if (algorithm === undefined) return false
  if (fitting.get(key) !== algorithm) {
    if (!fitsAlgorithm(key, algorithm)) return false
    fitting.set(key, algorithm)
  }
  const dot = token.lastIndexOf('.')
  try {
    const signature = new Uint8Array(base64url.decode(token.slice(dot + 1)))
    return await crypto.subtle.verify(algorithm.parameters, key, signature, encoder.encode(token.slice(0, dot)))
  } catch {
    return false
  }
}
