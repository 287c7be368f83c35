/**
 * Moves the content of one response from the origin to any number of readers.
 *
 * A fill keeps every chunk until the response is complete, so that late readers start at the beginning and the copy can be
 * stored. Memory is bounded: a response that outgrows `maxBytes`, or arrives while all fills together hold too much, is
 * neither stored nor joined any longer. Only the chunks that the slowest reader still needs are kept then, and the origin is
 * read no faster than that reader reads. A reader that stalls the others for five seconds is cut off.
 */
import { joinBytes } from '../core/bytes.ts'
import { type Fill, pollMs, type FillReader } from './fill.ts'

/** Waits until `isReady` returns true. The leader is woken by its tick, a follower polls. */
export type Wait = (isReady: () => boolean) => Promise<void>

/**
 * Returns a stream of the whole content, as it comes. Errors if the origin's stream did, or if this reader held up the
 * others.
 */
export function readFill(fill: Fill, wait: Wait): ReadableStream<Uint8Array> {
  const reader: FillReader = { next: 0, bytes: 0, isGone: false }
  const hasMore = (): boolean => reader.next < fill.dropped + fill.chunks.length
  fill.readers.push(reader)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      await wait(() => reader.isGone || hasMore() || fill.state !== 'filling')
      const chunk = reader.isGone ? undefined : fill.chunks[reader.next - fill.dropped]
      if (chunk !== undefined) {
        reader.next++
        reader.bytes += chunk.length
        controller.enqueue(chunk)
      } else if (fill.state === 'complete' && !reader.isGone) {
        reader.isGone = true
        controller.close()
      } else controller.error(new Error('the response of the origin ended too soon'))
    },
    cancel() {
      reader.isGone = true
    },
  })
}

/** Returns the whole content. Only for a fill that is `complete` and was never narrowed. */
export function fillContent(fill: Fill): Uint8Array {
  fill.content ??= fill.chunks.length === 1 ? fill.chunks[0] : joinBytes(fill.chunks)
  return fill.content ?? new Uint8Array()
}

/** The bytes kept for slow readers of a response that is not stored, if memory is short. */
const NARROW_BYTES = 1024 * 1024

/**
 * Reads the origin's response into the fill, until it is `complete` or `broken`. A response over `maxBytes`, or one that
 * comes while memory is short, accepts no new readers and is read no faster than its slowest reader. Never rejects.
 */
export async function pump(
  body: ReadableStream<Uint8Array>,
  fill: Fill,
  limits: { readonly maxBytes: number; readonly isFull: () => boolean },
  tick: Tick,
): Promise<void> {
  const reader = body.getReader()
  let window = limits.maxBytes
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      fill.chunks.push(value)
      fill.bytes += value.length
      tick.call()
      if (fill.isOpen && limits.isFull()) window = Math.min(window, NARROW_BYTES)
      if (fill.bytes > window && !(await narrow(fill, window))) throw new Error('no one reads it')
    }
    fill.state = 'complete'
  } catch {
    fill.state = 'broken'
    await reader.cancel().catch(() => undefined)
  }
  tick.call()
}

/** The time that the other readers wait for one that does not read on. */
const PATIENCE_MS = 5000

/** Waits for slow readers, and drops the chunks that all have read. Returns false if no reader is left. */
async function narrow(fill: Fill, window: number): Promise<boolean> {
  fill.isOpen = false
  fill.isKept = false
  const isBehind = (reader: FillReader): boolean => !reader.isGone && fill.bytes - reader.bytes > window
  for (let waitedMs = 0; fill.readers.some(isBehind); ) {
    if (waitedMs > PATIENCE_MS) for (const reader of fill.readers.filter(isBehind)) reader.isGone = true
    const waitMs = pollMs(waitedMs)
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    waitedMs += waitMs
  }
  const reading = fill.readers.filter((reader) => !reader.isGone)
  const passed = Math.min(...reading.map(({ next }) => next)) - fill.dropped
  for (const chunk of fill.chunks.splice(0, Math.max(0, passed))) {
    fill.dropped++
    fill.droppedBytes += chunk.length
  }
  return reading.length > 0
}

/** Wakes waiting readers, within one request. */
export class Tick {
  #waiting: (() => void)[] = []

  call(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
