import { parseAccept } from 'hono/utils/accept'

/** Browsers send less than 200. */
const MAX_ACCEPT_CHARACTERS = 2048

/** True when a page is wanted more than JSON; a client that does not say gets JSON, and so does one that says too much. */
export function prefersHtml(accept: string | null): boolean {
  if (accept === null || accept.length > MAX_ACCEPT_CHARACTERS || !accept.includes('html')) return false
  const wanted = parseAccept(accept)
  const quality = (pattern: RegExp): number => wanted.find(({ type }) => pattern.test(type))?.q ?? 0
  return quality(/^(?:text\/html|application\/xhtml\+xml)$/i) > quality(/^application\/(?:problem\+)?json$/i)
}
