import { parseAccept } from 'hono/utils/accept'

/** Browsers send less than 200. A longer field is not parsed. */
const MAX_ACCEPT_CHARACTERS = 2048

/**
 * Returns true if the client prefers a page to JSON. A client that states no preference gets JSON; so does a client with
 * too long a field.
 */
export function prefersHtml(accept: string | null): boolean {
  if (accept === null || accept.length > MAX_ACCEPT_CHARACTERS || !accept.includes('html')) return false
  const wanted = parseAccept(accept)
  const quality = (pattern: RegExp): number => wanted.find(({ type }) => pattern.test(type))?.q ?? 0
  return quality(/^(?:text\/html|application\/xhtml\+xml)$/i) > quality(/^application\/(?:problem\+)?json$/i)
}
