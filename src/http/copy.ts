/** A stream that is read piece by piece. */
export interface Source {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  cancel(why: unknown): void
}

const FIRST_BYTES = 4096
const MOST_BYTES = 64 * 1024

/**
 * Reads a stream of the runtime's own into buffers of ours, which grow while they are filled: a piece for each time that
 * something comes, and not for each 4 kB.
 */
export function sourceOf(body: ReadableStream<Uint8Array>): Source {
  if (isScripted(body)) {
    const reader = body.getReader()
    return { read: () => reader.read(), cancel: (why) => void reader.cancel(why).catch(() => undefined) }
  }
  const reader = body.getReader({ mode: 'byob' })
  let size = FIRST_BYTES
  return {
    async read() {
      const piece = await reader.read(new Uint8Array(size))
      if (piece.value?.byteLength === size) size = Math.min(2 * size, MOST_BYTES)
      return piece.done ? { done: true, value: undefined } : piece
    },
    cancel: (why) => void reader.cancel(why).catch(() => undefined),
  }
}

/**
 * True for a stream that a script makes. The runtime pipes it piece by piece, and looks whether it is to be ended only when
 * there is another; of its own streams, no other kind can be read into a buffer.
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
  /** Resolves when all of it has been taken, and rejects where no more of it will. */
  readonly left: Promise<void>
  /** Ends it before its end, so that its reader sees that something is missing. */
  readonly cut: () => void
}

/** Whom a copy waits for: who sends, or who takes. `broken`: who sends has failed. */
export type Turn = 'source' | 'sink' | 'broken'

const CUT = new Error('what opened it would do so no more')

interface Manner {
  /** Told whom it waits for from now on. */
  readonly waits?: (turn: Turn) => void
  /** True where what is cut is not ended at all: whoever is told of that ends it otherwise. */
  readonly isLeftOpen?: boolean
}

/** Copies piece by piece. */
export function copy(source: Source, writable: WritableStream<Uint8Array>, manner: Manner = {}): Copying {
  const { waits, isLeftOpen = false } = manner
  const writer = writable.getWriter()
  let isCut = false
  const cut = (why: unknown): void => {
    isCut = true
    if (!isLeftOpen) writer.abort(why).catch(() => undefined)
    source.cancel(why)
  }
  const read: Source['read'] = async () => {
    try {
      return await source.read()
    } catch (error) {
      waits?.('broken')
      throw error
    }
  }
  const copyAll = async (): Promise<void> => {
    for (;;) {
      waits?.('source')
      const { done, value } = await read()
      if (isCut) throw CUT
      if (done) return writer.close()
      waits?.('sink')
      await writer.write(value)
    }
  }
  const left = copyAll()
  left.catch(cut)
  return { left, cut: () => cut(CUT) }
}
