/**
 * Calls that travel together: requests of one isolate for one ledger share calls to it.
 *
 * A call costs more than the work of a command, and the platform bills each. So while a request calls a ledger, the commands
 * of others wait, and the oldest of them makes the next call for all. A commit waits up to 250 ms for company, since nobody
 * waits for it; whatever gives something back, or belongs to an idempotency key, goes at once.
 *
 * In workerd a request may await a promise that another resolves, but stubs, streams and timers are their request's own, and
 * a request can end at any time. So only plain data and promises are shared. Each leader calls by a stub of its own, in its
 * `waitUntil`, and leads for one call. Leadership is a lease: each waiter has a timer of its own, and if the leader is silent
 * leads itself and sends the commands again. The ledger knows them by their ids. A charge that was sent twice, or whose call
 * failed, and that is not known to be the request's own, is taken back later: the call may still be under way.
 */
import { LruCache } from '../core/lru.ts'
import { err, type Result } from '../core/result.ts'
import { LEDGER_MS } from '../http/timeout.ts'
import type { Clock, Ledger, Ledgers, Platform, WaitUntil } from '../ports.ts'
import { sendAmendment } from './amendment.ts'
import { type Lease, CommandQueue, LEASE_MS, mayBeSent, type QueuedCommand } from './commandqueue.ts'
import { type CommandAnswer, type LedgerCommand, MAX_BATCH_BYTES, weightOf } from './rules/batch.ts'
import type { AmendCommand, AmendOutcome, ChargeCommand, ChargeOutcome, DescribeCommand } from './rules/commands.ts'
import { isOnlyRated } from './rules/rates.ts'

/** The longest time that a commit waits for company. */
const COMPANY_MS = 250
/** The time that the leader of a busy ledger waits: those who were answered just now ask again, and their call is saved. */
const GATHER_MS = 1
const MOST_QUEUE_BYTES = 2 * 1024 * 1024
/** The time after which no call of a request is under way any more. */
const TAKE_BACK_MS = 5000
/**
 * The time for which an amendment may wait for its call: no client waits for it, and one that is not sent costs its client what
 * was not delivered.
 */
const AMENDMENT_MS = 10_000
/** The leases for which a command waits that may be sent no more: its leaders may be slow, or dead. */
const MOST_WAITS = 10
/** The time for which single commands are sent after a ledger was met that takes no others, as in a deployment. */
const SINGLE_MS = 10_000

/** Shares the calls of one isolate to its ledgers. */
export interface Batching {
  /** Returns the ledgers for one request: its charges and amendments share calls with those of other requests. */
  share(ledgers: Ledgers, waitUntil: WaitUntil): Ledgers
}

/** Creates the shared calls of one isolate. If its requests cannot await one another, each makes calls of its own. */
export function createBatching({
  clock,
  sharesPromises = false,
}: Pick<Platform, 'clock' | 'sharesPromises'>): Batching {
  if (!sharesPromises) return { share: (ledgers) => ledgers }
  const calls = new SharedCalls(clock)
  return {
    share: (ledgers, waitUntil) => (name, place) => {
      // In another jurisdiction it is another ledger.
      const key = place.jurisdiction === undefined ? name : `${place.jurisdiction} ${name}`
      return new BatchedLedger(calls, key, () => ledgers(name, place), waitUntil)
    },
  }
}

/** The queues of one isolate, by the names and jurisdictions of their ledgers. */
class SharedCalls {
  readonly clock: Clock
  /** One that is dropped while it is in use goes on beside the next of its name. */
  readonly #queues = new LruCache<CommandQueue>(MOST_QUEUE_BYTES)
  #singleUntil = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  queueOf(key: string): CommandQueue {
    const found = this.#queues.get(key)
    if (found !== undefined) return found
    const queue = new CommandQueue()
    this.#queues.set(key, queue)
    return queue
  }

  /** Sends commands in one call. `undefined` stands for an unknown outcome. Never throws. */
  async send(stub: () => Ledger, commands: readonly LedgerCommand[]): Promise<readonly (CommandAnswer | undefined)[]> {
    try {
      const ledger = stub()
      const isSingle = commands.length === 1 || this.clock() < this.#singleUntil
      return isSingle || ledger.apply === undefined ? await sendSingly(ledger, commands) : await ledger.apply(commands)
    } catch (error) {
      if (isOverloaded(error)) return commands.map(() => ({ verb: 'failed' }))
      if (!isUnknownMethod(error)) return []
      this.#singleUntil = this.clock() + SINGLE_MS
      return sendSingly(stub(), commands)
    }
  }
}

