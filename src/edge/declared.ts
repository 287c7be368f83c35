import { mayBeListed, suitsAnyCopy } from '../core/fields.ts'
import { ok, type Result } from '../core/result.ts'
import type { CachePolicy } from '../core/route.ts'
import { varyNames } from '../core/vary.ts'
import type { OriginFailure } from '../ports.ts'
import { Remembered } from '../tokens/remembered.ts'

/** The request fields that the origin has named in `Vary`, by what was asked for. */
export type Declared = Remembered<readonly string[]>

const DECLARED_BYTES = 2 * 1024 * 1024

export function createDeclared(): Declared {
  return new Remembered(DECLARED_BYTES, (names) => names.join().length * 2)
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
  declared: Declared,
  ask: Ask,
): Promise<Result<Response, OriginFailure>> {
  const key = `${request.method} ${request.url}`
  let names = declared.get(key) ?? []
  for (let asked = 1; ; asked++) {
    const { shown, hidden } = showing(request, [...policy.requestFields, ...names])
    const answer = await ask(shown)
    if (!answer.ok) return answer
    const varies = varyNames(answer.value.headers.get('vary')) ?? []
    const isComplete = asked === MOST_ASKED || !varies.some((name) => hidden.has(name))
    if (varies.length > 0) declared.set(key, varies)
    if (isComplete) return ok(answer.value)
    await answer.value.body?.cancel()
    names = [...names, ...varies]
  }
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
