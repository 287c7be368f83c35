import type { Pages } from '../pages/pages.ts'
import { plainPages } from '../pages/pages.ts'
import { type BuiltInWords, wordsOf } from '../pages/words.ts'
import type { WrittenFor } from './format.ts'
import { refusalWordsDe } from './words/de.ts'
import { refusalWordsEn, type RefusalWords } from './words/en.ts'

/** The words of refusals in the languages that are built in. */
export const REFUSAL_WORDS: BuiltInWords<RefusalWords> = { en: refusalWordsEn, de: refusalWordsDe }

/** How a page speaks to its reader. */
export interface Speech {
  readonly pages: Pages
  readonly language: string
  readonly words: RefusalWords
  /** True if subscribers have an account here in which they can cancel. */
  readonly hasAccount: boolean
  /** The hosts of the site. */
  readonly hosts: readonly string[]
}

/** Returns how the pages of a zone speak. */
export function speechFor({ zone, language }: WrittenFor): Speech {
  const pages = zone?.pages ?? plainPages('')
  const hasAccount = zone?.remedies.portal !== undefined || zone?.remedies.account !== undefined
  return { pages, language, words: wordsOf(REFUSAL_WORDS, pages, language), hasAccount, hosts: zone?.hosts ?? [] }
}
