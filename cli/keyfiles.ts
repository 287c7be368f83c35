/** The texts of key files: what a billing side signs with, and what it publishes. */
import { createIssuer, type IssuerKey } from '../src/billing/index.ts'

/** The text of a file of private keys. */
export function privateKeyText(keys: readonly IssuerKey[]): string {
  return `${JSON.stringify(keys, null, 2)}\n`
}

/** The public keys as the text of a JWK Set (RFC 7517), without a final line break. */
export function publicKeyText(keys: readonly IssuerKey[]): string {
  return JSON.stringify(createIssuer({ issuer: 'https://issuer.invalid', keys }).jwks(), null, 2)
}
