/**
 * A cache bounded in bytes that a scan does not empty. Its partitions share the bound.
 *
 * An LRU cache finds nothing of a cycle longer than itself, and a stream of keys that never come again pushes out those that
 * do. Here a hand goes round the entries of a full cache (CLOCK). Once in eight misses it takes a step: an entry used since it
 * came by last stays, and the new key is not remembered; another is dropped for the new key. So a key that goes on coming is in
 * in the end, and one that comes once seldom. Of a cycle of up to eight times the bound, about bound/length is found. Entries have
 * no lifetime.
 */
export class ClockCache<V> {
  readonly #partitions: Map<string, Entry<V>>[] = []
  readonly #maxBytes: number
  #bytes = 0
  /** The partition that the hand is in, and its place there. A map's iterator survives changes of the map. */
  #handAt = 0
  #hand: Iterator<[string, Entry<V>]> | undefined
  /** The state of a linear congruential generator: a regular order of requests must not decide what is remembered. */
  #draw = 1

  /** `maxBytes` bounds the sum of what `set` is told of all entries in all partitions. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Adds a partition: keys of its own, under the common bound. It lives as long as the cache. */
  partition<W extends V>(): ClockPartition<W> {
    const entries = new Map<string, Entry<W>>()
    this.#partitions.push(entries)
    return {
      get(key) {
        const entry = entries.get(key)
        if (entry === undefined) return undefined
        entry.isUsed = true
        return entry.value
      },
      set: (key, value, bytes) => this.#set(entries, key, value, bytes),
      delete: (key) => this.#delete(entries, key),
    }
  }

  #set(entries: Map<string, Entry<V>>, key: string, value: V, bytes: number): void {
    const isKnown = this.#delete(entries, key)
    if (bytes > this.#maxBytes / MIN_ENTRIES) return
    const isFull = this.#bytes + bytes > this.#maxBytes
    if (isFull && !((isKnown || this.#mayStep()) && this.#makeRoom(bytes))) return
    this.#bytes += bytes
    entries.set(detached(key), { value, bytes, isUsed: false })
  }

  #delete(entries: Map<string, Entry<V>>, key: string): boolean {
    const entry = entries.get(key)
    if (entry === undefined) return false
    this.#bytes -= entry.bytes
    return entries.delete(key)
  }

  #mayStep(): boolean {
    this.#draw = (Math.imul(this.#draw, 1_664_525) + 1_013_904_223) | 0
    return this.#draw >>> 0 < 2 ** 32 / MISSES_A_STEP
  }

  /** Drops entries from the hand on. Returns false if the hand came to one that was used before there was room. */
  #makeRoom(bytes: number): boolean {
    while (this.#bytes + bytes > this.#maxBytes) {
      const { entries, key, entry } = this.#step()
      if (entry.isUsed) {
        entry.isUsed = false
        return false
      }
      this.#delete(entries, key)
    }
    return true
  }

  /** Moves the hand to the next entry, in whichever partition. There must be one. */
  #step(): { readonly entries: Map<string, Entry<V>>; readonly key: string; readonly entry: Entry<V> } {
    for (;;) {
      const entries = this.#partitions[this.#handAt] ?? new Map<string, Entry<V>>()
      this.#hand ??= entries.entries()
      const next = this.#hand.next()
      if (next.done !== true) return { entries, key: next.value[0], entry: next.value[1] }
      this.#hand = undefined
      this.#handAt = (this.#handAt + 1) % this.#partitions.length
    }
  }
}

/** One set of keys of a `ClockCache`. */
export interface ClockPartition<V> {
  get(key: string): V | undefined
  /** Remembers the value, or not: see `ClockCache`. The old value of a key is forgotten in any case. `bytes`: the cost of both. */
  set(key: string, value: V, bytes: number): void
  delete(key: string): void
}

interface Entry<V> {
  readonly value: V
  readonly bytes: number
  /** True if the entry was read since the hand came by. */
  isUsed: boolean
}

const MISSES_A_STEP = 8
/** An entry larger than a part of this many is not kept. */
const MIN_ENTRIES = 16

/** Copies a key. V8 keeps all of a long text for a part of it: for a cookie, the whole field. */
function detached(key: string): string {
  return ` ${key}`.slice(1)
}
