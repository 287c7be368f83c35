import { DurableObject } from 'cloudflare:workers'
import type { LedgerAnswer } from '../../../ledger/host/groupcommit.ts'
import { LedgerHost } from '../../../ledger/host/host.ts'
import type { Sink } from '../../../ledger/host/outside.ts'
import type { CommandAnswer, LedgerCommand } from '../../../ledger/rules/batch.ts'
import type { AnswerName, KeepAnswerCommand, KeptAnswer } from '../../../ledger/rules/answers.ts'
import type {
  RecordStatementCommand,
  RecordStatementOutcome,
  Statements,
} from '../../../ledger/rules/statementcommands.ts'
import type {
  AmendCommand,
  AmendOutcome,
  ChargeCommand,
  ChargeOutcome,
  ChargeRefused,
  DescribeCommand,
  LedgerSnapshot,
  ReadCommand,
} from '../../../ledger/rules/commands.ts'
import type { GrantCommand, GrantOutcome } from '../../../ledger/rules/grant.ts'
import type { Act } from '../../../ledger/rules/audit.ts'
import type { AddErasedCommand, EraseCommand, EraseOutcome } from '../../../ledger/rules/erase.ts'
import type { HistoryCommand, LedgerHistory } from '../../../ledger/rules/history.ts'
import type { OrderCommand, OrderName, OrderOutcome } from '../../../ledger/rules/orders.ts'
import type { OutboxOutcome } from '../../../ledger/rules/outbox.ts'
import type {
  BeginSettlementCommand,
  BeginSettlementOutcome,
  EndSettlementCommand,
  EndSettlementOutcome,
  Settle,
} from '../../../ledger/rules/payment.ts'
import type { LimitWatch } from '../../../ledger/rules/thresholds.ts'
import { HISTORY_MS } from '../../../ledger/journal/journalbook.ts'
import type { PostCommand } from '../../../standing/rules/bulletin.ts'
import type { Ledgers } from '../../../ports.ts'
import type { Delta, Version } from '../../../standing/rules/delta.ts'
import type { AnomalyKeeping } from '../../../anomalies/plugin.ts'
import type { AnomalyAnswer, AnomalyCommand } from '../../../anomalies/rules/anomalycommands.ts'
import type { KeptCommand } from '../../../zonestores.ts'
import type { TallyPlugin } from '../../../tallies/plugin.ts'
import type { WatchTallies } from '../../../tallies/watch.ts'
import { SqlStore } from './store.ts'
import { Tallying } from './tallying.ts'

const NOT_WATCHED: AnomalyAnswer = { ok: false, error: 'no endpoint of the configuration shows what is not normal' }

/** The Durable Object of one ledger (of an account, a receipt or a payment) or of one zone's bulletin. */
export class LedgerObject extends DurableObject {
  // The configured sinks and settlers. They are fields, because no caller of the object can reach a field. See
  // `LedgerOutside`.
  protected readonly sinks: ReadonlyMap<string, Sink> = new Map()
  protected readonly hasOutbox: boolean = true
  protected readonly limits: LimitWatch | undefined = undefined
  protected readonly historyMs: number = HISTORY_MS
  protected readonly settlerOf: (zone: string, rail: string) => Settle | undefined = () => undefined
  protected readonly ledgers: Ledgers | undefined = undefined
  protected readonly keeping: TallyPlugin['keeping'] | undefined
  protected readonly watch: WatchTallies | undefined
  protected readonly anomalies: AnomalyKeeping | undefined
  #made: LedgerHost | undefined
  #tallying: Tallying | undefined
  #applyAnomaly: ReturnType<AnomalyKeeping['open']> | undefined

  get #host(): LedgerHost {
    const { sinks, hasOutbox, limits, settlerOf, ledgers, historyMs } = this
    const warn = (line: object): void => console.error(JSON.stringify(line))
    const store = new SqlStore(this.ctx.storage, historyMs)
    return (this.#made ??= new LedgerHost(store, { sinks, hasOutbox, limits, settlerOf, ledgers, warn }))
  }

