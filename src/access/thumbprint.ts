import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64url } from '../core/bytes.ts'

/** The members of a public key's thumbprint (RFC 7638 §3.2, RFC 8037 §2), in the order of their names. */
const KEY_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
}

/** The members of a key that its thumbprint is made of, in the order of their names. */
export type RequiredMembers = Readonly<Record<string, string>> & { readonly kty: string }

/** Returns the required members of a public key, and no others. Undefined if one is missing, or for another kind of key. */
export function requiredMembers(published: Readonly<Record<string, unknown>>): RequiredMembers | undefined {
  const { kty } = published
  const names = typeof kty === 'string' && Object.hasOwn(KEY_MEMBERS, kty) ? KEY_MEMBERS[kty] : undefined
  if (typeof kty !== 'string' || names === undefined) return undefined
  const members: [string, string][] = []
  for (const name of names) {
    const value = published[name]
    if (typeof value !== 'string') return undefined
    members.push([name, value])
  }
  return Object.assign(Object.fromEntries(members), { kty })
}

/** Returns the thumbprint of a key (RFC 7638): SHA-256, in base64url. */
export function thumbprintOf(members: RequiredMembers): string {
  return toBase64url(sha256(utf8ToBytes(JSON.stringify(members))))
}

/** Returns the thumbprint of a secret, as that of the JWK of type `oct` (RFC 7638 §3.2). It does not tell the secret. */
export function secretThumbprint(secret: Uint8Array): string {
  return toBase64url(sha256(utf8ToBytes(JSON.stringify({ k: toBase64url(secret), kty: 'oct' }))))
}

/** Returns true for a thumbprint: SHA-256 in base64url, in its one spelling. */
export function isThumbprint(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{42}[AEIMQUYcgkosw048]$/.test(value)
}
