/**
 * Makes the response to one request out of a stored response.
 *
 * A stored response is the whole representation, in the coding in which it travelled. Each request gets its own view: the
 * whole, one byte range (RFC 9110 §14), 304 if the client's copy is current (§13), or the head alone. Fields differ as well:
 * `Age` is computed for the moment of sending, and fields whose bytes JavaScript cannot read are copied as the runtime holds
 * them. No content coding is ever applied or removed, so that validators and lengths stay true.
 */
import { isNotModified, selected, byteSpanOf } from './rules/conditional.ts'
import { ageMs } from './rules/freshness.ts'
import { MAX_HELD_BYTES, type Stored } from './rules/stored.ts'
import type { ReadField } from './rules/vary.ts'
import { ofLength, passthrough } from '../http/passthrough.ts'

/** The content of a response that is stored, or is being stored. */
export interface StoredContent {
  readonly body: Uint8Array | ReadableStream<Uint8Array>
  /** The length of a stream in bytes; undefined if unknown. */
  readonly bytes?: number
  /** The fields that JavaScript cannot read, as the runtime holds them. */
  readonly unreadable?: Headers | undefined
  /** True if the origin was not asked for this request: only such a response states its age (RFC 9111 §5.1). */
  readonly isReused: boolean
}

/** The request to answer, and the time of answering in milliseconds since 1970. */
export interface SelectingRequest {
  readonly method: string
  readonly read: ReadField
  readonly now: number
}

/** The fields that a 304 carries (RFC 9110 §15.4.5). */
const NOT_MODIFIED_FIELDS = new Set([
  'cache-control',
  'cdn-cache-control',
  'content-location',
  'date',
  'etag',
  'expires',
  'last-modified',
  'vary',
])
const NO_CONTENT = new Set([204, 205, 304])

/**
 * Makes the response to `request` from a stored one: whole, one part, 304, or 416, with its age (RFC 9111 §4.2.3, §5.1). The
 * content is sent in the coding in which it was stored.
 */
export function represent(stored: Stored, content: StoredContent, request: SelectingRequest): Response {
  if (isNotModified(selected(stored), request.read, request.now)) {
    discard(content)
    return new Response(null, {
      status: 304,
      headers: fieldsOf(stored, content, request.now, (name) => NOT_MODIFIED_FIELDS.has(name)),
    })
  }
  const headers = fieldsOf(stored, content, request.now)
  const { body } = content
  const span = body instanceof Uint8Array ? byteSpanOf(stored, body.length, request.read) : undefined
  if (span === undefined || !(body instanceof Uint8Array))
    return representWhole(stored, content, headers, request.method)
  headers.set('content-range', span === 'unsatisfiable' ? `bytes */${body.length}` : rangeText(span, body.length))
  if (span === 'unsatisfiable') return new Response(null, { status: 416, headers })
  headers.set('content-length', String(span.last - span.first + 1))
  const part = request.method === 'HEAD' ? null : body.subarray(span.first, span.last + 1)
  return passthrough(part, { status: 206, headers })
}

function rangeText({ first, last }: { first: number; last: number }, bytes: number): string {
  return `bytes ${first}-${last}/${bytes}`
}

function representWhole(stored: Stored, content: StoredContent, headers: Headers, method: string): Response {
  const { status } = stored
  const { body } = content
  const hasNone = NO_CONTENT.has(status)
  const isBytes = body instanceof Uint8Array
  const bytes = isBytes ? body.length : content.bytes
  // The runtime adds the length of bytes itself; long content is sent as a stream.
  if (bytes !== undefined && !hasNone && (!isBytes || method === 'HEAD' || bytes > MAX_HELD_BYTES))
    headers.set('content-length', String(bytes))
  if (method !== 'HEAD' && !hasNone) {
    return passthrough(isBytes || bytes === undefined ? body : ofLength(body, bytes), { status, headers })
  }
  discard(content)
  return new Response(null, { status, headers })
}

function discard({ body }: StoredContent): void {
  if (!(body instanceof Uint8Array)) body.cancel().catch(() => undefined)
}

function fieldsOf(
  stored: Stored,
  { isReused, unreadable }: StoredContent,
  now: number,
  isWanted?: (name: string) => boolean,
): Headers {
  const headers = new Headers(unreadable)
  for (const name of unreadable?.keys() ?? []) if (isWanted?.(name) === false) headers.delete(name)
  for (const [name, value] of stored.fields) {
    if ((isWanted?.(name) ?? true) && !unreadable?.has(name)) headers.append(name, value)
  }
  const age = Math.floor(ageMs(stored.freshness, stored.respondedAt, now) / 1000)
  // An age beyond zero on a new response means that another cache held it before.
  if (isReused || age > 0) headers.set('Age', String(age))
  return headers
}
