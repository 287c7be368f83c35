import type { StoredBook } from '../../../ledger/host/store.ts'
import {
  type LedgerChange,
  type Charge,
  EMPTY_HEAD,
  type EntryRow,
  type CreditGrant,
  type Head,
} from '../../../ledger/rules/book.ts'
import type { LedgerRecord } from '../../../ledger/rules/record.ts'
import type { Series } from '../../../ledger/rules/series.ts'
import { encodeRow, toCharge, toEntry, toGrant, toHead, toRecord, toSeries } from './row.ts'
import { SCHEMA, TABLES } from './schema.ts'

/**
 * A ledger's book over the SQLite of a Durable Object. The head, the series and the entries are read once and held; the head
 * and the series are written once for all commands of a transaction. Everything else is looked up. After a failed
 * transaction make a new book: the held rows may be ahead of the written ones.
 */
export class SqlBook implements StoredBook {
  readonly #sql: SqlStorage
  #head: Head
  readonly #series = new Map<string, Series>()
  readonly #entries = new Map<string, EntryRow>()
  #isHeadChanged = false
  readonly #changedSeries = new Set<string>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(SCHEMA)
    this.#head = this.#one(toHead, 'SELECT data FROM head') ?? EMPTY_HEAD
    for (const { key, data } of sql.exec<{ key: string; data: string }>('SELECT key, data FROM series')) {
      this.#series.set(key, toSeries(data))
    }
    for (const { key, data } of sql.exec<{ key: string; data: string }>('SELECT key, data FROM entries')) {
      this.#entries.set(key, toEntry(data))
    }
  }

  get head(): Head {
    return this.#head
  }

  get series(): ReadonlyMap<string, Series> {
    return this.#series
  }

  get entries(): ReadonlyMap<string, EntryRow> {
    return this.#entries
  }

  charge(id: string): Charge | undefined {
    return this.#one(toCharge, 'SELECT data FROM charges WHERE id = ?', id)
  }

  chargeByKey(key: string): Charge | undefined {
    return this.#one(toCharge, 'SELECT data FROM charges WHERE idempotency = ? ORDER BY sequence DESC LIMIT 1', key)
  }

  chargeByContinuation(continuation: string): Charge | undefined {
    return this.#one(
      toCharge,
      'SELECT data FROM charges WHERE continuation = ? ORDER BY sequence DESC LIMIT 1',
      continuation,
    )
  }

  dueCharges(now: number, most: number): readonly Charge[] {
    return this.#all(
      toCharge,
      'SELECT data FROM charges WHERE act_at <= ? ORDER BY act_at, sequence LIMIT ?',
      now,
      most,
    )
  }

  nextDue(): number | undefined {
    const [row] = this.#sql.exec<{ due: number | null }>('SELECT min(act_at) AS due FROM charges').toArray()
    return row?.due ?? undefined
  }

  restingCharges(): readonly Charge[] {
    return this.#all(toCharge, 'SELECT data FROM charges WHERE act_at IS NULL ORDER BY sequence DESC')
  }

  recentCharges(most: number): readonly Charge[] {
    return this.#all(toCharge, 'SELECT data FROM charges ORDER BY sequence DESC LIMIT ?', most)
  }

  unsettledCharges(most: number): readonly Charge[] {
    return this.#all(
      toCharge,
      "SELECT data FROM charges WHERE state = 'unsettled' ORDER BY sequence DESC LIMIT ?",
      most,
    )
  }

  grant(id: string): CreditGrant | undefined {
    return this.#one(toGrant, 'SELECT data FROM grants WHERE id = ?', id)
  }

  grantsBefore(time: number, most: number): readonly CreditGrant[] {
    return this.#all(toGrant, 'SELECT data FROM grants WHERE at < ? LIMIT ?', time, most)
  }

  records(most: number, after = 0): readonly LedgerRecord[] {
    const query = 'SELECT data FROM records WHERE position > ? ORDER BY position LIMIT ?'
    return this.#all(toRecord, query, after, most)
  }

  /** Returns the number of records that wait for billing. */
  waiting(): number {
    const [row] = this.#sql.exec<{ waiting: number }>('SELECT count(*) AS waiting FROM records').toArray()
    return row?.waiting ?? 0
  }

  /** Applies the changes of one command. Call it in a transaction only, and end the transaction with `finish`. */
  write(changes: readonly LedgerChange[]): void {
    for (const change of changes) this.#write(change)
  }

  /** Writes the rows held back for the end of the transaction. */
  finish(): void {
    if (this.#isHeadChanged) {
      this.#sql.exec('INSERT OR REPLACE INTO head (id, data) VALUES (1, ?)', encodeRow(this.#head))
    }
    for (const key of this.#changedSeries) this.#put('series', 'key', key, this.#series.get(key))
    this.#isHeadChanged = false
    this.#changedSeries.clear()
  }

  #write(change: LedgerChange): void {
    switch (change.table) {
      case 'head':
        this.#head = change.row
        this.#isHeadChanged = true
        return
      case 'series':
        if (change.row === undefined) this.#series.delete(change.key)
        else this.#series.set(change.key, change.row)
        this.#changedSeries.add(change.key)
        return
      case 'charges':
        return change.row === undefined ? this.#put('charges', 'id', change.key, undefined) : this.#charge(change.row)
      case 'grants':
        if (change.row === undefined) return this.#put('grants', 'id', change.key, undefined)
        this.#sql.exec(
          'INSERT INTO grants (id, at, data) VALUES (?, ?, ?)',
          change.key,
          change.row.at,
          encodeRow(change.row),
        )
        return
      case 'entries':
        if (change.row === undefined) this.#entries.delete(change.key)
        else this.#entries.set(change.key, change.row)
        return this.#put('entries', 'key', change.key, change.row)
      case 'records':
        return this.#put('records', 'position', change.key, change.row)
      case 'all':
        for (const table of TABLES) this.#sql.exec(`DELETE FROM ${table}`)
        this.#head = EMPTY_HEAD
        this.#series.clear()
        this.#entries.clear()
        this.#isHeadChanged = false
        this.#changedSeries.clear()
    }
  }

  #put(table: string, column: string, key: string | number, row: object | undefined): void {
    if (row === undefined) this.#sql.exec(`DELETE FROM ${table} WHERE ${column} = ?`, key)
    else this.#sql.exec(`INSERT OR REPLACE INTO ${table} (${column}, data) VALUES (?, ?)`, key, encodeRow(row))
  }

  #charge(charge: Charge): void {
    const { id, sequence, state, actAt = null, chain } = charge
    const [key, continuation] = [chain.idempotency?.key ?? null, chain.continuation ?? null]
    this.#sql.exec(
      `INSERT INTO charges (id, sequence, state, act_at, idempotency, continuation, data) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, act_at = excluded.act_at, data = excluded.data`,
      id,
      sequence,
      state,
      actAt,
      key,
      continuation,
      encodeRow(charge),
    )
  }

  #one<T>(read: (data: string) => T, query: string, ...bindings: SqlStorageValue[]): T | undefined {
    const [row] = this.#all(read, query, ...bindings)
    return row
  }

  #all<T>(read: (data: string) => T, query: string, ...bindings: SqlStorageValue[]): T[] {
    const rows = this.#sql.exec<{ data: string }>(query, ...bindings).toArray()
    return rows.map(({ data }) => read(data))
  }
}
