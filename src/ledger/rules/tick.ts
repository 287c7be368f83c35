/**
 * The alarm of a ledger: everything that has to happen without a request.
 *
 * It closes charges that nobody reported on, asks settlers about payments with an unknown outcome, and flushes records to
 * billing. It also forgets series and statements that no longer count, old grants, and finally the whole ledger of a receipt
 * that can never be presented again. One tick does a bounded amount of work and says if more is due. Closed charges need no
 * alarm: each is known until a time of its own, and the head has counted it.
 */
import { endOf, saysHowItStands } from '../../standing/rules/standing.ts'
import { leaveAloneMs } from './backoff.ts'
import {
  type Applied,
  type Book,
  type Charge,
  type Effect,
  EMPTY_HEAD,
  type EntryRow,
  hasRecords,
  type LedgerChange,
  type OutboxState,
} from './book.ts'
import { DAY_MS } from './calendar.ts'
import type { FlushedCommand, TickOutcome } from './outbox.ts'
import { UnitOfWork } from './unitofwork.ts'
import { sendOwed } from './owed.ts'
import { askAgain, caughtUp } from './settlement.ts'
import { idleAt, isIdle } from './series.ts'
import { forget } from './settle.ts'
import { dropSigned, signedDaysAfter, signedEndAt } from './signedacts.ts'

/** The most charges of one tick: a fraction of a second's work. */
const MOST = 500
/** The time a receipt's ledger is kept after its end, for late reports. */
const RECEIPT_MS = DAY_MS
/** The time a grant's id is remembered: no event of billing is repeated after that. */
const GRANT_MS = 400 * DAY_MS

/** The most positions that billing may have beyond the first that it lacks. */
const MAX_TAKEN = 100

/** Closes overdue charges as kept, and forgets what is out of use. Sums do not change by forgetting. */
export function tick(book: Book, _command: undefined, now: number): Applied<TickOutcome> {
  const work = new UnitOfWork(book)
  const due = book.dueCharges(now, MOST)
  let closed = 0
  const effects: Effect[] = []
  for (const found of due) {
    const settling = askAgain(work, found, now)
    if (settling !== undefined) {
      effects.push(settling)
      continue
    }
    const last = found.payment === undefined ? forget(work, found, now) : overdue(work, found, now)
    if (last.actAt === undefined) closed += 1
  }
  for (const [key, series] of book.series) if (isIdle(series, now)) work.putSeries(key, undefined)
  for (const [key, row] of book.entries) if (isPast(book, key, row, now)) work.dropEntry(key)
  for (const id of book.grantsBefore(now - GRANT_MS, MOST)) work.dropGrant(id)
  const dropped = dropSigned(book.head, now)
  if (dropped.length > 0) work.putHead({ signed: signedDaysAfter(book.head, dropped) })
  const owed = sendOwed(work, now)
  if (owed !== undefined) effects.push(owed)
  const outcome = { closed, hasMore: due.length === MOST }
  const hasEnded = isOver(book, due.length, now) || isErasureOver(book, now)
  if (hasRecords(book)) effects.push({ kind: 'flush' })
  return { outcome, changes: hasEnded ? endedRows(book) : [...work.changes(), ...dropped], effects }
}

/** Deletes everything except for the audit. */
function endedRows({ head: { audit } }: Book): readonly LedgerChange[] {
  return audit === undefined ? [{ table: 'all' }] : [{ table: 'all' }, { table: 'head', row: { ...EMPTY_HEAD, audit } }]
}

/** Ends what is overdue of a charge with a payment: its claim, else its requests. */
function overdue(work: UnitOfWork, found: Charge, now: number): Charge {
  const last = caughtUp(work, found, now)
  return last === found ? forget(work, found, now) : last
}

/** Returns the time to delete a receipt's ledger: a day after its end, once none of its last charges is known any more. */
function overAt(book: Book): number | undefined {
  const { expires } = book.head.receipt
  if (expires === undefined) return undefined
  return Math.max(expires + RECEIPT_MS, ...book.recentCharges().map(({ keepUntil = 0 }) => keepUntil))
}

