import { parseDictionary } from 'structured-headers'
import type { Fields } from './exchange.ts'

/** Cache directives by lower-case name, with their argument if they have one. */
export type Directives = ReadonlyMap<string, string | undefined>

const NONE: Directives = new Map()

/** Longer than any honest field. A longer field is not read, and counts as the strictest. */
const MAX_CHARACTERS = 8192
const UNREAD: Directives = new Map([['no-store', undefined]])

/**
 * The dividers between directives, and a directive up to the next comma. Two patterns, so that neither scans a place
 * twice.
 */
const DIVIDERS = /[\s,]*/y
const DIRECTIVE = /([\w!#$%&'*+.^`|~-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?\s*(?=,|$)|[^,]+/y

/** The meaning of `private` and `no-store` is plain even in a malformed part, as in `private; max-age=60`. */
const BARRING = /(?<![\w-])(?:private|no-store)(?![\w-])/gi

/**
 * Reads `Cache-Control` (RFC 9111 §5.2). The first of two directives with one name counts. A malformed part is passed
 * over, except for a `private` or `no-store` in it. A field that is too long reads as `no-store`.
 */
export function parseCacheControl(field: string | null): Directives {
  if (field === null) return NONE
  if (field.length > MAX_CHARACTERS) return UNREAD
  const found = new Map<string, string | undefined>()
  for (const [part, name, quoted, bare] of partsOf(field)) {
    if (name === undefined) for (const [barring] of part.matchAll(BARRING)) found.set(barring.toLowerCase(), undefined)
    if (name === undefined || found.has(name.toLowerCase())) continue
    found.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare)
  }
  return found
}

function* partsOf(field: string): Generator<RegExpExecArray> {
  let at = 0
  while (at < field.length) {
    DIVIDERS.lastIndex = at
    DIVIDERS.test(field)
    DIRECTIVE.lastIndex = DIVIDERS.lastIndex
    const part = DIRECTIVE.exec(field)
    if (part === null) return
    at = DIRECTIVE.lastIndex
    yield part
  }
}

/** Returns true for a request to be answered from a stored response, or not at all (RFC 9111 §5.2.1.7). */
export function wantsStoredOnly(fields: Fields): boolean {
  return parseCacheControl(fields.get('cache-control')).has('only-if-cached')
}

/**
 * Reads a targeted field (RFC 9213), a Dictionary of structured fields. Returns undefined if the field is absent, empty
 * or invalid: the next field counts then. A field that is too long reads as `no-store`.
 */
export function parseTargeted(field: string | null): Directives | undefined {
  if (field === null) return undefined
  if (field.length > MAX_CHARACTERS) return UNREAD
  const found = new Map<string, string | undefined>()
  try {
    for (const [name, [value]] of parseDictionary(field)) {
      if (value === false) continue
      if (COUNTS_SECONDS.has(name) && !Number.isInteger(value)) return undefined
      found.set(name, typeof value === 'number' ? String(value) : undefined)
    }
  } catch {
    return undefined
  }
  return found.size === 0 ? undefined : found
}

const COUNTS_SECONDS = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'])

/** The cap on seconds: RFC 9111 §1.2.2 lets a cache treat any larger number as this. */
export const FOREVER_SECONDS = 2 ** 31

/**
 * Returns the argument of a directive in seconds, or undefined without the directive. A malformed argument reads as 0:
 * malformed freshness is stale (RFC 9111 §4.2.1).
 */
export function secondsOf(directives: Directives, name: string): number | undefined {
  if (!directives.has(name)) return undefined
  const argument = directives.get(name) ?? ''
  return /^\d+$/.test(argument) ? Math.min(Number(argument), FOREVER_SECONDS) : 0
}
