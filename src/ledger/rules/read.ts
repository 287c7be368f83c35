import { type Applied, type Book, RECENT, viewOf } from './book.ts'
import type { LedgerSnapshot, ReadCommand } from './commands.ts'
import type { OutboxCommand, OutboxOutcome } from './outbox.ts'
import { UnitOfWork } from './unitofwork.ts'
import { statusOf } from './limits.ts'
import { receiptStatus } from './receipt.ts'

/** Returns the state of an account or a receipt. Changes nothing. */
export function read(book: Book, { limits, receipt }: ReadCommand, now: number): Applied<LedgerSnapshot> {
  const { head } = book
  const outcome: LedgerSnapshot = {
    entry: book.entries.get('')?.entry,
    credit: head.credit,
    limits: statusOf(new UnitOfWork(book), limits ?? [], now),
    receipt: receipt && receiptStatus(head, receipt),
    recent: book.recentCharges().map(viewOf),
    unsettled: book.unsettledCharges(RECENT, now).map(viewOf),
    totals: head.totals,
  }
  return { outcome, changes: [] }
}

/** Returns the first records that billing does not have. They stay until `flushed`. */
export function outbox(book: Book, { most, after }: OutboxCommand): Applied<OutboxOutcome> {
  return { outcome: book.records(most, after), changes: [] }
}
