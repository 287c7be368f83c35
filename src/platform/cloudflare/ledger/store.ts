import type { LedgerStore, StoredLedger } from '../../../ledger/host/store.ts'
import { SqlLedger } from './sqlledger.ts'

/** A ledger's store over the SQLite of a Durable Object. */
export class SqlStore implements LedgerStore {
  readonly #storage: DurableObjectStorage
  readonly #historyMs: number
  #loaded: SqlLedger | undefined

  /** `historyMs` is the time for which charges are kept. */
  constructor(storage: DurableObjectStorage, historyMs: number) {
    this.#storage = storage
    this.#historyMs = historyMs
  }

  clock(): number {
    return Date.now()
  }

  load(): StoredLedger {
    const terms = { clock: () => this.clock(), historyMs: this.#historyMs }
    return (this.#loaded = new SqlLedger(this.#storage.sql, terms))
  }

  /**
   * Waits for earlier writes, and meanwhile collects the next commands. No answer leaves before its own rows are durable,
   * and neither does a call to another service: the platform's output gate holds both back.
   */
  async append<T>(work: () => T): Promise<T> {
    await this.#storage.sync().catch(() => undefined)
    return this.#storage.transactionSync(() => {
      const done = work()
      this.#loaded?.finish()
      return done
    })
  }

  deleteAll(): Promise<void> {
    return this.#storage.deleteAll()
  }

  setAlarm(time: number): Promise<void> {
    return this.#storage.setAlarm(time)
  }
}
