import { base64url } from 'jose'
import type { TokenProof } from '../access/proof.ts'
import type { Target } from '../http/rules/target.ts'
import type { Zone } from '../zone.ts'

const BINDING_BYTES = 18

/**
 * Returns a digest of payer and page: SHA-256 over both, cut, base64url. The payer is an account, or a receipt. A price
 * confirmed for one binding is not confirmed for another.
 */
export async function payerBinding(
  { id }: Zone,
  proof: TokenProof,
  { path, query }: Pick<Target, 'path' | 'query'>,
): Promise<string> {
  const payer = proof.kind === 'receipt' ? [{ receipt: proof.jti }] : [proof.account]
  const facts = new TextEncoder().encode(JSON.stringify([id, proof.issuer, ...payer, `${path}${query}`]))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', facts))
  return base64url.encode(digest.subarray(0, BINDING_BYTES))
}
