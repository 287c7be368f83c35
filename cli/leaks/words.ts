/**
 * Compares texts by their words, so that entities, quotes, white space, hyphenation and markup make no difference.
 */

/** Characters that break words for the eye only, and apostrophes, of which there are many. */
const INVISIBLE = /[\p{Cf}\u034f'’‘ʼ`´′]/gu
/** Scripts without spaces: each character counts as a word. */
const DENSE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu

/** Returns the words of a text, in a form in which all spellings of a word are equal. */
export function wordsIn(text: string): string[] {
  const plain = text.normalize('NFKC').replace(INVISIBLE, '').replace(DENSE, ' $& ').toLowerCase()
  return plain.match(WORD) ?? []
}

/** The words in a row that are compared at once. */
const SHINGLE = 5

/** Every run of five words that a text has. */
export type Shingles = ReadonlySet<string>

/** Returns the shingles of all texts. */
export function shinglesOf(texts: Iterable<string>): Shingles {
  const found = new Set<string>()
  for (const text of texts) for (const shingle of shinglesOfWords(wordsIn(text))) found.add(shingle)
  return found
}

function shinglesOfWords(words: readonly string[]): string[] {
  const last = words.length - SHINGLE
  return Array.from({ length: Math.max(0, last + 1) }, (_, at) => words.slice(at, at + SHINGLE).join(' '))
}

/** A sentence, and its words. */
export interface Sentence {
  readonly text: string
  readonly words: readonly string[]
  /** The words in a row that a text must have in common with it. */
  readonly least: number
}

const LEAST_WORDS = 8
/** For scripts in which each character counts. */
const LEAST_CHARACTERS = 16

/** Returns a sentence to look for, or undefined if it is too short to tell anything. */
export function sentenceOf(text: string): Sentence | undefined {
  const words = wordsIn(text)
  const dense = text.match(DENSE)?.length ?? 0
  const least = dense * 2 > words.length ? LEAST_CHARACTERS : LEAST_WORDS
  return words.length < least ? undefined : { text, words, least }
}

/** Returns the number of words in a row that a text has of a sentence; 0 if it is fewer than five. */
export function longestRun({ words }: Pick<Sentence, 'words'>, shingles: Shingles): number {
  let longest = 0
  let run = 0
  for (const shingle of shinglesOfWords(words)) {
    run = shingles.has(shingle) ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest === 0 ? 0 : longest + SHINGLE - 1
}

/** What a text has of the sentences that were looked for. */
export interface Found {
  readonly sentences: number
  readonly words: number
  /** The beginning of the first sentence that was found. */
  readonly first: string
}

/** Returns what the text has of the sentences; undefined if it has none. A cut sentence counts by what is left of it. */
export function findSentences(sentences: readonly Sentence[], shingles: Shingles): Found | undefined {
  const runs = sentences.flatMap((sentence) => {
    const run = longestRun(sentence, shingles)
    return run < sentence.least ? [] : [{ sentence, run }]
  })
  const [first] = runs
  if (first === undefined) return undefined
  return {
    sentences: runs.length,
    words: runs.reduce((sum, { run }) => sum + run, 0),
    first: beginningOf(first.sentence),
  }
}

/** A few words, to recognise a sentence by. */
function beginningOf({ text }: Sentence): string {
  const words = text.trim().split(/\s+/)
  return words.length > 1 ? `${words.slice(0, 5).join(' ')} …` : `${text.slice(0, 12)} …`
}
