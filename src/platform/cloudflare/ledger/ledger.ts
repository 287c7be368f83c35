import { DurableObject } from 'cloudflare:workers'
import { failureName } from '../../../core/error.ts'
import { applyPost, type PostCommand } from '../../../standing/rules/bulletin.ts'
import { checkCharge, isBare, nextTick, verbs } from '../../../ledger/rules/verbs.ts'
import { leaveAloneMs } from '../../../ledger/rules/backoff.ts'
import { type Applied, type Book, withoutRecords } from '../../../ledger/rules/book.ts'
import type {
  AmendCommand,
  AmendOutcome,
  ChargeCommand,
  ChargeOutcome,
  ChargeRefused,
  DescribeCommand,
  GrantCommand,
  GrantOutcome,
  RecordStatementCommand,
  RecordStatementOutcome,
  OutboxOutcome,
  ReadCommand,
  LedgerSnapshot,
  Statements,
} from '../../../ledger/rules/commands.ts'
import type {
  BeginSettlementCommand,
  BeginSettlementOutcome,
  EndSettlementCommand,
  EndSettlementOutcome,
} from '../../../ledger/rules/payment.ts'
import type { LedgerRecord } from '../../../ledger/rules/record.ts'
import { type Delta, deltaSince, type Version } from '../../../standing/rules/delta.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { Kept } from './kept.ts'
import { FlushBackoff } from './patience.ts'

/** Nothing is known to have happened: the command may be sent again with the same id. */
type Answer<T> = Result<T, 'ledger-unavailable'>

/**
 * Takes records to billing, and resolves with the positions that it has. At least once: it may be shown the same again.
 */
export type Sink = (records: readonly LedgerRecord[], progress: () => Progress) => Promise<readonly number[]>

/** How it stands with telling billing, for the log. Counted when it is asked for, since a long outbox takes long to count. */
export interface Progress {
  /** This one included, since billing last took anything. */
  readonly attempts: number
  /** How many records wait in this ledger, those of this attempt included. */
  readonly backlog: number
}

interface Waiting {
  /** Applies the command and writes what it changes; the answer is given by what it returns, when that is durable. */
  readonly run: (kept: Kept, now: number) => () => void
  readonly fail: () => void
}

type Verb<C, T> = (book: Book, command: C, now: number) => Applied<T>

/** Commands that share a commit. More would make the first of them wait for too long. */
const MAX_BATCH = 256
/** How long a record waits for others before they go to billing together. */
const FLUSH_MS = 5_000
const MAX_FLUSH = 100
const MAX_DISCARDS = 100
/** So long what was to be told is kept where nobody is named any more: that may have been left out by mistake. */
const UNTOLD_MS = 7 * 24 * 60 * 60_000
/** An alarm that is so late will not ring: the platform rings within seconds, but for those that it gave up. */
const LOST_MS = 15 * 60_000
/** How soon a ledger of which nothing has to be kept is gone. */
const END_MS = 60_000

/** The Durable Object that keeps one ledger: that of an account, or of a receipt. */
export class LedgerObject extends DurableObject {
  /** Where the records of charges go; without one they stay where they are. A field, which no caller can reach. */
  protected readonly sink: Sink | undefined = undefined
  /** False where nobody is to be told of charges: then no record is made, and what was recorded before is dropped in a week. */
  protected readonly hasOutbox: boolean = true
  #kept: Kept | undefined
  readonly #waiting: Waiting[] = []
  #isCommitting = false
  #alarmAt: number | undefined
  /** True where nothing is recorded and nothing is left of what was: there is no more to look for. */
  #isDrained = false
  readonly #patience = new FlushBackoff(this.ctx.storage.kv)
  /** Ticks that failed in a row. */
  #failedTicks = 0

  async charge(command: ChargeCommand): Promise<Answer<ChargeOutcome>> {
    checkCharge(command)
    return this.#apply(verbs.charge, command)
  }

