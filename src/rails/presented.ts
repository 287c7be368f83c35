import { confirmationsIn } from '../access/confirmation.ts'
import type { Eventually } from '../core/eventually.ts'
import type { EntitlementPresentation } from '../access/proof.ts'
import { isUpgrade } from '../http/rules/exchange.ts'
import { payerBinding } from '../tokens/binding.ts'
import type { Carried, SentCredential } from './rail.ts'

/**
 * Presents a verified credential of an account. One that a browser or proxy added has the authority of its place, and the
 * prices that its owner confirmed for this page. Most requests carry no confirmation, and wait for nothing.
 */
export function presentedFrom(
  rail: string,
  { authority }: SentCredential,
  proof: EntitlementPresentation['proof'],
  { exchange, zone }: Pick<Carried, 'exchange' | 'zone'>,
): Eventually<EntitlementPresentation> {
  const presented: EntitlementPresentation = { role: 'entitlement', rail, proof }
  if (authority === undefined || !proof.ok) return presented
  const bounded = { ...presented, authority }
  if (isUpgrade(exchange.fields)) return bounded
  const all = confirmationsIn(exchange.fields)
  if (all.length === 0) return bounded
  return payerBinding(zone, proof.value, exchange.target).then((binding) => ({
    ...bounded,
    confirmed: all.filter((one) => one.binding === binding),
  }))
}
