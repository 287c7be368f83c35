/** The key named in a JWS header (RFC 7515 §4.1). */
export interface WantedKey {
  readonly alg: string
  readonly kid: string | undefined
}

/** A public key, or a secret. */
export interface VerificationKey {
  readonly key: CryptoKey | Uint8Array
  /** RFC 7638, SHA-256, in base64url. */
  readonly thumbprint: string
}

export interface FoundKeys {
  /** One key, or the few that share a `kid`: any of them may have signed. */
  readonly keys: readonly VerificationKey[]
  readonly generation: number
}
