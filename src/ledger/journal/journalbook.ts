/**
 * A ledger's book as a journal: what happened is written once, in the order it happened.
 *
 * A transaction writes one row for all commands that share it. The state is in memory; a checkpoint, written now and then,
 * and the rows after it give it back. Closed charges are looked up where they lie: in their row, or under their idempotency
 * key in a table for each day. Nothing is deleted one by one: old slots are written over (see `ring.ts`), old days dropped.
 */
import type { StoredBook } from '../host/store.ts'
import { type Charge, EMPTY_HEAD, hasRecords, type Head, type HistoryPage, type LedgerChange } from '../rules/book.ts'
import type { AuditRecord } from '../rules/audit.ts'
import { DAY_MS } from '../rules/calendar.ts'
import type { CreditGrant, CreditTaking } from '../rules/creditrows.ts'
import type { IssuedCredential } from '../rules/credentials.ts'
import type { LedgerRecord } from '../rules/record.ts'
import type { Clock } from '../../ports.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { decodeChanges, decodeChargeOf } from './codec.ts'
import { continuingCharges } from './continuing.ts'
import { findInRows, findTriesInRows, readHistory } from './history.ts'
import * as named from './named.ts'
import { Pending } from './pending.ts'
import { advanced, decodeRing, encodeRing, isSpare, type OldestRow, type Place } from './ring.ts'
import { type EncodedRow, encodeRows } from './rows.ts'
import { LedgerState } from './state.ts'
import type { JournalStorage } from './storage.ts'
import { WaitingRecords } from './waiting.ts'

/** The rows after which a checkpoint is written: as many are read to recover. */
const CHECKPOINT_ROWS = 150
/** From this part of the rows on, a checkpoint is written in place of a row that says nothing but what billing has. */
const EARLY = 0.9
/** The characters of changes after which a checkpoint is written, unless it is larger than half of that itself. */
const CHECKPOINT_CHARS = 1_000_000
/** The most characters of a journal. History beyond it is written over, however young. */
const MAX_JOURNAL_CHARS = 2_000_000_000
/** The time that the journal of a ledger reaches back by default. */
export const HISTORY_MS = 35 * DAY_MS

/** What a book needs beside its storage. */
export interface JournalTerms {
  readonly clock: Clock
  /** The time for which rows are kept, in milliseconds. */
  readonly historyMs: number
  /** The rows after which a checkpoint is written. Default: 150. */
  readonly checkpointRows?: number
}

/** The book of one ledger. After a failed transaction make a new one: this one may be ahead of its storage. */
export class JournalBook implements StoredBook {
  readonly #storage: JournalStorage
  readonly #terms: JournalTerms
  readonly #state = new LedgerState()
  readonly signed: StoredBook['signed']
  readonly openCharges: StoredBook['openCharges'] = () => this.#state.open()
  #waiting: WaitingRecords
  #pending = new Pending()
  /** The head as it was written last. */
  #written: Head = EMPTY_HEAD
  /** The latest checkpoint, as far as it matters here: its content would take as much memory as the state. */
  #checkpoint = { generation: 0, size: 0 }
  /** The last row that the checkpoint covers. */
  #covered = 0
  #rowsSince = 0
  #charsSince = 0
  #oldest: (OldestRow & Place) | undefined

