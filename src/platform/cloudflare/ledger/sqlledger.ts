import type { StoredLedger } from '../../../ledger/host/store.ts'
import { SqlAnswers } from './answers.ts'
import { JournalBook, type JournalTerms } from '../../../ledger/journal/journalbook.ts'
import { HEAD_TABLE, SqlBulletin } from './bulletin.ts'
import { SqlJournal, tablesOf } from './journal.ts'
import { legacyLedger } from './legacy.ts'

/** The tables of one object: the book and the kept answers of a ledger, or the bulletin of a zone. Each is read at its first use. */
export class SqlLedger implements StoredLedger {
  readonly #sql: SqlStorage
  readonly #terms: JournalTerms
  #book: JournalBook | undefined
  #bulletin: SqlBulletin | undefined
  #answers: SqlAnswers | undefined

  constructor(sql: SqlStorage, terms: JournalTerms) {
    this.#sql = sql
    this.#terms = terms
  }

  get book(): JournalBook {
    return (this.#book ??= openBook(this.#sql, this.#terms))
  }

  get opened(): JournalBook | undefined {
    return this.#book
  }

  get bulletin(): SqlBulletin {
    return (this.#bulletin ??= new SqlBulletin(this.#sql))
  }

  get hasBulletin(): boolean {
    return tablesOf(this.#sql).has(HEAD_TABLE) && this.bulletin.head.version > 0
  }

  get answers(): SqlAnswers {
    return (this.#answers ??= new SqlAnswers(this.#sql))
  }

  /** Writes the row of a transaction. */
  finish(): void {
    this.#book?.finish()
  }
}

/** Opens a book. One of the schema before is written anew as a journal. */
function openBook(sql: SqlStorage, terms: JournalTerms): JournalBook {
  const legacy = legacyLedger(sql)
  if (legacy === undefined) return new JournalBook(new SqlJournal(sql), terms)
  legacy.begin()
  const book = new JournalBook(new SqlJournal(sql), terms)
  for (const changes of legacy.changes(terms.clock())) {
    book.write(changes)
    book.finish()
  }
  book.checkpoint()
  legacy.end()
  return book
}
