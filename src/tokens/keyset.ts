import { isPublicKey, isSameAlgorithm } from '../access/issuer.ts'
import type { VerificationKey, WantedKey } from '../ports.ts'
import { requiredMembers, thumbprintOf } from '../access/thumbprint.ts'

const MAX_KEYS = 100
/** The most keys of one `kid` to be tried. Each costs one verification more for a forged token. */
export const MAX_TRIED = 4

/** A set of public keys. Holds plain data and imported keys only, which requests in workerd may share. */
export interface KeySet {
  /** Returns the matching keys if they have been resolved before. */
  known(wanted: WantedKey): readonly VerificationKey[] | undefined
  /**
   * Resolves the matching keys: several if they share the `kid` of the token. Returns `ambiguous` if several match and
   * the token has no `kid`, or if more match than are tried.
   */
  resolve(wanted: WantedKey): Promise<readonly VerificationKey[] | 'absent' | 'ambiguous'>
}

/** Creates a key set. Private and symmetric keys in it are ignored. A key that occurs twice is one key. */
export function createKeySet(jwks: readonly unknown[]): KeySet {
  const published = jwks.flatMap((jwk) => (isPublicKey(jwk) ? (readKey(jwk) ?? []) : []))
  const known = new Map<string, readonly VerificationKey[]>() // bounded by the keys of the set, not by the keys asked for
  const nameOf = ({ alg, kid }: WantedKey): string => (kid === undefined ? alg : `${alg} ${kid}`)
  return {
    known: (wanted) => known.get(nameOf(wanted)),
    async resolve(wanted) {
      const requirement = requirementOf(wanted.alg)
      if (requirement === undefined) return 'absent'
      const fitting = new Map(
        published.filter((key) => fits(key, wanted, requirement)).map(({ thumbprint, jwk }) => [thumbprint, jwk]),
      )
      if (fitting.size > (wanted.kid === undefined ? 1 : MAX_TRIED)) return 'ambiguous'
      const imported = await Promise.all(
        Array.from(fitting, ([thumbprint, jwk]) => importKey(jwk, thumbprint, requirement)),
      )
      const keys = imported.flatMap((key) => key ?? [])
      if (keys.length === 0) return 'absent'
      known.set(nameOf(wanted), keys)
      return keys
    },
  }
}

/** The members of a published key that count. Certificates and other members (`x5c`, `x5u`, `ext`, …) are ignored. */
interface PublishedKey {
  readonly jwk: JsonWebKey
  /** Equal for the same key with other metadata. */
  readonly thumbprint: string
  readonly kid: unknown
  readonly alg: unknown
}

/**
 * Reads a published key. Returns undefined if a member is missing, or if its operations (RFC 7517 §4.3) exclude
 * verifying.
 */
function readKey(published: Readonly<Record<string, unknown>>): PublishedKey | undefined {
  const { kid, alg, key_ops: operations } = published
  if (!isAbsent(operations) && !(Array.isArray(operations) && operations.includes('verify'))) return undefined
  const jwk = requiredMembers(published)
  return jwk && { jwk, thumbprint: thumbprintOf(jwk), kid, alg }
}

/** Returns true for a missing member; null means missing. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

/**
 * The key that an algorithm requires (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864): its type, its curve, and how to import it.
 */
interface KeyRequirement {
  readonly kty: string
  readonly crv: string | undefined
  readonly use: { readonly name: string; readonly hash?: string; readonly namedCurve?: string }
}

function requirementOf(alg: string): KeyRequirement | undefined {
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

function fits({ jwk, kid, alg }: PublishedKey, wanted: WantedKey, requirement: KeyRequirement): boolean {
  if (jwk.kty !== requirement.kty || jwk.crv !== requirement.crv) return false
  if (wanted.kid !== undefined && kid !== wanted.kid) return false
  return isAbsent(alg) || isSameAlgorithm(alg, wanted.alg)
}

/** Imports a key. Returns undefined if the key is invalid, for instance a point off its curve. */
async function importKey(
  jwk: JsonWebKey,
  thumbprint: string,
  { use }: KeyRequirement,
): Promise<VerificationKey | undefined> {
  try {
    return { key: await crypto.subtle.importKey('jwk', jwk, use, false, ['verify']), thumbprint }
  } catch {
    return undefined
  }
}

/** Reads a JWK Set (RFC 7517 §5). Throws on anything else, without quoting the text. */
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