/** Returns true if nothing is open, billing has every record, and the token can never be presented again. */
function isOver(book: Book, due: number, now: number): boolean {
  const over = overAt(book)
  if (over === undefined || over > now || due > 0) return false
  return book.nextDue() === undefined && book.head.owed === undefined && !hasRecords(book)
}

/**
 * Returns the time to delete the ledger of an erased account that did not come back: every id of a grant is forgotten then.
 * Statements go first.
 */
function erasureOverAt({ head, entries, active }: Book): number | undefined {
  const { erased, totals, credit } = head
  if (erased === undefined || erased.sums !== undefined || totals.charges > 0 || credit.length > 0) return undefined
  return active > 0 || entries.size > 0 ? undefined : erased.at + GRANT_MS + 1
}

function isErasureOver(book: Book, now: number): boolean {
  return (erasureOverAt(book) ?? Infinity) <= now && !hasRecords(book)
}

/**
 * Returns the time to forget a statement. Issued credentials have no end, so an account with some keeps what is said of it,
 * and which tokens were revoked; an account for which another than its issuer speaks keeps what no later token overrules.
 */
function pastAt({ head }: Book, key: string, row: EntryRow): number | undefined {
  const { entry, longestTokenSeconds, isForGood, isOfSession } = row
  // That one is disabled is in its record; that it is revoked, here alone.
  const isOfCredential = key === '' || (entry.revokedAt !== undefined && isOfSession !== true)
  const isKept = ((head.credentials ?? 0) > 0 && isOfCredential) || (isForGood === true && saysHowItStands(entry))
  const end = isKept ? undefined : endOf(entry, longestTokenSeconds)
  return end === undefined ? undefined : (end + 1) * 1000
}

function isPast(book: Book, key: string, row: EntryRow, now: number): boolean {
  return (pastAt(book, key, row) ?? Infinity) <= now
}

/** Returns the times at which rate counts become idle, if the ledger holds nothing else. */
function seriesIdleAt({ head, series }: Book): readonly number[] {
  return head === EMPTY_HEAD ? Array.from(series.values(), idleAt) : []
}

/** Returns true for a ledger without anything to keep. */
export function isBare({ head, entries, series }: Book): boolean {
  return head === EMPTY_HEAD && entries.size === 0 && series.size === 0
}

/** Returns the time of the next work, in milliseconds since 1970; undefined if there is none. */
export function nextTick(book: Book): number | undefined {
  const due = book.nextDue()
  // Before that there is nothing to do: an alarm for something that has to wait would ring without end.
  const over = due === undefined && book.head.owed === undefined && !hasRecords(book) ? overAt(book) : undefined
  const pasts = Array.from(book.entries, ([key, row]) => pastAt(book, key, row))
  const times = [due, book.head.owed?.at, over, erasureOverAt(book), signedEndAt(book), ...pasts, ...seriesIdleAt(book)]
  const next = Math.min(...times.map((time) => time ?? Infinity))
  return next === Infinity ? undefined : next
}

/** Notes the records that billing has. If a sink took none, notes how long to leave billing alone. */
export function flushed(
  book: Book,
  { positions, hasFailed = false, heard }: FlushedCommand,
  now: number,
): Applied<undefined> {
  const work = new UnitOfWork(book)
  const failures = (book.head.flush?.failures ?? 0) + 1
  if (hasFailed) work.putHead({ flush: { failures, until: now + leaveAloneMs(failures), ...(heard && { heard }) } })
  else if (book.head.flush !== undefined && positions.length > 0) work.putHead({ flush: undefined })
  if (positions.length > 0) work.putHead({ outbox: taken(book, positions) })
  return { outcome: undefined, changes: work.changes() }
}

/** Returns the records that billing has, once it has these too. Positions at which there is no record count as taken. */
function taken(book: Book, positions: readonly number[]): OutboxState {
  const { position: last, outbox } = book.head
  const all = new Set([...outbox.taken, ...positions.filter((position) => position > outbox.done && position <= last)])
  const lacking = book.records(all.size + 1).find(({ position }) => !all.has(position))
  const done = lacking === undefined ? last : lacking.position - 1
  const beyond = [...all].filter((position) => position > done).sort((one, other) => one - other)
  return { done, taken: beyond.slice(0, MAX_TAKEN) }
}
