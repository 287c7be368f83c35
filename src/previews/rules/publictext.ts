/**
 * Puts together what is public of a page, from what a parser finds in it, in order.
 *
 * Everything is by allow-list: what is not known to be public is not shown. Text counts only in paragraphs of the chosen
 * element, before its public part ends; the head's facts count only in the head. The description is often made from the whole
 * text, so it is dropped if a run of its words stands in the text and not in the public part alone.
 */
import type { ArticleFacts } from '../../access/article.ts'
import type { PreviewPolicy } from '../../access/previewpolicy.ts'
import { decodeReferences } from './entities.ts'

/** The longest of each fact, in characters. */
const MOST = { title: 300, byline: 120, description: 500, url: 1000, alt: 200, published: 40, language: 35 } as const
/** The text that a description is compared with, in characters. */
const MOST_COMPARED = 512 * 1024
/** So many words in a row are no accident. */
const RUN_OF_WORDS = 5
/** Scripts that put no space between words, in which so many letters are about one. */
const UNSPACED = '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}'
const LETTERS_OF_A_WORD = 3

type HeadName = 'title' | 'byline' | 'description' | 'image' | 'imageAlt' | 'published'

/** The facts of the head, by the names of its `meta` elements. The first that is there counts. */
export const HEAD_NAMES: Readonly<Record<string, readonly [HeadName, rank: number]>> = {
  'og:title': ['title', 2],
  'og:description': ['description', 2],
  description: ['description', 1],
  'og:image': ['image', 2],
  'og:image:url': ['image', 1],
  'og:image:alt': ['imageAlt', 1],
  author: ['byline', 2],
  'article:author': ['byline', 1],
  'article:published_time': ['published', 1],
}

/** What is found so far in one page. */
export class PublicText {
  readonly #policy: PreviewPolicy
  readonly #head = new Map<HeadName, { readonly text: string; readonly rank: number }>()
  readonly #paragraphs: string[] = []
  #language: string | undefined
  #current: string | undefined
  #byline: string | undefined
  #bytes = 0
  /** All text, in order; and what of it is public, shown or not. */
  #whole = ''
  #public = ''
  #isEnded = false
  /** True once the end of the public part was found; without a mark in the policy the count of paragraphs is the end. */
  #isMarked: boolean
  #isWhole = true

  constructor(policy: PreviewPolicy) {
    this.#policy = policy
    this.#isMarked = policy.marker === undefined && policy.until === undefined
    this.#isEnded = policy.paragraphs === 0
  }

  /** True once nothing more is public. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Takes the language of the document. */
  language(tag: string): void {
    if (/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(tag) && tag.length <= MOST.language) this.#language = tag
  }

  /** Takes a fact of the head. `title`: that of the title element is taken if there is no better one. */
  head(name: string, content: string): void {
    const named = Object.hasOwn(HEAD_NAMES, name) ? HEAD_NAMES[name] : undefined
    const known = name === 'title' ? (['title', 1] as const) : named
    const text = oneLine(content)
    if (known === undefined || text === '') return
    const [fact, rank] = known
    const before = this.#head.get(fact)
    if (before === undefined || before.rank < rank) this.#head.set(fact, { text, rank })
  }

