import { needsOrigin } from '../cache/rules/conditional.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { contentOf } from '../http/content.ts'
import { fromStoreOnly } from '../ledger/idempotency.ts'
import type { AdmittedRequest, Origin } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import { forward } from './forward.ts'
import type { AnswerResult } from './metered.ts'

/** The status of a cache that has nothing stored (RFC 9111 §5.2.1.7). */
const NOT_STORED = 504

/**
 * Asks for a stored copy only. A stored copy needs no check of a payment beforehand: nothing can fail once it is there.
 * Returns undefined if nothing is stored, or if the client wants more of a cache than a copy. A HEAD never gets a copy
 * here: nothing is settled for a HEAD, so only the check shows if its payment is any good.
 */
export function askStored(
  admitted: AdmittedRequest,
  rails: readonly Rail[],
  origin: Origin,
): Eventually<AnswerResult | undefined> {
  if (!suitsStore(admitted)) return undefined
  const asking = fromStoreOnly(admitted)
  return after(
    origin(asking, () => forward(asking, rails)),
    (answer) => (answer.ok && answer.value.response.status !== NOT_STORED ? answer : undefined),
  )
}

function suitsStore({ exchange: { method, fields }, partition, bound, request }: AdmittedRequest): boolean {
  if (method !== 'GET' || partition.name === undefined || bound !== undefined || contentOf(request) !== null)
    return false
  const read = (name: string): string | null => fields.get(name)
  return read('cache-control') === null && read('pragma') === null && !needsOrigin(read)
}