function sendSingly(
  ledger: Ledger,
  commands: readonly LedgerCommand[],
): Promise<readonly (CommandAnswer | undefined)[]> {
  return Promise.all(commands.map((each) => sendOne(ledger, each)))
}

async function sendOne(ledger: Ledger, { verb, command }: LedgerCommand): Promise<CommandAnswer | undefined> {
  try {
    switch (verb) {
      case 'charge':
        return { verb, answer: await ledger.charge(command) }
      case 'amend':
        return { verb, answer: await ledger.amend(command) }
      case 'describe':
        return { verb, answer: await ledger.describe(command) }
    }
  } catch (error) {
    return isOverloaded(error) ? { verb: 'failed' } : undefined
  }
}

/** Returns true if the object of an earlier version has no such method: nothing has happened. */
function isUnknownMethod(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes('does not implement')
}

/** Returns true if the platform turns calls away: sending again would add to it. */
function isOverloaded(error: unknown): boolean {
  return error instanceof Error && 'overloaded' in error && error.overloaded === true
}

/** One ledger, as one request calls it. */
class BatchedLedger implements Ledger {
  readonly #calls: SharedCalls
  readonly #key: string
  readonly #open: () => Ledger
  readonly #waitUntil: WaitUntil
  #made: Ledger | undefined

  constructor(calls: SharedCalls, key: string, open: () => Ledger, waitUntil: WaitUntil) {
    this.#calls = calls
    this.#key = key
    this.#open = open
    this.#waitUntil = waitUntil
  }

  /** The stub of this request, made when it first calls by itself. */
  get #own(): Ledger {
    return (this.#made ??= this.#open())
  }

  /** A payment has a ledger of its own, and shares no call. */
  async charge(command: ChargeCommand): Promise<Result<ChargeOutcome, 'ledger-unavailable'>> {
    if (command.payment !== undefined) return this.#own.charge(command)
    const queued = this.#queued({ verb: 'charge', command })
    const running = this.#run(queued)
    this.#waitUntil(running)
    const answered = await running
    const answer = answered.verb === 'charge' ? answered.answer : UNANSWERED
    const mayBeCharged = (queued.isLost || queued.sends > 1) && !isOnlyRated(command)
    if (mayBeCharged && !isOwnCharge(answer, command)) this.#waitUntil(this.#takeBackLater(command))
    return answer
  }

  async amend(command: AmendCommand, mayWait = false): Promise<Result<AmendOutcome, 'ledger-unavailable'>> {
    const answered = await this.#run(this.#queued({ verb: 'amend', command }, mayWait))
    return answered.verb === 'amend' ? answered.answer : UNANSWERED
  }

  async describe(command: DescribeCommand): Promise<Result<undefined, 'ledger-unavailable'>> {
    const answered = await this.#run(this.#queued({ verb: 'describe', command }))
    return answered.verb === 'describe' ? answered.answer : UNANSWERED
  }

