import { copy, type Copying, isScripted, sourceOf } from './copy.ts'

/** How `fetch` gives a response as it travels: its length and its ETag stay those of what was sent. */
export const PASSTHROUGH = { encodeResponseBody: 'manual' } as const

/** What a response is made of here: content as it travels. */
export interface PassthroughInit {
  readonly status: number
  readonly statusText?: string | undefined
  readonly headers: Headers
}

/** A response whose content is coded already, as its fields say: workerd is neither to undo nor to make a coding. */
export function passthrough(body: Uint8Array | ReadableStream<Uint8Array> | null, init: PassthroughInit): Response {
  const { status, statusText, headers } = init // of a response they are not its own, and would not be spread
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- other runtimes' types know less of a body
  return new Response(body as BodyInit | null, { status, statusText, headers, encodeBody: 'manual' } as ResponseInit)
}

const ofApps = new WeakSet<Response>()

/** The same response, as an app made it: in Workers its content may still have to be coded, as its fields say. */
export function ofApp(response: Response): Response {
  ofApps.add(response)
  return response
}

type Through = TransformStream<Uint8Array, Uint8Array>

/** Copies a stream. In Workers the runtime's own, which does not wake us. */
export function createPipe(bytes: number | undefined): Through {
  const { FixedLengthStream, IdentityTransformStream } = globalThis as {
    FixedLengthStream?: Fixed
    IdentityTransformStream?: new () => Through
  }
  if (FixedLengthStream !== undefined && bytes !== undefined) return new FixedLengthStream(bytes)
  return IdentityTransformStream === undefined ? new TransformStream() : new IdentityTransformStream()
}

interface Fixed {
  new (bytes: number): TransformStream<Uint8Array, Uint8Array>
}

/** A stream on its way to whoever reads it. */
export interface Leaving extends Copying {
  readonly body: ReadableStream<Uint8Array>
}

/** Streams that leave already: workerd pipes none of its own into another. */
const leaving = new WeakMap<ReadableStream, Leaving>()

function send(body: ReadableStream<Uint8Array>, bytes: number | undefined, isOfApp = false): Leaving {
  const { readable, writable } = createPipe(bytes)
  const copying = isOfApp || isScripted(body) ? copy(sourceOf(body), writable) : pipe(body, writable)
  const sent = { body: readable, ...copying }
  sent.left.catch(() => undefined)
  leaving.set(readable, sent)
  return sent
}

/** In Workers, without waking us for each piece. */
function pipe(body: ReadableStream<Uint8Array>, writable: WritableStream<Uint8Array>): Copying {
  const abort = new AbortController()
  return { left: body.pipeTo(writable, { signal: abort.signal }), cut: () => abort.abort() }
}

/** The same stream. Workers tell the client how long a stream is only if it is bound to that length. */
export function ofLength(body: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  return 'FixedLengthStream' in globalThis ? send(body, bytes).body : body
}

/** The content of a response, and when it has left; its `body` is to be sent in place of the response's own. */
export function followBody(response: Response, body: ReadableStream<Uint8Array>): Leaving {
  const already = leaving.get(body)
  if (already !== undefined) return already
  const length = response.headers.get('content-length')
  const isOfApp = ofApps.has(response)
  // What is still to be coded has not the length it will have.
  const isUnknown = length === null || (isOfApp && response.headers.has('content-encoding'))
  return send(body, isUnknown ? undefined : Number(length), isOfApp)
}

/** The same request. Its content is cut when its signal is aborted. */
export function cutWhenAborted(request: Request): Request {
  const { body, headers, method, signal } = request
  if (body === null || method === 'GET') return request
  const length = headers.get('content-length')
  const sent = send(body, length === null ? undefined : Number(length))
  signal.addEventListener('abort', sent.cut)
  return new Request(request, { body: sent.body, duplex: 'half' } as RequestInit)
}
