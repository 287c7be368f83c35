import { isPublicKey, isSameAlgorithm } from '../access/issuer.ts'
import type { WantedKey } from '../ports.ts'

const MAX_KEYS = 100
/** How many keys of one `kid` are tried. Each costs a forged token one look more at its signature. */
export const MAX_TRIED = 4

/** One set of public keys. Plain data and imported keys: requests in workerd may share both. */
export interface KeySet {
  /** The keys that fit, where they have been resolved before. */
  known(wanted: WantedKey): readonly CryptoKey[] | undefined
  /**
   * The keys that fit: several where they share the `kid` that the token names. `ambiguous` where several do and the token
   * names none, or where more do than are tried.
   */
  resolve(wanted: WantedKey): Promise<readonly CryptoKey[] | 'absent' | 'ambiguous'>
}

/** Private and symmetric keys in the set are nobody's to use. A key that is there twice is one key. */
export function createKeySet(jwks: readonly unknown[]): KeySet {
  const published = jwks.flatMap((jwk) => (isPublicKey(jwk) ? (readKey(jwk) ?? []) : []))
  const known = new Map<string, readonly CryptoKey[]>() // grows with the keys that there are, not with those asked for
  const nameOf = ({ alg, kid }: WantedKey): string => (kid === undefined ? alg : `${alg} ${kid}`)
  return {
    known: (wanted) => known.get(nameOf(wanted)),
    async resolve(wanted) {
      const need = needOf(wanted.alg)
      if (need === undefined) return 'absent'
      const fitting = new Map(
        published.filter((key) => fits(key, wanted, need)).map(({ identity, jwk }) => [identity, jwk]),
      )
      if (fitting.size > (wanted.kid === undefined ? 1 : MAX_TRIED)) return 'ambiguous'
      const imported = await Promise.all(Array.from(fitting.values(), (jwk) => importKey(jwk, need)))
      const keys = imported.flatMap((key) => key ?? [])
      if (keys.length === 0) return 'absent'
      known.set(nameOf(wanted), keys)
      return keys
    },
  }
}

/** What counts of a published key. Certificates and whatever else is said of it (`x5c`, `x5u`, `ext`, …) do not. */
interface PublishedKey {
  readonly jwk: JsonWebKey
  /** The same for the same key, whatever is said of it: the members of its thumbprint (RFC 7638 §3.2). */
  readonly identity: string
  readonly kid: unknown
  readonly alg: unknown
}

/** The members of a public key that are its thumbprint (RFC 7638 §3.2, RFC 8037 §2), in the order of their names. */
const KEY_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
}

/** Undefined for a key that lacks a member, or whose operations (RFC 7517 §4.3) leave verifying out. */
function readKey(published: Readonly<Record<string, unknown>>): PublishedKey | undefined {
  const { kty, kid, alg, key_ops: operations } = published
  const members = typeof kty === 'string' && Object.hasOwn(KEY_MEMBERS, kty) ? KEY_MEMBERS[kty] : undefined
  if (typeof kty !== 'string' || members === undefined) return undefined
  if (!isAbsent(operations) && !(Array.isArray(operations) && operations.includes('verify'))) return undefined
  const values = members.map((name) => published[name])
  if (!values.every((value) => typeof value === 'string')) return undefined
  const jwk = { ...Object.fromEntries(members.map((name, index) => [name, values[index]])), kty }
  return { jwk, identity: JSON.stringify(values), kid, alg }
}

/** A member that is null says as little as one that is not there. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

/** What an algorithm needs (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864): a type of key, its curve, and how it is imported. */
interface Need {
  readonly kty: string
  readonly crv: string | undefined
  readonly use: SubtleCryptoImportKeyAlgorithm
}

function needOf(alg: string): Need | undefined {
  if (isSameAlgorithm(alg, 'Ed25519')) return { kty: 'OKP', crv: 'Ed25519', use: { name: 'Ed25519' } }
  const [, family = '', bits = ''] = /^(ES|PS|RS)(256|384|512)$/.exec(alg) ?? []
  if (family === '') return undefined
  if (family !== 'ES') {
    const name = family === 'PS' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5'
    return { kty: 'RSA', crv: undefined, use: { name, hash: `SHA-${bits}` } }
  }
  const crv = `P-${bits === '512' ? '521' : bits}`
  return { kty: 'EC', crv, use: { name: 'ECDSA', namedCurve: crv } }
}

function fits({ jwk, kid, alg }: PublishedKey, wanted: WantedKey, need: Need): boolean {
  if (jwk.kty !== need.kty || jwk.crv !== need.crv) return false
  if (wanted.kid !== undefined && kid !== wanted.kid) return false
  return isAbsent(alg) || isSameAlgorithm(alg, wanted.alg)
}

/** Undefined for what is no key after all: a point that is not on its curve. */
async function importKey(jwk: JsonWebKey, { use }: Need): Promise<CryptoKey | undefined> {
  try {
    return await crypto.subtle.importKey('jwk', jwk, use, false, ['verify'])
  } catch {
    return undefined
  }
}

/** Reads a JWK Set (RFC 7517 §5). Throws, without quoting the text, on what is none. */
export function parseJwks(text: string): KeySet {
  const set = parseJson(text)
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) {
    throw new Error('not a JWK Set')
  }
  if (set.keys.length > MAX_KEYS) throw new Error(`more than ${MAX_KEYS} keys`)
  return createKeySet(set.keys)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('not JSON')
  }
}
