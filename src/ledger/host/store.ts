import type { Book, LedgerChange } from '../rules/book.ts'
import type { Clock } from '../../ports.ts'
import type { Bulletin, BulletinChanges } from '../../standing/rules/bulletin.ts'

/**
 * Where one ledger, or the bulletin of a zone, is kept: a Durable Object, a file, memory. It knows no rules, and the host of
 * the ledger (`host.ts`) knows no storage.
 */
export interface LedgerStore {
  readonly clock: Clock
  /** What was committed last. What an earlier call gave is used no more. Throws if it cannot be read. */
  load(): StoredLedger
  /**
   * Does the work, which writes to what was loaded last, and commits all of it durably. If it throws or cannot be written,
   * nothing is committed, and what was loaded is of no use. Resolves with what the work gives once that may be told; the work
   * may begin late, so that more has come together by then.
   */
  append<T>(work: () => T): Promise<T>
  /** Drops what is no longer needed of a ledger at rest: where nothing has to be kept, all of it, and the alarm. */
  checkpoint(): Promise<void>
  /** Has the alarm ring at a time, in milliseconds since 1970, whatever becomes of the process; in place of what was set before. */
  setAlarm(time: number): Promise<void>
}

/** What one store keeps. Each of the two takes no room before it is first used. */
export interface StoredLedger {
  readonly book: StoredBook
  /** The book, if it was used since it was loaded. */
  readonly opened: StoredBook | undefined
  readonly bulletin: StoredBulletin
}

/** A book that can be written to, within `append`. */
export interface StoredBook extends Book {
  write(changes: readonly LedgerChange[]): void
  /** How many records wait for billing. */
  waiting(): number
}

/** A bulletin that can be written to, within `append`. */
export interface StoredBulletin extends Bulletin {
  write(changes: BulletinChanges): void
}
