import type { ClaimMapping, ClaimPath } from './claims.ts'
import type { Distrust } from './distrust.ts'

/** Kinds of token. No `typ` stands for two of them (RFC 8725 §3.11). */
export type TokenKind = 'entitlement' | 'payment' | 'operator' | 'statuslist' | 'event'

/** The `typ` of each kind. */
export const TOKEN_TYPES: Record<TokenKind, string> = {
  entitlement: 'entitlement+jwt',
  payment: 'payment+jwt',
  operator: 'operator+jwt',
  statuslist: 'statuslist+jwt',
  /** RFC 8417 §2.3. */
  event: 'secevent+jwt',
}

/** The `typ` of each kind of token that the gate signs by itself. No issuer may sign them. */
export const GATE_TOKEN_TYPES = { feed: 'feed+jwt', session: 'session+jwt' } as const

/** Normalises a `typ` for comparison (RFC 7515 §4.1.9): drops an optional `application/`, and ignores case. */
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

/** The source of an issuer's keys. */
export type KeySource =
  | { readonly kind: 'url'; readonly url: string; readonly policy: RefreshPolicy }
  | { readonly kind: 'inline'; readonly keys: readonly Record<string, unknown>[] }
  | { readonly kind: 'secret'; readonly bytes: Uint8Array }

/** The schedule on which fetched keys are fetched again, and the time they serve without. In milliseconds. */
export interface RefreshPolicy {
  /** The age from which a copy is refreshed before use, and its lack of a key proves nothing. */
  readonly refreshMs: number
  /** The time beyond that age for which a copy is used while the issuer does not answer. */
  readonly staleMs: number
  /** The least time between two fetches for a `kid` missing from the copy, and after a failure. */
  readonly cooldownMs: number
  readonly timeoutMs: number
}

/** A trusted issuer: one entry of the configuration. Caches are keyed by the object itself. */
export interface Issuer {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly string[]
  readonly keys: KeySource
  /** Lower-case `typ` values without `application/`, by kind. This issuer may not sign a kind that is missing here. */
  readonly types: Partial<Record<TokenKind, readonly string[]>>
  /** True if its tokens may lack `typ`. */
  readonly allowsAbsentType: boolean
  readonly claims: ClaimMapping
  readonly clockToleranceSeconds: number
  readonly maxLifetimeSeconds: number
  /** True for the gate itself, which signs receipts of packs that it has sold. */
  readonly signsPacks?: true
  /** True if its accounts come by a login, and no token names one. */
  readonly hasLogin?: true
  /** True if orders that name no issuer are never about its accounts. */
  readonly isNamedOnly?: true
  /** The `iss` of other issuers: the events of this one may name their accounts. */
  readonly speaksFor?: readonly string[]
  /** The policy for its status lists. Without one, a token that refers to a status list is refused. */
  readonly statusLists?: StatusListPolicy
  /** What the configuration of its zone makes void; absent if that is nothing. */
  readonly distrust?: Distrust
  /** The operators among those to whom it gives a token; absent if its tokens say what an operator may do. */
  readonly access?: AccessOperators
}

/** The operators that an application of Cloudflare Access lets in. */
export interface AccessOperators {
  /** By address, or by `group:` or `service:` and a name. */
  readonly scopes: ReadonlyMap<string, readonly string[]>
  /** The claim with the groups of a person. */
  readonly groups: ClaimPath
}

/** The field in which Cloudflare Access sends its token of whoever it let in. */
export const ACCESS_FIELD = 'cf-access-jwt-assertion'

/** The status lists that may be fetched, and the time one serves if it cannot be renewed. In milliseconds. */
export interface StatusListPolicy {
  /** URIs, compared exactly, or prefixes that end in `*`. */
  readonly allow: readonly string[]
  /** The time for which a list due for renewal is used while it cannot be fetched; never beyond its `exp`. */
  readonly staleMs: number
  /** The longest time between two fetches while they fail. */
  readonly cooldownMs: number
  readonly timeoutMs: number
}

/** Returns true for a JWK that verifies: public, and not reserved for another use (RFC 7517 §4.2). */
export function isPublicKey(key: unknown): key is Readonly<Record<string, unknown>> {
  if (typeof key !== 'object' || key === null || !('kty' in key) || 'd' in key) return false
  const isPublic = key.kty === 'EC' || key.kty === 'OKP' || key.kty === 'RSA'
  return isPublic && (!('use' in key) || key.use === 'sig' || key.use === undefined || key.use === null)
}

/**
 * Returns true if two names mean one algorithm. `EdDSA` with a key on the curve Ed25519, the only one accepted here, is what
 * RFC 9864 §2.2 calls `Ed25519`. The other names are fully specified.
 */
export function isSameAlgorithm(one: unknown, other: string): boolean {
  return one === other || (isEd25519(one) && isEd25519(other))
}

function isEd25519(alg: unknown): boolean {
  return alg === 'EdDSA' || alg === 'Ed25519'
}
