import type { StoredBulletin } from '../../../ledger/host/store.ts'
import {
  type BulletinChanges,
  type BulletinHead,
  type BulletinRow,
  NO_BULLETIN,
} from '../../../standing/rules/bulletin.ts'
import { DISTRUST_FORMAT } from '../../../standing/rules/delta.ts'
import { UnknownFormat } from '../../../ledger/journal/codec.ts'
import { encodeRow, parseRow } from './row.ts'

/** The name of the table that a store with a bulletin has. */
export const HEAD_TABLE = 'bulletin_head'
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS ${HEAD_TABLE} (id INTEGER PRIMARY KEY CHECK (id = 1), data TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS bulletin (key TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
`

/**
 * A zone's bulletin over the SQLite of a Durable Object, held in memory as a whole: it is bounded, and every isolate reads
 * it every few seconds. After a failed transaction make a new one.
 */
export class SqlBulletin implements StoredBulletin {
  readonly #sql: SqlStorage
  #head: BulletinHead = NO_BULLETIN
  readonly #rows = new Map<string, BulletinRow>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(SCHEMA)
    for (const { data } of sql.exec<{ data: string }>('SELECT data FROM bulletin_head')) {
      this.#head = toHead(data)
    }
    for (const { key, data } of sql.exec<{ key: string; data: string }>('SELECT key, data FROM bulletin')) {
      this.#rows.set(key, parseRow(data) as BulletinRow)
    }
  }

  get head(): BulletinHead {
    return this.#head
  }

  get rows(): ReadonlyMap<string, BulletinRow> {
    return this.#rows
  }

  /** Call it in a transaction only. */
  write({ head, rows }: BulletinChanges): void {
    this.#head = head
    this.#sql.exec('INSERT OR REPLACE INTO bulletin_head (id, data) VALUES (1, ?)', encodeHead(head))
    for (const [key, row] of rows) {
      if (row === undefined) {
        this.#rows.delete(key)
        this.#sql.exec('DELETE FROM bulletin WHERE key = ?', key)
      } else {
        this.#rows.set(key, row)
        this.#sql.exec('INSERT OR REPLACE INTO bulletin (key, data) VALUES (?, ?)', key, encodeRow(row))
      }
    }
  }
}

/**
 * Writes a head under its format. One with orders of an emergency is of format 2, in which the first reader of these tables,
 * which would let distrusted keys through, finds no head and fails. Every other is of format 1, as that reader writes it.
 */
function encodeHead(head: BulletinHead): string {
  return encodeRow(head.distrust === undefined ? { ...head, format: 1 } : { format: DISTRUST_FORMAT, head })
}

interface StoredHead extends BulletinHead {
  readonly format?: number
  readonly head?: BulletinHead
}

/** Reads a head. JSON has no infinity: the time of a purge of everything that never happened is stored as null. */
function toHead(data: string): BulletinHead {
  const { format = 1, head: inner, ...plain } = parseRow(data) as StoredHead
  if (format > DISTRUST_FORMAT) throw new UnknownFormat(`format ${format}`)
  const head = inner ?? plain
  const everythingAt: number | null = head.purges.everythingAt
  return { ...head, purges: { ...head.purges, everythingAt: everythingAt ?? Number.NEGATIVE_INFINITY } }
}
