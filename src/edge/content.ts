import { after, type Eventually } from '../core/eventually.ts'
import { CACHE_ONLY_FIELDS } from '../core/fields.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Clock, Origin, OriginFailure, Passage } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import { forward } from './forward.ts'
import { boundStream, isEventStream, sessionMs } from './session.ts'

/** A response to serve, with what the log says of how it came. */
export interface Content {
  readonly response: Response
  readonly originMs: number
  /** The cache's own account of itself (RFC 9211), where there is a cache. */
  readonly cache: string | undefined
}

interface Means {
  readonly clock: Clock
  readonly boundSocket: BoundSocket
}

/** Ends a WebSocket after so many milliseconds; whoever runs us knows how. */
export type BoundSocket = (response: Response, lastsMs: number) => Response

const FAILURES: Record<OriginFailure, string> = {
  'origin-unreachable': 'The origin of this site could not be reached.',
  'origin-timeout': 'The origin of this site did not answer in time.',
  misconfigured: 'The gate has no origin for this site.',
}

/** Has the next stage answer, and shapes the answer for the client. Errors: `origin-unreachable`, `origin-timeout`. */
export function fetchContent(
  passage: Passage,
  rails: readonly Rail[],
  origin: Origin,
  { clock, boundSocket }: Means,
): Eventually<Result<Content, Refusal>> {
  const began = clock()
  return after(
    origin(passage, () => forward(passage, rails)),
    (answer) => {
      if (!answer.ok) return err(refusal(answer.error, FAILURES[answer.error]))
      const now = clock()
      const cache = answer.value.headers.get('cache-status') ?? undefined
      return ok({ response: shape(answer.value, passage, now, boundSocket), originMs: now - began, cache })
    },
  )
}

/** Paid content is private to its reader, revalidated at each use, and bounded in time where it streams. */
function shape(answer: Response, passage: Passage, now: number, boundSocket: BoundSocket): Response {
  const { proof, route } = passage
  const isPaid = route.terms.kind === 'paid'
  const lastsMs = isPaid && proof !== undefined ? sessionMs(proof, route.limits.maxSessionMs, now) : undefined
  if (answer.status === 101) return lastsMs === undefined ? answer : boundSocket(answer, lastsMs)
  const isBounded = lastsMs !== undefined && isEventStream(answer.headers)
  const response = isBounded && answer.body !== null ? new Response(boundStream(answer.body, lastsMs), answer) : answer
  const { headers } = response
  for (const name of CACHE_ONLY_FIELDS) headers.delete(name)
  if (isPaid) markPrivate(headers, passage)
  return response
}

function markPrivate(headers: Headers, { route, exchange }: Passage): void {
  const { maxAgeSeconds } = route.cache
  headers.set('cache-control', maxAgeSeconds === 0 ? 'private, no-cache' : `private, max-age=${maxAgeSeconds}`)
  headers.delete('expires')
  headers.delete('pragma')
  if (exchange.fields.get('origin') !== null && !headers.has('access-control-allow-origin')) {
    headers.set('access-control-allow-origin', '*')
    headers.set('access-control-expose-headers', EXPOSED_FIELDS)
  }
}

/** What a program in a browser may read of any answer of ours. */
export const EXPOSED_FIELDS =
  'WWW-Authenticate, Link, Retry-After, ETag, Age, Cache-Status, RateLimit, RateLimit-Policy, Server-Timing, Content-Range, Accept-Ranges, Location'
