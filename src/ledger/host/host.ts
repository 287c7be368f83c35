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
import type { Limit } from '../../access/limit.ts'
import { failureName } from '../../core/error.ts'
import { err, ok } from '../../core/result.ts'
import type { BulletinStore, Ledger } from '../../ports.ts'
import { applyPost, type PostCommand } from '../../standing/rules/bulletin.ts'
import { type Delta, deltaSince, understands, type Version } from '../../standing/rules/delta.ts'
import { leaveAloneMs } from '../rules/backoff.ts'
import type { CommandAnswer, LedgerCommand } from '../rules/batch.ts'
import { type AnswerName, answersEnd, dropAll, type KeepAnswerCommand, type KeptAnswer } from '../rules/answers.ts'
import type { Act } from '../rules/audit.ts'
import type { Applied, Book, Effect } from '../rules/book.ts'
import type { RecordStatementCommand, RecordStatementOutcome, Statements } from '../rules/statementcommands.ts'
import type {
  AmendCommand,
  AmendOutcome,
  ChargeCommand,
  ChargeOutcome,
  ChargeRefused,
  DescribeCommand,
  LedgerSnapshot,
  ReadCommand,
} from '../rules/commands.ts'
import type { GrantCommand, GrantOutcome } from '../rules/grant.ts'
import type { AddErasedCommand, EraseCommand, EraseOutcome } from '../rules/erase.ts'
import type { HistoryCommand, LedgerHistory } from '../rules/history.ts'
import { type OrderCommand, type OrderName, type OrderOutcome, orders } from '../rules/orders.ts'
import { type OutboxOutcome, withoutRecords } from '../rules/outbox.ts'
import type {
  BeginSettlementCommand,
  BeginSettlementOutcome,
  EndSettlementCommand,
  EndSettlementOutcome,
} from '../rules/payment.ts'
import { checkCharge, checkSize, nextTick, verbs } from '../rules/verbs.ts'
import { LedgerAlarm } from './alarm.ts'
import { answerCommand } from './batch.ts'
import { AnswerKeeping } from './answers.ts'
import { eraseLedger, withHash } from './erasing.ts'
import { GroupCommit, type LedgerAnswer } from './groupcommit.ts'
import { Outbox } from './outbox.ts'
import { payOut, answerPaidOut } from './owing.ts'
import type { LedgerOutside } from './outside.ts'
import { RefusalMemory } from './refusalmemory.ts'
import { settled } from './settling.ts'
import { isEmptied, type LedgerStore, type StoredLedger } from './store.ts'

type Verb<C, T> = (book: Book, command: C, now: number) => Applied<T>

/** The time after which a ledger without content is deleted. */
const END_MS = 60_000
/** One ledger, or the bulletin of a zone, over a store. */
export class LedgerHost implements Ledger, BulletinStore {
  readonly #store: LedgerStore
  readonly #outside: LedgerOutside
  readonly #commits: GroupCommit
  readonly #outbox: Outbox
  readonly #answers: AnswerKeeping
  readonly #alarm: LedgerAlarm
  readonly #refusals: RefusalMemory
  readonly #self: Parameters<typeof answerPaidOut>[1]
  /** The number of ticks in a row that failed. */
  #failedTicks = 0

