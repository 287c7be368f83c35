import { confirmationCookie, confirmationsIn, withConfirmation } from '../../access/confirmation.ts'
import { type Receipt, shortfall } from '../../access/receipt.ts'
import { match } from '../../access/route.ts'
import type { Exchange } from '../../http/rules/exchange.ts'
import { readTarget, type Target } from '../../http/rules/target.ts'
import { payerBinding } from '../../tokens/binding.ts'
import type { Zone } from '../../zone.ts'
import { purchaseCookies } from './cookies.ts'

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

/**
 * Returns the `Set-Cookie` values with which a purchase ends: those that keep the receipts in the browser, and the one that
 * confirms the first use for the page that they were bought for. `to`: path and query of that page.
 */
export async function cookiesOfPurchase(
  receipts: readonly Receipt[],
  to: string,
  exchange: Exchange,
  zone: Zone,
): Promise<readonly string[]> {
  const [{ pathname, search }, kept] = [new URL(to, exchange.origin), await purchaseCookies(receipts, exchange, zone)]
  const target = readTarget(pathname, search)
  if (!target.ok) return kept
  for (const receipt of receipts) {
    const confirmed = await confirmationFor(receipt, target.value, exchange, zone)
    if (confirmed !== undefined) return [...kept, confirmed]
  }
  return kept
}
