import { CACHE_ONLY_FIELDS } from '../http/rules/fields.ts'
import { readTarget } from '../http/rules/target.ts'

/**
 * Returns true for a redirect back to the requested URL: a client that follows gets it again. All hosts of a zone share a
 * copy, so a redirect to any of them leads back. A redirect that sets a cookie may be no loop for its reader; a stored
 * copy of it would be.
 */
export function leadsBack({ status, headers }: Response, request: Request, hosts: readonly string[]): boolean {
  if (status < 300 || status > 399 || status === 304) return false
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const location = headers.get('location')
  const asked = new URL(request.url)
  const to = location === null ? null : URL.parse(location, asked.href)
  if (
    to === null ||
    to.protocol !== asked.protocol ||
    ![...hosts, asked.hostname].includes(to.hostname.replace(/\.$/, ''))
  )
    return false
  return (asked.port === '' || to.port === asked.port) && targetText(to) === targetText(asked)
}

function targetText({ pathname, search }: URL): string {
  const target = readTarget(pathname, search)
  return target.ok ? `${target.value.path}${target.value.query}` : `${pathname}${search}`
}

/** Returns the same response, marked so that no cache keeps it, even if the route overrides its origin's fields. */
export function neverStored(response: Response): Response {
  const kept = new Response(response.body, response)
  for (const name of [...CACHE_ONLY_FIELDS, 'expires']) kept.headers.delete(name)
  kept.headers.set('cache-control', 'no-store')
  return kept
}
