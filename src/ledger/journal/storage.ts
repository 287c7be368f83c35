import type { Place } from './ring.ts'

/** One commit, or a part of it. */
export interface JournalRow extends Place {
  /** The slot of the row after it. */
  readonly next: number
  readonly at: number
  /** The position of the last record for billing after it. */
  readonly lastRecord: number
  /** The ring after this row, but for its next slot. */
  readonly ring: string
  readonly changes: string
  /** The records for billing; empty if there are none. */
  readonly records: string
}

/** A row without its changes. */
export type OutboxRow = Pick<JournalRow, 'number' | 'next' | 'lastRecord' | 'records'>

/** A row without its content. `size` is in characters. */
export type RowFacts = Pick<JournalRow, 'number' | 'next' | 'at'> & { readonly size: number }

/** A part of a checkpoint, which is whole if all its parts are there. */
export interface CheckpointPart {
  readonly generation: number
  readonly part: number
  readonly parts: number
  readonly data: string
}

/**
 * The tables of one ledger's journal: in SQLite, or in memory. It knows nothing of their content. Everything but reading is
 * called within a transaction. No table takes room before its first row.
 */
export interface JournalStorage {
  row(slot: number): JournalRow | undefined
  outboxRow(slot: number): OutboxRow | undefined
  rowFacts(slot: number): RowFacts | undefined
  /** Returns the slots of the rows whose changes contain a text. Reads all rows. */
  slotsWith(text: string): readonly number[]
  /** Writes a row in its slot, in place of an older one. Throws a RangeError if the row is larger than any store takes. */
  putRow(row: JournalRow): void
  checkpoint(): readonly CheckpointPart[]
  /** Writes a part under a number of its own, in place of an older one. Throws as `putRow`. */
  putCheckpoint(id: number, part: CheckpointPart): void
  /** Returns the text kept under a key on that day, a number of days since 1970. */
  keyed(day: number, key: string): string | undefined
  putKeyed(day: number, key: string, text: string): void
  /** Drops all keys of the days before. */
  dropKeyedBefore(day: number): void
  grant(id: string): string | undefined
  /** Returns the ids of at most so many grants from before a time in milliseconds since 1970. */
  grantsBefore(time: number, most: number): readonly string[]
  putGrant(id: string, at: number, text: string): void
  dropGrant(id: string): void
  credential(id: string): string | undefined
  /** Returns the texts of all issued credentials, in the order of their ids. */
  credentials(): readonly string[]
  putCredential(id: string, text: string): void
  dropCredential(id: string): void
  /** Returns the texts of at most so many audit records after a number, the oldest first. */
  audit(after: number, most: number): readonly string[]
  putAudit(number: number, text: string): void
  /** Returns the text of a note of a day. */
  signed(day: number, key: string): string | undefined
  /** Returns the texts of at most so many notes of a day whose keys are between two others, in their order. */
  signedBetween(day: number, after: string, before: string, most: number): readonly string[]
  putSigned(day: number, key: string, text: string): void
  /** Drops all notes of the days before. */
  dropSignedBefore(day: number): void
  /** Drops everything except for the audit. */
  clear(): void
}

/** The most bytes of one row: SQLite in Durable Objects takes 2 MB. */
export const MAX_ROW_BYTES = 1_800_000

/** Throws a RangeError if a row is larger than any store takes. */
export function checkRowSize(...texts: readonly string[]): void {
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  if (length * 3 <= MAX_ROW_BYTES) return
  const bytes = texts.reduce((sum, text) => sum + new TextEncoder().encode(text).byteLength, 0)
  if (bytes > MAX_ROW_BYTES) throw new RangeError(`a row of ${bytes} bytes`)
}