  get #tallied(): Tallying {
    return (this.#tallying ??= new Tallying(this.ctx.storage, this.keeping, this.watch))
  }

  charge(command: ChargeCommand): Promise<LedgerAnswer<ChargeOutcome>> {
    return this.#host.charge(command)
  }

  dryRun(command: ChargeCommand): Promise<LedgerAnswer<ChargeRefused | undefined>> {
    return this.#host.dryRun(command)
  }

  amend(command: AmendCommand): Promise<LedgerAnswer<AmendOutcome>> {
    return this.#host.amend(command)
  }

  describe(command: DescribeCommand): Promise<LedgerAnswer<undefined>> {
    return this.#host.describe(command)
  }

  apply(commands: readonly LedgerCommand[]): Promise<readonly CommandAnswer[]> {
    return this.#host.apply(commands)
  }

  beginSettlement(command: BeginSettlementCommand): Promise<LedgerAnswer<BeginSettlementOutcome>> {
    return this.#host.beginSettlement(command)
  }

  endSettlement(command: EndSettlementCommand): Promise<LedgerAnswer<EndSettlementOutcome>> {
    return this.#host.endSettlement(command)
  }

  keepAnswer(command: KeepAnswerCommand): Promise<LedgerAnswer<undefined>> {
    return this.#host.keepAnswer(command)
  }

  keptAnswer(name: AnswerName): Promise<LedgerAnswer<KeptAnswer | undefined>> {
    return this.#host.keptAnswer(name)
  }

  grant(command: GrantCommand): Promise<LedgerAnswer<GrantOutcome>> {
    return this.#host.grant(command)
  }

  read(command: ReadCommand): Promise<LedgerAnswer<LedgerSnapshot>> {
    return this.#host.read(command)
  }

  order<N extends OrderName>(name: N, command: OrderCommand<N>): Promise<LedgerAnswer<OrderOutcome<N>>> {
    return this.#host.order(name, command)
  }

  history(command: HistoryCommand): Promise<LedgerAnswer<LedgerHistory>> {
    return this.#host.history(command)
  }

  erase(command: EraseCommand): Promise<LedgerAnswer<EraseOutcome>> {
    return this.#host.erase(command)
  }

  endErase(id: string): Promise<LedgerAnswer<undefined>> {
    return this.#host.endErase(id)
  }

  addErased(command: AddErasedCommand): Promise<LedgerAnswer<undefined>> {
    return this.#host.addErased(command)
  }

  recordStatement(command: RecordStatementCommand): Promise<LedgerAnswer<RecordStatementOutcome>> {
    return this.#host.recordStatement(command)
  }

  statements(token: string | undefined): Promise<LedgerAnswer<Statements>> {
    return this.#host.statements(token)
  }

  post(command: PostCommand, act?: Act): Promise<LedgerAnswer<undefined>> {
    return this.#host.post(command, act)
  }

  delta(since: Version): Promise<LedgerAnswer<Delta>> {
    return this.#host.delta(since)
  }

  /** Carries out a command in an object that keeps nothing else than that kind. Answers with JSON. */
  async keep({ kind, command }: KeptCommand): Promise<string> {
    switch (kind) {
      case 'tallies':
        return JSON.stringify(await this.#tallied.apply(command))
      case 'anomalies':
        return JSON.stringify(this.#suspected(command))
    }
  }

  #suspected(command: AnomalyCommand): AnomalyAnswer {
    const { anomalies, ctx } = this
    const apply = (this.#applyAnomaly ??= anomalies?.open(ctx.storage.sql))
    return apply === undefined ? NOT_WATCHED : ctx.storage.transactionSync(() => apply(command, Date.now()))
  }

  takeOutbox(most: number): Promise<LedgerAnswer<OutboxOutcome>> {
    return this.#host.takeOutbox(most)
  }

  flushed(positions: readonly number[]): Promise<LedgerAnswer<undefined>> {
    return this.#host.flushed(positions)
  }

  override async alarm(): Promise<void> {
    if (!(await this.#tallied.ring())) await this.#host.alarm()
  }
}
