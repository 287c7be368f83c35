import type { Pages } from '../pages/pages.ts'
import { type BuiltInWords, wordsOf } from '../pages/words.ts'
import { accountWordsDe } from './words/de.ts'
import { accountWordsEn, type AccountWords } from './words/en.ts'

/** The words of the account page in the languages that are built in. */
export const ACCOUNT_WORDS: BuiltInWords<AccountWords> = { en: accountWordsEn, de: accountWordsDe }

/** How the account page speaks to its reader. */
export interface AccountSpeech {
  readonly pages: Pages
  readonly language: string
  readonly words: AccountWords
}

export function accountSpeech(pages: Pages, language: string): AccountSpeech {
  return { pages, language, words: wordsOf(ACCOUNT_WORDS, pages, language) }
}
