import type { Applied, Book } from './book.ts'
import { charge } from './charge.ts'
import type { ChargeCommand, ChargeRefused } from './commands.ts'

/**
 * Returns the refusal that a charge would get now, or undefined. Changes nothing. Does not report conflicts of an
 * `Idempotency-Key`: the caller asks before the content is read, and does not know its digest yet.
 */
export function dryRun(book: Book, command: ChargeCommand, now: number): Applied<ChargeRefused | undefined> {
  const { outcome } = charge(book, command, now)
  const isRefused = outcome.kind === 'refused' && outcome.conflict === undefined
  return { outcome: isRefused ? outcome : undefined, changes: [] }
}
