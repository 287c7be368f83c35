/**
 * A memory bounded in bytes that forgets what was not used lately: two generations, of which the older is dropped when
 * the younger is full. A look-up costs one hash and moves nothing when the entry is young.
 */
export class Remembered<V> {
  #young = new Map<string, V>()
  #old = new Map<string, V>()
  #youngBytes = 0
  readonly #halfBytes: number

  /** `maxBytes` bounds both generations, keys counted as two bytes a character plus a fixed cost for each entry. */
  constructor(maxBytes: number) {
    this.#halfBytes = maxBytes / 2
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
    const bytes = key.length * 2 + ENTRY_BYTES
    if (bytes > this.#halfBytes) return
    if (this.#youngBytes + bytes > this.#halfBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    if (!this.#young.has(key)) this.#youngBytes += bytes
    this.#young.set(key, value)
  }

  delete(key: string): void {
    if (this.#young.delete(key)) this.#youngBytes -= key.length * 2 + ENTRY_BYTES
    this.#old.delete(key)
  }
}

/** What an entry costs beside its key: the value, its strings and the map's own slots, generously. */
const ENTRY_BYTES = 1024