  /** Reads the state. Throws `UnknownFormat` for a journal of another version, and an Error for one with a gap. */
  constructor(storage: JournalStorage, terms: JournalTerms) {
    this.#storage = storage
    this.signed = named.signedNotes(storage)
    this.#terms = terms
    this.#waiting = new WaitingRecords(storage, this.#state)
    const latest = readCheckpoint(storage)
    if (latest !== undefined) this.#state.decode(latest.text)
    this.#checkpoint = { generation: latest?.generation ?? 0, size: latest?.text.length ?? 0 }
    this.#covered = this.#state.ring.next.number - 1
    while (this.#replayed()) this.#rowsSince += 1
    this.#written = this.#state.head
    this.#followOutbox()
  }

  /** Applies the next row, if there is one. */
  #replayed(): boolean {
    const { next: place } = this.#state.ring
    const row = this.#storage.row(place.slot)
    if (row === undefined || row.number < place.number) return false
    // The row was written over: without the checkpoint that covers it, the state is not known.
    if (row.number > place.number) throw new Error(`the journal lacks row ${place.number}`)
    for (const change of decodeChanges(row.changes)) {
      this.#state.apply(change)
      if (change.table === 'charges') this.#state.closed.put(change.row, place)
    }
    Object.assign(this.#state, decodeRing(row.ring, { slot: row.next, number: place.number + 1 }))
    this.#charsSince += row.changes.length
    return true
  }

  get head(): Head {
    return this.#state.head
  }

  get series(): StoredBook['series'] {
    return this.#state.series
  }

  get entries(): StoredBook['entries'] {
    return this.#state.entries
  }

  get days(): StoredBook['days'] {
    return this.#state.days
  }

  get active(): number {
    return this.#state.active
  }

  charge(id: string): Charge | undefined {
    return this.#state.charge(id) ?? this.#pending.charge(id) ?? this.#closed(id)
  }

  #closed(id: string): Charge | undefined {
    const place = this.#state.closed.get(id)
    const row = place && this.#storage.row(place.slot)
    return row?.number === place?.number && row !== undefined ? decodeChargeOf(row.changes, id) : undefined
  }

