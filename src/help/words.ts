import type { BuiltInWords } from '../pages/words.ts'
import { helpWordsDe } from './words/de.ts'
import { helpWordsEn, type HelpWords } from './words/en.ts'

/** The words of the help page in the languages that are built in. */
export const HELP_WORDS: BuiltInWords<HelpWords> = { en: helpWordsEn, de: helpWordsDe }
