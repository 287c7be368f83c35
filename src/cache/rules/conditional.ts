import { parseHttpDate } from '../../core/httpdate.ts'
import { fieldOf, opaque, type Stored } from './stored.ts'
import type { ReadField } from './vary.ts'

/** A response as conditional requests see it. */
export interface Selected {
  readonly status: number
  readonly read: ReadField
}

/** Views a stored response so. */
export function selected(stored: Stored): Selected {
  return { status: stored.status, read: (name) => fieldOf(stored, name) ?? null }
}

/** Fields that make a request conditional. A cache answers them itself, and asks the origin without them. */
export const CONDITIONAL_FIELDS = [
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
] as const

/** Fields that ask for a part. */
export const PART_FIELDS: readonly string[] = ['range', 'if-range']
const WISHES = ['cache-control', 'pragma']

/**
 * Removes the conditions and the cache directives from a request: the client's own conditions are evaluated against the
 * response that comes. `part` keeps the range, if the answerer may still cut it.
 */
export function unconditional<R extends ConditionalRequest>(request: R, wanted: 'whole' | 'part'): R {
  for (const name of [...CONDITIONAL_FIELDS, ...PART_FIELDS, ...WISHES]) {
    if (wanted === 'whole' || !PART_FIELDS.includes(name)) request.headers.delete(name)
  }
  return request
}

interface ConditionalRequest {
  readonly headers: { delete(name: string): void }
}

/** Returns true for conditions that only the origin may evaluate (RFC 9111 §4.3.2). */
export function needsOrigin(read: ReadField): boolean {
  return read('if-match') !== null || read('if-unmodified-since') !== null
}

/** Returns true if a 304 tells the client all it needs (RFC 9110 §13.2.2). `If-None-Match` beats `If-Modified-Since`. */
export function isNotModified(response: Selected, read: ReadField, now: number): boolean {
  if (response.status !== 200) return false
  const noneMatch = read('if-none-match')
  if (noneMatch !== null) return matches(noneMatch, response.read('etag'))
  const since = parseHttpDate(read('if-modified-since'), now)
  if (since === undefined) return false
  const modified = parseHttpDate(response.read('last-modified') ?? response.read('date'), now)
  return modified !== undefined && modified <= since
}

const ENTITY_TAGS = /(?:W\/)?"[^"]*"/g

function matches(field: string, tag: string | null): boolean {
  if (field.trim() === '*') return true
  if (tag === null) return false
  const wanted = opaque(tag)
  return (field.match(ENTITY_TAGS) ?? []).some((candidate) => opaque(candidate) === wanted)
}

/** Returns the fields with which to ask the origin if a stored response still holds (RFC 9111 §4.3.1). */
export function validatorsOf(stored: Stored): readonly (readonly [string, string])[] {
  const found: [string, string][] = []
  const tag = fieldOf(stored, 'etag')
  const modified = fieldOf(stored, 'last-modified')
  if (tag !== undefined) found.push(['if-none-match', tag])
  if (modified !== undefined) found.push(['if-modified-since', modified])
  return found
}

/** First and last byte, both included; `unsatisfiable` if the content has none of the bytes asked for. */
export type ByteSpan = { readonly first: number; readonly last: number } | 'unsatisfiable'

const ONE_RANGE = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/i

/**
 * Returns the part of the content that a request asks for (RFC 9110 §14). Undefined means the whole: there is no `Range`, it
 * is not understood or has several parts, or `If-Range` does not name this very response.
 */
export function byteSpanOf(stored: Stored, length: number, read: ReadField): ByteSpan | undefined {
  const range = read('range')
  const parts = range === null || stored.status !== 200 ? null : ONE_RANGE.exec(range.trim())
  if (parts === null || !isSame(stored, read('if-range'))) return undefined
  const [, from, to, suffix] = parts
  if (suffix !== undefined) {
    const wanted = Math.min(Number(suffix), length)
    return wanted === 0 ? 'unsatisfiable' : { first: length - wanted, last: length - 1 }
  }
  const first = Number(from)
  const last = to === '' ? length - 1 : Math.min(Number(to), length - 1)
  if (to !== '' && Number(to) < first) return undefined
  return first >= length ? 'unsatisfiable' : { first, last }
}

/** Compares `If-Range` strongly (RFC 9110 §13.1.5): a weak tag proves nothing about bytes. */
function isSame(stored: Stored, ifRange: string | null): boolean {
  if (ifRange === null) return true
  if (ifRange.startsWith('"')) return fieldOf(stored, 'etag') === ifRange
  return !ifRange.startsWith('W/') && fieldOf(stored, 'last-modified') === ifRange
}
