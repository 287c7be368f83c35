/**
 * Decodes compressed request bodies, with bounded memory.
 *
 * A few kilobytes can decode to megabytes. Some runtimes decode all they are given at once, whether anybody reads it or not: in
 * workerd, 80 kB become 80 MB by one `write`. So the decoder is given 8 KiB, which decode to 8 MiB at most, and no more until
 * all that came of them has been read. Other runtimes decode no faster than they are read; there, what is compressed may wait.
 */

/** A coding of content that is decoded (RFC 9110 §8.4.1). */
export type DecodedCoding = 'gzip' | 'deflate'

/** What a client may send in place of a coding that is not decoded, as `Accept-Encoding` (RFC 9110 §12.5.3). */
export const DECODED_CODINGS = 'gzip, deflate'

const CODINGS: Readonly<Record<string, DecodedCoding | 'identity'>> = {
  '': 'identity',
  identity: 'identity',
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
}

/** Returns the coding of a request's content; undefined if it is not decoded here. Several codings are not. */
export function codingOf(headers: Headers): DecodedCoding | 'identity' | undefined {
  const coding = (headers.get('content-encoding') ?? '').trim().toLowerCase()
  return Object.hasOwn(CODINGS, coding) ? CODINGS[coding] : undefined
}

/**
 * Returns the decoded body. It errors if the body is not in the coding, or has more than `maxBytes` while it is compressed. How
 * long it gets is for the reader to limit.
 */
export function decodeBody(
  body: ReadableStream<Uint8Array>,
  coding: DecodedCoding,
  maxBytes: number,
): ReadableStream<Uint8Array> {
  const decoder = new BoundedDecoder(body, coding, maxBytes)
  return new ReadableStream(
    {
      async pull(controller) {
        const piece = await decoder.next()
        if (piece === undefined) controller.close()
        else controller.enqueue(piece)
      },
      cancel: () => decoder.cancel(),
    },
    { highWaterMark: 0 },
  )
}

/** Bytes that decode to 8 MiB at most: nothing is compressed to less than a thousandth (RFC 1951). */
const MOST_AHEAD = 8192

type Reading = ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>

class BoundedDecoder {
  readonly #source: ReadableStreamDefaultReader<Uint8Array>
  readonly #sink: WritableStreamDefaultWriter<BufferSource>
  readonly #output: ReadableStreamDefaultReader<Uint8Array>
  #left: number
  /** What has come and was not given to the decoder yet. */
  #piece = new Uint8Array()
  /** Bytes given to the decoder since all it had decoded was read. */
  #ahead = 0
  #isAtEnd = false
  #reading: Reading | undefined

  constructor(body: ReadableStream<Uint8Array>, coding: DecodedCoding, maxBytes: number) {
    const { readable, writable } = new DecompressionStream(coding)
    this.#source = body.getReader()
    this.#sink = writable.getWriter()
    this.#output = readable.getReader()
    this.#left = maxBytes
  }

  /** Returns the next piece, or undefined at the end. Throws what the decoder or the body throws. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#isAtEnd || this.#ahead >= MOST_AHEAD) {
        const read = await this.#read()
        if (read !== undefined) return read.done ? undefined : read.value
        this.#ahead = 0
      }
      await this.#feed()
    }
  }

  async cancel(): Promise<void> {
    const ends = [this.#source.cancel(), this.#output.cancel(), this.#sink.abort()]
    await Promise.allSettled(ends)
  }

  /** Reads what has been decoded. Returns undefined if nothing is there now, unless all has been given to the decoder. */
  async #read(): Promise<Awaited<Reading> | undefined> {
    this.#reading ??= this.#output.read()
    const read = await (this.#isAtEnd ? this.#reading : Promise.race([this.#reading, nextTurn()]))
    if (read !== undefined) this.#reading = undefined
    return read
  }

  /** Gives the decoder as much as it may have. What it throws, it also throws where it is read. */
  async #feed(): Promise<void> {
    if (this.#piece.length === 0) {
      const { done, value } = await this.#source.read()
      this.#isAtEnd = done
      if (done) this.#sink.close().catch(() => undefined)
      else this.#take(value)
      return
    }
    const part = this.#piece.subarray(0, MOST_AHEAD - this.#ahead)
    this.#piece = this.#piece.subarray(part.length)
    this.#ahead += part.length
    this.#sink.write(part).catch(() => undefined)
  }

  #take(piece: Uint8Array): void {
    this.#left -= piece.length
    if (this.#left < 0) throw new Error('more compressed bytes than may be decoded')
    this.#piece = new Uint8Array(piece)
  }
}

/** Resolves after what is ready now: in workerd, what can be read is read before. */
function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0, undefined)
  })
}
