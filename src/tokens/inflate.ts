import { joinBytes } from '../core/bytes.ts'

/** One byte of DEFLATE gives at most 1,032, so one slice can unpack to as much as may be kept at all. */
const SLICE_BYTES = 8192

/** The output so far. */
interface Output {
  readonly chunks: Uint8Array[]
  bytes: number
  isTooMuch: boolean
}

/**
 * Unpacks zlib data (RFC 1950). Returns undefined if the data are malformed, cut short, followed by more, or would unpack
 * to more than `maxBytes`: the rest is not unpacked then.
 */
export async function inflate(data: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined> {
  const { readable, writable } = new DecompressionStream('deflate')
  const output: Output = { chunks: [], bytes: 0, isTooMuch: false }
  const [, isWhole] = await Promise.all([feed(data, writable, output), drain(readable, output, maxBytes)])
  return isWhole ? joinBytes(output.chunks) : undefined
}

/** Writes slice by slice. The runtime's stream may accept all of its input and unpack it at once, before anyone reads. */
async function feed(data: Uint8Array, writable: WritableStream, output: Output): Promise<void> {
  const writer = writable.getWriter()
  try {
    for (let at = 0; at < data.length && !output.isTooMuch; at += SLICE_BYTES) {
      if (at > 0) await untilQuiet(output)
      if (!output.isTooMuch) await writer.write(data.subarray(at, at + SLICE_BYTES))
    }
    await writer.close()
  } catch {
    // The reader of the stream gets the same error.
  }
}

/** Waits until a turn of the event loop brings no more output. */
async function untilQuiet(output: Output): Promise<void> {
  let before: number
  do {
    before = output.bytes
    await new Promise((resolve) => setTimeout(resolve, 0))
  } while (output.bytes > before && !output.isTooMuch)
}

/** Collects the output. Returns true if all of it was read. */
async function drain(readable: ReadableStream<Uint8Array>, output: Output, maxBytes: number): Promise<boolean> {
  const reader = readable.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return true
      output.bytes += value.byteLength
      if (output.bytes > maxBytes) {
        output.isTooMuch = true
        await reader.cancel()
        return false
      }
      output.chunks.push(value)
    }
  } catch {
    return false
  }
}
