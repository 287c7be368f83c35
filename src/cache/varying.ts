import { mayBeListed, suitsAnyCopy } from '../http/rules/fields.ts'
import { ok, type Result } from '../core/result.ts'
import type { CachePolicy } from '../access/route.ts'
import { varyNames } from './rules/vary.ts'
import type { OriginFailure } from '../ports.ts'
import { LruCache } from '../core/lru.ts'
import { passthrough } from '../http/passthrough.ts'

/** The request fields that the origin has named in `Vary`, by method and URL. */
export type VaryingFields = LruCache<readonly string[]>

const VARYING_BYTES = 2 * 1024 * 1024

export function createVaryingFields(): VaryingFields {
  return new LruCache(VARYING_BYTES, (names) => names.join().length * 2)
}

type AskOrigin = (request: Request) => Promise<Result<Response, OriginFailure>>

/** The most requests made for one response. An origin that names new fields each time is not asked again. */
const MAX_REQUESTS = 3

/**
 * Asks the origin for a copy that many will share, hiding the request fields it has not named.
 *
 * If the origin saw every field of the client, one reader's field could change the page that everyone is served, without
 * `Vary` saying so. So a field is shown only once the origin has named it in `Vary`. If a response names a hidden field, the
 * origin is asked again with the field shown; the names are remembered for the next request of the same URL. A route may
 * list fields that are always shown. After three requests that each name something new the response is marked `Vary: *`, so
 * that it is not shared.
 */
export async function askForCopy(
  request: Request,
  policy: CachePolicy,
  varying: VaryingFields,
  askOrigin: AskOrigin,
): Promise<Result<Response, OriginFailure>> {
  const key = `${request.method} ${request.url}`
  let names = varying.get(key) ?? []
  for (let requests = 1; ; requests++) {
    const { shown, hidden } = hideFields(request, [...policy.requestFields, ...names])
    const answer = await askOrigin(shown)
    if (!answer.ok) return answer
    const varies = varyNames(answer.value.headers.get('vary'))
    if (varies === undefined) return answer
    const isHidden = varies.some((name) => hidden.has(name))
    if (varies.length > 0) varying.set(key, varies)
    if (requests === MAX_REQUESTS && isHidden) return ok(withVary(answer.value, ['*']))
    if (!isHidden)
      return ok(
        withVary(
          answer.value,
          names.filter((name) => !varies.includes(name)),
        ),
      )
    await answer.value.body?.cancel()
    names = [...names, ...varies]
  }
}

/** Adds `names` to the `Vary` of a response: an origin may list a field only if it did not receive the field. */
function withVary(response: Response, names: readonly string[]): Response {
  if (names.length === 0) return response
  const { body, status, statusText, headers } = response
  const copy = passthrough(body, { status, statusText, headers })
  for (const name of names) copy.headers.append('vary', name)
  return copy
}

/** Replaces the client's own `User-Agent`, which would distinguish readers. */
const USER_AGENT = 'Faregate'

/** Returns the request without the fields to hide, and the names of hidden fields that `Vary` may list. */
function hideFields(request: Request, names: readonly string[]): { shown: Request; hidden: ReadonlySet<string> } {
  const hidden = new Set<string>()
  const headers = new Headers(request.headers)
  request.headers.forEach((_value, name) => {
    if (suitsAnyCopy(name) || names.includes(name)) return
    headers.delete(name)
    if (mayBeListed(name)) hidden.add(name)
  })
  if (!headers.has('user-agent')) headers.set('user-agent', USER_AGENT)
  return { shown: new Request(request, { headers }), hidden }
}
