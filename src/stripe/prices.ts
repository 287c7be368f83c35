import type { Result } from '../core/result.ts'
import { err, ok } from '../core/result.ts'
import type { Clock } from '../ports.ts'
import type { LoginOffer } from '../rails/login.ts'
import type { ApiFault, StripeClient } from './api.ts'
import type { StripeOffer } from './offers.ts'
import { priceInWords, readPrice, type StripePrice } from './price.ts'

/** Reads prices, and remembers each for an hour. */
export type ReadPrice = (id: string, api: StripeClient) => Promise<Result<StripePrice, ApiFault>>

const KEPT_MS = 3_600_000

/** Creates a reader with a memory of its own. A failure is not remembered. */
export function createPriceReader(clock: Clock): ReadPrice {
  const known = new Map<string, { readonly price: StripePrice; readonly untilMs: number }>()
  return async (id, api) => {
    const kept = known.get(id)
    if (kept !== undefined && clock() < kept.untilMs && clock() >= kept.untilMs - KEPT_MS) return ok(kept.price)
    const asOf = clock()
    const answer = await api.get(`/v1/prices/${encodeURIComponent(id)}`, { 'expand[]': 'product' })
    if (!answer.ok) return answer
    const price = readPrice(Object.fromEntries(answer.value))
    if (price === undefined) return err('unavailable')
    known.set(id, { price, untilMs: asOf + KEPT_MS })
    return ok(price)
  }
}

/** Returns the offers with their prices in words. A price that cannot be read is left out. */
export function describeOffers(
  offers: readonly StripeOffer[],
  readPriceOf: ReadPrice,
  api: StripeClient,
): Promise<readonly LoginOffer[]> {
  return Promise.all(
    offers.map(async ({ name, title, prices: [sold = ''], quantity }) => {
      const read = await readPriceOf(sold, api)
      if (!read.ok) return { name, title: title ?? name }
      const price = priceInWords(read.value, quantity)
      return { name, title: title ?? read.value.product ?? name, ...(price !== undefined && { price }) }
    }),
  )
}
