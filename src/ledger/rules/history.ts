/**
 * Reads everything that a ledger still knows, page by page, for an export.
 *
 * The first page says how the ledger stands, and gives the sums of days: they go back further than single charges. Between
 * two pages the ledger goes on, so an export is no snapshot: a charge made meanwhile may come, and one that changed may come
 * twice.
 */
import type { Entry } from '../../standing/rules/standing.ts'
import type { Money } from '../../core/money.ts'
import { type Applied, type Book, type CreditGrant, viewOf } from './book.ts'
import type { ChargeView, Totals } from './commands.ts'
import type { DailySum } from './daily.ts'

/** Asks for one page of a ledger's history. */
export interface HistoryCommand {
  /** The cursor of the page before; undefined for the first page. */
  readonly after?: string
  /** At most `MOST_HISTORY`. */
  readonly most: number
}

export interface LedgerHistory {
  readonly charges: readonly ChargeView[]
  /** The cursor of the next page; undefined after the last one. */
  readonly next: string | undefined
  /** The state beside single charges; on the first page only. */
  readonly state?: HistoryState
}

/** The state of a ledger beside its single charges. */
export interface HistoryState {
  /** Statements about the account since its tokens were signed. */
  readonly entry: Entry | undefined
  readonly credit: readonly Money[]
  /** At most `MOST_HISTORY`. */
  readonly grants: readonly CreditGrant[]
  readonly totals: Totals
  /** In order of their days. */
  readonly days: readonly DailySum[]
}

/** The most charges of one page: an answer of less than a megabyte. */
export const MOST_HISTORY = 500

/** Returns a page of the ledger's charges, with the state beside them on the first one. Changes nothing. */
export function history(book: Book, { after, most }: HistoryCommand): Applied<LedgerHistory> {
  const { charges, next } = book.history(after, Math.max(1, Math.min(most, MOST_HISTORY)))
  const state = after === undefined ? { state: stateOf(book) } : {}
  return { outcome: { charges: charges.map(viewOf), next, ...state }, changes: [] }
}

/** Returns the grants that are remembered, in order. */
function grantsOf(book: Book): readonly CreditGrant[] {
  const grants = book.grantsBefore(Infinity, MOST_HISTORY).flatMap((id) => book.grant(id) ?? [])
  return grants.toSorted((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1))
}

function stateOf(book: Book): HistoryState {
  const { credit, totals } = book.head
  return {
    entry: book.entries.get('')?.entry,
    credit,
    grants: grantsOf(book),
    totals,
    days: [...book.days.values()].toSorted((a, b) => a.day - b.day),
  }
}
