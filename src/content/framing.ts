import { refusal, type Refusal } from '../core/problem.ts'
import type { Route } from '../access/route.ts'
import { contentOf } from '../http/content.ts'

/**
 * Refuses a GET or HEAD with content if its answer would be shared, or if it has an idempotency key. Such content has no
 * defined meaning (RFC 9110 §9.3.1): with it one reader could change the copy of all. If nothing is shared, the content
 * is passed on.
 */
export function judgeContent(request: Request, method: string, { cache, meter }: Route): Refusal | undefined {
  if ((method !== 'GET' && method !== 'HEAD') || contentOf(request) === null) return undefined
  if (cache.partition !== 'off') return OF_A_COPY
  return request.headers.has('idempotency-key') || meter?.content !== undefined ? TO_BE_READ : undefined
}

const OF_A_COPY = refusal(
  'request-malformed',
  'The answer to this is shared by all who may read it, so the request may have no content. Send it without, or as a POST.',
)

const TO_BE_READ = refusal(
  'request-malformed',
  'The content of a GET is passed on as it comes, and so cannot be read here. Send it as a POST.',
)
