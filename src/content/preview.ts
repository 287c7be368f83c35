import { cachePartitionOf } from '../cache/rules/key.ts'
import { unconditional } from '../cache/rules/conditional.ts'
import type { Route } from '../access/route.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { AdmittedRequest, Call, Origin } from '../ports.ts'
import type { Rail } from '../rails/rail.ts'
import type { Zone } from '../zone.ts'
import { forward } from './forward.ts'
import type { MemoryCache } from './memory.ts'

/** A refused request for a page of which a free part is shown. */
export interface PreviewRequest {
  readonly request: Request
  readonly exchange: Exchange
  readonly zone: Zone
  readonly route: Route
}

/** A whole page. A reader who has not paid may see none of the answer beyond its free part. */
interface WholePage {
  readonly type: string
  readonly body: ReadableStream<Uint8Array>
}

/**
 * Fetches the page shared by all who pay, as served to an anonymous reader: whole, whatever range or condition the
 * request has, and from a copy if there is one. Returns undefined if copies of this route are not shared by all, or if
 * there is no such page. Nothing is charged, and the origin gets no identity.
 */
export async function fetchPage(
  asked: PreviewRequest,
  rails: readonly Rail[],
  origin: Origin,
  memory: MemoryCache,
  call: Call,
): Promise<WholePage | undefined> {
  const admitted = anonymous(asked)
  if (admitted === undefined) return undefined
  const held = memory.find(admitted, call)
  if (held !== undefined) return wholePage(held)
  const answer = await origin(admitted, () => forward(admitted, rails))
  if (!answer.ok) return undefined
  const { response, copy } = answer.value
  if (copy !== undefined) memory.keep(admitted, copy)
  return wholePage(response)
}

/** Fields that identify the client, and `Accept-Encoding`: a refusal format reads plain bytes. */
const NOT_ASKED_FOR = ['authorization', 'cookie', 'accept-encoding']

function anonymous({ request, exchange, zone, route }: PreviewRequest): AdmittedRequest | undefined {
  const partition = cachePartitionOf(exchange, route, undefined)
  if (route.cache.partition !== 'shared' || partition.name === undefined) return undefined
  const whole = unconditional(new Request(request.url, { headers: request.headers }), 'whole')
  for (const name of NOT_ASKED_FOR) whole.headers.delete(name)
  const read = { ...exchange, method: 'GET', fields: whole.headers }
  return { zone, route, exchange: read, proof: undefined, observed: undefined, request: whole, partition }
}

function wholePage({ status, headers, body }: Response): WholePage | undefined {
  const type = headers.get('content-type')
  if (status === 200 && type !== null && body !== null && !headers.has('content-encoding')) return { type, body }
  body?.cancel().catch(() => undefined)
  return undefined
}
