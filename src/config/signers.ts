import type { ClaimOptions } from './mapping.ts'

/** Who signs tokens, and how they are verified. */
export interface IssuerOptions {
  /** `iss` of its tokens, compared exactly. */
  issuer: string
  /** Default: the audience of the zone. */
  audience?: string
  /** Its public keys at a URL. Give exactly one of `jwks`, `keys` and `secret`. */
  jwks?: JwksOptions
  /** Its public keys, as JWKs (RFC 7517). */
  keys?: Record<string, unknown>[]
  /** Names the environment's secret for HS256: at least 32 bytes. */
  secret?: string
  /** Signature algorithms it may use. Default: EdDSA, Ed25519, ES256, PS256, RS256; with `secret`, HS256 alone. */
  algorithms?: string[]
  /**
   * `typ` of its tokens, where it is not Faregate's own: an issuer that signs `at+jwt` or `JWT` for subscribers. Such an
   * issuer signs no receipts. `absent`: its tokens have none.
   */
  types?: { entitlement?: string | string[]; absent?: true }
  /** Where its tokens say what is read here. */
  claims?: ClaimOptions
  /** Entitlements of everyone to whom it gives a token. */
  grants?: string[]
  /** Takes its ID tokens too (OpenID Connect), which tell a client who signed in. Other issuers' are refused where they show. */
  idTokens?: true
  /** Clock difference that is forgiven. Default 5, at most 300. */
  clockToleranceSeconds?: number
  /** The longest `exp` − `iat` it may grant. Default one day. */
  maxLifetimeSeconds?: number
  /**
   * Its status lists (IETF Token Status List): a token that names a place in one (`status`) can be revoked before its
   * `exp`. Without this such a token is refused.
   */
  statusLists?: StatusListOptions
}

/** An issuer of operator tokens (`typ` `operator+jwt`), which open nothing that is sold. */
export interface OperatorOptions
  extends Omit<IssuerOptions, 'types' | 'claims' | 'grants' | 'idTokens' | 'maxLifetimeSeconds' | 'statusLists'> {
  /** The longest `exp` − `iat` it may grant. Default one hour. */
  maxLifetimeSeconds?: number
}

/** A JWK Set (RFC 7517 §5) at a URL, and how it is kept. */
export interface JwksOptions {
  /** https, or http on loopback. */
  url: string
  /** How old the keys may be before they are fetched again. Publish a new key this long before you sign with it. Default 600. */
  refreshSeconds?: number
  /** How long keys that are due are still used while the issuer does not answer. Default one day. */
  staleSeconds?: number
  /** The least time between two fetches for a `kid` that is not known. Default 30. */
  cooldownSeconds?: number
  /** Default 3. */
  timeoutSeconds?: number
}

/** Each list is a JWT (`typ` `statuslist+jwt`) that is signed with the issuer's own keys, and served at its URI. */
export interface StatusListOptions {
  /**
   * The URIs that tokens may name: `https://billing.example.com/status/1`, or what they begin with and a `*`. https, or
   * http on loopback. A list may redirect within its origin.
   */
  allow: string[]
  /**
   * How long a list that is due is still used while no newer one can be had. Never beyond its own `exp`, so that an issuer
   * that wants this leaves room there. Default one hour.
   */
  maxStaleSeconds?: number
  /** Default 3. */
  timeoutSeconds?: number
}
