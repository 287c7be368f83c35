/**
 * A cache bounded in bytes; the least recently used entries are dropped first.
 *
 * Keeps two generations. When the younger is full the older is dropped, and the younger takes its place; an entry read
 * from the older moves to the younger. A look-up costs one hash, and moves nothing if the entry is young. The order of
 * eviction is therefore approximate, and at times only half of the room is in use. Entries have no lifetime: callers
 * compare times themselves.
 */
export class LruCache<V> {
  #young = new Map<string, V>()
  #old = new Map<string, V>()
  #youngBytes = 0
  readonly #halfBytes: number
  readonly #sizeOf: ((value: V) => number) | undefined

  /**
   * Bounds both generations together by `maxBytes`. Keys count as two bytes a character plus a fixed cost for each entry;
   * values count as `sizeOf` says, or 0 without `sizeOf`. An entry larger than half of `maxBytes` is not kept.
   */
  constructor(maxBytes: number, sizeOf?: (value: V) => number) {
    this.#halfBytes = maxBytes / 2
    this.#sizeOf = sizeOf
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) {
      this.#old.delete(key)
      this.set(key, old)
    }
    return old
  }

  set(key: string, value: V): void {
    const bytes = this.#bytesOf(key, value)
    if (bytes > this.#halfBytes) return this.delete(key)
    this.#forgetYoung(key)
    if (this.#youngBytes + bytes > this.#halfBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    this.#youngBytes += bytes
    this.#young.set(key, value)
  }

  delete(key: string): void {
    this.#forgetYoung(key)
    this.#old.delete(key)
  }

  /** Returns what is kept, in no order. */
  values(): readonly V[] {
    return [...this.#young.values(), ...this.#old.values()]
  }

  #forgetYoung(key: string): void {
    const value = this.#young.get(key)
    if (value === undefined) return
    this.#youngBytes -= this.#bytesOf(key, value)
    this.#young.delete(key)
  }

  #bytesOf(key: string, value: V): number {
    return key.length * 2 + ENTRY_BYTES + (this.#sizeOf?.(value) ?? 0)
  }
}

/** The cost of an entry beside its key: the value, its strings and the map's own slots, generously. */
const ENTRY_BYTES = 1024