  async dryRun(command: ChargeCommand): Promise<Answer<ChargeRefused | undefined>> {
    checkCharge(command)
    return this.#apply(verbs.look, command)
  }

  amend(command: AmendCommand): Promise<Answer<AmendOutcome>> {
    return this.#apply(verbs.amend, command)
  }

  describe(command: DescribeCommand): Promise<Answer<undefined>> {
    return this.#apply(verbs.describe, command)
  }

  beginSettlement(command: BeginSettlementCommand): Promise<Answer<BeginSettlementOutcome>> {
    return this.#apply(verbs.beginSettlement, command)
  }

  endSettlement(command: EndSettlementCommand): Promise<Answer<EndSettlementOutcome>> {
    return this.#apply(verbs.endSettlement, command)
  }

  grant(command: GrantCommand): Promise<Answer<GrantOutcome>> {
    return this.#apply(verbs.grant, command)
  }

  read(command: ReadCommand): Promise<Answer<LedgerSnapshot>> {
    return this.#apply(verbs.read, command)
  }

  recordStatement(command: RecordStatementCommand): Promise<Answer<RecordStatementOutcome>> {
    return this.#apply(verbs.note, command)
  }

  statements(token: string | undefined): Promise<Answer<Statements>> {
    return this.#apply(verbs.said, token)
  }

