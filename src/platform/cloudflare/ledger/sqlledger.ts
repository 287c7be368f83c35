import type { StoredLedger } from '../../../ledger/host/store.ts'
import { SqlAnswers } from './answers.ts'
import { SqlBook } from './book.ts'
import { SqlBulletin } from './bulletin.ts'

/** The tables of one object: the book and the kept answers of a ledger, or the bulletin of a zone. Each is created at its first use. */
export class SqlLedger implements StoredLedger {
  readonly #sql: SqlStorage
  #book: SqlBook | undefined
  #bulletin: SqlBulletin | undefined
  #answers: SqlAnswers | undefined

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  get book(): SqlBook {
    return (this.#book ??= new SqlBook(this.#sql))
  }

  get opened(): SqlBook | undefined {
    return this.#book
  }

  get bulletin(): SqlBulletin {
    return (this.#bulletin ??= new SqlBulletin(this.#sql))
  }

  get answers(): SqlAnswers {
    return (this.#answers ??= new SqlAnswers(this.#sql))
  }

  /** Writes the rows held back for the end of a transaction. */
  finish(): void {
    this.#book?.finish()
  }
}
