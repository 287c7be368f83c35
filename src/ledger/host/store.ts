import type { AnswerChange, KeptAnswers } from '../rules/answers.ts'
import type { Book, LedgerChange } from '../rules/book.ts'
import { isBare } from '../rules/verbs.ts'
import type { Clock } from '../../ports.ts'
import type { Bulletin, BulletinChanges } from '../../standing/rules/bulletin.ts'

/**
 * Stores one ledger, or the bulletin of a zone: in a Durable Object, a file, or memory. It knows no rules, and the host
 * (`host.ts`) knows no storage.
 */
export interface LedgerStore {
  readonly clock: Clock
  /**
   * Returns the last committed state. Objects of earlier calls must not be used any more. Throws if the store cannot be
   * read.
   */
  load(): StoredLedger
  /**
   * Runs `work`, which writes to the state loaded last, and commits all its changes durably. If `work` throws or the write
   * fails, nothing is committed and the loaded state is void. Resolves with the result of `work` once it is durable. May
   * start `work` late, so that more commands join.
   */
  append<T>(work: () => T): Promise<T>
  /** Deletes everything, the alarm included. */
  deleteAll(): Promise<void>
  /** Sets the alarm to a time in milliseconds since 1970, in place of an earlier one. It rings even if the process ends. */
  setAlarm(time: number): Promise<void>
}

/** The content of one store. No part takes room before its first use. */
export interface StoredLedger {
  readonly book: StoredBook
  /** The book, if it was used since it was loaded. */
  readonly opened: StoredBook | undefined
  readonly bulletin: StoredBulletin
  /** True if a bulletin was ever posted to here. */
  readonly hasBulletin: boolean
  readonly answers: StoredAnswers
}

/** A book that can be written to, within `append`. */
export interface StoredBook extends Book {
  write(changes: readonly LedgerChange[]): void
  /** Returns the number of records waiting for billing. */
  waiting(): number
}

/** A bulletin that can be written to, within `append`. */
export interface StoredBulletin extends Bulletin {
  write(changes: BulletinChanges): void
}

/** Kept answers that can be written to, within `append`. */
export interface StoredAnswers extends KeptAnswers {
  write(changes: readonly AnswerChange[]): void
}

/** Returns true if nothing is kept but an empty book. The object of a bulletin has a book for its audit. */
export function isEmptied(stored: StoredLedger): boolean {
  return stored.opened !== undefined && isBare(stored.opened) && !stored.hasBulletin
}
