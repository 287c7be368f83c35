/**
 * Gives Ghost the SQLite of Node in place of the package `sqlite3`, whose native code is not in the package: the three calls
 * that its query builder (knex) makes, with that package's errors.
 */
import { DatabaseSync } from 'node:sqlite'

export const OPEN_READWRITE = 2
export const OPEN_CREATE = 4

export class Database {
  #database

  constructor(filename, _flags, done) {
    this.#database = new DatabaseSync(filename, { enableDoubleQuotedStringLiterals: true })
    setImmediate(() => done(null))
  }

  run(sql, ...rest) {
    this.#perform('run', sql, rest)
  }

  all(sql, ...rest) {
    this.#perform('all', sql, rest)
  }

  close(done) {
    this.#database.close()
    setImmediate(() => done(null))
  }

  #perform(method, sql, rest) {
    const done = rest.findLast((value) => typeof value === 'function') ?? (() => undefined)
    const bindings = Array.isArray(rest[0]) ? rest[0].map(asBinding) : []
    try {
      const result = this.#database.prepare(sql)[method](...bindings)
      const written = { lastID: result.lastInsertRowid, changes: result.changes }
      setImmediate(() => done.call(written, null, method === 'all' ? result.map((row) => ({ ...row })) : undefined))
    } catch (error) {
      const told = Object.assign(new Error(`SQLITE_ERROR: ${error.message}`), { errno: 1, code: 'SQLITE_ERROR' })
      setImmediate(() => done.call({}, told))
    }
  }
}

/** Returns what SQLite is given. Node binds a number as REAL, and 1.0 is not the text `1` of an identifier. */
function asBinding(value) {
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return BigInt(value)
  if (value instanceof Date) return value.getTime()
  return value ?? null
}
