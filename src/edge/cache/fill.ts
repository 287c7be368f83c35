import { isSelected, type ReadField } from '../../core/vary.ts'
import { isPurged, type Purges } from '../../core/purge.ts'
import type { Stored } from '../../core/stored.ts'
import type { Clock, OriginFailure } from '../../ports.ts'

/**
 * One response on its way from the origin, for all who wait for it. Plain data: in workerd a request can neither await
 * another's promise nor read its stream, so the leader writes and the followers look.
 *
 * `waiting`: the head has not come. `released`: it is not one to share, and each asks for himself. `failed`: there is none.
 * `filling`, `complete`, `broken`: the content is coming, is all there, or has ended too soon.
 */
export interface Fill {
  state: 'waiting' | 'released' | 'failed' | 'filling' | 'complete' | 'broken'
  failure: OriginFailure | undefined
  /** The bad answer that the origin gave, where it gave one. */
  status: number | undefined
  stored: Stored | undefined
  readonly path: string
  /** When it was begun, before the origin was asked. */
  readonly requestedAt: number
  /** False for what is shared with those who wait now, and not stored. */
  isKept: boolean
  chunks: Uint8Array[]
  /** All of it in one piece, once someone has asked for that. */
  content: Uint8Array | undefined
  /** How many chunks from the front have been let go of. */
  dropped: number
  bytes: number
  /** How far the foremost reader is, in chunks. */
  foremost: number
  /** True once what is asked for has been changed or purged: no one who comes now gets it, and it is not stored. */
  isSpoilt: boolean
  /** True while a request that comes now may still read all of it. */
  isOpen: boolean
  /** When the leader was last seen alive. */
  beatAt: number
}

const BEAT_MS = 1000
/** A leader that has not been heard of for so long is dead. */
const DEAD_MS = 5 * BEAT_MS
/** Followers look again after an eighth of the time that they have waited so far, within these bounds. */
const MIN_POLL_MS = 2
const MAX_POLL_MS = 50

/** The fills of one isolate, by what they fill. */
export class Fills {
  readonly #byKey = new Map<string, Fill[]>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * One that a request with these fields may wait for: its variant is this one's, or is not known yet, and it was not
   * asked for before it was purged.
   */
  find(key: string, read: ReadField, purges: Purges): Fill | undefined {
    return this.#byKey.get(key)?.find((fill) => {
      const { isOpen, stored, path, requestedAt } = fill
      if (!isOpen || isPurged({ path, requestedAt, tags: stored?.tags }, purges)) return false
      return stored === undefined || isSelected(stored.selection, read)
    })
  }

  begin(key: string, path: string): Fill {
    const now = this.#clock()
    const fill: Fill = {
      state: 'waiting',
      failure: undefined,
      status: undefined,
      stored: undefined,
      path,
      requestedAt: now,
      isKept: true,
      chunks: [],
      content: undefined,
      dropped: 0,
      bytes: 0,
      foremost: 0,
      isSpoilt: false,
      isOpen: true,
      beatAt: now,
    }
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), fill])
    return fill
  }

  /** Spoils those whose key begins so. */
  spoil(prefix: string): void {
    for (const [key, fills] of this.#byKey) {
      if (!key.startsWith(prefix)) continue
      for (const fill of fills) {
        fill.isSpoilt = true
        fill.isOpen = false
      }
    }
  }

  /** What all of them hold in memory. */
  bytes(): number {
    let total = 0
    for (const fills of this.#byKey.values()) for (const fill of fills) total += fill.bytes
    return total
  }

  /** Shows followers that the leader lives, until the returned function is called. */
  beat(fill: Fill): () => void {
    const timer = setInterval(() => {
      fill.beatAt = this.#clock()
    }, BEAT_MS)
    return () => clearInterval(timer)
  }

  end(key: string, fill: Fill): void {
    fill.isOpen = false
    const others = this.#byKey.get(key)?.filter((other) => other !== fill) ?? []
    if (others.length === 0) this.#byKey.delete(key)
    else this.#byKey.set(key, others)
  }

  /** Resolves when `isReady`, or when the leader is dead: the fill then has failed, or is broken. */
  async until(fill: Fill, key: string, isReady: () => boolean): Promise<void> {
    const began = this.#clock()
    while (!isReady()) {
      const now = this.#clock()
      if (now - fill.beatAt > DEAD_MS) {
        fill.state = fill.state === 'waiting' ? 'failed' : 'broken'
        fill.failure = 'origin-timeout'
        return this.end(key, fill)
      }
      const waitMs = Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, (now - began) / 8))
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
}

/** Waits until a reader may go on: the leader's own, or a follower's. */
export type Wait = (isReady: () => boolean) => Promise<void>

/** A stream of what has come and is to come. It fails where the origin's did. */
export function readFill(fill: Fill, wait: Wait): ReadableStream<Uint8Array> {
  let next = 0
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      await wait(() => next < fill.dropped + fill.chunks.length || fill.state !== 'filling')
      const chunk = fill.chunks[next - fill.dropped]
      if (chunk !== undefined) {
        controller.enqueue(chunk)
        fill.foremost = Math.max(fill.foremost, ++next)
      } else if (fill.state === 'complete' && next >= fill.dropped) controller.close()
      else controller.error(new Error('the response of the origin ended too soon'))
    },
  })
}

/** All of the content; only of a fill that is complete and was never too large. */
export function contentOf(fill: Fill): Uint8Array {
  fill.content ??= fill.chunks.length === 1 ? fill.chunks[0] : joined(fill)
  return fill.content ?? new Uint8Array()
}

function joined({ chunks, bytes }: Fill): Uint8Array {
  const content = new Uint8Array(bytes)
  let offset = 0
  for (const chunk of chunks) {
    content.set(chunk, offset)
    offset += chunk.length
  }
  return content
}

/**
 * Reads the origin's response into the fill. One that grows past the bound is no longer open to newcomers: it goes on no
 * faster than its foremost reader, and keeps no more than the bound for those behind.
 */
export async function pump(body: ReadableStream<Uint8Array>, fill: Fill, maxBytes: number, tick: Tick): Promise<void> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      fill.chunks.push(value)
      fill.bytes += value.length
      tick.call()
      if (fill.bytes > maxBytes && !(await narrow(fill, maxBytes))) throw new Error('no one reads it')
    }
    fill.state = 'complete'
  } catch {
    fill.state = 'broken'
    await reader.cancel().catch(() => undefined)
  }
  tick.call()
}

/** How long the foremost reader of what is too large to keep may stand still. */
const MAX_STANDSTILL_POLLS = 600

/** Lets go of what lies behind the bound. False when no one reads any longer. */
async function narrow(fill: Fill, maxBytes: number): Promise<boolean> {
  fill.isOpen = false
  const ahead = (): number => bytesOf(fill.chunks.slice(Math.max(0, fill.foremost - fill.dropped)))
  for (let polls = 0; ahead() > maxBytes; polls++) {
    if (polls === MAX_STANDSTILL_POLLS) return false
    await new Promise((resolve) => setTimeout(resolve, MAX_POLL_MS))
  }
  while (fill.chunks.length > 1 && bytesOf(fill.chunks) > maxBytes) {
    fill.chunks.shift()
    fill.dropped++
  }
  return true
}

function bytesOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((total, chunk) => total + chunk.length, 0)
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