  dryRun: Ledger['dryRun'] = (command) => this.#own.dryRun(command)
  beginSettlement: Ledger['beginSettlement'] = (command) => this.#own.beginSettlement(command)
  endSettlement: Ledger['endSettlement'] = (command) => this.#own.endSettlement(command)
  order: Ledger['order'] = (name, command) => this.#own.order(name, command)
  keepAnswer: Ledger['keepAnswer'] = (command) => this.#own.keepAnswer(command)
  keptAnswer: Ledger['keptAnswer'] = (name) => this.#own.keptAnswer(name)
  grant: Ledger['grant'] = (command) => this.#own.grant(command)
  recordStatement: Ledger['recordStatement'] = (command) => this.#own.recordStatement(command)
  statements: Ledger['statements'] = (token) => this.#own.statements(token)
  read: Ledger['read'] = (command) => this.#own.read(command)
  history: Ledger['history'] = (command) => this.#own.history(command)
  erase: Ledger['erase'] = (command) => this.#own.erase(command)
  endErase: Ledger['endErase'] = (id) => this.#own.endErase(id)
  addErased: Ledger['addErased'] = (command) => this.#own.addErased(command)

  #queued(command: LedgerCommand, mayWait = false): QueuedCommand {
    const expires = this.#calls.clock() + (command.verb === 'charge' ? LEDGER_MS : AMENDMENT_MS)
    return {
      command,
      bytes: weightOf(command),
      expires,
      isDue: !mayWait,
      sends: 0,
      isLost: false,
      answer: undefined,
      wake: () => undefined,
    }
  }

  /** Has a command answered: by a call that another request makes, or by one of its own. Never throws. */
  async #run(queued: QueuedCommand): Promise<CommandAnswer> {
    if (queued.bytes > MAX_BATCH_BYTES) return { verb: 'failed' }
    const { clock } = this.#calls
    const queue = this.#calls.queueOf(this.#key)
    for (let waits = 0; queued.answer === undefined; ) {
      queue.add(queued)
      const lease = queue.leaseAt(clock())
      const mayLead = queued.isDue && mayBeSent(queued) && (lease === undefined || lease.holder === queued)
      if (mayLead) await this.#lead(queued, queue)
      else if (waits < MOST_WAITS) waits += await this.#wait(queued, queue, lease)
      else queue.settle(queued, { verb: 'failed' })
    }
    return queued.answer
  }

  /** Waits for an answer, for the turn to lead, or for the time to lead unasked. Returns 1 if nothing came, else 0. */
  async #wait(queued: QueuedCommand, queue: CommandQueue, lease: Lease | undefined): Promise<0 | 1> {
    const { isDue } = queued
    const leftMs = lease === undefined ? LEASE_MS : Math.min(LEASE_MS, lease.until - this.#calls.clock())
    const isLate = await wokenWithin(queued, isDue ? leftMs : COMPANY_MS)
    if (!isLate) return 0
    if (!isDue) queued.isDue = true
    else if (lease !== undefined) queue.expire(lease)
    return 1
  }

  /** Makes one call for all that wait. */
  async #lead(own: QueuedCommand, queue: CommandQueue): Promise<void> {
    const { clock } = this.#calls
    const lease = queue.begin(own, clock())
    if (queue.isBusy(clock())) await pause(GATHER_MS)
    const taken = queue.take(own, clock())
    const commands = taken.map(({ command }) => command)
    const answers = await this.#calls.send(() => this.#own, commands)
    for (const [index, each] of taken.entries()) {
      const answer = answers[index]
      if (answer === undefined) queue.retry(each)
      else queue.settle(each, answer)
    }
    queue.end(lease, clock())
  }

  /** Releases what an earlier call may have charged, when it can be under way no more. */
  async #takeBackLater({ id }: ChargeCommand): Promise<void> {
    await pause(TAKE_BACK_MS)
    await sendAmendment(this, { charge: id, request: id, delivery: 'none' })
  }
}

const UNANSWERED: Result<never, 'ledger-unavailable'> = err('ledger-unavailable')

/** Returns true if the request has a charge of its own: the same command, sent twice, is known by its id from then on. */
function isOwnCharge(answer: Result<ChargeOutcome, 'ledger-unavailable'>, { id }: ChargeCommand): boolean {
  return answer.ok && answer.value.kind === 'charged' && answer.value.charge === id
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** Resolves with false once the command's request is woken, with true after `ms` milliseconds. */
async function wokenWithin(queued: QueuedCommand, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, ms, true)
  queued.wake = () => resolve(false)
  const isLate = await promise
  clearTimeout(timer)
  return isLate
}
