/**
 * Runs one ledger on any platform: the shell around the pure verbs.
 *
 * A verb takes the book and a command, and returns changes, an outcome and effects. The host applies verbs to the store,
 * many to a commit; carries out the effects (flush records to billing, settle a payment) with the sinks and settlers that
 * the configuration names; and brings each result back as another command. It also sets the alarm, by which a ledger closes
 * forgotten charges, flushes, settles and finally forgets. The ledger itself calls nobody. An effect whose result is lost is
 * due again at the next alarm, so effects are carried out at least once. Kept answers and a zone's bulletin have the same
 * host, and verbs of their own.
 */
import { failureName } from '../../core/error.ts'
import { ok } from '../../core/result.ts'
import type { BulletinStore, Ledger } from '../../ports.ts'
import { applyPost, type PostCommand } from '../../standing/rules/bulletin.ts'
import { type Delta, deltaSince, type Version } from '../../standing/rules/delta.ts'
import { leaveAloneMs } from '../rules/backoff.ts'
import { type CommandAnswer, type LedgerCommand, MAX_BATCH_COMMANDS } from '../rules/batch.ts'
import { type AnswerName, answersEnd, dropAll, type KeepAnswerCommand, type KeptAnswer } from '../rules/answers.ts'
import { type Applied, type Book, type Effect, withoutRecords } from '../rules/book.ts'
import type {
  AmendCommand,
  AmendOutcome,
  ChargeCommand,
  ChargeOutcome,
  ChargeRefused,
  DescribeCommand,
  GrantCommand,
  GrantOutcome,
  LedgerSnapshot,
  OutboxOutcome,
  ReadCommand,
  RecordStatementCommand,
  RecordStatementOutcome,
  Statements,
} from '../rules/commands.ts'
import type { AddErasedCommand, EraseCommand, EraseOutcome } from '../rules/erase.ts'
import type { HistoryCommand, LedgerHistory } from '../rules/history.ts'
import type {
  BeginSettlementCommand,
  BeginSettlementOutcome,
  EndSettlementCommand,
  EndSettlementOutcome,
} from '../rules/payment.ts'
import { checkCharge, isBare, nextTick, verbs } from '../rules/verbs.ts'
import { AnswerKeeping } from './answers.ts'
import { eraseLedger, withHash } from './erasing.ts'
import { GroupCommit, type LedgerAnswer } from './groupcommit.ts'
import { Outbox } from './outbox.ts'
import type { LedgerOutside } from './outside.ts'
import { settled } from './settling.ts'
import type { LedgerStore, StoredLedger } from './store.ts'

type Verb<C, T> = (book: Book, command: C, now: number) => Applied<T>

/** An alarm later than this will not ring: platforms ring within seconds, or have given up. */
const LOST_MS = 15 * 60_000
/** The time after which a ledger without content is deleted. */
const END_MS = 60_000
/** One ledger, or the bulletin of a zone, over a store. */
export class LedgerHost implements Ledger, BulletinStore {
  readonly #store: LedgerStore
  readonly #outside: LedgerOutside
  readonly #commits: GroupCommit
  readonly #outbox: Outbox
  readonly #answers: AnswerKeeping
  #alarmAt: number | undefined
  /** True while the alarm is at work: it sets the next one in the end, once for everything. */
  #isRinging = false
  /** The number of ticks in a row that failed. */
  #failedTicks = 0

