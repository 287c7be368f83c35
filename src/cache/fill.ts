import { isSelected, type ReadField } from './rules/vary.ts'
import { isPurged, type Purges } from './rules/purge.ts'
import type { Stored } from './rules/stored.ts'
import type { Clock, OriginFailure } from '../ports.ts'

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
  /** Those of its fields that JavaScript cannot read. */
  unreadable: Headers | undefined
  readonly path: string
  /** When it was begun, before the origin was asked. */
  readonly requestedAt: number
  /** False for what is shared with those who wait now, and not stored. */
  isKept: boolean
  chunks: Uint8Array[]
  /** All of it in one piece, once someone has asked for that. */
  content: Uint8Array | undefined
  /** How many chunks from the front have been let go of, and their bytes. */
  dropped: number
  droppedBytes: number
  /** All that has come. */
  bytes: number
  readonly readers: FillReader[]
  /** True once what is asked for has been changed or purged: no one who comes now gets it, and it is not stored. */
  isSpoilt: boolean
  /** True while a request that comes now may still read all of it. */
  isOpen: boolean
  /** When the leader was last seen alive. */
  beatAt: number
}

/** How far one of those who read along has come, in chunks and in bytes. */
export interface FillReader {
  next: number
  bytes: number
  /** Has read all, has left, or was too slow. */
  isGone: boolean
}

const BEAT_MS = 1000
/** A leader that has not been heard of for so long is dead. */
const DEAD_MS = 5 * BEAT_MS
/** Followers look again after an eighth of the time that they have waited so far, within these bounds. */
const MIN_POLL_MS = 2
const MAX_POLL_MS = 50

/** How long to wait before looking again, after so long. */
export function pollMs(waitedMs: number): number {
  return Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, waitedMs / 8))
}

const MAX_BYTES = 32 * 1024 * 1024

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

  /** True when they hold so much in memory that no more should be shared. */
  isFull(): boolean {
    let total = 0
    for (const fills of this.#byKey.values()) for (const fill of fills) total += fill.bytes - fill.droppedBytes
    return total > MAX_BYTES
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
      const waitMs = pollMs(now - began)
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
}