  constructor(store: LedgerStore, outside: LedgerOutside) {
    this.#store = store
    this.#outside = outside
    const failed = (error: unknown): void => outside.warn({ ledger: failureName(error) })
    this.#commits = new GroupCommit(store, {
      committed: (stored, now) => void this.#schedule(stored, now).catch(failed),
      failed,
    })
    this.#alarm = new LedgerAlarm(store)
    const { clock } = store
    this.#refusals = new RefusalMemory(clock())
    this.#answers = new AnswerKeeping(this.#commits, clock)
    this.#self = { outside, apply: (verb, command) => this.#apply(verb, command) }
    this.#outbox = new Outbox({ ...this.#self, clock, opened: () => this.#commits.stored?.opened }, outside)
  }

  async charge(command: ChargeCommand): Promise<LedgerAnswer<ChargeOutcome>> {
    checkCharge(command)
    const answer = await this.#apply(verbs.charge, command, command.limits)
    if (answer.ok) this.#refusals.note(command, answer.value, this.#store.clock())
    return answer
  }

  async dryRun(command: ChargeCommand): Promise<LedgerAnswer<ChargeRefused | undefined>> {
    checkCharge(command)
    return this.#apply(verbs.look, command)
  }

  async amend(command: AmendCommand): Promise<LedgerAnswer<AmendOutcome>> {
    checkSize(command.representation)
    return this.#apply(verbs.amend, command)
  }

  async describe(command: DescribeCommand): Promise<LedgerAnswer<undefined>> {
    checkSize(command.representation)
    return this.#apply(verbs.describe, command)
  }

  /**
   * Applies the commands of many requests in one commit, in their order. Each is answered by itself: one that makes no sense
   * fails alone, as do those beyond `MAX_BATCH_COMMANDS`.
   */
  apply(commands: readonly LedgerCommand[]): Promise<readonly CommandAnswer[]> {
    return Promise.all(commands.map((each, index) => answerCommand(this, each, index, this.#outside)))
  }

  beginSettlement(command: BeginSettlementCommand): Promise<LedgerAnswer<BeginSettlementOutcome>> {
    return this.#apply(verbs.beginSettlement, command)
  }

  async endSettlement(command: EndSettlementCommand): Promise<LedgerAnswer<EndSettlementOutcome>> {
    return answerPaidOut(await this.#apply(verbs.endSettlement, command), this.#self)
  }

  keepAnswer(command: KeepAnswerCommand): Promise<LedgerAnswer<undefined>> {
    return this.#answers.keep(command)
  }

  keptAnswer(name: AnswerName): Promise<LedgerAnswer<KeptAnswer | undefined>> {
    return this.#answers.find(name)
  }

  grant(command: GrantCommand): Promise<LedgerAnswer<GrantOutcome>> {
    return this.#apply(verbs.grant, withHash(command))
  }

  async read(command: ReadCommand): Promise<LedgerAnswer<LedgerSnapshot>> {
    const answer = await this.#apply(verbs.read, command)
    const { recent: refusals } = this.#refusals
    return answer.ok && command.withRefusals ? ok({ ...answer.value, refusals }) : answer
  }

  async order<N extends OrderName>(name: N, command: OrderCommand<N>): Promise<LedgerAnswer<OrderOutcome<N>>> {
    if (!Object.hasOwn(orders, name)) throw new RangeError('an order of another version')
    return this.#apply(orders[name], command)
  }

  history(command: HistoryCommand): Promise<LedgerAnswer<LedgerHistory>> {
    return this.#apply(verbs.history, command)
  }

  erase(command: EraseCommand): Promise<LedgerAnswer<EraseOutcome>> {
    const { hasOutbox } = this.#outside
    return eraseLedger({ ...this.#self, flush: () => this.#outbox.flush(), hasOutbox }, command)
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

  post(command: PostCommand, act?: Act): Promise<LedgerAnswer<undefined>> {
    return this.#commits.run((stored, now) => {
      const changes = applyPost(stored.bulletin, command, now)
      if (command.lever !== undefined && changes.head.levers === stored.bulletin.head.levers) return undefined
      stored.bulletin.write(changes)
      // Only an act opens the book: a bulletin has one for its audit alone.
      if (act !== undefined) stored.book.write(orders.recordAct(stored.book, act, now).changes)
      return undefined
    })
  }

  async delta(since: Version): Promise<LedgerAnswer<Delta>> {
    const answer = await this.#commits.run(({ bulletin }) => deltaSince(bulletin, since))
    return answer.ok && !understands(since, answer.value.head) ? err('ledger-unavailable') : answer
  }

  /** Returns the first records that billing does not have. They stay until `flushed` reports them. */
  takeOutbox(most: number): Promise<LedgerAnswer<OutboxOutcome>> {
    return this.#apply(verbs.outbox, { most })
  }

  flushed(positions: readonly number[]): Promise<LedgerAnswer<undefined>> {
    return this.#apply(verbs.flushed, { positions })
  }

  /**
   * Does everything that is due, and sets the next alarm, later each time if the store fails. Throws only if no alarm can be
   * set: a platform may give up an alarm that throws too often, and open charges would stay open for good.
   */
  async alarm(): Promise<void> {
    const hasTicked = await this.#alarm.ring(async () => {
      const effects = await this.#tick()
      await Promise.all((effects ?? []).map((effect) => this.#carryOut(effect)))
      return effects !== undefined
    })
    this.#failedTicks = hasTicked ? 0 : this.#failedTicks + 1
    if (!(await this.#setNext(hasTicked))) throw new Error('the alarm of a ledger cannot be set')
  }

  /** Sets the alarm after an alarm. Returns false if that fails. */
  async #setNext(hasTicked: boolean): Promise<boolean> {
    try {
      if (hasTicked && (await this.#ended())) return true
      const { stored } = this.#commits
      if (hasTicked && stored !== undefined) return await this.#schedule(stored, this.#store.clock())
    } catch (error) {
      this.#outside.warn({ ledger: failureName(error) })
    }
    // After a failed commit the next one finds out what is due.
    return this.#alarm.set(this.#store.clock() + leaveAloneMs(Math.max(1, this.#failedTicks)))
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

  async #apply<C, T>(verb: Verb<C, T>, command: C, limits: readonly Limit[] = []): Promise<LedgerAnswer<T>> {
    const applied = await this.#run(verb, command, limits)
    if (!applied.ok) return applied
    for (const effect of applied.value.effects ?? []) void this.#carryOut(effect)
    return ok(applied.value.outcome)
  }

  #run<C, T>(verb: Verb<C, T>, command: C, limits: readonly Limit[] = []): Promise<LedgerAnswer<Applied<T>>> {
    return this.#commits.run(({ book, answers }, now) => {
      const applied = verb(book, command, now)
      if (applied.changes.some(({ table }) => table === 'all')) {
        answers.write(dropAll(answers))
        this.#refusals.forget()
      }
      const { hasOutbox, limits: watch } = this.#outside
      book.write(hasOutbox ? applied.changes : withoutRecords(book, applied.changes))
      if (watch !== undefined && hasOutbox) book.write(watch(book, applied.changes, limits, now))
      return applied
    })
  }

  /** Carries out one effect. Never throws. An effect without a result is due again at the next alarm. */
  async #carryOut(effect: Effect): Promise<void> {
    try {
      if (effect.kind === 'flush') return await this.#outbox.flush()
      if (effect.kind === 'grant') return void (await payOut(effect.owed, this.#self))
      const { charge, request, payment, tries } = effect
      await this.endSettlement({ charge, request, settlement: await settled(payment, tries, this.#outside) })
    } catch (error) {
      this.#outside.warn({ ledger: failureName(error) })
    }
  }

  /** Sets the alarm if it has to ring earlier than set. Returns false if that fails. */
  async #schedule(stored: StoredLedger, now: number): Promise<boolean> {
    const { opened: book, answers } = stored
    const answersEndAt = answersEnd(answers) ?? Infinity
    // A mere query leaves empty tables behind.
    const endAt = isEmptied(stored) && answersEndAt === Infinity ? now + END_MS : Infinity
    const bookAt = book === undefined ? Infinity : Math.min(nextTick(book) ?? Infinity, this.#outbox.dueAt(book, now))
    return this.#alarm.setBy(Math.min(bookAt, endAt, answersEndAt))
  }

  /** Deletes a ledger without content: there may be millions of spent receipts. Returns false if there is any. */
  async #ended(): Promise<boolean> {
    const { stored } = this.#commits
    if (stored === undefined || !isEmptied(stored) || !this.#commits.isIdle) return false
    if (answersEnd(stored.answers) !== undefined) return false
    this.#commits.forget()
    this.#alarm.deleted() // with the rest
    try {
      await this.#store.deleteAll()
      return true
    } catch {
      return this.#alarm.set(this.#store.clock() + END_MS)
    }
  }
}
