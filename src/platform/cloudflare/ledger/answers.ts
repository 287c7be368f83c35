import type { StoredAnswers } from '../../../ledger/host/store.ts'
import type { AnswerChange, AnswerName, AnswerRow, KeptAnswer, SegmentSize } from '../../../ledger/rules/answers.ts'
import { encodeRow, parseRow } from './row.ts'

/** The digit names the format of the rows. Tables of another format are not seen: their answers count as not kept. */
const PREFIX = 'answers1_'
/** The largest row: above 2 MB Cloudflare refuses it, and other workerds do not. */
const MAX_ROW_BYTES = 1_800_000

const EMPTY: SegmentSize = { answers: 0, bytes: 0 }

/**
 * Kept answers over the SQLite of a Durable Object: a table for each segment, dropped as a whole, because deleted rows are
 * billed. The first answer creates the first table. The body is the last column, so that nothing else reads over it. After a
 * failed transaction make a new one.
 */
export class SqlAnswers implements StoredAnswers {
  readonly #sql: SqlStorage
  #segments: readonly number[]
  #newestSize: SegmentSize | undefined

  constructor(sql: SqlStorage) {
    this.#sql = sql
    const tables = sql.exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ?",
      `${PREFIX}[0-9]*`,
    )
    this.#segments = Array.from(tables, ({ name }) => Number(name.slice(PREFIX.length))).sort((a, b) => a - b)
  }

  get segments(): readonly number[] {
    return this.#segments
  }

  newestSize(): SegmentSize {
    return (this.#newestSize ??= this.#countNewest())
  }

  find(segment: number, { charge, purpose }: AnswerName): AnswerRow | undefined {
    const [row] = this.#sql
      .exec<{ expires: number; bytes: number; head: string; body: ArrayBuffer | null }>(
        `SELECT expires, bytes, head, body FROM ${tableOf(segment)} WHERE charge = ? AND purpose = ?`,
        charge,
        purpose,
      )
      .toArray()
    if (row === undefined) return undefined
    const { expires, bytes, head, body } = row
    const answer = { ...toHead(head), body: body === null ? null : new Uint8Array(body) }
    return { charge, purpose, expires, bytes, answer }
  }

  /** Call it in a transaction only. */
  write(changes: readonly AnswerChange[]): void {
    for (const change of changes) {
      if (change.kind === 'drop') this.#drop(change.segment)
      else this.#put(change.segment, change.row)
    }
  }

  #drop(segment: number): void {
    this.#sql.exec(`DROP TABLE ${tableOf(segment)}`)
    this.#segments = this.#segments.filter((other) => other !== segment)
  }

  #put(segment: number, { charge, purpose, expires, bytes, answer: { body, ...head } }: AnswerRow): void {
    if (bytes > MAX_ROW_BYTES) throw new RangeError('a row that is too large')
    if (!this.#segments.includes(segment)) this.#begin(segment)
    const size = this.newestSize()
    this.#sql.exec(
      `INSERT OR REPLACE INTO ${tableOf(segment)} (charge, purpose, expires, bytes, head, body) VALUES (?, ?, ?, ?, ?, ?)`,
      charge,
      purpose,
      expires,
      bytes,
      encodeRow(head),
      body === null ? null : new Uint8Array(body).buffer,
    )
    this.#newestSize = { answers: size.answers + 1, bytes: size.bytes + bytes }
  }

  #begin(segment: number): void {
    this.#sql.exec(
      `CREATE TABLE ${tableOf(segment)} (charge TEXT NOT NULL, purpose TEXT NOT NULL, expires INTEGER NOT NULL,
       bytes INTEGER NOT NULL, head TEXT NOT NULL, body BLOB, PRIMARY KEY (charge, purpose)) WITHOUT ROWID`,
    )
    this.#segments = [...this.#segments, segment]
    this.#newestSize = EMPTY
  }

  #countNewest(): SegmentSize {
    const newest = this.#segments.at(-1)
    if (newest === undefined) return EMPTY
    const [size] = this.#sql
      .exec<{ answers: number; bytes: number | null }>(
        `SELECT count(*) AS answers, sum(bytes) AS bytes FROM ${tableOf(newest)}`,
      )
      .toArray()
    return { answers: size?.answers ?? 0, bytes: size?.bytes ?? 0 }
  }
}

function tableOf(segment: number): string {
  return `${PREFIX}${segment}`
}

/** Reads the head of an answer. Only this Worker writes rows, so the type is trusted. */
function toHead(text: string): Omit<KeptAnswer, 'body'> {
  return parseRow(text) as Omit<KeptAnswer, 'body'>
}
