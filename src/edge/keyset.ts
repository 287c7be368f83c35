import { createLocalJWKSet, type JWK } from 'jose'
import { isPublicKey } from '../core/issuer.ts'
import type { WantedKey } from '../ports.ts'

const MAX_KEYS = 100

/** One set of public keys. Plain data and imported keys: requests in workerd may share both. */
export interface KeySet {
  /** The key that fits, where it has been resolved before. */
  known(wanted: WantedKey): CryptoKey | undefined
  /** The key that fits; `ambiguous` where several do and the token names none. */
  resolve(wanted: WantedKey): Promise<CryptoKey | 'absent' | 'ambiguous'>
}

/** Private and symmetric keys in the set are nobody's to use. */
export function createKeySet(jwks: readonly unknown[]): KeySet {
  const select = createLocalJWKSet({ keys: jwks.filter((key): key is JWK => isPublicKey(key)) })
  const known = new Map<string, CryptoKey>() // grows with the keys that there are, not with those asked for
  const nameOf = ({ alg, kid }: WantedKey): string => (kid === undefined ? alg : `${alg} ${kid}`)
  return {
    known: (wanted) => known.get(nameOf(wanted)),
    async resolve(wanted) {
      const { alg, kid } = wanted
      try {
        const key = await select(kid === undefined ? { alg } : { alg, kid })
        known.set(nameOf(wanted), key)
        return key
      } catch (error) {
        return error instanceof Error && error.name === 'JWKSMultipleMatchingKeys' ? 'ambiguous' : 'absent'
      }
    },
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
