/**
 * Signs the tokens of the vectors, the hostile ones among them: libraries refuse to. All of it is deterministic but ES256,
 * whose signatures are taken from the vectors that are there, as long as what was signed is the same.
 */
import { createHmac, createPrivateKey, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type KeyName = 'ed25519' | 'es256' | 'rs256' | 'forger'
export type Members = Readonly<Record<string, unknown>>

interface VectorKey extends Members {
  readonly kid: string
  readonly alg: 'EdDSA' | 'ES256' | 'RS256'
}

/** Keys for tests: anyone has them. The first two are of RFC 8037 A.1 and RFC 7515 A.3. `forger` is not the issuer's. */
export const KEYS = JSON.parse(readFileSync(join(import.meta.dirname, 'keys.json'), 'utf8')) as Readonly<
  Record<KeyName, VectorKey>
>

/** The secret of HS256, and of usage. */
export const SECRET = 'a secret of the vectors, which anyone has'

/** The public members of a key, in this order whatever made it. */
const PUBLIC = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use']

/** The public part of a key. */
export function publicJwk(name: KeyName): Members {
  return defined(Object.fromEntries(PUBLIC.map((member) => [member, KEYS[name][member]])))
}

export const encode = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url')

/** Returns the signature that a key makes, ES256's from `known`, the signatures by what they sign. */
function signatureOf(name: KeyName, data: string, known: ReadonlyMap<string, string>): Buffer {
  const key = createPrivateKey({ key: KEYS[name], format: 'jwk' })
  const bytes = Buffer.from(data)
  switch (KEYS[name].alg) {
    case 'EdDSA':
      return sign(null, bytes, key)
    case 'RS256':
      return sign('sha256', bytes, key)
    case 'ES256': {
      const options = { key, dsaEncoding: 'ieee-p1363' } as const
      const before = Buffer.from(known.get(data) ?? '', 'base64url')
      const isGood = before.length === 64 && verify('sha256', bytes, options, before)
      return isGood ? before : sign('sha256', bytes, options)
    }
  }
}

/** Who signs: a key, or the bytes of a secret. */
export type Signer = KeyName | { readonly secret: string; readonly hash?: 'sha256' | 'sha512' }

/** Signs parts as they are. */
export function signParts(by: Signer, header: string, payload: string, known: ReadonlyMap<string, string>): string {
  const data = `${encode(header)}.${encode(payload)}`
  const signature =
    typeof by === 'string'
      ? signatureOf(by, data, known)
      : createHmac(by.hash ?? 'sha256', by.secret)
          .update(data)
          .digest()
  return `${data}.${encode(signature)}`
}

/** Returns members without those that are undefined. */
export function defined(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
