import type { Stored } from './stored.ts'
import { UNREADABLE } from './vary.ts'

/**
 * The value of a field is a row of bytes (RFC 9110 §5.5), and need not be UTF-8. workerd shows JavaScript U+FFFD in place
 * of what is not, but copies the bytes from `Headers` to `Headers`. So the fields of a copy that cannot be read are kept as
 * `Headers`, beside those that can. Other runtimes show every byte as one character, and nothing has to be kept so.
 */

/** What a cache judges a response by: where one of these cannot be read, it is not stored. */
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

/** True where all can be read that says whether and how a response may be stored. */
export function isJudgeable(headers: Headers): boolean {
  return JUDGED.every((name) => !(headers.get(name)?.includes(UNREADABLE) ?? false))
}

/** The fields of a stored response that cannot be read, taken from these. Undefined where there are none. */
export function unreadableOf({ fields }: Stored, headers: Headers | undefined): Headers | undefined {
  const names = new Set(fields.filter(([, value]) => value.includes(UNREADABLE)).map(([name]) => name))
  return names.size === 0 || headers === undefined ? undefined : only(headers, names)
}

/**
 * The same of a stored response that a 304 with these fields has freshened. `mixed` where some are the one's and some the
 * other's: they cannot be brought together.
 */
export function unreadableAfter(
  stored: Stored,
  earlier: Headers | undefined,
  news: Headers,
): Headers | undefined | 'mixed' {
  const ours = earlier && unreadableOf(stored, without(earlier, news))
  const theirs = unreadableOf(stored, news)
  if (ours === undefined || isEmpty(ours)) return theirs
  return theirs === undefined || isEmpty(theirs) ? ours : 'mixed'
}

function only(headers: Headers, names: ReadonlySet<string>): Headers {
  const kept = new Headers(headers)
  for (const name of Array.from(headers.keys())) if (!names.has(name)) kept.delete(name)
  return kept
}

function without(headers: Headers, others: Headers): Headers {
  const left = new Headers(headers)
  for (const name of others.keys()) left.delete(name)
  return left
}

function isEmpty(headers: Headers): boolean {
  return headers.keys().next().done ?? false
}
