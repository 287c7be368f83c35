/**
 * The words of pages. Each part of the gate has its own, beside its code, so that a bundle holds no others; operators replace
 * single texts by language, group and key.
 */
import { html as markup } from 'hono/html'
import type { Markup } from './page.ts'
import type { Pages } from './pages.ts'

/** Texts by group and key. `{name}` in a text stands for a value. */
export type Words = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Texts of an operator's, by language, group and key. */
export type TextOverrides = Readonly<Record<string, Words>>

/** Words in the languages that are built in. English is always there, and has every key. */
export interface BuiltInWords<W extends Words> {
  readonly en: W
  readonly [language: string]: W
}

const merged = new WeakMap<Pages, Map<object, Map<string, Words>>>()

/** Returns the words of a language: the operator's first, then those built in, then the English ones. Remembered. */
export function wordsOf<W extends Words>(builtIn: BuiltInWords<W>, pages: Pages, language: string): W {
  const ofPages = merged.get(pages) ?? new Map<object, Map<string, Words>>()
  const ofWords = ofPages.get(builtIn) ?? new Map<string, Words>()
  const known = ofWords.get(language) ?? merge(builtIn, pages.texts, language)
  merged.set(pages, ofPages.set(builtIn, ofWords.set(language, known)))
  return known as W
}

function merge(builtIn: BuiltInWords<Words>, texts: TextOverrides, language: string): Words {
  const base = builtIn[language] ?? builtIn[primaryOf(language)] ?? builtIn.en
  const own = texts[language] ?? texts[primaryOf(language)] ?? {}
  const groups = Object.entries(base).map(([group, keys]) => [group, { ...keys, ...own[group] }] as const)
  return Object.fromEntries(groups)
}

function primaryOf(language: string): string {
  return language.split('-')[0] ?? language
}

/** The values of a text, by the names of its placeholders. */
export type TextValues = Readonly<Record<string, string | Markup>>

const PLACEHOLDER = /\{(\w+)\}/

/** Fills a text; every value is escaped. A placeholder without a value is left empty. */
export function phrase(text: string, values: TextValues = {}): Markup {
  const parts = text.split(PLACEHOLDER).map((part, index) => (index % 2 === 0 ? part : (values[part] ?? '')))
  return markup`${parts}`
}

/** Fills a text that is no markup. */
export function plainPhrase(text: string, values: Readonly<Record<string, string>> = {}): string {
  return phraseParts(text, values).join('')
}

const FORMS = new Map<string, Intl.PluralRules>()

/**
 * Returns the form of a text that goes with a number: `page view|page views` has one for the singular and one for all else. A text
 * with one form goes with every number.
 */
export function formFor(text: string, count: bigint | number | string, language: string): string {
  const [one = '', other = one] = text.split('|')
  const rules = FORMS.get(language) ?? new Intl.PluralRules(language)
  FORMS.set(language, rules)
  return rules.select(Number(count)) === 'one' ? one : other
}

/** Fills a text, and returns it in parts of which every second one is a value. */
export function phraseParts(text: string, values: Readonly<Record<string, string>>): readonly string[] {
  return text.split(PLACEHOLDER).map((part, index) => (index % 2 === 0 ? part : (values[part] ?? '')))
}

/** Returns the names of the placeholders in a text. */
export function placeholdersIn(text: string): readonly string[] {
  return text.split(PLACEHOLDER).filter((_part, index) => index % 2 === 1)
}
