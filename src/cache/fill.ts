/**
 * Request collapsing: concurrent requests for one missing or stale response cause one request to the origin.
 *
 * The first request leads: it asks the origin and writes the response into a `Fill`. The others follow: they read the fill
 * while it grows, and each gets a stream of its own. workerd ties streams and other I/O objects to the request that made
 * them, so a fill is plain data and followers poll it. A leader may die half done; therefore it shows a sign of life every
 * second, and followers give up on a leader silent for five. Fills are per isolate: two isolates ask the origin twice.
 */
import { isSelected, type ReadField } from './rules/vary.ts'
import { isPurged, type Purges } from './rules/purge.ts'
import type { Stored } from './rules/stored.ts'
import type { Clock, OriginFailure } from '../ports.ts'

/**
 * One response on its way from the origin to every request that waits for it. Plain data: the leader writes, followers poll.
 *
 * - `waiting`: the head has not come.
 * - `released`: the response is not to be shared, so each follower asks the origin itself.
 * - `failed`: there is no response.
 * - `filling`, `complete`, `broken`: the content is coming, has come in full, or ended too soon.
 */
export interface Fill {
  state: 'waiting' | 'released' | 'failed' | 'filling' | 'complete' | 'broken'
  failure: OriginFailure | undefined
  /** The status of the bad response; undefined if the origin gave none. */
  status: number | undefined
  stored: Stored | undefined
  /** The response fields that JavaScript cannot read. */
  unreadable: Headers | undefined
  readonly path: string
  /** The time the fill began, before the origin was asked: milliseconds since 1970. */
  readonly requestedAt: number
  /** False if the response is shared with the requests waiting now, but not stored. */
  isKept: boolean
  chunks: Uint8Array[]
  /** The whole content in one piece; set by the first caller of `fillContent`. */
  content: Uint8Array | undefined
  /** The number of chunks dropped from the front of `chunks`, and below their bytes. */
  dropped: number
  droppedBytes: number
  /** The bytes received so far, dropped ones included. */
  bytes: number
  readonly readers: FillReader[]
  /** True once the target was changed or purged: requests that come now do not join the fill, and it is not stored. */
  isSpoilt: boolean
  /** True while a request that comes now may still read the whole content. */
  isOpen: boolean
  /** The last sign of life from the leader: milliseconds since 1970. */
  beatAt: number
}

/** The progress of one reader of a fill, in chunks and in bytes. */
export interface FillReader {
  next: number
  bytes: number
  /** True once the reader has read everything, has left, or was too slow. */
  isGone: boolean
}

const BEAT_MS = 1000
/** A leader silent for longer is taken for dead. */
const DEAD_MS = 5 * BEAT_MS
/** Followers poll after an eighth of the time they have waited so far, within these bounds. */
const MIN_POLL_MS = 2
const MAX_POLL_MS = 50

/** Returns the milliseconds to sleep before the next poll, after `waitedMs` of waiting. */
export function pollMs(waitedMs: number): number {
  return Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, waitedMs / 8))
}

const MAX_BYTES = 32 * 1024 * 1024

/** The fills of one isolate, by key and partition. */
export class Fills {
  readonly #byKey = new Map<string, Fill[]>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Returns a fill that a request with these fields may follow: the variant matches or is not known yet, and the fill began
   * after the last purge of its target. Undefined if there is none.
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
      unreadable: undefined,
      path,
      requestedAt: now,
      isKept: true,
      chunks: [],
      content: undefined,
      dropped: 0,
      droppedBytes: 0,
      bytes: 0,
      readers: [],
      isSpoilt: false,
      isOpen: true,
      beatAt: now,
    }
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), fill])
    return fill
  }

  /** Spoils the fills under keys with this prefix: later requests do not follow them, and their responses are not stored. */
  spoil(prefix: string): void {
    for (const [key, fills] of this.#byKey) {
      if (!key.startsWith(prefix)) continue
      for (const fill of fills) {
        fill.isSpoilt = true
        fill.isOpen = false
      }
    }
  }

  /** Returns true if all fills together hold so much memory that no further response should be shared. */
  isFull(): boolean {
    let total = 0
    for (const fills of this.#byKey.values()) for (const fill of fills) total += fill.bytes - fill.droppedBytes
    return total > MAX_BYTES
  }

  /** Shows followers a live leader, until the returned function is called. */
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

  /** Resolves once `isReady` returns true, or once the leader is dead: the fill is then `failed` or `broken`. */
  async until(fill: Fill, key: string, isReady: () => boolean): Promise<void> {
    const began = this.#clock()
    while (!isReady()) {
      const now = this.#clock()
      if (now - fill.beatAt > DEAD_MS) {
        fill.state = fill.state === 'waiting' ? 'failed' : 'broken'
        fill.failure = 'origin-timeout'
        return this.end(key, fill)
      }
      const waitMs = pollMs(now - began)
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
}
