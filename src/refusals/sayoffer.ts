import { parsePeriod } from '../core/period.ts'
import { moneyInWords, periodInWords } from '../pages/format.ts'
import { plainPhrase } from '../pages/words.ts'
import type { OfferView } from './describe.ts'
import type { Speech } from './speech.ts'

/** An offer in words. */
export interface SaidOffer {
  readonly title: string
  readonly description?: string
  readonly price: string
  /** The period of a price, such as `a month`; empty for a price that is paid once. */
  readonly every: string
  /** Tax, renewal and how to cancel. */
  readonly terms: readonly string[]
  /** What the button does. */
  readonly action: string
}

/** Says an offer in words. */
export function sayOffer(
  { title, description, price, tax }: OfferView,
  { words, language, hasAccount }: Speech,
): SaidOffer {
  const { offers } = words
  const every = price.every === undefined ? undefined : parsePeriod(price.every)
  const period = every === undefined ? '' : periodInWords(every, language)
  const renews = hasAccount ? offers.renewsUntilCancelled : offers.renews
  const renewal = every === undefined ? offers.once : plainPhrase(renews, { period })
  return {
    title,
    ...(description !== undefined && { description }),
    price: moneyInWords(price, language),
    every: every === undefined ? '' : plainPhrase(offers.every, { period }),
    terms: [...(tax === undefined ? [] : [tax]), renewal],
    action: every === undefined ? offers.buy : offers.subscribe,
  }
}
