import type { Algorithm } from './signatures.ts'
import { type RequiredMembers, requiredMembers, thumbprintOf } from '../../../access/thumbprint.ts'
import { parseCacheControl, secondsOf } from '../../../http/rules/directives.ts'

/** A key as an agent publishes it: its required members alone. */
export interface AgentKey {
  readonly jwk: RequiredMembers
  readonly algorithm: Algorithm
  /** The times of use that the agent states, in seconds since 1970. */
  readonly notBefore?: number
  readonly expires?: number
}

/** The keys of an agent, by their thumbprints (RFC 7638). */
export type AgentKeys = ReadonlyMap<string, AgentKey>

const MAX_KEYS = 32

/**
 * Reads a JWK Set. Keys that cannot verify a signature of an agent are passed over: shared secrets, private keys, other kinds. Undefined
 * if it is none, or has too many keys.
 */
export function agentKeysIn(set: unknown): AgentKeys | undefined {
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) return undefined
  if (set.keys.length > MAX_KEYS) return undefined
  const keys = new Map<string, AgentKey>()
  for (const published of set.keys) {
    const key = readKey(published)
    if (key !== undefined) keys.set(thumbprintOf(key.jwk), key)
  }
  return keys
}

function readKey(published: unknown): AgentKey | undefined {
  if (typeof published !== 'object' || published === null || 'd' in published || 'k' in published) return undefined
  const given = published as Readonly<Record<string, unknown>>
  const jwk = requiredMembers(given)
  const algorithm = jwk && algorithmOf(jwk)
  if (jwk === undefined || algorithm === undefined || (given['use'] ?? 'sig') !== 'sig') return undefined
  const [notBefore, expires] = [given['nbf'], given['exp']]
  return {
    jwk,
    algorithm,
    ...(typeof notBefore === 'number' && { notBefore }),
    ...(typeof expires === 'number' && { expires }),
  }
}

/** 2,048 bits in base64url; a longer key than 8,192 bits costs more to verify than a request is worth. */
const [MIN_MODULUS, MAX_MODULUS] = [342, 1366]

function algorithmOf({ kty, crv, n = '' }: RequiredMembers): Algorithm | undefined {
  if (kty === 'OKP') return crv === 'Ed25519' ? 'ed25519' : undefined
  return kty === 'RSA' && n.length >= MIN_MODULUS && n.length <= MAX_MODULUS ? 'rsa-pss-sha512' : undefined
}

/** Returns the key that the thumbprint names, if it is in use at `now`, in milliseconds. */
export function keyInUse(keys: AgentKeys, thumbprint: string, now: number): AgentKey | undefined {
  const key = keys.get(thumbprint)
  if (key === undefined) return undefined
  const { notBefore = 0, expires = Number.POSITIVE_INFINITY } = key
  return notBefore * 1000 <= now && now < expires * 1000 ? key : undefined
}

/**
 * Keys whose private halves everybody can read: those of RFC 9421 appendix B.1 and of RFC 8037 appendix
 * A.
 */
const PUBLISHED_IN_FULL = new Set([
  'BHj8s0GPnMEQtkaULIM-PLgEhLBbuGUQ1vMxmBWZzEo',
  'oD0HwocPBSfpNy5W3bpJeyFGY_IQ_YpqxSjQ3Yd-CLA',
  'poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U',
  'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
])

/** Returns true for a key of which the private half is published, as in an RFC: whoever signs with it is nobody. */
export function isTestKey(thumbprint: string): boolean {
  return PUBLISHED_IN_FULL.has(thumbprint)
}

const MINUTE_SECONDS = 60
const DAY_SECONDS = 86_400
const DEFAULT_SECONDS = 3600

/** Returns how long a directory is fresh, in milliseconds: as it says, but a minute at least and a day at most. */
export function freshMs(cacheControl: string | null): number {
  const directives = parseCacheControl(cacheControl)
  const said = directives.has('no-store') || directives.has('no-cache') ? 0 : secondsOf(directives, 'max-age')
  return Math.min(Math.max(said ?? DEFAULT_SECONDS, MINUTE_SECONDS), DAY_SECONDS) * 1000
}

/** Reads the keys, or the place of the keys, in a Client ID Metadata Document. */
export function keysOfMetadata(document: unknown): { readonly keys: AgentKeys } | { readonly url: string } | undefined {
  if (typeof document !== 'object' || document === null) return undefined
  if ('jwks' in document) {
    const keys = agentKeysIn(document.jwks)
    return keys && { keys }
  }
  return 'jwks_uri' in document && typeof document.jwks_uri === 'string' ? { url: document.jwks_uri } : undefined
}