  constructor(store: LedgerStore, outside: LedgerOutside) {
    this.#store = store
    this.#outside = outside
    this.#commits = new GroupCommit(store, {
      committed: (stored, now) => this.#schedule(stored, now),
      failed: (error) => outside.warn({ ledger: failureName(error) }),
    })
    const { clock } = store
    this.#answers = new AnswerKeeping(this.#commits, clock)
    this.#outbox = new Outbox(
      { clock, apply: (verb, command) => this.#apply(verb, command), opened: () => this.#commits.stored?.opened },
      outside,
    )
  }

  async charge(command: ChargeCommand): Promise<LedgerAnswer<ChargeOutcome>> {
    checkCharge(command)
    return this.#apply(verbs.charge, command)
  }

  async dryRun(command: ChargeCommand): Promise<LedgerAnswer<ChargeRefused | undefined>> {
    checkCharge(command)
    return this.#apply(verbs.look, command)
  }

  amend(command: AmendCommand): Promise<LedgerAnswer<AmendOutcome>> {
    return this.#apply(verbs.amend, command)
  }

  describe(command: DescribeCommand): Promise<LedgerAnswer<undefined>> {
    return this.#apply(verbs.describe, command)
  }

  /**
   * Applies the commands of many requests in one commit, in their order. Each is answered by itself: one that makes no sense
   * fails alone, as do those beyond `MAX_BATCH_COMMANDS`.
   */
  apply(commands: readonly LedgerCommand[]): Promise<readonly CommandAnswer[]> {
    return Promise.all(commands.map((each, index) => this.#answer(each, index < MAX_BATCH_COMMANDS)))
  }

  beginSettlement(command: BeginSettlementCommand): Promise<LedgerAnswer<BeginSettlementOutcome>> {
    return this.#apply(verbs.beginSettlement, command)
  }

  endSettlement(command: EndSettlementCommand): Promise<LedgerAnswer<EndSettlementOutcome>> {
    return this.#apply(verbs.endSettlement, command)
  }

  keepAnswer(command: KeepAnswerCommand): Promise<LedgerAnswer<undefined>> {
    return this.#answers.keep(command)
  }

  keptAnswer(name: AnswerName): Promise<LedgerAnswer<KeptAnswer | undefined>> {
    return this.#answers.find(name)
  }

  grant(command: GrantCommand): Promise<LedgerAnswer<GrantOutcome>> {
    return withHash(command).then((hashed) => this.#apply(verbs.grant, hashed))
  }

  read(command: ReadCommand): Promise<LedgerAnswer<LedgerSnapshot>> {
    return this.#apply(verbs.read, command)
  }

  history(command: HistoryCommand): Promise<LedgerAnswer<LedgerHistory>> {
    return this.#apply(verbs.history, command)
  }

  erase(command: EraseCommand): Promise<LedgerAnswer<EraseOutcome>> {
    const ledger: Parameters<typeof eraseLedger>[0] = {
      apply: (verb, given) => this.#apply(verb, given),
      flush: () => this.#outbox.flush(),
      hasOutbox: this.#outside.hasOutbox,
    }
    return eraseLedger(ledger, command)
  }

  endErase(id: string): Promise<LedgerAnswer<undefined>> {
    return this.#apply(verbs.endErase, id)
  }

  addErased(command: AddErasedCommand): Promise<LedgerAnswer<undefined>> {
    return this.#apply(verbs.addErased, command)
  }

  recordStatement(command: RecordStatementCommand): Promise<LedgerAnswer<RecordStatementOutcome>> {
    return this.#apply(verbs.note, command)
  }

  statements(token: string | undefined): Promise<LedgerAnswer<Statements>> {
    return this.#apply(verbs.said, token)
  }

  post(command: PostCommand): Promise<LedgerAnswer<undefined>> {
    return this.#commits.run(({ bulletin }, now) => {
      bulletin.write(applyPost(bulletin, command, now))
      return undefined
    })
  }

  delta(since: Version): Promise<LedgerAnswer<Delta>> {
    return this.#commits.run(({ bulletin }) => deltaSince(bulletin, since))
  }

  /** Returns the first records that billing does not have. They stay until `flushed` reports them. */
  takeOutbox(most: number): Promise<LedgerAnswer<OutboxOutcome>> {
    return this.#apply(verbs.outbox, { most })
  }

  flushed(positions: readonly number[]): Promise<LedgerAnswer<undefined>> {
    return this.#apply(verbs.flushed, { positions })
  }

  async #answer(each: LedgerCommand, isTaken: boolean): Promise<CommandAnswer> {
    if (!isTaken) return { verb: 'failed' }
    const { verb } = each
    try {
      switch (verb) {
        case 'charge':
          return { verb, answer: await this.charge(each.command) }
        case 'amend':
          return { verb, answer: await this.amend(each.command) }
        case 'describe':
          return { verb, answer: await this.describe(each.command) }
        default: // of a later version
          return { verb: 'failed' }
      }
    } catch (error) {
      this.#outside.warn({ ledger: failureName(error) })
      return { verb: 'failed' }
    }
  }

  /**
   * Does everything that is due. Never throws: a platform may give up an alarm that throws too often, and open charges would
   * stay open for good. If the store fails, the alarm is set again, later each time.
   */
  async alarm(): Promise<void> {
    this.#alarmAt = undefined
    this.#isRinging = true
    const effects = await this.#tick()
    this.#failedTicks = effects === undefined ? this.#failedTicks + 1 : 0
    await Promise.all((effects ?? []).map((effect) => this.#carryOut(effect)))
    this.#isRinging = false
    if (effects === undefined) return this.#setAlarm(this.#store.clock() + leaveAloneMs(this.#failedTicks))
    if (await this.#ended()) return
    const now = this.#store.clock()
    // After a failed commit the next one finds out what is due.
    if (this.#commits.stored === undefined) this.#setAlarm(now + leaveAloneMs(1))
    else this.#schedule(this.#commits.stored, now)
  }

  /** Returns the effects to carry out; undefined if the store fails. */
  async #tick(): Promise<readonly Effect[] | undefined> {
    const effects: Effect[] = []
    for (;;) {
      const ticked = await this.#run(verbs.tick, undefined)
      if (!ticked.ok) return undefined
      const { outcome, effects: more = [] } = ticked.value
      const hasFlush = effects.some(({ kind }) => kind === 'flush')
      effects.push(...more.filter(({ kind }) => kind !== 'flush' || !hasFlush))
      if (!outcome.hasMore) return (await this.#answers.dropEnded()).ok ? effects : undefined
    }
  }

  async #apply<C, T>(verb: Verb<C, T>, command: C): Promise<LedgerAnswer<T>> {
    const applied = await this.#run(verb, command)
    if (!applied.ok) return applied
    for (const effect of applied.value.effects ?? []) void this.#carryOut(effect)
    return ok(applied.value.outcome)
  }

  #run<C, T>(verb: Verb<C, T>, command: C): Promise<LedgerAnswer<Applied<T>>> {
    return this.#commits.run(({ book, answers }, now) => {
      const applied = verb(book, command, now)
      if (applied.changes.some(({ table }) => table === 'all')) answers.write(dropAll(answers))
      book.write(this.#outside.hasOutbox ? applied.changes : withoutRecords(book, applied.changes))
      return applied
    })
  }

  /** Carries out one effect. Never throws. An effect without a result is due again at the next alarm. */
  async #carryOut(effect: Effect): Promise<void> {
    if (effect.kind === 'flush') return this.#outbox.flush()
    const { charge, request, payment, tries } = effect
    await this.endSettlement({ charge, request, settlement: await settled(payment, tries, this.#outside) })
  }

  /** Sets the alarm if it has to ring earlier than set. */
  #schedule({ opened: book, answers }: StoredLedger, now: number): void {
    if (this.#isRinging) return
    const answersEndAt = answersEnd(answers) ?? Infinity
    // A mere query leaves empty tables behind.
    const endAt = book !== undefined && isBare(book) && answersEndAt === Infinity ? now + END_MS : Infinity
    const bookAt = book === undefined ? Infinity : Math.min(nextTick(book) ?? Infinity, this.#outbox.dueAt(book, now))
    const next = Math.min(bookAt, endAt, answersEndAt)
    // An alarm long overdue has been lost.
    const isSet = this.#alarmAt !== undefined && this.#alarmAt + LOST_MS > now
    if (next < (isSet ? (this.#alarmAt ?? Infinity) : Infinity)) this.#setAlarm(next)
  }

  #setAlarm(time: number): void {
    this.#alarmAt = time
    this.#store.setAlarm(time).catch(() => (this.#alarmAt = undefined))
  }

  /** Deletes a ledger without content: there may be millions of spent receipts. Returns false if there is any. */
  async #ended(): Promise<boolean> {
    const { opened: book, answers } = this.#commits.stored ?? {}
    if (book === undefined || !isBare(book) || !this.#commits.isIdle) return false
    if (answers !== undefined && answersEnd(answers) !== undefined) return false
    this.#commits.forget()
    this.#alarmAt = undefined // deleted with the rest
    await this.#store.deleteAll().catch(() => this.#setAlarm(this.#store.clock() + END_MS))
    return true
  }
}
