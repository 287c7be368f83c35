import type { TallyStorage, StateName } from './rules/book.ts'
import type { Kept } from './rules/buckets.ts'
import type { EncodedTally } from './rules/encoding.ts'
import type { Mark } from './rules/money.ts'
import type { NearLimit } from './rules/nearlimits.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS tallies (resolution TEXT NOT NULL, start INTEGER NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (resolution, start)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tally_near (id TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tally_state (name TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
`

/** The SQLite of an object, as far as it is used here. */
export interface Sql {
  exec<T extends Record<string, string | number>>(query: string, ...values: readonly (string | number)[]): Iterable<T>
}

/** A month, about: marks are kept in a table for each, since to drop one costs nothing. */
const MARKS_MS = 30 * 24 * 3_600_000
/** The tables of marks that are kept: no record comes again after so long. */
const MARK_TABLES = 4

/** The tallies of one object over its SQLite. Every call is within a transaction. */
export class SqlTallies implements TallyStorage {
  readonly #sql: Sql
  /** The numbers of the tables of marks, the latest first. */
  #months: readonly number[]

  constructor(sql: Sql) {
    this.#sql = sql
    sql.exec(SCHEMA)
    const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name LIKE 'tally_marks_%'")
    const months = Array.from(tables, ({ name }) => Number(name.slice('tally_marks_'.length)))
    this.#months = months.sort((one, other) => other - one)
  }

  row(kept: Kept, start: number): EncodedTally | undefined {
    const query = 'SELECT data FROM tallies WHERE resolution = ? AND start = ?'
    const [found] = this.#sql.exec<{ data: string }>(query, kept, start)
    return found && (JSON.parse(found.data) as EncodedTally)
  }

  *rows(kept: Kept, from: number, to: number): Iterable<readonly [number, EncodedTally]> {
    const query = 'SELECT start, data FROM tallies WHERE resolution = ? AND start >= ? AND start < ? ORDER BY start'
    for (const { start, data } of this.#sql.exec<{ start: number; data: string }>(query, kept, from, to))
      yield [start, JSON.parse(data) as EncodedTally]
  }

  put(kept: Kept, start: number, tally: EncodedTally): void {
    const query = 'INSERT OR REPLACE INTO tallies (resolution, start, data) VALUES (?, ?, ?)'
    this.#sql.exec(query, kept, start, JSON.stringify(tally))
  }

  drop(kept: Kept, before: number): void {
    this.#sql.exec('DELETE FROM tallies WHERE resolution = ? AND start < ?', kept, before)
  }

  mark(payer: string): Mark | undefined {
    for (const month of this.#months) {
      const query = `SELECT position, at FROM tally_marks_${month} WHERE payer = ?`
      const [found] = this.#sql.exec<{ position: number; at: number }>(query, payer)
      if (found !== undefined) return found
    }
    return undefined
  }

  putMark(payer: string, { position, at }: Mark, now: number): void {
    const month = Math.floor(now / MARKS_MS)
    if (!this.#months.includes(month)) this.#begin(month)
    const query = `INSERT OR REPLACE INTO tally_marks_${month} (payer, position, at) VALUES (?, ?, ?)`
    this.#sql.exec(query, payer, position, at)
  }

  dropMark(payer: string): void {
    for (const month of this.#months) this.#sql.exec(`DELETE FROM tally_marks_${month} WHERE payer = ?`, payer)
  }

  near(): readonly (readonly [string, NearLimit])[] {
    const rows = this.#sql.exec<{ id: string; data: string }>('SELECT id, data FROM tally_near')
    return Array.from(rows, ({ id, data }) => [id, JSON.parse(data) as NearLimit] as const)
  }

  putNear(id: string, near: NearLimit): void {
    this.#sql.exec('INSERT OR REPLACE INTO tally_near (id, data) VALUES (?, ?)', id, JSON.stringify(near))
  }

  dropNear(id: string): void {
    this.#sql.exec('DELETE FROM tally_near WHERE id = ?', id)
  }

  #begin(month: number): void {
    const columns = 'payer TEXT PRIMARY KEY, position INTEGER NOT NULL, at INTEGER NOT NULL'
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS tally_marks_${month} (${columns}) WITHOUT ROWID`)
    const all = [month, ...this.#months].sort((one, other) => other - one)
    for (const old of all.slice(MARK_TABLES)) this.#sql.exec(`DROP TABLE tally_marks_${old}`)
    this.#months = all.slice(0, MARK_TABLES)
  }

  state(name: StateName): string | undefined {
    const [found] = this.#sql.exec<{ data: string }>('SELECT data FROM tally_state WHERE name = ?', name)
    return found?.data
  }

  putState(name: StateName, text: string): void {
    this.#sql.exec('INSERT OR REPLACE INTO tally_state (name, data) VALUES (?, ?)', name, text)
  }
}
