import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { AUDIENCE, ISSUER } from './workers/claims.ts'

export type Algorithm = 'ES256' | 'EdDSA'

/** Signs tokens of one key. Each is another account's, so no two are alike. */
export type Issuer = {
  readonly publicJwk: Readonly<Record<string, unknown>>
  readonly issue: (claims?: object, typ?: string) => Promise<string>
}

const LIFETIME_SECONDS = 3600

/** `dsaEncoding` is how JWS wants an ECDSA signature (RFC 7518 §3.4): 64 bytes, not DER. The callback form uses the thread pool. */
const signInPool = promisify(
  (algorithm: Algorithm, data: Buffer, key: KeyObject, done: (error: Error | null, signature: Buffer) => void) =>
    sign(algorithm === 'ES256' ? 'sha256' : null, data, { key, dsaEncoding: 'ieee-p1363' }, done),
)

export function createIssuer(algorithm: Algorithm): Issuer {
  const { privateKey } =
    algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  const kid = randomUUID()
  const headerOf = (typ: string): string => encode({ alg: algorithm, typ, kid })
  const header = headerOf('entitlement+jwt')
  let issued = 0
  return {
    publicJwk: { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' },
    async issue(claims = {}, typ) {
      const text = `${typ === undefined ? header : headerOf(typ)}.${encode({ ...claimsOf(issued++), ...claims })}`
      const signature = await signInPool(algorithm, Buffer.from(text), privateKey)
      return `${text}.${signature.toString('base64url')}`
    },
  }
}

function claimsOf(account: number): object {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: `account-${account}`,
    iat: now,
    exp: now + LIFETIME_SECONDS,
    plan: 'Premium',
    entitlements: ['premium'],
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** So many at once that the pool is never idle, and few enough to keep memory flat. */
const AT_ONCE = 256

export async function issueMany({ issue }: Issuer, count: number): Promise<readonly string[]> {
  const tokens: string[] = []
  while (tokens.length < count) {
    tokens.push(...(await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - tokens.length) }, () => issue()))))
  }
  return tokens
}

/** The token with another signature, which is well formed and not good. Each number gives another. */
export function forge(token: string, number: number): string {
  const end = token.lastIndexOf('.') + 1
  return `${token.slice(0, end)}${number.toString(16).padStart(8, '0')}${token.slice(end + 8)}`
}
