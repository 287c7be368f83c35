import type { AccessOperatorOptions } from './accessoptions.ts'
import type { ClaimOptions } from './mapping.ts'

/**
 * An issuer of tokens, and how its tokens are verified.
 *
 * @example
 * ```ts zone
 * issuers: [{ issuer: 'https://billing.example.com', jwks: { url: 'https://billing.example.com/jwks.json' } }]
 * ```
 */
export interface IssuerOptions {
  /** `iss` of the issuer's tokens, compared exactly. */
  issuer: string
  /** Default: the audience of the zone. */
  audience?: string
  /** The public keys at a URL. Give exactly one of `jwks`, `keys` and `secret`. */
  jwks?: JwksOptions
  /** The public keys, as JWKs (RFC 7517). */
  keys?: Record<string, unknown>[]
  /** Names the environment's secret for HS256: at least 32 bytes. */
  secret?: string
  /** The accepted signature algorithms. Default: EdDSA, Ed25519, ES256, PS256, RS256; with `secret`, HS256 alone. */
  algorithms?: string[]
  /**
   * `typ` of the tokens if it is not Faregate's own: some issuers sign `at+jwt` or `JWT` for subscribers. Such an issuer
   * signs no receipts and no events. `absent`: the tokens have no `typ`. `entitlement: false`: the issuer signs no
   * entitlements here, and has no accounts of its own; it may sign receipts and events.
   */
  types?: { entitlement?: string | string[] | false; absent?: true }
  /** The places of claims in the issuer's tokens. */
  claims?: ClaimOptions
  /** The entitlements of every account with a token of this issuer. */
  grants?: string[]
  /**
   * Accepts the issuer's ID tokens too (OpenID Connect), which tell a client who signed in. Without this option a token that
   * shows to be an ID token is refused.
   */
  idTokens?: true
  /** The tolerated difference of clocks, in seconds. Default 5, at most 300. */
  clockToleranceSeconds?: number
  /**
   * The thumbprints (RFC 7638, SHA-256) of stolen keys. Nothing that such a key signed counts in the zone, whenever it was
   * signed and whichever issuer publishes the key. A secret has the thumbprint of its JWK of type `oct`.
   */
  distrusted?: string[]
  /** A date and time (RFC 3339): what the issuer signed before counts no more. Its status lists do. */
  revokedBefore?: string
  /** The longest `exp` − `iat` of a token, in seconds. Default one day. */
  maxLifetimeSeconds?: number
  /**
   * The `iss` of other issuers of the zone, such as identity providers: this issuer's events may name their accounts, by
   * `{format: 'iss_sub', iss, sub}`. Their tokens then prove who somebody is, and no new login undoes what was said. Only an
   * issuer whose own `types` are not mapped speaks for others, and only for those whose `types` are.
   */
  speaksFor?: string[]
  /**
   * The issuer's status lists (IETF Token Status List): a token with a place in one (`status`) can be revoked before its
   * `exp`. Without this option a token with `status` is refused.
   */
  statusLists?: StatusListOptions
}

/** An issuer of operator tokens (`typ` `operator+jwt`). They open nothing that is sold. */
export interface OperatorOptions
  extends Omit<
    IssuerOptions,
    'types' | 'claims' | 'grants' | 'idTokens' | 'maxLifetimeSeconds' | 'speaksFor' | 'statusLists'
  > {
  /** The longest `exp` − `iat` of a token, in seconds. Default one hour. */
  maxLifetimeSeconds?: number
  /**
   * Takes application tokens of Cloudflare Access in place of operator tokens, from whoever is listed here. Its `audience` must be
   * no reader's: `cloudflareAccessOperators()` writes such an issuer.
   */
  access?: AccessOperatorOptions
}

/** A JWK Set (RFC 7517 §5) at a URL, and how it is kept. */
export interface JwksOptions {
  /** https, or http on loopback. */
  url: string
  /** The age at which keys are fetched again, in seconds. Publish a new key this long before you sign with it. Default 600. */
  refreshSeconds?: number
  /** How long due keys are still used while the issuer does not answer, in seconds. Default one day. */
  staleSeconds?: number
  /** The least time between two fetches for an unknown `kid`, in seconds. Default 30. */
  cooldownSeconds?: number
  /** Default 3. */
  timeoutSeconds?: number
}

/** A status list is a JWT (`typ` `statuslist+jwt`), signed with the issuer's own keys and served at its URI. */
export interface StatusListOptions {
  /**
   * The URIs that tokens may name: `https://billing.example.com/status/1`, or a beginning and a `*`. https, or http on
   * loopback. A list may redirect within its origin.
   */
  allow: string[]
  /**
   * How long a due list is still used while no newer one can be fetched, in seconds. Never beyond the list's own `exp`:
   * leave room in `exp` for this time. Default one hour.
   */
  maxStaleSeconds?: number
  /** Default 3. */
  timeoutSeconds?: number
}
