import { joinBytes } from '../core/bytes.ts'
import { type Fill, pollMs, type FillReader } from './fill.ts'

/** Waits until a reader may go on: the leader's own, or a follower's. */
export type Wait = (isReady: () => boolean) => Promise<void>

/** A stream of what has come and is to come. It fails where the origin's did, and for a reader who holds up the others. */
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

/** All of the content; only of a fill that is complete and was never too large. */
export function fillContent(fill: Fill): Uint8Array {
  fill.content ??= fill.chunks.length === 1 ? fill.chunks[0] : joinBytes(fill.chunks)
  return fill.content ?? new Uint8Array()
}

/** How much of what is not to be stored is kept for those behind, where memory is short. */
const NARROW_BYTES = 1024 * 1024

/**
 * Reads the origin's response into the fill. One that is too large to be stored, or comes when memory is short, takes no
 * newcomers, and goes on no faster than the slowest of its readers.
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

/** How long the others wait for one who does not read on. */
const PATIENCE_MS = 5000

/** Waits for those who are behind, and lets go of what all have read. False when no one reads any longer. */
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

/** Wakes those who wait, within one request. */
export class Tick {
  #waiting: (() => void)[] = []

  call(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