  findCharge(id: string): Charge | undefined {
    return this.charge(id) ?? findInRows(this.#storage, this.#state.ring, id)
  }

  findTries(id: string): readonly Charge[] {
    const first = this.findCharge(id)?.chain.first
    return first === undefined ? [] : findTriesInRows(this.#storage, this.#state.ring, first)
  }

  chargeByKey(key: string): Charge | undefined {
    const held = this.#state.chargeByKey(key) ?? this.#pending.latest(({ chain }) => chain.idempotency?.key === key)
    return held ?? named.keyedCharge(this.#storage, key, this.#terms.clock())
  }

  chargesByContinuation(continuation: string, most: number, now: number): readonly Charge[] {
    const from = { state: this.#state, pending: this.#pending, charge: (id: string) => this.charge(id) }
    return continuingCharges(from, continuation, most, now)
  }

  dueCharges(now: number, most: number): readonly Charge[] {
    return this.#state.due(now, most)
  }

  nextDue(): number | undefined {
    return this.#state.nextDue()
  }

  recentCharges(): readonly Charge[] {
    return this.#state.recent()
  }

  unsettledCharges(most: number, now: number): readonly Charge[] {
    const held = this.#state.unsettled(now)
    const known = new Map(held.map((charge) => [charge.id, charge]))
    for (const { id } of this.#state.closed.unsettled(now)) {
      if (known.size >= most + held.length) break
      const found = known.has(id) ? undefined : this.charge(id)
      if (found !== undefined) known.set(id, found)
    }
    return [...known.values()].sort((one, other) => other.sequence - one.sequence).slice(0, most)
  }

  history(after: string | undefined, most: number): HistoryPage {
    return readHistory({ storage: this.#storage, state: this.#state, pending: this.#pending }, after, most)
  }

  grant(id: string): CreditGrant | undefined {
    return named.findGrant(this.#storage, id)
  }

  taking(id: string): CreditTaking | undefined {
    return named.findTaking(this.#storage, id)
  }

  grantsBefore(time: number, most: number): readonly string[] {
    return this.#storage.grantsBefore(time, most)
  }

  credential(id: string): IssuedCredential | undefined {
    return named.findCredential(this.#storage, id)
  }

  credentials(): readonly IssuedCredential[] {
    return this.#storage.credentials().map(named.decodeCredential)
  }

  audit(after: number, most: number): readonly AuditRecord[] {
    return this.#storage.audit(after, most).map(named.decodeAudit)
  }

  records(most: number, after = 0): readonly LedgerRecord[] {
    const stored = this.#waiting.read({ most, after })
    const { done, taken } = this.head.outbox
    const from = Math.max(after, done)
    const pending = this.#pending.records.filter(({ position }) => position > from && !taken.includes(position))
    return [...stored, ...pending].slice(0, most)
  }

  waiting(): number {
    const { position, outbox } = this.head
    return position - outbox.done - outbox.taken.length
  }

  /** Applies the changes of one command. Call it in a transaction only, and end the transaction with `finish`. */
  write(changes: readonly LedgerChange[]): void {
    for (const change of changes) {
      if (change.table === 'all') this.#clear()
      else if (!named.writeNamed(this.#storage, change)) {
        this.#state.apply(change)
        this.#pending.add(change)
      }
    }
  }

  #clear(): void {
    this.#storage.clear()
    this.#state.apply({ table: 'all' })
    // Rows are numbered anew.
    this.#waiting = new WaitingRecords(this.#storage, this.#state)
    this.#pending = new Pending()
    this.#checkpoint = { generation: 0, size: 0 }
    this.#oldest = undefined
    this.#covered = 0
    this.#rowsSince = 0
    this.#charsSince = 0
  }

  /** Writes the row of a transaction, and a checkpoint if one is due. */
  finish(): void {
    if (this.#pending.isEmpty) return
    const { checkpointRows = CHECKPOINT_ROWS } = this.#terms
    const isEarly = this.#rowsSince >= EARLY * checkpointRows && this.#pending.isFlush(this.#written)
    const now = this.#terms.clock()
    for (const row of isEarly ? [] : encodeRows(this.#pending.commit())) this.#append(row, now)
    this.#pending = new Pending()
    this.#written = this.#state.head
    this.#followOutbox()
    if (isEarly) return this.checkpoint()
    const { size } = this.#checkpoint
    const isDue = this.#rowsSince >= checkpointRows || this.#charsSince >= Math.max(CHECKPOINT_CHARS, 2 * size)
    if (isDue) this.checkpoint()
  }

  /** Writes a checkpoint: the rows so far are not needed to recover any more. */
  checkpoint(): void {
    const generation = this.#checkpoint.generation + 1
    const text = this.#state.encode(this.#terms.clock())
    writeCheckpoint(this.#storage, { generation, text })
    this.#checkpoint = { generation, size: text.length }
    this.#covered = this.#state.ring.next.number - 1
    this.#rowsSince = 0
    this.#charsSince = 0
  }

  #append({ changes, records, charges, lastRecord = 0 }: EncodedRow, at: number): void {
    const { ring, outboxFrom } = this.#state
    const after = advanced(ring, changes.length + records.length, this.#spare(at))
    const place = { ...ring.next, next: after.next.slot }
    this.#storage.putRow({ ...place, at, lastRecord, ring: encodeRing({ ring: after, outboxFrom }), changes, records })
    for (const charge of charges) {
      this.#state.closed.put(charge, ring.next)
      named.putKeyed(this.#storage, charge, at)
    }
    this.#state.ring = after
    this.#rowsSince += 1
    this.#charsSince += changes.length
  }

  /** Returns the oldest row if its slot may be used again. */
  #spare(now: number): OldestRow | undefined {
    const { ring, outboxFrom } = this.#state
    const neededFrom = Math.min(this.#covered + 1, outboxFrom.number)
    const expiry = { neededFrom, historyFrom: now - this.#terms.historyMs, maxSize: MAX_JOURNAL_CHARS }
    return isSpare(ring, () => this.#oldestRow(), expiry) ? this.#oldestRow() : undefined
  }

  #oldestRow(): OldestRow | undefined {
    const { slot, number } = this.#state.ring.oldest
    if (this.#oldest?.number === number) return this.#oldest
    const row = this.#storage.rowFacts(slot)
    this.#oldest = row?.number === number ? { ...row, slot } : undefined
    return this.#oldest
  }

  #followOutbox(): void {
    if (!hasRecords(this.#state)) this.#state.outboxFrom = this.#state.ring.next
  }
}
