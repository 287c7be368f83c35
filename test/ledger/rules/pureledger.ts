import { nextTick, verbs } from '../../../src/ledger/rules/verbs.ts'
import type { Applied, Book, LedgerChange } from '../../../src/ledger/rules/book.ts'
import type { AmendCommand, ChargeCommand, ChargeOutcome, Delivery } from '../../../src/ledger/rules/commands.ts'
import type { Limit } from '../../../src/access/limit.ts'
import type { LimitWatch } from '../../../src/ledger/rules/thresholds.ts'
import { MapBook } from './mapbook.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** The ledger in memory, with a clock that only a test moves. */
export class PureLedger {
  readonly book = new MapBook()
  now = Date.UTC(2030, 0, 15, 12)
  /** Tells of used shares of limits, as a host has it do. */
  readonly #watch: LimitWatch | undefined
  #ids = 0

  constructor(watch?: LimitWatch) {
    this.#watch = watch
  }

  apply<C, T>(verb: (book: Book, command: C, now: number) => Applied<T>, command: C): T {
    const { outcome, changes } = verb(this.book, command, this.now)
    this.write(changes, isCharge(command) ? command.limits : [])
    return outcome
  }

  write(changes: readonly LedgerChange[], limits: readonly Limit[] = []): void {
    this.book.write(changes)
    if (this.#watch !== undefined) this.book.write(this.#watch(this.book, changes, limits, this.now))
  }

  charge(command: Partial<ChargeCommand> = {}): ChargeOutcome {
    this.#ids += 1
    return this.apply(verbs.charge, chargeOf(`c${this.#ids}`, this.now, command))
  }

  amend(made: ChargeOutcome, delivery: Delivery = 'complete', more: Partial<AmendCommand> = {}) {
    if (made.kind !== 'charged') throw new Error(`refused: ${made.reason}`)
    return this.apply(verbs.amend, { charge: made.charge, request: made.request, delivery, ...more })
  }

  grant(units: bigint, id = 'g1', currency = 'EUR') {
    return this.apply(verbs.grant, { id, units, currency })
  }

  read(limits: readonly Limit[] = []) {
    return this.apply(verbs.read, { limits })
  }

  records(most = 1000) {
    return this.apply(verbs.outbox, { most })
  }

  flushAll(): void {
    this.apply(verbs.flushed, { positions: this.records().map(({ position }) => position) })
  }

  tick() {
    return this.apply(verbs.tick, undefined)
  }

  /** Moves the clock, ringing every alarm on the way. */
  advance(ms: number): void {
    const until = this.now + ms
    for (let next = nextTick(this.book); next !== undefined && next <= until; next = nextTick(this.book)) {
      this.now = Math.max(this.now, next)
      this.tick()
    }
    this.now = until
  }
}

function isCharge(command: unknown): command is ChargeCommand {
  return typeof command === 'object' && command !== null && 'settleByMs' in command
}

export function chargeOf(id: string, now: number, command: Partial<ChargeCommand> = {}): ChargeCommand {
  return { id, counts: [], limits: [], settleByMs: now + 2 * MINUTE, facts: { route: '/api/*' }, ...command }
}

export const ONE = [{ name: 'requests', units: 1n }]

export function units(count: bigint, name = 'requests') {
  return [{ name, units: count }]
}

export function limit(quota: bigint, window: Limit['window'], more: Partial<Limit> = {}): Limit {
  return { name: 'requests', quota, unit: 'requests', window, kind: 'fixed', anchor: undefined, ...more }
}

export const EUR = (units: bigint) => ({ units, currency: 'EUR' })

/** What a test asks of an outcome. */
export function reasonOf(outcome: ChargeOutcome): string {
  if (outcome.kind === 'charged') return outcome.isRepeat ? `again:${outcome.tries}` : 'charged'
  return outcome.conflict ?? outcome.reason
}
