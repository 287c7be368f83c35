/** A stream to read piece by piece. */
export interface Source {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  /**
   * Reads as well, without a promise of its own and into the memory of `used`: a piece that was read before and of which nothing is needed
   * any more. At the end of the stream `value` may be a piece without bytes.
   */
  readOver(used?: Uint8Array): Promise<ReadableStreamReadResult<Uint8Array>>
  cancel(why: unknown): void
}

const FIRST_BYTES = 4096
const MOST_BYTES = 64 * 1024

/**
 * Reads a stream of the runtime's own into buffers of ours. The buffers grow while they are filled, so that each arrival
 * makes one piece, rather than one for each 4 kB.
 */
export function sourceOf(body: ReadableStream<Uint8Array>): Source {
  if (isScripted(body)) {
    const reader = body.getReader()
    const read = () => reader.read()
    return { read, readOver: read, cancel: (why) => void reader.cancel(why).catch(() => undefined) }
  }
  const reader = body.getReader({ mode: 'byob' })
  let size = FIRST_BYTES
  return {
    async read() {
      const piece = await reader.read(new Uint8Array(size))
      if (piece.value?.byteLength === size) size = Math.min(2 * size, MOST_BYTES)
      return piece.done ? { done: true, value: undefined } : piece
    },
    readOver(used) {
      if (used?.byteLength === size) size = Math.min(2 * size, MOST_BYTES)
      const memory = used?.buffer
      return reader.read(
        new Uint8Array(memory instanceof ArrayBuffer && memory.byteLength === size ? memory : new ArrayBuffer(size)),
      )
    },
    cancel: (why) => void reader.cancel(why).catch(() => undefined),
  }
}

/**
 * Returns true for a stream made by a script. The runtime pipes such a stream piece by piece, and notices an abort only
 * at the next piece. The test: only the runtime's own streams can be read into a buffer.
 */
export function isScripted(body: ReadableStream<Uint8Array>): boolean {
  try {
    body.getReader({ mode: 'byob' }).releaseLock()
    return false
  } catch {
    return true
  }
}

export interface Copying {
  /** Resolves once every byte has been taken; rejects once no more will be. */
  readonly left: Promise<void>
  /** Breaks off the copy before its end, so that the reader sees that bytes are missing. */
  readonly cut: () => void
  /** Ends the copy before its end, but in order: the reader sees `last` and then the end. */
  readonly finish: (last?: Uint8Array) => void
}

/** Writes the last bytes of a stream, and closes it. */
export async function finishWriting(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  last: Uint8Array | undefined,
): Promise<void> {
  if (last !== undefined) await writer.write(last)
  await writer.close()
}

/** The party that a copy waits for: the sender (`source`) or the reader (`sink`). `broken`: the sender has failed. */
export type Turn = 'source' | 'sink' | 'broken'

const CUT = new Error('what opened it would do so no more')

/** Sees the pieces of a body while it is copied; undefined at its end. Must not throw. */
export type SeePiece = (piece: Uint8Array | undefined) => void

interface CopyHooks {
  /** Called with the party that the copy waits for from now on. */
  readonly waits?: (turn: Turn) => void
  /** Called with each piece before it is written on, and with undefined at the end of the body. */
  readonly sees?: SeePiece | undefined
  /** True to leave `writable` open after a cut. The caller then has to end the reader's stream by other means. */
  readonly isLeftOpen?: boolean
}

/** Copies `source` to `writable`, piece by piece. Starts at once. */
export function copy(source: Source, writable: WritableStream<Uint8Array>, hooks: CopyHooks = {}): Copying {
  const { waits, sees, isLeftOpen = false } = hooks
  const writer = writable.getWriter()
  let isCut = false
  let finishing: Promise<void> | undefined
  const cut = (why: unknown): void => {
    isCut = true
    if (!isLeftOpen) writer.abort(why).catch(() => undefined)
    source.cancel(why)
  }
  const read: Source['read'] = async () => {
    try {
      return await source.read()
    } catch (error) {
      if (finishing !== undefined) return { done: true, value: undefined }
      waits?.('broken')
      throw error
    }
  }
  const copyAll = async (): Promise<void> => {
    for (;;) {
      waits?.('source')
      const { done, value } = await read()
      if (isCut) throw CUT
      if (finishing !== undefined) return finishing
      sees?.(value)
      if (done) return writer.close()
      waits?.('sink')
      await writer.write(value)
    }
  }
  const left = copyAll()
  left.catch(cut)
  const finish = (last?: Uint8Array): void => {
    if (isCut || finishing !== undefined) return
    finishing = finishWriting(writer, last)
    finishing.catch(() => undefined)
    source.cancel(CUT)
  }
  return { left, cut: () => cut(CUT), finish }
}
