import { err, ok, type Result } from '../../core/result.ts'
import type { LedgerStore, StoredLedger } from './store.ts'

/** Nothing is known to have happened: the command may be sent again with the same id. */
export type LedgerAnswer<T> = Result<T, 'ledger-unavailable'>

interface Waiting {
  /** Applies a command and writes what it changes; the answer is given by what it returns, when that is durable. */
  readonly run: (stored: StoredLedger, now: number) => () => void
  readonly fail: () => void
}

/** What is done at each commit. */
interface CommitEvents {
  /** Called when a batch is committed, before it is answered. */
  committed(stored: StoredLedger, now: number): void
  failed(error: unknown): void
}

/** Commands that share a commit. More would make the first of them wait for too long. */
const MAX_BATCH = 256

/**
 * Commands that arrive while others are written wait, and are written together: a commit costs more than all the rest. No
 * answer is given before what it tells of is durable.
 */
export class GroupCommit {
  readonly #store: LedgerStore
  readonly #events: CommitEvents
  readonly #waiting: Waiting[] = []
  #isCommitting = false
  #stored: StoredLedger | undefined

  constructor(store: LedgerStore, events: CommitEvents) {
    this.#store = store
    this.#events = events
  }

  /** What is held of the store; undefined if nothing was used since it began, or failed. */
  get stored(): StoredLedger | undefined {
    return this.#stored
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && !this.#isCommitting
  }

  /** Has what is stored read anew before it is next used. */
  forget(): void {
    this.#stored = undefined
  }

  run<T>(work: (stored: StoredLedger, now: number) => T): Promise<LedgerAnswer<T>> {
    return new Promise((resolve) => {
      this.#waiting.push({
        run: (stored, now) => {
          const outcome = work(stored, now)
          return () => resolve(ok(outcome))
        },
        fail: () => resolve(err('ledger-unavailable')),
      })
      if (!this.#isCommitting) void this.#commitAll()
    })
  }

  async #commitAll(): Promise<void> {
    this.#isCommitting = true
    while (this.#waiting.length > 0) await this.#commit()
    this.#isCommitting = false
  }

  async #commit(): Promise<void> {
    let batch: readonly Waiting[] = []
    try {
      const answers = await this.#store.append(() => {
        const now = this.#store.clock()
        batch = this.#waiting.splice(0, MAX_BATCH)
        const stored = (this.#stored ??= this.#store.load())
        return batch.map(({ run }) => run(stored, now))
      })
      if (this.#stored !== undefined) this.#events.committed(this.#stored, this.#store.clock())
      for (const answer of answers) answer()
    } catch (error) {
      // The store is as it was before the batch, and what is held in memory may be ahead of it.
      this.#stored = undefined
      this.#events.failed(error)
      // A store that fails before it begins fails what waits.
      for (const { fail } of batch.length > 0 ? batch : this.#waiting.splice(0, MAX_BATCH)) fail()
    }
  }
}
