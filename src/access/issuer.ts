import type { ClaimMapping } from './claims.ts'

/** Kinds of token; no `typ` stands for two of them (RFC 8725 §3.11). */
export type TokenKind = 'entitlement' | 'payment' | 'operator' | 'statuslist' | 'event'

/** The `typ` of each. */
export const TOKEN_TYPES: Record<TokenKind, string> = {
  entitlement: 'entitlement+jwt',
  payment: 'payment+jwt',
  operator: 'operator+jwt',
  statuslist: 'statuslist+jwt',
  /** RFC 8417 §2.3. */
  event: 'secevent+jwt',
}

/** A `typ` as it is compared (RFC 7515 §4.1.9): `application/` may be left out, and media types ignore case. */
export function mediaSubtype(typ: string): string {
  const lower = typ.toLowerCase()
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower
}

export const ASYMMETRIC_ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const
export const DEFAULT_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'PS256', 'RS256'] as const

/** Where the keys of an issuer come from. */
export type KeySource =
  | { readonly kind: 'url'; readonly url: string; readonly policy: RefreshPolicy }
  | { readonly kind: 'inline'; readonly keys: readonly Record<string, unknown>[] }
  | { readonly kind: 'secret'; readonly bytes: Uint8Array }

/** When fetched keys are fetched again, and how long they serve without. All in milliseconds. */
export interface RefreshPolicy {
  /** A copy older than this is not relied on to lack a key, and is refreshed before use. */
  readonly refreshMs: number
  /** How long a copy is used after that while the issuer does not answer. */
  readonly staleMs: number
  /** The least time between two fetches for a `kid` that is not in the copy, and after a failure. */
  readonly cooldownMs: number
  readonly timeoutMs: number
}

/** A trusted issuer of tokens. One entry of the configuration, and its identity is its key in every memory. */
export interface Issuer {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly string[]
  readonly keys: KeySource
  /** Lower-case `typ` values without `application/`, by kind. A kind that is not here is not this entry's to sign. */
  readonly types: Partial<Record<TokenKind, readonly string[]>>
  /** True where its entitlement tokens may have no `typ`. */
  readonly allowsAbsentType: boolean
  readonly claims: ClaimMapping
  readonly clockToleranceSeconds: number
  readonly maxLifetimeSeconds: number
  /** Where its status lists are. Without it a token that has a place in one is refused. */
  readonly statusLists?: StatusListPolicy
}

/** Which status lists are fetched, and how long one serves without. In milliseconds. */
export interface StatusListPolicy {
  /** URIs, compared exactly; with a `*` at the end, what they begin with. */
  readonly allow: readonly string[]
  /** How long a list that is due is used while it cannot be had, but never beyond its `exp`. */
  readonly staleMs: number
  /** The most time between two fetches while they fail. */
  readonly cooldownMs: number
  readonly timeoutMs: number
}

/** True for a JWK to verify with: public, and not meant for anything else (RFC 7517 §4.2). */
export function isPublicKey(key: unknown): key is Readonly<Record<string, unknown>> {
  if (typeof key !== 'object' || key === null || !('kty' in key) || 'd' in key) return false
  const isPublic = key.kty === 'EC' || key.kty === 'OKP' || key.kty === 'RSA'
  return isPublic && (!('use' in key) || key.use === 'sig' || key.use === undefined || key.use === null)
}

/**
 * True for two names of one algorithm. With a key on the curve Ed25519, which is the only one taken here, `EdDSA` is what
 * RFC 9864 §2.2 calls `Ed25519`. The other names are fully specified already.
 */
export function isSameAlgorithm(one: unknown, other: string): boolean {
  return one === other || (isEd25519(one) && isEd25519(other))
}

function isEd25519(alg: unknown): boolean {
  return alg === 'EdDSA' || alg === 'Ed25519'
}
