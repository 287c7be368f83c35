import type { Copy, CopyStore } from '../ports.ts'
import { LruCache } from '../core/lru.ts'

/** Generously, what the fields of one response take. */
const STORED_BYTES = 2048

/** Keeps copies in this isolate, and forgets those that are not asked for when it holds so many bytes. */
export function createMemoryStore(maxBytes: number): CopyStore {
  const copies = new LruCache<Copy>(maxBytes, ({ content }) => content.length + STORED_BYTES)
  const facts = new LruCache<unknown>(maxBytes / 8)
  return {
    get(key) {
      const copy = copies.get(key)
      return copy === undefined ? undefined : { ...copy, bytes: copy.content.length }
    },
    put: (key, copy) => copies.set(key, copy),
    getFacts: (key) => facts.get(key),
    putFacts: (key, value) => facts.set(key, value),
    delete(key) {
      copies.delete(key)
      facts.delete(key)
    },
  }
}
