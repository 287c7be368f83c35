/** How `fetch` gives a response as it travels: its length and its ETag stay those of what was sent. */
export const AS_IT_TRAVELS = { encodeResponseBody: 'manual' } as const

/** What a response is made of here: content as it travels. */
export interface RawInit {
  readonly status: number
  readonly statusText?: string | undefined
  readonly headers: Headers
}

/** A response whose content is coded already, as its fields say: workerd is neither to undo nor to make a coding. */
export function raw(body: Uint8Array | ReadableStream<Uint8Array> | null, init: RawInit): Response {
  const { status, statusText, headers } = init // of a response they are not its own, and would not be spread
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- other runtimes' types know less of a body
  return new Response(body as BodyInit | null, { status, statusText, headers, encodeBody: 'manual' } as ResponseInit)
}

type Through = TransformStream<Uint8Array, Uint8Array>

/** Copies a stream. In Workers the runtime's own, which does not wake us. */
function passThrough(bytes: number | undefined): Through {
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

/** What streams that were bound to a length are still given: workerd pipes none of its own into another. */
const filling = new WeakMap<ReadableStream, Promise<void>>()

/** The same stream. Workers tell the client how long a stream is only if it is bound to that length. */
export function ofLength(body: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  const { FixedLengthStream } = globalThis as { FixedLengthStream?: Fixed }
  if (FixedLengthStream === undefined) return body
  const { readable, writable } = new FixedLengthStream(bytes)
  const filled = body.pipeTo(writable)
  filled.catch(() => undefined)
  filling.set(readable, filled)
  return readable
}

interface Followed {
  readonly body: ReadableStream<Uint8Array>
  /** Resolves when all of it has left, and rejects where no more of it will. */
  readonly left: Promise<void>
}

/** The same stream, and when it has left. `length`: what its `Content-Length` says. */
export function follow(body: ReadableStream<Uint8Array>, length: string | null): Followed {
  const filled = filling.get(body)
  if (filled !== undefined) return { body, left: filled }
  const { readable, writable } = passThrough(length === null ? undefined : Number(length))
  return { body: readable, left: body.pipeTo(writable) }
}
