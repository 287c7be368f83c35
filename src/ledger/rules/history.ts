/**
 * Reads everything that a ledger still knows, page by page, for an export.
 *
 * The first page says how the ledger stands, and gives the sums of days: they go back further than single charges. Between
 * two pages the ledger goes on, so an export is no snapshot: a charge made meanwhile may come, and one that changed may come
 * twice.
 */
import type { Entry } from '../../standing/rules/standing.ts'
import type { Money } from '../../core/money.ts'
import { type Applied, type Book, viewOf } from './book.ts'
import type { ChargeView, Totals } from './commands.ts'
import type { CreditGrant, CreditTaking } from './creditrows.ts'
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
  /** At most `MOST_HISTORY`, with the takings. */
  readonly grants: readonly CreditGrant[]
  /** Absent in a ledger of an earlier version. */
  readonly takings?: readonly CreditTaking[]
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

/** Returns the grants and takings that are remembered, in order. */
function creditsOf(book: Book): Required<Pick<HistoryState, 'grants' | 'takings'>> {
  const ids = book.grantsBefore(Infinity, MOST_HISTORY)
  const grants = ids.flatMap((id) => book.grant(id) ?? []).filter(({ awaited }) => awaited === undefined)
  return { grants: grants.toSorted(byTime), takings: ids.flatMap((id) => book.taking(id) ?? []).toSorted(byTime) }
}

function byTime(one: CreditGrant | CreditTaking, other: CreditGrant | CreditTaking): number {
  return one.at - other.at || (one.id < other.id ? -1 : 1)
}

function stateOf(book: Book): HistoryState {
  const { credit, totals } = book.head
  return {
    entry: book.entries.get('')?.entry,
    credit,
    ...creditsOf(book),
    totals,
    days: [...book.days.values()].toSorted((a, b) => a.day - b.day),
  }
}
