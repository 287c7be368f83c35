import type { AnswerRow } from '../../ledger/rules/answers.ts'
import type { LedgerStore, StoredLedger } from '../../ledger/host/store.ts'
import { JournalBook, type JournalTerms } from '../../ledger/journal/journalbook.ts'
import {
  type BulletinChanges,
  type BulletinHead,
  type BulletinRow,
  NO_BULLETIN,
} from '../../standing/rules/bulletin.ts'
import { MemoryAnswers } from './answers.ts'
import { MemoryBulletin } from './bulletin.ts'
import { MemoryJournal } from './journal.ts'

/**
 * A ledger's store in the memory of one process. The store survives its host but not the process. `alarmAt` is the time of
 * the next alarm; somebody else rings.
 */
export class MemoryStore implements LedgerStore {
  readonly #terms: JournalTerms
  /** The time of the next alarm, in milliseconds since 1970. */
  alarmAt: number | undefined
  readonly #journal = new MemoryJournal()
  #bulletin: BulletinHead = NO_BULLETIN
  readonly #posts = new Map<string, BulletinRow>()
  #answers: ReadonlyMap<number, readonly AnswerRow[]> = new Map()
  /** What a commit keeps beside the journal. */
  #later: (() => void)[] = []
  #book: JournalBook | undefined

  constructor(terms: JournalTerms) {
    this.#terms = terms
  }

  get clock(): JournalTerms['clock'] {
    return this.#terms.clock
  }

  /** True if nothing is kept. */
  get isEmpty(): boolean {
    return this.#journal.isEmpty && this.#bulletin === NO_BULLETIN && this.#answers.size === 0
  }

  load(): StoredLedger {
    this.#book = undefined
    const opened = (): JournalBook | undefined => this.#book
    const hasBulletin = (): boolean => this.#bulletin !== NO_BULLETIN
    const book = (): JournalBook => (this.#book ??= new JournalBook(this.#journal, this.#terms))
    return {
      bulletin: new MemoryBulletin(this.#bulletin, this.#posts, (changes) =>
        this.#later.push(() => this.#post(changes)),
      ),
      get hasBulletin() {
        return hasBulletin()
      },
      answers: new MemoryAnswers(this.#answers, (segments) => this.#later.push(() => (this.#answers = segments))),
      get book() {
        return book()
      },
      get opened() {
        return opened()
      },
    }
  }

  async append<T>(work: () => T): Promise<T> {
    await Promise.resolve() // Commands of one turn are committed together.
    this.#later = []
    try {
      const done = work()
      this.#book?.finish()
      this.persist(this.#journal.isChanged || this.#later.length > 0)
      this.#journal.commit()
      for (const keep of this.#later) keep()
      return done
    } catch (error) {
      this.#journal.rollback()
      throw error
    }
  }

  /** Makes a commit durable. Throws if that fails: then nothing of it is kept. */
  protected persist(_isChanged: boolean): void {}

  async deleteAll(): Promise<void> {
    this.#journal.clear()
    this.#journal.commit()
    this.#answers = new Map()
    this.#bulletin = NO_BULLETIN
    this.#posts.clear()
    this.alarmAt = undefined
  }

  async setAlarm(time: number): Promise<void> {
    this.alarmAt = time
  }

  #post({ head, rows }: BulletinChanges): void {
    this.#bulletin = head
    for (const [key, row] of rows) {
      if (row === undefined) this.#posts.delete(key)
      else this.#posts.set(key, row)
    }
  }
}
