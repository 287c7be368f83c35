import { base64url } from 'jose'
import type { Entitlement } from '../access/entitlement.ts'
import type { Target } from '../http/rules/target.ts'
import type { Zone } from '../zone.ts'

const BINDING_BYTES = 18

/**
 * Returns a digest of account and page: SHA-256 over both, cut, base64url. A price confirmed for one binding is not
 * confirmed for another.
 */
export async function payerBinding(
  { id }: Zone,
  { issuer, account }: Entitlement,
  { path, query }: Pick<Target, 'path' | 'query'>,
): Promise<string> {
  const facts = new TextEncoder().encode(JSON.stringify([id, issuer, account, `${path}${query}`]))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', facts))
  return base64url.encode(digest.subarray(0, BINDING_BYTES))
}
