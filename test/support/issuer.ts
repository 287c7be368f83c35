import { base64url } from 'jose'

/**
 * An issuer that signs what it is told to, byte for byte. Libraries refuse to make hostile tokens, so the signing is
 * written out here on Web Crypto alone. Runs in workerd and in Node.
 */

export type SigningAlgorithm = 'ES256' | 'ES384' | 'EdDSA' | 'Ed25519' | 'RS256' | 'RS384' | 'PS256' | 'HS256'

export interface TestKey {
  readonly alg: SigningAlgorithm
  readonly kid: string
  readonly signer: CryptoKey
  /** What the issuer publishes. */
  readonly jwk: Record<string, unknown>
  /** What it does not. */
  readonly privateJwk: Record<string, unknown>
}

interface Recipe {
  readonly make: { readonly name: string } & Record<string, unknown>
  readonly sign: { readonly name: string } & Record<string, unknown>
}

const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
const ed25519: Recipe = { make: { name: 'Ed25519' }, sign: { name: 'Ed25519' } }
const RECIPES: Record<Exclude<SigningAlgorithm, 'HS256'>, Recipe> = {
  ES256: { make: { name: 'ECDSA', namedCurve: 'P-256' }, sign: { name: 'ECDSA', hash: 'SHA-256' } },
  ES384: { make: { name: 'ECDSA', namedCurve: 'P-384' }, sign: { name: 'ECDSA', hash: 'SHA-384' } },
  EdDSA: ed25519,
  Ed25519: ed25519,
  RS256: { make: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', ...rsa }, sign: { name: 'RSASSA-PKCS1-v1_5' } },
  RS384: { make: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384', ...rsa }, sign: { name: 'RSASSA-PKCS1-v1_5' } },
  PS256: { make: { name: 'RSA-PSS', hash: 'SHA-256', ...rsa }, sign: { name: 'RSA-PSS', saltLength: 32 } },
}

/** Members of a JWK that only its owner may see (RFC 7518 §6). */
const PRIVATE_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])

/** Makes a key pair. Its JWK says `kid` and `use`, and `alg` too unless `facts` says otherwise. */
export async function makeKey(
  alg: Exclude<SigningAlgorithm, 'HS256'>,
  kid: string,
  facts: Record<string, unknown> = { alg },
): Promise<TestKey> {
  const pair = await crypto.subtle.generateKey(RECIPES[alg].make, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error(`${alg} has no key pair`)
  const exported = await crypto.subtle.exportKey('jwk', pair.privateKey)
  if (exported instanceof ArrayBuffer) throw new Error(`${alg} has no JWK`)
  const { key_ops: _ops, ext: _ext, alg: _alg, ...members } = { ...exported }
  const isPublic = ([name]: [string, unknown]): boolean => !PRIVATE_MEMBERS.has(name)
  const jwk = { ...Object.fromEntries(Object.entries(members).filter(isPublic)), kid, use: 'sig', ...facts }
  return { alg, kid, signer: pair.privateKey, jwk, privateJwk: { ...jwk, ...members } }
}

/** Key pairs for ES256, one for each kid. */
export function makeKeys<const T extends readonly string[]>(...kids: T): Promise<{ -readonly [K in keyof T]: TestKey }>
export function makeKeys(...kids: readonly string[]): Promise<TestKey[]> {
  return Promise.all(kids.map((kid) => makeKey('ES256', kid)))
}

/** A key for HS256 from a secret that both sides know, or that a forger believes they do. */
export async function secretKey(secret: string | Uint8Array, kid = 'secret'): Promise<TestKey> {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const signer = await crypto.subtle.importKey('raw', bytes.slice(), hmac, false, ['sign'])
  const jwk = { kty: 'oct', k: base64url.encode(bytes), kid }
  return { alg: 'HS256', kid, signer, jwk, privateJwk: jwk }
}

/** The same key pair for another algorithm of its family: an RSA key may sign PS256 as well as RS256. */
export async function useFor(key: TestKey, alg: 'RS256' | 'RS384' | 'PS256'): Promise<TestKey> {
  const { alg: _alg, use: _use, ...jwk } = key.privateJwk
  const signer = await crypto.subtle.importKey('jwk', { kty: 'RSA', ...jwk }, RECIPES[alg].make, false, ['sign'])
  return { ...key, alg, signer }
}

export async function signBytes(key: TestKey, data: Uint8Array): Promise<Uint8Array> {
  const { name, ...rest } = key.alg === 'HS256' ? { name: 'HMAC' } : RECIPES[key.alg].sign
  return new Uint8Array(await crypto.subtle.sign({ name, ...rest }, key.signer, data.slice()))
}

/** base64url without padding. */
export function encode(value: string | Uint8Array): string {
  return base64url.encode(value)
}

/** Signs these very parts, whatever they are. */
export async function signParts(key: TestKey, header: string | Uint8Array, payload: string | Uint8Array) {
  return signEncoded(key, encode(header), encode(payload))
}

/** Signs parts that are encoded already, well or badly. */
export async function signEncoded(key: TestKey, header: string, payload: string): Promise<string> {
  const signature = await signBytes(key, new TextEncoder().encode(`${header}.${payload}`))
  return `${header}.${payload}.${encode(signature)}`
}

/** A token with these claims. The header is a good one, with `header` laid over it; undefined removes a member. */
export function sign(
  key: TestKey,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const good = { alg: key.alg, typ: 'entitlement+jwt', kid: key.kid }
  return signParts(key, JSON.stringify({ ...good, ...header }), JSON.stringify(claims))
}
