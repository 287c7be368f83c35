import { cachePartitionOf } from '../cache/rules/key.ts'
import { forward } from '../content/forward.ts'
import type { MemoryCache } from '../content/memory.ts'
import type { Route } from '../access/route.ts'
import type { Eventually } from '../core/eventually.ts'
import { after } from '../core/eventually.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { fromStoreOnly } from '../ledger/idempotency.ts'
import type { AdmittedRequest, Answer, Call, Origin } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import type { Zone } from '../zone.ts'

/** A page whose public part is wanted. */
export interface PreviewRequest {
  readonly exchange: Exchange
  readonly zone: Zone
  readonly route: Route
}

/** The way to the page itself. */
export interface PreviewWays {
  readonly rails: readonly Rail[]
  readonly origin: Origin
  readonly call: Call
}

/**
 * Returns the request for the page that all who pay share, as the gate itself asks for it: whole, and with no field of the
 * visitor. Undefined if copies of this route are not shared by all.
 */
export function pageRequest({ exchange, zone, route }: PreviewRequest): AdmittedRequest | undefined {
  const { target, scheme, origin } = exchange
  const headers = new Headers({ accept: 'text/html' })
  const read = { ...exchange, scheme, method: 'GET', fields: headers, trace: undefined }
  const partition = cachePartitionOf(read, route, undefined)
  if (route.cache.partition !== 'shared' || partition.name === undefined) return undefined
  const request = new Request(`${origin}${target.path}${partition.query}`, { headers })
  return { zone, route, exchange: read, proof: undefined, observed: undefined, request, partition }
}

/** Returns the stored page; undefined if there is none. */
export function storedPage(
  asked: AdmittedRequest,
  { rails, origin, call }: PreviewWays,
  memory: MemoryCache,
): Eventually<Answer | undefined> {
  const held = memory.find(asked, call)
  if (held !== undefined) return { response: held }
  const asking = fromStoreOnly(asked)
  return after(
    origin(asking, () => forward(asking, rails)),
    (answer) => {
      if (answer.ok && answer.value.response.status !== NOT_STORED) return answer.value
      if (answer.ok) letGo(answer.value.response)
      return undefined
    },
  )
}

/** The status of a cache that has nothing stored (RFC 9111 §5.2.1.7). */
const NOT_STORED = 504

/** Asks the origin for the page, or a cache of ours that asks it; undefined if there is no answer. */
export function originPage(
  asked: AdmittedRequest,
  { rails, origin }: PreviewWays,
  memory: MemoryCache,
): Eventually<Answer | undefined> {
  return after(
    origin(asked, () => forward(asked, rails)),
    (answer) => {
      if (!answer.ok) return undefined
      if (answer.value.copy !== undefined) memory.keep(asked, answer.value.copy)
      return answer.value
    },
  )
}

/** Lets go of a body that nobody reads. */
export function letGo({ body }: Response): void {
  if (body?.locked === false) body.cancel().catch(() => undefined)
}
