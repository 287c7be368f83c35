import type { LedgerStore, StoredLedger } from '../../ledger/host/store.ts'
import type { LedgerChange } from '../../ledger/rules/book.ts'
import type { Clock } from '../../ports.ts'
import {
  type BulletinChanges,
  type BulletinHead,
  type BulletinRow,
  NO_BULLETIN,
} from '../../standing/rules/bulletin.ts'
import type { AnswerRow } from '../../ledger/rules/answers.ts'
import { MemoryAnswers } from './answers.ts'
import { MemoryBook } from './book.ts'
import { MemoryBulletin } from './bulletin.ts'

/**
 * A ledger's store in the memory of one process: the latest committed row of every name. The store survives its host but not
 * the process. `alarmAt` is the time of the next alarm; somebody else rings.
 */
export class MemoryStore implements LedgerStore {
  readonly clock: Clock
  /** The time of the next alarm, in milliseconds since 1970. */
  alarmAt: number | undefined
  readonly #rows = new Map<string, LedgerChange>()
  #bulletin: BulletinHead = NO_BULLETIN
  readonly #posts = new Map<string, BulletinRow>()
  #answers: ReadonlyMap<number, readonly AnswerRow[]> = new Map()
  #written: (() => void)[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** True if nothing is kept. */
  get isEmpty(): boolean {
    return this.#rows.size === 0 && this.#bulletin === NO_BULLETIN && this.#answers.size === 0
  }

  load(): StoredLedger {
    const bulletin = new MemoryBulletin(this.#bulletin, this.#posts, (changes) =>
      this.#later(() => this.#post(changes)),
    )
    const open = (): MemoryBook =>
      new MemoryBook([...this.#rows.values()], (changes) =>
        this.#later(() => changes.forEach((one) => this.#keep(one))),
      )
    const answers = new MemoryAnswers(this.#answers, (segments) => this.#later(() => (this.#answers = segments)))
    let book: MemoryBook | undefined
    return {
      bulletin,
      answers,
      get book() {
        return (book ??= open())
      },
      get opened() {
        return book
      },
    }
  }

  async append<T>(work: () => T): Promise<T> {
    await Promise.resolve() // Commands of one turn are committed together.
    this.#written = []
    const done = work()
    this.persist(this.#written)
    return done
  }

  /** Keeps the writes of one commit. */
  protected persist(writes: readonly (() => void)[]): void {
    for (const write of writes) write()
  }

  async checkpoint(): Promise<void> {
    this.#rows.clear()
    this.#answers = new Map()
    this.alarmAt = undefined
  }

  async setAlarm(time: number): Promise<void> {
    this.alarmAt = time
  }

  #later(keep: () => void): void {
    this.#written.push(keep)
  }

  #keep(change: LedgerChange): void {
    if (change.table === 'all') return this.#rows.clear()
    const key = change.table === 'head' ? 'head' : `${change.table} ${change.key}`
    if (change.row === undefined) this.#rows.delete(key)
    else this.#rows.set(key, change)
  }

  #post({ head, rows }: BulletinChanges): void {
    this.#bulletin = head
    for (const [key, row] of rows) {
      if (row === undefined) this.#posts.delete(key)
      else this.#posts.set(key, row)
    }
  }
}
