/**
 * Reads a ledger of the schema before the journal: a row for each charge, and one for each record.
 *
 * Such a ledger is read once, when it is first opened, and written anew within the same transaction. Its charges come in
 * pages, since an account may have a day's.
 */
import type { Charge, EntryRow, Head, LedgerChange } from '../../../ledger/rules/book.ts'
import type { CreditGrant } from '../../../ledger/rules/creditrows.ts'
import { isPending } from '../../../ledger/rules/payment.ts'
import type { LedgerRecord } from '../../../ledger/rules/record.ts'
import type { Series } from '../../../ledger/rules/series.ts'
import { parseRow } from './row.ts'

/** A ledger of the old schema. */
export interface LegacyLedger {
  /** Moves the tables whose names the journal takes out of its way. */
  begin(): void
  /** Returns the changes that make an empty book this ledger, in pages. */
  changes(now: number): Iterable<readonly LedgerChange[]>
  /** Drops the old tables. */
  end(): void
}

type LegacyHead = Omit<Head, 'outbox'>
type LegacyCharge = Omit<Charge, 'keepUntil'>

/** The charges, or records, of one page. */
const PAGE = 256
const RENAMED = ['head', 'grants'] as const
const DROPPED = ['old_head', 'old_grants', 'series', 'charges', 'entries', 'records'] as const

/** Returns the ledger of the old schema in these tables, if there is one. */
export function legacyLedger(sql: SqlStorage): LegacyLedger | undefined {
  const [table] = sql.exec<{ sql: string }>("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'charges'")
  if (table === undefined) return undefined
  return {
    begin() {
      for (const name of RENAMED) sql.exec(`ALTER TABLE ${name} RENAME TO old_${name}`)
    },
    changes: (now) => changesOf(sql, now),
    end() {
      for (const name of DROPPED) sql.exec(`DROP TABLE IF EXISTS ${name}`)
    },
  }
}

function* changesOf(sql: SqlStorage, now: number): Generator<readonly LedgerChange[]> {
  yield [...headOf(sql), ...namedRows(sql)]
  for (const rows of pages(
    sql,
    'SELECT sequence AS key, data FROM charges WHERE sequence > ? ORDER BY sequence LIMIT ?',
  )) {
    yield rows.map((row) => chargeOf(row as LegacyCharge, now))
  }
  for (const rows of pages(
    sql,
    'SELECT position AS key, data FROM records WHERE position > ? ORDER BY position LIMIT ?',
  )) {
    const records = rows as LedgerRecord[]
    yield records.map((row): LedgerChange => ({ table: 'records', key: row.position, row }))
  }
}

function headOf(sql: SqlStorage): LedgerChange[] {
  const [row] = sql.exec<{ data: string }>('SELECT data FROM old_head')
  if (row === undefined) return []
  const head = parseRow(row.data) as LegacyHead
  const [first] = sql.exec<{ position: number | null }>('SELECT min(position) AS position FROM records')
  const done = (first?.position ?? head.position + 1) - 1
  return [{ table: 'head', row: { ...head, outbox: { done, taken: [] } } }]
}

function namedRows(sql: SqlStorage): LedgerChange[] {
  const read = (query: string) => sql.exec<{ key: string; data: string }>(query).toArray()
  return [
    ...read('SELECT key, data FROM series').map(({ key, data }) => ({
      table: 'series' as const,
      key,
      row: parseRow(data) as Series,
    })),
    ...read('SELECT key, data FROM entries').map(({ key, data }) => ({
      table: 'entries' as const,
      key,
      row: parseRow(data) as EntryRow,
    })),
    ...read('SELECT id AS key, data FROM old_grants').map(({ key, data }) => ({
      table: 'grants' as const,
      key,
      row: parseRow(data) as CreditGrant,
    })),
  ]
}

/** `actAt` of a closed charge was the time to forget it; without one it was kept as one of the last. */
function chargeOf(row: LegacyCharge, now: number): LedgerChange {
  const { id, state, actAt, payment } = row
  const isActive = state === 'open' || (payment !== undefined && isPending(payment))
  const until = isActive ? { actAt, keepUntil: undefined } : { actAt: undefined, keepUntil: actAt ?? now }
  return { table: 'charges', key: id, row: { ...row, ...until } }
}

/** Reads a table in pages, by a query for the rows after a key. */
function* pages(sql: SqlStorage, query: string): Generator<readonly unknown[]> {
  for (let after = 0; ; ) {
    const rows = sql.exec<{ key: number; data: string }>(query, after, PAGE).toArray()
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map(({ data }) => parseRow(data))
    after = last.key
  }
}
