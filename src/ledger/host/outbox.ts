/**
 * Sends the records of charges to billing, at least once and in order.
 *
 * Each charge and amendment leaves a record with a position. A few seconds after the first, all of them go to the sinks
 * together; a record has gone once every sink has it. A failing sink is left alone for a growing time and does not hold up
 * the others. Without any sink no records are made. Records from before are dropped after a week, so that one deployment
 * without `usage` by mistake loses no backlog.
 */
import { leaveAloneMs } from '../rules/backoff.ts'
import { type Applied, type Book, hasRecords } from '../rules/book.ts'
import type { FlushedCommand, OutboxOutcome } from '../rules/outbox.ts'
import type { LedgerRecord } from '../rules/record.ts'
import { verbs } from '../rules/verbs.ts'
import type { Clock } from '../../ports.ts'
import type { LedgerAnswer } from './groupcommit.ts'
import type { LedgerOutside, Progress } from './outside.ts'
import { Telling } from './telling.ts'
import type { StoredBook } from './store.ts'

/** The time a record waits for others, so that they leave together. */
const FLUSH_MS = 5_000
const MAX_FLUSH = 100
const MAX_DISCARDS = 100
/** The time records are kept if the configuration names no sink any more: the omission may be a mistake. */
const UNTOLD_MS = 7 * 24 * 60 * 60_000

/** The time after which one flush ends. What is left waits for the next alarm: closing charges must not wait longer. */
const FLUSHING_MS = 60_000

/** The ledger that an outbox belongs to. */
interface OutboxLedger {
  readonly clock: Clock
  apply<C, T>(verb: (book: Book, command: C, now: number) => Applied<T>, command: C): Promise<LedgerAnswer<T>>
  /** Returns the loaded book, if there is one. */
  opened(): StoredBook | undefined
}

/** The outbox of one ledger. */
export class Outbox {
  readonly #ledger: OutboxLedger
  readonly #outside: LedgerOutside
  /** True if nothing is recorded and nothing old is left: there is no need to look again. */
  #isDrained = false
  /** Rests billing until this time if the store could not record a failure. */
  #leftAloneUntil = 0

  constructor(ledger: OutboxLedger, outside: LedgerOutside) {
    this.#ledger = ledger
    this.#outside = outside
  }

  /** Returns the time to flush or drop the first record. Infinity if there is none. */
  dueAt(book: Book, now: number): number {
    const { sinks, hasOutbox } = this.#outside
    if (this.#isDrained || (sinks.size === 0 && hasOutbox)) return Infinity
    if (hasOutbox) return hasRecords(book) ? Math.max(now + FLUSH_MS, this.#restsUntil(book)) : Infinity
    const [first] = book.records(1)
    if (first !== undefined) return Math.max(now + FLUSH_MS, first.at + UNTOLD_MS)
    this.#isDrained = true
    return Infinity
  }

  #restsUntil({ head }: Book): number {
    return Math.max(this.#leftAloneUntil, head.flush?.until ?? 0)
  }

  async flush(): Promise<void> {
    const { sinks, hasOutbox } = this.#outside
    if (!hasOutbox) return this.#discard()
    const book = this.#ledger.opened()
    const rests = book === undefined || this.#restsUntil(book) > this.#ledger.clock()
    if (sinks.size > 0 && !rests) await this.#tell(new Telling(sinks, book.head.flush?.heard))
  }

  async #tell(telling: Telling): Promise<void> {
    const end = this.#ledger.clock() + FLUSHING_MS
    for (let after = 0; !telling.isOver && this.#ledger.clock() < end; ) {
      const records = await this.#take(after)
      if (!records.ok) return
      const last = records.value.at(-1)
      if (last === undefined) break
      const { done, isNews } = await telling.show(records.value, () => this.#progress(records.value))
      // Stop: records that cannot be marked as delivered would be shown again without end.
      if (done.length > 0 && !(await this.#flushed({ positions: done })).ok) return this.#failed(telling)
      // These records wait for the failed sink; the others go on with later ones.
      if (!isNews) after = last.position
    }
    if (telling.hasFailed) await this.#failed(telling)
  }

  async #failed({ heard }: Telling): Promise<void> {
    const noted = await this.#flushed({ positions: [], hasFailed: true, ...(heard && { heard }) })
    if (!noted.ok) this.#leftAloneUntil = this.#ledger.clock() + leaveAloneMs(1)
  }

  #progress(shown: readonly LedgerRecord[]): Progress {
    const book = this.#ledger.opened()
    return { attempts: (book?.head.flush?.failures ?? 0) + 1, backlog: book?.waiting() ?? shown.length }
  }

  /** Drops records older than a week. Those beyond one alarm's share wait for the next. */
  async #discard(): Promise<void> {
    for (let round = 0; round < MAX_DISCARDS; round++) {
      const records = await this.#take()
      const now = this.#ledger.clock()
      const old = records.ok ? records.value.filter(({ at }) => at + UNTOLD_MS <= now) : []
      if (old.length === 0 || !(await this.#flushed({ positions: old.map(({ position }) => position) })).ok) return
    }
  }

  #take(after = 0): Promise<LedgerAnswer<OutboxOutcome>> {
    return this.#ledger.apply(verbs.outbox, { most: MAX_FLUSH, after })
  }

  #flushed(command: FlushedCommand): Promise<LedgerAnswer<undefined>> {
    return this.#ledger.apply(verbs.flushed, command)
  }
}
