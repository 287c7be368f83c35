import type { Applied, Book } from './book.ts'
import { charge } from './charge.ts'
import type { ChargeCommand, ChargeRefused } from './commands.ts'

/**
 * Why a charge would be refused now, or undefined. Changes nothing. What an `Idempotency-Key` conflicts with is not told:
 * who asks before the content is read does not know its digest yet.
 */
export function dryRun(book: Book, command: ChargeCommand, now: number): Applied<ChargeRefused | undefined> {
  const { outcome } = charge(book, command, now)
  const isRefused = outcome.kind === 'refused' && outcome.conflict === undefined
  return { outcome: isRefused ? outcome : undefined, changes: [] }
}
