import type { EndpointRequest } from '../endpoints/endpoint.ts'
import { languageOf } from '../pages/language.ts'
import type { Pages } from '../pages/pages.ts'
import { type BuiltInWords, wordsOf } from '../pages/words.ts'
import { tripWordsDe } from './words/de.ts'
import { tripWordsEn, type TripWords } from './words/en.ts'

/** The words of signing in and buying, in the languages that are built in. */
export const TRIP_WORDS: BuiltInWords<TripWords> = { en: tripWordsEn, de: tripWordsDe }

/** How the pages of signing in and buying speak to a reader. */
export interface TripSpeech {
  readonly pages: Pages
  readonly language: string
  readonly words: TripWords
}

/** The request that a page answers, as far as the page's looks and language follow from it. */
export interface TripReader {
  readonly exchange: Pick<EndpointRequest['exchange'], 'scheme' | 'fields'>
  readonly site: { readonly zone: { readonly pages: Pages } }
}

/** Returns how pages speak to this reader. */
export function tripSpeech({ exchange, site }: TripReader): TripSpeech {
  const { pages } = site.zone
  const language = languageOf(exchange.fields, pages)
  return { pages, language, words: wordsOf(TRIP_WORDS, pages, language) }
}
