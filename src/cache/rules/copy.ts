import type { Eventually } from '../../core/eventually.ts'
import type { Stored } from './stored.ts'

/** A stored response and its content: plain data, readable by any request of an isolate. */
export interface Copy {
  readonly stored: Stored
  readonly content: Uint8Array
  /** Fields that JavaScript cannot read, in the runtime's own form. */
  readonly unreadable?: Headers | undefined
}

/** Stores responses. Any entry may be gone the next moment. */
export interface CopyStore {
  get(key: string): Eventually<StoredCopy | undefined>
  put(key: string, copy: Copy): Eventually<void>
  /** Returns small facts about the copies of one zone, kept beside them. */
  getFacts(key: string): Eventually<unknown>
  putFacts(key: string, facts: unknown): Eventually<void>
  delete(key: string): Eventually<void>
}

/** A stored response, as read. Streamed content belongs to the request that asked for it. */
export interface StoredCopy {
  readonly stored: Stored
  readonly content: Uint8Array | ReadableStream<Uint8Array>
  readonly bytes: number
  readonly unreadable?: Headers | undefined
}
