import type { Block, HtmlDocument } from './html.ts'
import { longestRun, type Sentence, sentenceOf, type Shingles } from './words.ts'

/** Returns the sentences of texts that are long enough to be looked for, each once. */
export function sentencesIn(texts: readonly string[], language?: string): Sentence[] {
  const segmenter = new Intl.Segmenter(isLocale(language) ? language : undefined, { granularity: 'sentence' })
  const found = new Map<string, Sentence>()
  for (const text of texts) {
    for (const { segment } of segmenter.segment(text)) {
      const sentence = sentenceOf(segment)
      if (sentence !== undefined) found.set(sentence.words.join(' '), sentence)
    }
  }
  return [...found.values()]
}

function isLocale(language: string | undefined): language is string {
  try {
    return language !== undefined && Intl.getCanonicalLocales(language).length > 0
  } catch {
    return false
  }
}

/** Returns the sentences of an article: those that stand in it, if that is marked, and else all that are not around it. */
export function articleSentences({ blocks, language }: Pick<HtmlDocument, 'blocks' | 'language'>): Sentence[] {
  const inArticle = sentencesIn(textsAt(blocks, 'article'), language)
  return inArticle.length > 0 ? inArticle : sentencesIn(textsAt(blocks, 'page'), language)
}

function textsAt(blocks: readonly Block[], at: Block['place']): string[] {
  return blocks.filter(({ place }) => place === at).map(({ text }) => text)
}

/** Returns the sentences of which none of the known texts has any part. */
export function distinctive(sentences: readonly Sentence[], known: readonly Shingles[]): Sentence[] {
  return sentences.filter((sentence) => known.every((shingles) => longestRun(sentence, shingles) === 0))
}
