import { after, type Eventually } from '../core/eventually.ts'
import { isSafe } from '../core/exchange.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Call, Origin, OriginFailure, Passage } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import type { Again } from './again.ts'
import { forward } from './forward.ts'
import { FROM_MEMORY, type Hot } from './hot.ts'
import { type BoundSocket, type CacheAccount, shape } from './shape.ts'
import { watchOf } from './watch.ts'

/** A response to serve, with what the log says of how it came. */
export interface Content {
  readonly response: Response
  readonly originMs: number
  readonly cache: CacheAccount
  /** True where the response says already how long it took: no time at all. */
  readonly isTimed: boolean
}

interface Means extends Again {
  readonly boundSocket: BoundSocket
  readonly hot: Hot
}

const FAILURES: Record<OriginFailure, string> = {
  'origin-unreachable': 'The origin of this site could not be reached.',
  'origin-timeout': 'The origin of this site did not answer in time.',
  misconfigured: 'The gate has no origin for this site.',
}

/**
 * Has memory or the next stage answer, and shapes the answer for the client. Errors: `origin-unreachable`,
 * `origin-timeout`, `misconfigured`.
 */
export function fetchContent(
  passage: Passage,
  rails: readonly Rail[],
  origin: Origin,
  means: Means,
  call: Call,
): Eventually<Result<Content, Refusal>> {
  const { clock, boundSocket, hot } = means
  const held = hot.find(passage, call)
  if (held !== undefined) return ok({ response: held, originMs: 0, cache: FROM_MEMORY, isTimed: true })
  const began = clock()
  return after(
    origin(passage, () => forward(passage, rails)),
    (answer) => {
      if (!answer.ok) return err(refusal(answer.error, FAILURES[answer.error]))
      const now = clock()
      const { response, cache, ttlSeconds, copy } = answer.value
      if (copy !== undefined) hot.keep(passage, copy)
      if (isChange(passage, response)) hot.forget(passage.zone, passage.exchange.target.path)
      const account = cache === undefined || ttlSeconds === undefined ? cache : `${cache}; ttl=${ttlSeconds}`
      const watch = () => watchOf(passage, means, call.waitUntil)
      const shaped = shape(response, passage, { cache: account, now, boundSocket, watch })
      if (shaped.status === 101) chooseProtocol(shaped.headers, passage, rails)
      return ok({ response: shaped, originMs: now - began, cache, isTimed: false })
    },
  )
}

/** RFC 6455 §4.2.2: one of those that the client offered; what the origin chose of the others stays. */
function chooseProtocol(headers: Headers, { exchange }: Passage, rails: readonly Rail[]): void {
  if (headers.has('sec-websocket-protocol')) return
  const chosen = rails.map((rail) => rail.protocolOf?.(exchange)).find((protocol) => protocol !== undefined)
  if (chosen !== undefined) headers.set('sec-websocket-protocol', chosen)
}

/** RFC 9111 §4.4: a change that succeeded makes every copy of its target unsure. */
function isChange({ exchange }: Passage, { status }: Response): boolean {
  return !isSafe(exchange.method) && status >= 200 && status < 400
}