  /** Of the object that keeps a zone's bulletin. */
  post(command: PostCommand): Promise<Answer<undefined>> {
    return this.#run(({ bulletin }, now) => {
      bulletin.write(applyPost(bulletin, command, now))
      return undefined
    })
  }

  /** Of the object that keeps a zone's bulletin. */
  delta(since: Version): Promise<Answer<Delta>> {
    return this.#run(({ bulletin }) => deltaSince(bulletin, since))
  }

  /** The first records that billing does not have. They stay until `flushed` is told of them. */
  takeOutbox(most: number): Promise<Answer<OutboxOutcome>> {
    return this.#apply(verbs.outbox, { most })
  }

  flushed(positions: readonly number[]): Promise<Answer<undefined>> {
    return this.#apply(verbs.flushed, { positions })
  }

  /**
   * Never throws, for the platform gives up an alarm that threw six times: what is open would then be open for good. Where
   * storage fails it sets itself anew, later each time.
   */
  override async alarm(): Promise<void> {
    this.#alarmAt = undefined
    const isTicked = await this.#tick()
    this.#failedTicks = isTicked ? 0 : this.#failedTicks + 1
    if (!isTicked) return this.#setAlarm(Date.now() + leaveAloneMs(this.#failedTicks))
    if (this.hasOutbox) await this.#flush()
    else await this.#discard()
    await this.#end()
  }

  async #tick(): Promise<boolean> {
    for (;;) {
      const ticked = await this.#apply(verbs.tick, undefined)
      if (!ticked.ok) return false
      if (!ticked.value.hasMore) return true
    }
  }

  #apply<C, T>(verb: Verb<C, T>, command: C): Promise<Answer<T>> {
    return this.#run(({ book }, now) => {
      const { outcome, changes } = verb(book, command, now)
      book.write(this.hasOutbox ? changes : withoutRecords(changes))
      return outcome
    })
  }

  #run<T>(work: (kept: Kept, now: number) => T): Promise<Answer<T>> {
    return new Promise((resolve) => {
      this.#waiting.push({
        run: (kept, now) => {
          const outcome = work(kept, now)
          return () => resolve(ok(outcome))
        },
        fail: () => resolve(err('ledger-unavailable')),
      })
      if (!this.#isCommitting) void this.#commitAll()
    })
  }

  /**
   * Commands that arrive while others are written wait, and are written together: a commit costs more than all the rest.
   * No answer leaves before its rows are durable: the platform's output gate holds it until then.
   */
  async #commitAll(): Promise<void> {
    this.#isCommitting = true
    while (this.#waiting.length > 0) {
      await this.ctx.storage.sync().catch(() => undefined)
      this.#commit(this.#waiting.splice(0, MAX_BATCH))
    }
    this.#isCommitting = false
  }

  #commit(batch: readonly Waiting[]): void {
    const now = Date.now()
    try {
      const answers = this.ctx.storage.transactionSync(() => {
        const kept = (this.#kept ??= new Kept(this.ctx.storage.sql))
        const answers = batch.map(({ run }) => run(kept, now))
        kept.finish()
        return answers
      })
      this.#schedule(now)
      for (const answer of answers) answer()
    } catch (error) {
      // Storage is as it was before the batch, and what is held in memory may be ahead of it.
      this.#kept = undefined
      console.error(JSON.stringify({ ledger: failureName(error) }))
      for (const { fail } of batch) fail()
    }
  }

  /** Sets the alarm where it has to ring earlier than it would. It is part of the same commit. */
  #schedule(now: number): void {
    const book = this.#kept?.opened
    if (book === undefined) return
    const flushAt = this.#flushAt(book, now)
    // Who only asks leaves tables behind.
    const endAt = isBare(book) ? now + END_MS : Infinity
    const next = Math.min(nextTick(book) ?? Infinity, flushAt, endAt)
    // One that should have rung long ago has been lost.
    const isSet = this.#alarmAt !== undefined && this.#alarmAt + LOST_MS > now
    if (next < (isSet ? (this.#alarmAt ?? Infinity) : Infinity)) this.#setAlarm(next)
  }

  /** When the first record is to be told, or dropped. */
  #flushAt(book: Book, now: number): number {
    if (this.#isDrained || (this.sink === undefined && this.hasOutbox)) return Infinity
    const [first] = book.records(1)
    if (first === undefined) {
      this.#isDrained = !this.hasOutbox
      return Infinity
    }
    return Math.max(now + FLUSH_MS, this.hasOutbox ? this.#patience.until : first.at + UNTOLD_MS)
  }

  #setAlarm(time: number): void {
    this.#alarmAt = time
    this.ctx.storage.setAlarm(time).catch(() => (this.#alarmAt = undefined))
  }

  async #flush(): Promise<void> {
    if (this.sink === undefined || this.#patience.until > Date.now()) return
    for (;;) {
      const records = await this.takeOutbox(MAX_FLUSH)
      if (!records.ok || records.value.length === 0) return
      const taken = await this.sink(records.value, () => this.#progress(records.value)).catch(() => [])
      // What cannot be written down as taken would be shown again, and again.
      const isTold = taken.length > 0 && (await this.flushed(taken)).ok
      if (!isTold) return this.#patience.failed(Date.now())
      this.#patience.succeeded()
    }
  }

  #progress(shown: readonly LedgerRecord[]): Progress {
    const backlog = this.#kept?.opened?.waiting() ?? shown.length
    return { attempts: this.#patience.failures + 1, backlog }
  }

  /** Drops what was recorded a week ago for whoever was to be told then. What is too much for one alarm waits for the next. */
  async #discard(): Promise<void> {
    for (let round = 0; round < MAX_DISCARDS; round++) {
      const records = await this.takeOutbox(MAX_FLUSH)
      const old = records.ok ? records.value.filter(({ at }) => at + UNTOLD_MS <= Date.now()) : []
      if (old.length === 0 || !(await this.flushed(old.map(({ position }) => position))).ok) return
    }
  }

  /** A receipt that is over leaves nothing behind, not even empty tables: there may be millions. */
  async #end(): Promise<void> {
    const book = this.#kept?.opened
    if (book === undefined || !isBare(book) || this.#waiting.length > 0 || this.#isCommitting) return
    this.#kept = undefined
    this.#alarmAt = undefined // it goes with all the rest
    await this.ctx.storage.deleteAll().catch(() => this.#setAlarm(Date.now() + END_MS))
  }
}
