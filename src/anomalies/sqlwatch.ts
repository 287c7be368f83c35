import type { Sql } from '../tallies/sqltallies.ts'
import type { Finding } from './rules/finding.ts'
import type { Suspect } from './rules/observation.ts'
import type { SuspectState } from './rules/state.ts'
import type { SeenSuspect, TakenHolds, WatchNote, WatchStorage } from './rules/watchbook.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS watch_suspects (kind TEXT NOT NULL, key TEXT NOT NULL, seen INTEGER NOT NULL,
    data TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS watch_findings (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS watch_holds (id INTEGER PRIMARY KEY, data TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS watch_notes (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
`

/** What one object knows, over its SQLite. Counts are kept in memory: to count rows is to read them all. */
export class SqlWatch implements WatchStorage {
  readonly #sql: Sql
  readonly #counts = new Map<Suspect, number>()

  constructor(sql: Sql) {
    this.#sql = sql
    sql.exec(SCHEMA)
  }

  suspect(kind: Suspect, key: string): SeenSuspect | undefined {
    const query = 'SELECT seen, data FROM watch_suspects WHERE kind = ? AND key = ?'
    const [found] = this.#sql.exec<{ seen: number; data: string }>(query, kind, key)
    return found && { seen: found.seen, state: JSON.parse(found.data) as SuspectState }
  }

  putSuspect(kind: Suspect, key: string, { seen, state }: SeenSuspect): void {
    const query =
      'INSERT INTO watch_suspects (kind, key, seen, data) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (kind, key) DO UPDATE SET seen = ?3, data = ?4'
    const known = this.countSuspects(kind)
    const [found] = this.#sql.exec('SELECT 1 AS found FROM watch_suspects WHERE kind = ? AND key = ?', kind, key)
    this.#sql.exec(query, kind, key, seen, JSON.stringify(state))
    if (found === undefined) this.#counts.set(kind, known + 1)
  }

  countSuspects(kind: Suspect): number {
    const known = this.#counts.get(kind)
    if (known !== undefined) return known
    const query = 'SELECT COUNT(*) AS count FROM watch_suspects WHERE kind = ?'
    const [found] = this.#sql.exec<{ count: number }>(query, kind)
    const count = found?.count ?? 0
    this.#counts.set(kind, count)
    return count
  }

  suspectsSeen(kind: Suspect, from: number, to: number): readonly string[] {
    const query = 'SELECT key FROM watch_suspects WHERE kind = ? AND seen >= ? AND seen < ?'
    return Array.from(this.#sql.exec<{ key: string }>(query, kind, from, to), ({ key }) => key)
  }

  forget(kind: Suspect, since: number, most: number): void {
    const query = 'SELECT seen FROM watch_suspects WHERE kind = ? ORDER BY seen DESC LIMIT 1 OFFSET ?'
    const [first] = this.#sql.exec<{ seen: number }>(query, kind, most)
    this.#sql.exec('DELETE FROM watch_suspects WHERE kind = ? AND seen < ?', kind, since)
    if (first !== undefined) this.#sql.exec('DELETE FROM watch_suspects WHERE kind = ? AND seen <= ?', kind, first.seen)
    this.#counts.delete(kind)
  }

  forgetSuspect(kind: Suspect, key: string): void {
    this.#sql.exec('DELETE FROM watch_suspects WHERE kind = ? AND key = ?', kind, key)
    const query = `DELETE FROM watch_findings WHERE json_extract(data, '$.suspect') = ? AND json_extract(data, '$.key') = ?`
    this.#sql.exec(query, kind, key)
    this.#counts.delete(kind)
  }

  addFinding(finding: Finding): void {
    this.#sql.exec('INSERT INTO watch_findings (at, data) VALUES (?, ?)', finding.time, JSON.stringify(finding))
  }

  findings(most: number): readonly Finding[] {
    const rows = this.#sql.exec<{ data: string }>('SELECT data FROM watch_findings ORDER BY id DESC LIMIT ?', most)
    return Array.from(rows, ({ data }) => JSON.parse(data) as Finding)
  }

  dropFindings(since: number, most: number): void {
    this.#sql.exec('DELETE FROM watch_findings WHERE at < ?', since)
    const query = 'DELETE FROM watch_findings WHERE id <= (SELECT MAX(id) FROM watch_findings) - ?'
    this.#sql.exec(query, most)
  }

  changeFinding(
    { suspect, key, reference }: Pick<Finding, 'suspect' | 'key'> & { readonly reference: string },
    change: Partial<Finding>,
  ): Finding | undefined {
    const query = `SELECT id, data FROM watch_findings WHERE json_extract(data, '$.reference') = ?
      AND json_extract(data, '$.key') = ? AND json_extract(data, '$.suspect') = ? ORDER BY id DESC LIMIT 1`
    const [found] = this.#sql.exec<{ id: number; data: string }>(query, reference, key, suspect)
    if (found === undefined) return undefined
    const changed = { ...(JSON.parse(found.data) as Finding), ...change }
    this.#sql.exec('UPDATE watch_findings SET data = ? WHERE id = ?', JSON.stringify(changed), found.id)
    return changed
  }

  takenHolds(): TakenHolds {
    const [found] = this.#sql.exec<{ data: string }>('SELECT data FROM watch_holds')
    return found === undefined ? { day: 0, references: [] } : (JSON.parse(found.data) as TakenHolds)
  }

  putTakenHolds(taken: TakenHolds): void {
    this.#sql.exec('INSERT OR REPLACE INTO watch_holds (id, data) VALUES (1, ?)', JSON.stringify(taken))
  }

  note(name: WatchNote): number {
    const [found] = this.#sql.exec<{ value: number }>('SELECT value FROM watch_notes WHERE name = ?', name)
    return found?.value ?? 0
  }

  putNote(name: WatchNote, value: number): void {
    this.#sql.exec('INSERT OR REPLACE INTO watch_notes (name, value) VALUES (?, ?)', name, value)
  }
}
