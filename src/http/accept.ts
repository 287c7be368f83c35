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

/** Returns true if the client wants this type, and wants neither a page nor JSON more. */
export function prefersType(accept: string | null, wanted: string): boolean {
  if (accept === null || accept.length > MAX_ACCEPT_CHARACTERS || !accept.includes(wanted)) return false
  const types = parseAccept(accept)
  const quality = (pattern: RegExp): number => types.find(({ type }) => pattern.test(type))?.q ?? 0
  const own = types.find(({ type }) => type.toLowerCase() === wanted)?.q ?? 0
  return (
    own > quality(/^(?:text\/html|application\/xhtml\+xml)$/i) && own > quality(/^application\/(?:problem\+)?json$/i)
  )
}
