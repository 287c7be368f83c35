/**
 * Credit that a settled payment has bought, until the account's ledger has it.
 *
 * The money is in one ledger and the credit in another, so no commit holds both. That the credit is owed is written in the
 * commit that knows of the settlement, and it is owed until the account's ledger has confirmed the grant. The grant has the
 * payment's name for its id: however often it is sent, it is one.
 */
import { leaveAloneMs } from './backoff.ts'
import type { Applied, Book, Effect } from './book.ts'
import type { LedgerPlace } from './place.ts'
import type { UnitOfWork } from './unitofwork.ts'

/** The account that a payment fills, kept with the claim. `units` is a decimal number, for it is kept as JSON. */
export interface CreditBought {
  /** The name of the payment. */
  readonly id: string
  /** The name of the account's ledger, and where that is kept. */
  readonly ledger: string
  readonly place: LedgerPlace
  readonly units: string
  readonly currency: string
}

/** A grant that the account's ledger has not confirmed. */
export interface OwedCredit extends CreditBought {
  /** How often the alarm has sent it, and the time at which it sends it again. */
  readonly tries: number
  readonly at: number
}

/** Notes that credit is owed from now on. */
export function oweCredit(work: UnitOfWork, bought: CreditBought | undefined, now: number): void {
  if (bought !== undefined) work.putHead({ owed: { ...bought, tries: 0, at: now + leaveAloneMs(1) } })
}

/** Lets the alarm send the grant if that is due; undefined if not. */
export function sendOwed(work: UnitOfWork, now: number): Effect | undefined {
  const { owed } = work.head
  if (owed === undefined || owed.at > now) return undefined
  const tries = owed.tries + 1
  work.putHead({ owed: { ...owed, tries, at: now + leaveAloneMs(tries) } })
  return { kind: 'grant', owed }
}

/** Notes that the account's ledger has the grant. */
export function paidOut(book: Book, id: string): Applied<undefined> {
  const isOwed = book.head.owed?.id === id
  return { outcome: undefined, changes: isOwed ? [{ table: 'head', row: { ...book.head, owed: undefined } }] : [] }
}
