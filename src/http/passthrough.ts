/**
 * Passes content on as it travels, coded and at its stated length.
 *
 * Left alone, workerd decodes the content of a response it fetches, and encodes the content of a response it sends.
 * Length and ETag would no longer be those of the origin, and every byte would cost CPU. `PASSTHROUGH` and `passthrough`
 * turn both off. The streams here are the runtime's own if there are any: they move bytes without waking JavaScript.
 * Workers state the length of a stream only if the stream is bound to it, and workerd cannot pipe one of its own
 * transform streams into another, so each body is piped once and remembered.
 */

import { copy, type Copying, finishWriting, isScripted, type SeePiece, sourceOf } from './copy.ts'

/** Options for `fetch` that keep a response as it travels: its length and ETag stay those of the content sent. */
export const PASSTHROUGH = { encodeResponseBody: 'manual' } as const

/** The head of a response whose content is passed on as it travels. */
export interface PassthroughInit {
  readonly status: number
  readonly statusText?: string | undefined
  readonly headers: Headers
}

/** Makes a response from content already coded as its fields say. Workerd neither decodes nor encodes the content. */
export function passthrough(body: Uint8Array | ReadableStream<Uint8Array> | null, init: PassthroughInit): Response {
  const { status, statusText, headers } = init // they are getters of a response, not its own members, and would not be spread
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- other runtimes' types know less of a body
  return new Response(body as BodyInit | null, { status, statusText, headers, encodeBody: 'manual' } as ResponseInit)
}

const ofApps = new WeakSet<Response>()

/**
 * Marks a response as made by an app, and returns it. In Workers its content may still have to be coded as its fields
 * say.
 */
export function ofApp(response: Response): Response {
  ofApps.add(response)
  return response
}

type ByteTransform = TransformStream<Uint8Array, Uint8Array>

/**
 * Creates a stream to copy through; in Workers the runtime's own, so that we are not woken. `bytes`: the length, if
 * known.
 */
export function createPipe(bytes: number | undefined): ByteTransform {
  const { FixedLengthStream, IdentityTransformStream } = globalThis as {
    FixedLengthStream?: FixedLengthStreamConstructor
    IdentityTransformStream?: new () => ByteTransform
  }
  if (IdentityTransformStream === undefined) return new TransformStream()
  const pipe =
    FixedLengthStream === undefined || bytes === undefined
      ? new IdentityTransformStream()
      : new FixedLengthStream(bytes)
  piped.add(pipe.readable)
  return pipe
}

/** The ends of our pipes. Workerd cannot pipe one into another. */
const piped = new WeakSet<ReadableStream>()

/** Returns true for a stream of the runtime's own that may be piped, without waking us for each piece. */
export function isNative(body: ReadableStream<Uint8Array>): boolean {
  return 'IdentityTransformStream' in globalThis && !piped.has(body) && !isScripted(body)
}

interface FixedLengthStreamConstructor {
  new (bytes: number): TransformStream<Uint8Array, Uint8Array>
}

/** A stream on its way to its reader. */
export interface BodyTransfer extends Copying {
  readonly body: ReadableStream<Uint8Array>
  /** Shows the pieces from now on, and those before if none was missed. Undefined: nobody will be shown any. */
  readonly tap?: (sees: SeePiece | undefined) => void
}

/** Streams already on their way. Workerd cannot pipe one of its own streams into another. */
const transfers = new WeakMap<ReadableStream, BodyTransfer>()

/** The readers of bodies that have not been sent yet. */
const taps = new WeakMap<ReadableStream, SeePiece>()

/**
 * Shows the pieces of a body to `sees` while it leaves. A body that is already on its way shows nothing, unless its sender can.
 * Undefined: nobody will be shown any.
 */
export function tapBody(body: ReadableStream<Uint8Array>, sees: SeePiece | undefined): void {
  const sent = transfers.get(body)
  if (sent !== undefined) sent.tap?.(sees)
  else if (sees !== undefined) taps.set(body, sees)
}

/** Makes a stream known that its maker sends: it is followed as it is. */
export function sendOwn(transfer: BodyTransfer): void {
  transfer.left.catch(() => undefined)
  transfers.set(transfer.body, transfer)
}

function send(body: ReadableStream<Uint8Array>, bytes: number | undefined, isOfApp = false): BodyTransfer {
  const { readable, writable } = createPipe(bytes)
  const sees = taps.get(body)
  const isCopied = isOfApp || sees !== undefined || isScripted(body)
  const copying = isCopied ? copy(sourceOf(body), writable, { sees }) : pipe(body, writable)
  const sent = { body: readable, ...copying }
  sendOwn(sent)
  return sent
}

/** Copies a stream; in Workers without waking us for each piece. */
function pipe(body: ReadableStream<Uint8Array>, writable: WritableStream<Uint8Array>): Copying {
  const abort = new AbortController()
  let finishing: { readonly last: Uint8Array | undefined } | undefined
  const left = body.pipeTo(writable, { signal: abort.signal, preventAbort: true }).catch(async (error: unknown) => {
    const writer = writable.getWriter()
    if (finishing !== undefined) return finishWriting(writer, finishing.last)
    writer.abort(error).catch(() => undefined)
    throw error
  })
  return {
    left,
    cut: () => abort.abort(),
    finish(last) {
      finishing = { last }
      abort.abort()
    },
  }
}

/** Binds a stream to its length, in `bytes`. Workers state a length to the client only for a bound stream. */
export function ofLength(body: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  return 'FixedLengthStream' in globalThis ? send(body, bytes).body : body
}

/**
 * Follows the content of a response until it has left. The caller must send the returned `body` in place of the
 * response's.
 */
export function followBody(response: Response, body: ReadableStream<Uint8Array>): BodyTransfer {
  const already = transfers.get(body)
  if (already !== undefined) return already
  const length = response.headers.get('content-length')
  // The final length of content still to be coded is unknown.
  const isUnknown = length === null || isCodedLater(response)
  return send(body, isUnknown ? undefined : Number(length), ofApps.has(response))
}

/** Returns true for a response of an app whose content the runtime has still to code as its fields say. */
export function isCodedLater(response: Response): boolean {
  return ofApps.has(response) && response.headers.has('content-encoding')
}

/** Returns the same request; its content is cut if its signal is aborted. */
export function cutWhenAborted(request: Request): Request {
  const { body, headers, method, signal } = request
  if (body === null || method === 'GET') return request
  const length = headers.get('content-length')
  const sent = send(body, length === null ? undefined : Number(length))
  signal.addEventListener('abort', sent.cut)
  return new Request(request, { body: sent.body, duplex: 'half' } as RequestInit)
}
