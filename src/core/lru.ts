/**
 * A memory bounded in bytes that forgets what was not used lately: two generations, of which the older is dropped when
 * the younger is full. A look-up costs one hash and moves nothing when the entry is young.
 */
export class LruCache<V> {
  #young = new Map<string, V>()
  #old = new Map<string, V>()
  #youngBytes = 0
  readonly #halfBytes: number
  readonly #sizeOf: ((value: V) => number) | undefined

  /**
   * `maxBytes` bounds both generations: keys count as two bytes a character plus a fixed cost for each entry, and values
   * as `sizeOf` says.
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

/** What an entry costs beside its key: the value, its strings and the map's own slots, generously. */
const ENTRY_BYTES = 1024
