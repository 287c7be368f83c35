/**
 * What an account asks its ledger about its own past: one charge with all its tries, and the sums of days.
 *
 * Nothing here changes anything. A charge that is in memory is found at once; an older one is looked for in all rows of the
 * journal, which costs time and reads: so that is asked for by itself.
 */
import { type Applied, type Book, type Charge, viewOf } from './book.ts'
import type { ChargeView } from './commands.ts'
import type { DailySum } from './daily.ts'
import { MOST_OF_ONE } from './repeat.ts'

/** Looks for a charge by its id, or that of one of its tries. */
export interface TriesQuery {
  readonly charge: string
  /** True to read all of the history, if need be. */
  readonly isDeep: boolean
}

/** Returns all tries of a charge, the first one first; none if there is no such charge. */
export function chargeTries(
  book: Book,
  { charge: id, isDeep }: TriesQuery,
  now: number,
): Applied<readonly ChargeView[]> {
  const found = book.charge(id)
  const known = found === undefined ? [] : withOthers(book, found, now)
  const isWhole = found !== undefined && isComplete(known, found.chain.first)
  const tries = isDeep && !isWhole ? book.findTries(found?.chain.first ?? id) : isWhole ? known : []
  const ordered = [...tries].toSorted((one, other) => one.sequence - other.sequence)
  return { outcome: ordered.map(viewOf), changes: [] }
}

/** Returns a charge and what is known of the others of its chain. */
function withOthers(book: Book, found: Charge, now: number): readonly Charge[] {
  const { first, idempotency, continuation } = found.chain
  const byKey = idempotency && book.chargeByKey(idempotency.key)
  const others = continuation === undefined ? [] : book.chargesByContinuation(continuation, MOST_OF_ONE, now)
  const all = [found, book.charge(first), byKey, ...others].filter((one) => one?.chain.first === first)
  return [...new Map(all.flatMap((one) => (one === undefined ? [] : [[one.id, one] as const]))).values()]
}

/** Returns true if the first charge of a chain is among those known, and as many as were tried. */
function isComplete(known: readonly Charge[], first: string): boolean {
  const most = Math.max(...known.map(({ chain }) => chain.tries))
  return known.some(({ id }) => id === first) && known.length >= most
}

/** Asks for the sums of days: numbers of days since 1970. */
export interface SumsQuery {
  readonly from: number
  readonly before: number
}

/** Returns the sums of days, in their order. */
export function dailySums(book: Book, { from, before }: SumsQuery): Applied<readonly DailySum[]> {
  const found = [...book.days.values()].filter(({ day }) => day >= from && day < before)
  return { outcome: found.toSorted((one, other) => one.day - other.day), changes: [] }
}
