import type { Copy, CopyStore } from '../ports.ts'
import { LruCache } from '../core/lru.ts'

/** The memory that the fields of one response take, estimated generously. */
const STORED_BYTES = 2048

/** Keeps copies in this isolate's memory, at most `maxBytes` of them. Drops the least recently used first. */
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
