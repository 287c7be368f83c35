import { createPrivateKey, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { JWK } from 'jose'
import { generateKeys, type IssuerKey } from '../src/billing/index.ts'
import { kept, stateFolder } from './state.ts'

export type SigningKey = {
  readonly kid: string
  readonly privateKey: KeyObject
  /** What the JWKS publishes. */
  readonly publicJwk: JWK
  /** For `createIssuer`. */
  readonly keys: readonly IssuerKey[]
}

/** The key that billing signs with: P-256 for ES256, made on first use and kept. `kid` is its RFC 7638 thumbprint. */
export async function signingKey(keyFile?: string): Promise<SigningKey> {
  const file = keyFile ?? join(await stateFolder(), 'billing-key.json')
  const text = await kept(file, newPrivateJwk)
  const { kty, crv, x, y, d, kid } = JSON.parse(text) as Record<string, unknown>
  if (kty !== 'EC' || !isText(crv) || !isText(x) || !isText(y) || !isText(d) || !isText(kid)) {
    throw new Error(`${file} is not a signing key; remove it, and a new one is made`)
  }
  const privateKey = createPrivateKey({ key: { kty, crv, x, y, d }, format: 'jwk' })
  const publicJwk = { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }
  return { kid, privateKey, publicJwk, keys: [{ jwk: { ...publicJwk, d } }] }
}

async function newPrivateJwk(): Promise<string> {
  const [key] = await generateKeys('ES256')
  return `${JSON.stringify(key?.jwk, null, 2)}\n`
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
