import {
  type Charge,
  EMPTY_HEAD,
  type EntryRow,
  type Head,
  isForgotten,
  type LedgerChange,
  RECENT,
  roomOf,
} from '../rules/book.ts'
import type { DailySum } from '../rules/daily.ts'
import type { Series } from '../rules/series.ts'
import { ClosedCharges, type PlainClosed } from './closed.ts'
import { decodeChanges, decodeText, encodeText } from './codec.ts'
import { encodeChanges } from './rows.ts'
import { EMPTY_RING, type Place, type Ring } from './ring.ts'

/**
 * The state of a ledger in memory: what its journal comes to.
 *
 * It holds the head, series, statements, all charges with something left to do, and the last twenty. Closed charges are
 * known by their place in the journal. A checkpoint holds the same; the rows after it bring it up to date.
 */
export class LedgerState {
  head: Head = EMPTY_HEAD
  readonly series = new Map<string, Series>()
  readonly entries = new Map<string, EntryRow>()
  /** In order of their first charge, which is about the order of days. */
  readonly days = new Map<string, DailySum>()
  readonly closed = new ClosedCharges()
  ring: Ring = EMPTY_RING
  /** The first row that may hold a record that billing lacks. */
  outboxFrom: Place = EMPTY_RING.next
  /** The charges with something left to do, and the last ones. */
  readonly #held = new Map<string, Charge>()
  readonly #byKey = new Map<string, Charge>()
  /** The last charges, in order. */
  readonly #recent: Pick<Charge, 'id' | 'sequence'>[] = []
  #active = 0
  #nextDue: number | undefined
  #isDueKnown = true

  get active(): number {
    return this.#active
  }

  apply(change: LedgerChange): void {
    switch (change.table) {
      case 'head':
        this.head = change.row
        return
      case 'series':
        return put(this.series, change.key, change.row)
      case 'entries':
        return put(this.entries, change.key, change.row)
      case 'days':
        return put(this.days, change.key, change.row)
      case 'charges':
        return this.#putCharge(change.row)
      case 'grants':
      case 'credentials':
      case 'audit':
      case 'signed':
      case 'signedDays':
      case 'records':
        return
      case 'all':
        return this.#clear()
    }
  }

  #putCharge(charge: Charge): void {
    const { id, actAt } = charge
    const before = this.#held.get(id)
    this.#active += activeRoom(charge) - activeRoom(before)
    if (actAt !== undefined || before?.actAt !== undefined) this.#isDueKnown = false
    const isRecent = this.#isRecent(charge)
    if (actAt === undefined && !isRecent) return this.#release(before)
    this.#held.set(id, charge)
    const key = charge.chain.idempotency?.key
    if (key !== undefined && (this.#byKey.get(key)?.sequence ?? 0) <= charge.sequence) this.#byKey.set(key, charge)
  }

  /** Returns true for one of the last charges. Lets go of the first of them if this is a new one. */
  #isRecent({ id, sequence }: Charge): boolean {
    const recent = this.#recent
    const after = recent.findLastIndex((one) => one.sequence <= sequence)
    if (recent[after]?.id === id) return true
    if (after === -1 && recent.length >= RECENT) return false
    recent.splice(after + 1, 0, { id, sequence })
    const left = recent.length > RECENT ? recent.shift() : undefined
    const gone = left && this.#held.get(left.id)
    if (gone !== undefined && gone.actAt === undefined) this.#release(gone)
    return true
  }

  #release(charge: Charge | undefined): void {
    if (charge === undefined) return
    this.#held.delete(charge.id)
    const key = charge.chain.idempotency?.key
    if (key !== undefined && this.#byKey.get(key)?.id === charge.id) this.#byKey.delete(key)
  }

  #clear(): void {
    this.head = EMPTY_HEAD
    for (const map of [this.series, this.entries, this.days, this.closed, this.#held, this.#byKey]) map.clear()
    this.#recent.length = 0
    this.#active = 0
    this.#isDueKnown = false
    this.ring = EMPTY_RING
    this.outboxFrom = EMPTY_RING.next
  }

  charge(id: string): Charge | undefined {
    return this.#held.get(id)
  }

  chargeByKey(key: string): Charge | undefined {
    return this.#byKey.get(key)
  }

  /** Returns the charges in memory: those with something left to do, and the last ones. */
  held(): Iterable<Charge> {
    return this.#held.values()
  }

  due(now: number, most: number): readonly Charge[] {
    if ((this.nextDue() ?? Infinity) > now) return []
    const due = [...this.#held.values()].filter(({ actAt }) => actAt !== undefined && actAt <= now)
    return due.sort((a, b) => (a.actAt ?? 0) - (b.actAt ?? 0) || a.sequence - b.sequence).slice(0, most)
  }

  nextDue(): number | undefined {
    if (!this.#isDueKnown) {
      this.#nextDue = undefined
      for (const { actAt } of this.#held.values()) {
        if (actAt !== undefined && actAt < (this.#nextDue ?? Infinity)) this.#nextDue = actAt
      }
      this.#isDueKnown = true
    }
    return this.#nextDue
  }

  open(): readonly Charge[] {
    return [...this.#held.values()].filter(({ state }) => state === 'open')
  }

  recent(): readonly Charge[] {
    return this.#recent.flatMap(({ id }) => this.#held.get(id) ?? []).toReversed()
  }

  /** Returns the charges in memory that are marked and known. */
  unsettled(now: number): readonly Charge[] {
    return [...this.#held.values()].filter((charge) => charge.state === 'unsettled' && !isForgotten(charge, now))
  }

  encode(now: number): string {
    this.closed.prune(now)
    const { head, series, entries, days, ring, outboxFrom } = this
    const changes = encodeChanges({
      head: head === EMPTY_HEAD ? undefined : head,
      series,
      entries,
      days,
      charges: [...this.#held.values()].sort((one, other) => one.sequence - other.sequence),
    })
    return encodeText({ ring, outboxFrom, changes: encodeText(changes), closed: this.closed.encode() })
  }

  decode(text: string): void {
    const { ring, outboxFrom, changes, closed } = decodeText(text) as PlainState
    for (const change of decodeChanges(changes)) this.apply(change)
    this.closed.decode(closed)
    this.ring = ring
    this.outboxFrom = outboxFrom
  }
}

interface PlainState {
  readonly ring: Ring
  readonly outboxFrom: Place
  readonly changes: string
  readonly closed: readonly PlainClosed[]
}

function activeRoom(charge: Charge | undefined): number {
  return charge?.actAt === undefined ? 0 : roomOf(charge)
}

function put<K, V>(rows: Map<K, V>, key: K, row: V | undefined): void {
  if (row === undefined) rows.delete(key)
  else rows.set(key, row)
}
