import {
  type CheckpointPart,
  checkRowSize,
  type JournalRow,
  type JournalStorage,
  type OutboxRow,
  type RowFacts,
} from '../../../ledger/journal/storage.ts'

/**
 * The journal is the table `head`, the first that a reader of the schema before this one looks at. What it finds there is
 * no JSON, so it refuses the ledger, and does not take it for an empty one.
 */
const JOURNAL = `CREATE TABLE IF NOT EXISTS head (
  slot INTEGER PRIMARY KEY, number INTEGER NOT NULL, next INTEGER NOT NULL, at INTEGER NOT NULL,
  last_record INTEGER NOT NULL, ring TEXT NOT NULL, data TEXT NOT NULL, records TEXT NOT NULL
)`
const CHECKPOINT = `CREATE TABLE IF NOT EXISTS checkpoint (
  id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, part INTEGER NOT NULL, parts INTEGER NOT NULL, data TEXT NOT NULL
)`
const GRANTS =
  'CREATE TABLE IF NOT EXISTS grants (id TEXT PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL) WITHOUT ROWID'

const CREDENTIALS = 'CREATE TABLE IF NOT EXISTS credentials (id TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID'
const AUDIT = 'CREATE TABLE IF NOT EXISTS audit (number INTEGER PRIMARY KEY, data TEXT NOT NULL)'

const keysTable = (day: number): string => `keys_${day}`
const signedTable = (day: number): string => `signed_${day}`

/**
 * A ledger's journal over the SQLite of a Durable Object. Cloudflare bills written rows; a new table costs two, and dropping
 * one costs nothing, however many rows it has. So each table is made at its first row, and none has an index.
 */
export class SqlJournal implements JournalStorage {
  readonly #sql: SqlStorage
  readonly #tables: Set<string>

  constructor(sql: SqlStorage) {
    this.#sql = sql
    this.#tables = tablesOf(sql)
  }

