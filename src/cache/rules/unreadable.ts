import type { Stored } from './stored.ts'
import { UNREADABLE } from './vary.ts'

/**
 * Keeps field values that JavaScript cannot read.
 *
 * The value of a field is a row of bytes (RFC 9110 §5.5), and need not be UTF-8. workerd shows JavaScript U+FFFD in place of
 * other bytes, but copies the bytes from `Headers` to `Headers`. So the unreadable fields of a copy are kept as `Headers`,
 * beside the readable ones. Other runtimes show every byte as one character, and nothing has to be kept so.
 */

/** The fields that caching decisions read: a response is not stored if one of them is unreadable. */
const JUDGED = [
  'age',
  'cache-control',
  'cache-tag',
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'set-cookie',
  'vary',
]

/** Returns true if every field that decides storage is readable. */
export function isJudgeable(headers: Headers): boolean {
  return JUDGED.every((name) => !(headers.get(name)?.includes(UNREADABLE) ?? false))
}

/** Returns the unreadable fields of a stored response, taken from `headers`; undefined if there are none. */
export function unreadableOf({ fields }: Stored, headers: Headers | undefined): Headers | undefined {
  const names = new Set(fields.filter(([, value]) => value.includes(UNREADABLE)).map(([name]) => name))
  return names.size === 0 || headers === undefined ? undefined : pickFields(headers, names)
}

/**
 * Returns the unreadable fields of a response that a 304 with the fields `updates` has updated. `mixed` if some come from the
 * copy and some from the 304: two `Headers` cannot be merged without reading them.
 */
export function unreadableAfter(
  stored: Stored,
  earlier: Headers | undefined,
  updates: Headers,
): Headers | undefined | 'mixed' {
  const ours = earlier && unreadableOf(stored, omitFields(earlier, updates))
  const theirs = unreadableOf(stored, updates)
  if (ours === undefined || isEmpty(ours)) return theirs
  return theirs === undefined || isEmpty(theirs) ? ours : 'mixed'
}

function pickFields(headers: Headers, names: ReadonlySet<string>): Headers {
  const kept = new Headers(headers)
  for (const name of Array.from(headers.keys())) if (!names.has(name)) kept.delete(name)
  return kept
}

function omitFields(headers: Headers, others: Headers): Headers {
  const left = new Headers(headers)
  for (const name of others.keys()) left.delete(name)
  return left
}

function isEmpty(headers: Headers): boolean {
  return headers.keys().next().done ?? false
}
