import { joinBytes } from '../core/bytes.ts'

/** What was read of a body: all of it, or a body that begins with what was read. */
export interface ReadUpTo {
  /** All of it; undefined if it is longer. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined
  /** The same content, to be sent. */
  readonly body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>
}

/** Reads a body, unless it is longer than `most` bytes. Rejects if the body breaks off. */
export async function readUpTo(body: ReadableStream<Uint8Array>, most: number): Promise<ReadUpTo> {
  const reader = body.getReader()
  const pieces: Uint8Array[] = []
  let length = 0
  while (length <= most) {
    const { done, value } = await reader.read()
    if (done) {
      const bytes = joinBytes(pieces)
      return { bytes, body: bytes }
    }
    pieces.push(value)
    length += value.byteLength
  }
  const left = pieces.values()
  return {
    bytes: undefined,
    body: new ReadableStream({
      async pull(controller) {
        const piece = left.next()
        if (!piece.done) return controller.enqueue(piece.value)
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    }),
  }
}