  row(slot: number): JournalRow | undefined {
    return this.#inHead(
      'SELECT slot, number, next, at, last_record AS lastRecord, ring, data AS changes, records FROM head WHERE slot = ?',
      slot,
    ) as JournalRow | undefined
  }

  outboxRow(slot: number): OutboxRow | undefined {
    return this.#inHead('SELECT number, next, last_record AS lastRecord, records FROM head WHERE slot = ?', slot) as
      | OutboxRow
      | undefined
  }

  rowFacts(slot: number): RowFacts | undefined {
    return this.#inHead(
      'SELECT number, next, at, length(data) + length(records) AS size FROM head WHERE slot = ?',
      slot,
    ) as RowFacts | undefined
  }

  #inHead(query: string, slot: number): unknown {
    if (!this.#tables.has('head')) return undefined
    const [row] = this.#sql.exec(query, slot)
    return row
  }

  slotsWith(text: string): readonly number[] {
    if (!this.#tables.has('head')) return []
    const rows = this.#sql.exec<{ slot: number }>('SELECT slot FROM head WHERE instr(data, ?) > 0', text)
    return Array.from(rows, ({ slot }) => slot)
  }

  putRow({ slot, number, next, at, lastRecord, ring, changes, records }: JournalRow): void {
    checkRowSize(ring, changes, records)
    this.#make('head', JOURNAL)
    this.#sql.exec(
      'INSERT OR REPLACE INTO head (slot, number, next, at, last_record, ring, data, records) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      slot,
      number,
      next,
      at,
      lastRecord,
      ring,
      changes,
      records,
    )
  }

  checkpoint(): readonly CheckpointPart[] {
    if (!this.#tables.has('checkpoint')) return []
    const rows: unknown[] = this.#sql.exec('SELECT generation, part, parts, data FROM checkpoint').toArray()
    return rows as CheckpointPart[]
  }

  putCheckpoint(id: number, { generation, part, parts, data }: CheckpointPart): void {
    checkRowSize(data)
    this.#make('checkpoint', CHECKPOINT)
    this.#sql.exec(
      'INSERT OR REPLACE INTO checkpoint (id, generation, part, parts, data) VALUES (?, ?, ?, ?, ?)',
      id,
      generation,
      part,
      parts,
      data,
    )
  }

  keyed(day: number, key: string): string | undefined {
    const table = keysTable(day)
    return this.#tables.has(table) ? this.#text(`SELECT data FROM ${table} WHERE key = ?`, key) : undefined
  }

  putKeyed(day: number, key: string, text: string): void {
    checkRowSize(text)
    const table = keysTable(day)
    this.#make(table, `CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID`)
    this.#sql.exec(`INSERT OR REPLACE INTO ${table} (key, data) VALUES (?, ?)`, key, text)
  }

  dropKeyedBefore(day: number): void {
    this.#dropBefore(day, /^keys_(\d+)$/)
  }

  signed(day: number, key: string): string | undefined {
    const table = signedTable(day)
    return this.#tables.has(table) ? this.#text(`SELECT data FROM ${table} WHERE key = ?`, key) : undefined
  }

  signedBetween(day: number, after: string, before: string, most: number): readonly string[] {
    const table = signedTable(day)
    if (!this.#tables.has(table)) return []
    const query = `SELECT data FROM ${table} WHERE key > ? AND key < ? ORDER BY key LIMIT ?`
    return this.#texts(query, after, before, most)
  }

  putSigned(day: number, key: string, text: string): void {
    checkRowSize(key, text)
    const table = signedTable(day)
    this.#make(table, `CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID`)
    this.#sql.exec(`INSERT OR REPLACE INTO ${table} (key, data) VALUES (?, ?)`, key, text)
  }

  dropSignedBefore(day: number): void {
    this.#dropBefore(day, /^signed_(\d+)$/)
  }

  #dropBefore(day: number, named: RegExp): void {
    for (const table of this.#tables) {
      const [, number] = named.exec(table) ?? []
      if (number !== undefined && Number(number) < day) this.#drop(table)
    }
  }

  grant(id: string): string | undefined {
    return this.#tables.has('grants') ? this.#text('SELECT data FROM grants WHERE id = ?', id) : undefined
  }

  grantsBefore(time: number, most: number): readonly string[] {
    if (!this.#tables.has('grants')) return []
    const rows = this.#sql.exec<{ id: string }>('SELECT id FROM grants WHERE at < ? LIMIT ?', time, most)
    return Array.from(rows, ({ id }) => id)
  }

  putGrant(id: string, at: number, text: string): void {
    checkRowSize(text)
    this.#make('grants', GRANTS)
    this.#sql.exec('INSERT OR REPLACE INTO grants (id, at, data) VALUES (?, ?, ?)', id, at, text)
  }

  dropGrant(id: string): void {
    this.#sql.exec('DELETE FROM grants WHERE id = ?', id)
  }

  credential(id: string): string | undefined {
    return this.#tables.has('credentials') ? this.#text('SELECT data FROM credentials WHERE id = ?', id) : undefined
  }

  credentials(): readonly string[] {
    return this.#tables.has('credentials') ? this.#texts('SELECT data FROM credentials ORDER BY id') : []
  }

  putCredential(id: string, text: string): void {
    checkRowSize(text)
    this.#make('credentials', CREDENTIALS)
    this.#sql.exec('INSERT OR REPLACE INTO credentials (id, data) VALUES (?, ?)', id, text)
  }

  dropCredential(id: string): void {
    this.#sql.exec('DELETE FROM credentials WHERE id = ?', id)
  }

  audit(after: number, most: number): readonly string[] {
    if (!this.#tables.has('audit')) return []
    return this.#texts('SELECT data FROM audit WHERE number > ? ORDER BY number LIMIT ?', after, most)
  }

  putAudit(number: number, text: string): void {
    checkRowSize(text)
    this.#make('audit', AUDIT)
    this.#sql.exec('INSERT INTO audit (number, data) VALUES (?, ?)', number, text)
  }

  clear(): void {
    for (const table of this.#tables) if (isCleared(table)) this.#drop(table)
  }

  #make(table: string, schema: string): void {
    if (this.#tables.has(table)) return
    this.#sql.exec(schema)
    this.#tables.add(table)
  }

  #drop(table: string): void {
    this.#sql.exec(`DROP TABLE IF EXISTS ${table}`)
    this.#tables.delete(table)
  }

  #text(query: string, name: string): string | undefined {
    const [row] = this.#sql.exec<{ data: string }>(query, name)
    return row?.data
  }

  #texts(query: string, ...values: (number | string)[]): readonly string[] {
    return Array.from(this.#sql.exec<{ data: string }>(query, ...values), ({ data }) => data)
  }
}

/** Returns the names of all tables. */
export function tablesOf(sql: SqlStorage): Set<string> {
  const rows = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
  return new Set(Array.from(rows, ({ name }) => name))
}

const CLEARED = new Set(['head', 'checkpoint', 'grants', 'credentials'])

/** Returns true for a table of the journal that is not its audit. */
function isCleared(table: string): boolean {
  return CLEARED.has(table) || table.startsWith('keys_') || table.startsWith('signed_')
}
