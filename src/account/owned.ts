import type { Authority } from '../access/authority.ts'
import { entitlementIn, paymentIn, type Presented, receiptIn } from '../access/proof.ts'
import type { Refusal } from '../core/problem.ts'
import { ok, type Result } from '../core/result.ts'
import { timely } from '../endpoints/owner.ts'
import type { Owned } from './accountview.ts'

/**
 * Returns the proofs whose facts may be shown, or undefined if nobody has identified themselves. A cookie sent from another
 * site identifies nobody: its owner did not ask.
 */
export function ownedBy(presented: Presented | undefined, now: number): Result<Owned | undefined, Refusal> {
  const { proof, authority } = entitlementIn(presented) ?? {}
  const entitlement = timely(mayTell(authority) ? proof : undefined, now)
  if (!entitlement.ok) return entitlement
  const receipt = timely(mayTell(paymentIn(presented)?.authority) ? receiptIn(presented) : undefined, now)
  if (!receipt.ok) return receipt
  const owned = { entitlement: entitlement.value, receipt: receipt.value }
  return ok(entitlement.value === undefined && receipt.value === undefined ? undefined : owned)
}

function mayTell(authority: Authority = 'tell'): boolean {
  return authority === 'tell' || authority === 'spend'
}
