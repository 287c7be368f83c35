import { confirmationCookie, confirmationsIn, withConfirmation } from '../../access/confirmation.ts'
import { type Receipt, shortfall } from '../../access/receipt.ts'
import { match } from '../../access/route.ts'
import type { Exchange } from '../../http/rules/exchange.ts'
import type { Target } from '../../http/rules/target.ts'
import { payerBinding } from '../../tokens/binding.ts'
import type { Zone } from '../../zone.ts'

/**
 * Returns the `Set-Cookie` value that confirms the first use of a receipt just bought, for the page that it was bought for: the
 * click on "Pay" named the price. Undefined if the page needs no confirmation, as with a pass, or if the receipt does not pay
 * for the page. `exchange`: the request whose answer sets the cookie.
 */
export async function confirmationFor(
  receipt: Receipt,
  target: Target,
  exchange: Exchange,
  zone: Zone,
): Promise<string | undefined> {
  const matched = match(zone.routes, target, 'GET')
  if (receipt.grant.kind !== 'uses' || !matched.ok || matched.value.terms.kind !== 'paid') return undefined
  const { offer } = matched.value.terms
  if (offer.price === undefined || shortfall(receipt, offer, { method: 'GET', target }) !== undefined) return undefined
  const binding = await payerBinding(zone, receipt, target)
  const at = Math.floor(exchange.now / 1000)
  const confirmation = { id: exchange.id, price: offer.price, at, binding }
  const value = withConfirmation(confirmationsIn(exchange.fields), confirmation)
  return value === undefined ? undefined : confirmationCookie(value)
}
