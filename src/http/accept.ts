import { parseAccept } from 'hono/utils/accept'
import { LruCache } from '../core/lru.ts'

/** Browsers send less than 200. A longer field is not parsed. */
const MAX_ACCEPT_CHARACTERS = 2048

/** What fields prefer, by their values: browsers of one kind all send the same. */
const known = new LruCache<boolean>(64 * 1024)

/**
 * Returns true if the client prefers a page to JSON. A client that states no preference gets JSON; so does a client with
 * too long a field.
 */
export function prefersHtml(accept: string | null): boolean {
  if (accept === null || accept.length > MAX_ACCEPT_CHARACTERS || !accept.includes('html')) return false
  const remembered = known.get(accept)
  if (remembered !== undefined) return remembered
  const wanted = parseAccept(accept)
  const quality = (pattern: RegExp): number => wanted.find(({ type }) => pattern.test(type))?.q ?? 0
  const isPreferred =
    quality(/^(?:text\/html|application\/xhtml\+xml)$/i) > quality(/^application\/(?:problem\+)?json$/i)
  known.set(accept, isPreferred)
  return isPreferred
}
