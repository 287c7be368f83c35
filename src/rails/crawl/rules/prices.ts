/**
 * The prices of pay per crawl: what a crawler offers, and what it is told if that does not pay for the page.
 *
 * A signature that charges must be of this very request: it covers the method, the whole target and the price field, and is no older
 * than five minutes. One that covers less could be sent again for other pages.
 */
import { formatAmount, type Money, parseMoney } from '../../../core/money.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Fields } from '../../../http/rules/exchange.ts'
import { createdLately, type SentSignature } from './signatures.ts'

/** The errors of pay per crawl, as `crawler-error` names them, with the status of each. */
export const CRAWLER_ERRORS = {
  CrawlerForbidden: 403,
  StrongAuthRequired: 400,
  InvalidSignature: 400,
  InvalidCrawlerPriceValue: 400,
  MissingCrawlerPrice: 402,
  PaymentFailed: 403,
  InvalidCrawlerExactPrice: 402,
  InvalidCrawlerMaxPrice: 402,
  ConflictingPriceHeaders: 400,
} as const
export type CrawlerError = keyof typeof CRAWLER_ERRORS

const EXACT = 'crawler-exact-price'
const MAX = 'crawler-max-price'
/** The request fields that offer a price. */
export const PRICE_FIELDS = [EXACT, MAX] as const

/** What a crawler offers to pay. */
export interface Offered {
  readonly field: (typeof PRICE_FIELDS)[number]
  readonly price: Money
}

/** Reads the offered price; undefined if the request offers none. */
export function offeredPrice(
  fields: Fields,
): Result<Offered, 'ConflictingPriceHeaders' | 'InvalidCrawlerPriceValue'> | undefined {
  const sent = PRICE_FIELDS.filter((name) => fields.get(name) !== null)
  const [field, other] = sent
  if (field === undefined) return undefined
  if (other !== undefined) return err('ConflictingPriceHeaders')
  const [, currency, amount] = /^([A-Z]{3}) ([\d.]{1,32})$/.exec(fields.get(field) ?? '') ?? []
  const price = parseMoney(amount, currency)
  return price === undefined ? err('InvalidCrawlerPriceValue') : ok({ field, price })
}

/** Writes a price as in `USD 0.75`. */
export function writePrice(money: Money): string {
  return `${money.currency} ${formatAmount(money)}`
}

/** Returns the error if the offered price does not pay the page's; undefined if it does. */
export function underpaid(
  { field, price }: Offered,
  wanted: Money,
): 'InvalidCrawlerExactPrice' | 'InvalidCrawlerMaxPrice' | undefined {
  const isSame = price.currency === wanted.currency
  if (field === EXACT) return isSame && price.units === wanted.units ? undefined : 'InvalidCrawlerExactPrice'
  return isSame && price.units >= wanted.units ? undefined : 'InvalidCrawlerMaxPrice'
}

/** Returns what a signature lacks to charge for this one request; undefined if nothing. `now` is in milliseconds. */
export function lacksToCharge(
  signature: Pick<SentSignature, 'components' | 'created'>,
  { field }: Offered,
  now: number,
): string | undefined {
  for (const name of ['@method', '@target-uri', field])
    if (!signature.components.some(([covered, { size }]) => covered === name && size === 0))
      return `A signature that pays has to cover "${name}".`
  return createdLately(signature, now)
    ? undefined
    : 'A signature that pays has to be "created" within the last five minutes.'
}
