import { err, ok, type Result } from '../core/result.ts'
import type { ApiFault, StripeReader } from './api.ts'
import { type Checkout, CHECKOUTS_PATH, EXPANDED, readCheckout } from './checkout.ts'

/** Asks Stripe for a Checkout Session with all that decides on it. */
export async function askCheckout(id: string, api: StripeReader): Promise<Result<Checkout, ApiFault>> {
  const expanded = Object.fromEntries(EXPANDED.map((path, at) => [`expand[${at}]`, path]))
  const answer = await api.get(`${CHECKOUTS_PATH}/${encodeURIComponent(id)}`, expanded)
  if (!answer.ok) return answer
  const checkout = readCheckout(Object.fromEntries(answer.value))
  return checkout === undefined ? err('unavailable') : ok(checkout)
}