  /** Takes text of the byline. */
  byline(text: string): void {
    if (!this.#isEnded) this.#byline = (this.#byline ?? '') + text
  }

  /** Begins a paragraph. */
  open(): void {
    this.close()
    if (!this.#isEnded) this.#current = ''
  }

  /** Takes text of the chosen element, or after it. `isShown`: nothing around it hides it. */
  text(text: string, isShown: boolean): void {
    if (this.#whole.length < MOST_COMPARED) this.#whole += text
    else this.#isWhole = false
    if (this.#isEnded || !isShown) return
    if (this.#current === undefined) this.#public += text
    else this.#current += text
  }

  /** Ends a paragraph. */
  close(): void {
    const text = oneLine(this.#current ?? '')
    this.#current = undefined
    if (!this.#isEnded) this.#public += ' '
    if (text !== '') this.#add(text)
  }

  /** Ends the public part at a mark. */
  mark(): void {
    if (this.#isEnded) {
      this.#isMarked = true
      return
    }
    this.close()
    this.#isMarked = true
    this.#isEnded = true
  }

  /** Ends the chosen element. */
  end(): void {
    this.close()
    this.#isEnded = true
  }

  /** Notes that the page was not read to its end. */
  cut(): void {
    this.#isWhole = false
  }

  #add(text: string): void {
    const left = this.#policy.maxBytes - this.#bytes
    const kept = withinBytes(text, left)
    this.#public += `${kept} `
    if (kept !== '') this.#paragraphs.push(kept)
    this.#bytes += bytesOf(kept)
    const isFull = kept !== text || this.#paragraphs.length >= this.#policy.paragraphs
    if (isFull) this.#isEnded = true
  }

  /** Returns what is public; undefined if that is not even a title. */
  facts(): ArticleFacts | undefined {
    const of = (name: HeadName, most: number): string | undefined => {
      const text = this.#head.get(name)?.text
      return text === undefined || text.length > most ? undefined : text
    }
    const title = of('title', MOST.title)
    if (title === undefined) return undefined
    const named = oneLine(this.#byline ?? '')
    const byline = named !== '' && named.length <= MOST.byline ? named : personIn(of('byline', MOST.byline))
    const description = this.#publicDescription(of('description', MOST.description))
    const url = addressIn(of('image', MOST.url))
    const alt = of('imageAlt', MOST.alt)
    const published = instantIn(of('published', MOST.published))
    return {
      title,
      ...(byline !== undefined && { byline }),
      ...(description !== undefined && { description }),
      ...(url !== undefined && { image: { url, ...(alt !== undefined && { alt }) } }),
      ...(published !== undefined && { published }),
      ...(this.#language !== undefined && { language: this.#language }),
      paragraphs: this.#isMarked ? this.#paragraphs : [],
    }
  }

  /** Returns the description, unless it has words that are not public, or the text could not all be read. */
  #publicDescription(text: string | undefined): string | undefined {
    if (text === undefined || !this.#isWhole) return undefined
    // Each is split into words once: it may be long, and a description has many runs. Two blocks may have no space between
    // them, and a word may be cut: the letters alone are compared with what is paid.
    const open = ` ${wordsIn(this.#isMarked ? this.#public : '').join(' ')} `
    const all = wordsIn(this.#whole).join('')
    return runsOf(text).some((run) => all.includes(run.join('')) && !open.includes(` ${run.join(' ')} `))
      ? undefined
      : text
  }
}

/** Returns each run of words of a text; all of its words if they are fewer. */
function runsOf(text: string): readonly (readonly string[])[] {
  const words = wordsIn(text)
  const lengths = words.map((word) => (IS_UNSPACED.test(word) ? 1 / LETTERS_OF_A_WORD : 1))
  const runs: (readonly string[])[] = []
  let [end, length] = [0, 0]
  for (const [start, own] of lengths.entries()) {
    while (end < words.length && length < RUN_OF_WORDS - ROUNDING) length += lengths[end++] ?? 0
    if (length < RUN_OF_WORDS - ROUNDING) break
    runs.push(words.slice(start, end))
    length -= own
  }
  return runs.length === 0 && words.length > 0 ? [words] : runs
}

const ROUNDING = 0.01
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'u')
const WORD = new RegExp(`[${UNSPACED}]|[[\\p{L}\\p{N}]--[${UNSPACED}]]+`, 'gv')

/** Returns the words of a text, however they are written: composed or not, with accents, hyphenated for a narrow column. */
function wordsIn(text: string): readonly string[] {
  const plain = decodeReferences(text)
    .normalize('NFKD')
    .replaceAll(/[\p{Cf}\p{M}]+/gu, '')
  return plain.toLowerCase().match(WORD) ?? []
}

/** Decodes a text, and writes it in one line. What cannot be seen is left out, but for the joiners that some words need. */
function oneLine(text: string): string {
  return decodeReferences(text)
    .replaceAll(/(?![\u200c\u200d])\p{Cf}+?/gu, '')
    .replaceAll(/[\p{Cc}\p{Co}\s]+/gu, ' ')
    .trim()
}

function personIn(name: string | undefined): string | undefined {
  return name === undefined || /^https?:/i.test(name) ? undefined : name
}

function addressIn(text: string | undefined): string | undefined {
  if (text === undefined || !/^(?:https?:\/\/|\/(?!\/))/i.test(text)) return undefined
  return /[\s"'<>\\]/.test(text) ? undefined : text
}

function instantIn(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{4}-\d\d-\d\d(?:T[\d:.]{5,15}(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text) ? text : undefined
}

function bytesOf(text: string): number {
  let bytes = 0
  for (const character of text) bytes += byteLengthOf(character.codePointAt(0) ?? 0)
  return bytes
}

function byteLengthOf(code: number): number {
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x1_0000 ? 3 : 4
}

/** Returns the beginning of a text within so many bytes, cut between words. */
function withinBytes(text: string, most: number): string {
  if (bytesOf(text) <= most) return text
  let kept = ''
  for (const word of text.split(/(?<= )/)) {
    if (bytesOf(kept + word) > most) break
    kept += word
  }
  return kept.trimEnd()
}
