import { type Book, hasRecords, type LedgerChange } from './book.ts'
import type { HeardUpTo, LedgerRecord } from './record.ts'

/** What one alarm has done. */
export interface TickOutcome {
  readonly closed: number
  /** True if more work is due at once. */
  readonly hasMore: boolean
}

/** Asks for records that billing does not have. */
export interface OutboxCommand {
  readonly most: number
  /** Only records after this position. Default: from the first. */
  readonly after?: number
}

export type OutboxOutcome = readonly LedgerRecord[]

/** The positions of records that billing has. Unknown positions are ignored. */
export interface FlushedCommand {
  readonly positions: readonly number[]
  /** True if a sink was shown records and took none. */
  readonly hasFailed?: boolean
  /** For each sink, how far it has every record. */
  readonly heard?: HeardUpTo
}

/** Removes new records from the changes, for a ledger without sinks. Earlier records stay. */
export function withoutRecords(book: Book, changes: readonly LedgerChange[]): readonly LedgerChange[] {
  const isEmpty = !hasRecords(book)
  return changes.flatMap((change): LedgerChange[] => {
    if (change.table === 'records') return []
    if (change.table !== 'head' || !isEmpty) return [change]
    return [{ ...change, row: { ...change.row, outbox: { done: change.row.position, taken: [] } } }]
  })
}
