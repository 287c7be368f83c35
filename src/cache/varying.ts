import { mayBeListed, suitsAnyCopy } from '../http/rules/fields.ts'
import { ok, type Result } from '../core/result.ts'
import type { CachePolicy } from '../access/route.ts'
import { varyNames } from './rules/vary.ts'
import type { OriginFailure } from '../ports.ts'
import { LruCache } from '../core/lru.ts'
import { passthrough } from '../http/passthrough.ts'

/** The request fields that the origin has named in `Vary`, by what was asked for. */
export type VaryingFields = LruCache<readonly string[]>

const DECLARED_BYTES = 2 * 1024 * 1024

export function createVaryingFields(): VaryingFields {
  return new LruCache(DECLARED_BYTES, (names) => names.join().length * 2)
}

type Ask = (request: Request) => Promise<Result<Response, OriginFailure>>

/** An origin that goes on naming fields is asked no more often. */
const MOST_ASKED = 3

/**
 * Asks for a copy that many will share. The origin is shown a field of the client's only once it has named it in `Vary`:
 * until then, one reader could change by it what all are served. It is then asked again, and shown it from the start the
 * next time. A route may list fields that are always shown.
 */
export async function askForCopy(
  request: Request,
  policy: CachePolicy,
  varying: VaryingFields,
  ask: Ask,
): Promise<Result<Response, OriginFailure>> {
  const key = `${request.method} ${request.url}`
  let names = varying.get(key) ?? []
  for (let asked = 1; ; asked++) {
    const { shown, hidden } = showing(request, [...policy.requestFields, ...names])
    const answer = await ask(shown)
    if (!answer.ok) return answer
    const varies = varyNames(answer.value.headers.get('vary'))
    if (varies === undefined) return answer
    const isHidden = varies.some((name) => hidden.has(name))
    if (varies.length > 0) varying.set(key, varies)
    if (asked === MOST_ASKED && isHidden) return ok(withVary(answer.value, ['*']))
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

/** The answer, which says that it depends on these as well: an origin may name a field only where it does not get it. */
function withVary(response: Response, names: readonly string[]): Response {
  if (names.length === 0) return response
  const { body, status, statusText, headers } = response
  const copy = passthrough(body, { status, statusText, headers })
  for (const name of names) copy.headers.append('vary', name)
  return copy
}

/** Sent in place of the client's own, which would tell one reader from the next. */
const USER_AGENT = 'Faregate'

/** The request without what it should not show; and the names of what might be shown when it is asked for. */
function showing(request: Request, names: readonly string[]): { shown: Request; hidden: ReadonlySet<string> } {
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
