import { parseAccept } from 'hono/utils/accept'
import type { Fields } from '../http/rules/exchange.ts'
import { LruCache } from '../core/lru.ts'
import type { Pages } from './pages.ts'

/** A longer field is not parsed. */
const MAX_CHARACTERS = 256
const known = new LruCache<readonly string[]>(64 * 1024, () => 512)

/** Returns the language that the reader wants most of those that the pages have; else their first. */
export function languageOf(fields: Fields, { languages }: Pages): string {
  const field = fields.get('accept-language')
  if (field === null || field.length > MAX_CHARACTERS) return languages[0]
  for (const wanted of wantedIn(field)) {
    const found = languages.find((language) => matches(language, wanted))
    if (found !== undefined) return found
  }
  return languages[0]
}

/** Returns the language ranges of a field, most wanted first, in lower case. */
function wantedIn(field: string): readonly string[] {
  const remembered = known.get(field)
  if (remembered !== undefined) return remembered
  const parsed = parseAccept(field)
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q)
    .map(({ type }) => type.toLowerCase())
  known.set(field, parsed)
  return parsed
}

/** Returns true if a language is of the range, or if the range is of that language (RFC 4647 §3.4). */
function matches(language: string, range: string): boolean {
  const tag = language.toLowerCase()
  return range === '*' || tag === range || tag.startsWith(`${range}-`) || range.startsWith(`${tag}-`)
}

const RIGHT_TO_LEFT = /^(?:ar|arc|ckb|dv|fa|he|ks|nqo|ps|sd|syr|ug|ur|yi)(?:-|$)|-(?:arab|hebr|thaa|syrc|nkoo)(?:-|$)/i

/** Returns the direction in which a language is written. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.test(language) ? 'rtl' : 'ltr'
}
