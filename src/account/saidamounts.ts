import { parseMoney, type MoneyView } from '../core/money.ts'
import { countInWords, moneyInWords } from '../pages/format.ts'
import { formFor } from '../pages/words.ts'
import { wordOfUnit } from '../refusals/saying.ts'
import type { RefusalWords } from '../refusals/words/en.ts'
import type { AccountSpeech } from './speech.ts'

/** How amounts are said. */
export interface AmountSpeech {
  readonly speech: AccountSpeech
  /** They name units. */
  readonly refusalWords: RefusalWords
  /** The names of the account's limits: a charge counts under them as well, which says nothing that its units do not. */
  readonly limitNames: ReadonlySet<string>
  /** Returns what a reader is told of a route, by its name. */
  readonly placeOf: (route: string) => string
}

/** Says an amount: its price, or else what was counted. Programs are told both. */
export function sayAmount(
  { counts, price }: { readonly counts: Readonly<Record<string, string>>; readonly price: MoneyView | null },
  { speech, refusalWords, limitNames }: AmountSpeech,
): string {
  const { language, words } = speech
  if (price !== null) return moneyInWords(price, language)
  const units = { ...refusalWords.units, requests: words.charges.requests }
  const counted = Object.entries(counts)
    .filter(([name]) => !limitNames.has(name))
    .map(([name, count]) => {
      const [said, unit] = [inWords(count, language), wordOfUnit(name, units)]
      return unit === undefined ? `${name}: ${said}` : `${said} ${formFor(unit, count, language)}`
    })
  return counted.length === 0 ? words.charges.free : counted.join(' · ')
}

/** Writes a whole number that is given as a text. */
export function inWords(count: string, language: string): string {
  return countInWords(BigInt(count), language)
}

/** Adds amounts of one currency up. */
export function totalOf(amounts: readonly MoneyView[]): bigint {
  return amounts.reduce((sum, { amount, currency }) => sum + (parseMoney(amount, currency)?.units ?? 0n), 0n)
}
