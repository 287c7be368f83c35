import { err, ok, type Result } from '../../core/result.ts'
import type { LedgerStore, StoredLedger } from './store.ts'

/**
 * The answer of a ledger. An error means that nothing is known to have happened: the command may be sent again with the same
 * id.
 */
export type LedgerAnswer<T> = Result<T, 'ledger-unavailable'>

interface Waiting {
  /**
   * Applies a command and writes its changes. The returned function sends the answer, to be called once the changes are
   * durable.
   */
  readonly run: (stored: StoredLedger, now: number) => () => void
  readonly fail: () => void
}

/** Called around each commit. */
interface CommitEvents {
  /** Called after a batch is committed, and before it is answered. */
  committed(stored: StoredLedger, now: number): void
  failed(error: unknown): void
}

/** The most commands of one commit. A larger batch would delay its first command too long. */
const MAX_BATCH = 256

/**
 * Writes commands in batches, because a commit costs more than all other work of a command.
 *
 * Commands that arrive during a commit wait, and are written together by the next one. No command is answered before its
 * changes are durable. If a commit fails, its commands fail, and the state in memory is dropped: it may be ahead of the
 * store.
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

  /** The loaded state; undefined if nothing was used since the start, or since a failure. */
  get stored(): StoredLedger | undefined {
    return this.#stored
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && !this.#isCommitting
  }

  /** Loads the state again before its next use. */
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
      // The store is as before the batch, and the state in memory may be ahead of it.
      this.#stored = undefined
      this.#events.failed(error)
      // A store that fails before it takes the batch fails the waiting commands.
      for (const { fail } of batch.length > 0 ? batch : this.#waiting.splice(0, MAX_BATCH)) fail()
    }
  }
}
