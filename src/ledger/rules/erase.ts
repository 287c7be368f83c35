/**
 * Erases an account: everything that says who it is or what it used, and nothing that keeps others honest.
 *
 * Kept are the state of quotas until their windows end, what holds and standing say of the account, debts, and the ids of
 * grants and takings, as hashes under the ledger's name, which is not stored: whoever signs in anew has no new quota, no
 * lifted hold, no debt less, and no credit that was granted before. Single tokens need not be remembered: all that were issued before are revoked. A ledger
 * erases itself only once billing has every record, because the records name the account. Its sums, without a subject, go
 * to the ledger of the zone: they stay until that one has them, and may be sent there twice, for it knows them by the id of
 * the order. A charge that was open is closed as it stands, and a report that comes later finds none.
 */
import { type Entry, holdIn, join, latest, standingSaid } from '../../standing/rules/standing.ts'
import type { Money } from '../../core/money.ts'
import { withAllMore } from './amount.ts'
import type { Act } from './audit.ts'
import { type Applied, type Book, EMPTY_HEAD, hasRecords, type Head, type LedgerChange, type Part } from './book.ts'
import type { Totals } from './commands.ts'
import { debtOf } from './credit.ts'
import { addToDay, type DailySum, foldedDay } from './daily.ts'
import { keptCredits } from './keptcredits.ts'
import { update } from './settle.ts'
import { UnitOfWork } from './unitofwork.ts'

/** The sums of an account, without a subject, route, meter or model. */
export interface ErasedSums {
  readonly totals: Totals
  /** One for each day. */
  readonly days: readonly DailySum[]
}

/** The state of a ledger that was erased. */
export interface ErasedState {
  /** The order's id. */
  readonly id: string
  readonly at: number
  /** The sums, until the zone's ledger has them. */
  readonly sums?: ErasedSums
}

export interface EraseCommand {
  readonly id: string
  /** The name of the ledger: the key of hashes. */
  readonly ledger: string
  /** Tokens issued until then are void. Seconds since 1970. */
  readonly revokedAt: number
  /** The longest lifetime of a token plus its issuer's clock tolerance. */
  readonly longestTokenSeconds: number
  /** True if prepaid credit may be lost. */
  readonly mayForfeit: boolean
  /** Recorded with the erasure, which leaves earlier records as they are. */
  readonly act?: Act
}

/** The command with the hashes of all names that the ledger keeps. */
export interface HashedErasure extends EraseCommand {
  readonly hashes: ReadonlyMap<string, string>
  /** True if there is no billing to tell: records from before go with the rest. */
  readonly mayDropRecords: boolean
}

export type EraseOutcome =
  | {
      readonly kind: 'erased'
      /** The id of the order: of the first one, if it was sent again before it came to its end. */
      readonly id: string
      readonly sums: ErasedSums
      readonly forfeited: readonly Money[]
      /** The debts that stay. Absent if there are none. */
      readonly owed?: readonly Money[]
    }
  | { readonly kind: 'refused'; readonly reason: 'credit-left'; readonly credit: readonly Money[] }
  /** The ledger is that of a receipt or payment, which is its bearer's, and ends with it. */
  | { readonly kind: 'refused'; readonly reason: 'no-account' }
  /** Charges are open, or billing lacks records. Tokens are void, nothing was erased; the same order may succeed in a moment. */
  | { readonly kind: 'refused'; readonly reason: 'records-waiting' }

/** The most grants: an account's are a few a month, and are forgotten after thirteen months. */
const MOST_GRANTS = 5000
/** The most open charges closed at once. */
const MOST_OPEN = 500

const HASHED = /^#[\w-]{22}$/

/** Returns the names that the ledger keeps, and that are no hashes yet. */
export function namesToHash(book: Book): Applied<readonly string[]> {
  return { outcome: book.grantsBefore(Infinity, MOST_GRANTS).filter((id) => !HASHED.test(id)), changes: [] }
}

/**
 * Erases the ledger's account. Refuses while something is open, which it closes, while billing lacks a record, and if a name
 * has come meanwhile that has no hash.
 */
export function eraseState(book: Book, command: HashedErasure, now: number): Applied<EraseOutcome> {
  const { head } = book
  const { id, sums } = head.erased ?? {}
  if (id !== undefined && sums !== undefined)
    return { outcome: { kind: 'erased', id, sums, forfeited: [] }, changes: [] }
  if (head.receipt.expires !== undefined || hasPayment(book))
    return { outcome: { kind: 'refused', reason: 'no-account' }, changes: [] }
  const credit = head.credit.filter(({ units }) => units > 0n)
  if (credit.length > 0 && !command.mayForfeit)
    return { outcome: { kind: 'refused', reason: 'credit-left', credit }, changes: [] }
  if (book.active > 0) return closeAll(book, command, now)
  const isHashed = namesToHash(book).outcome.every((name) => command.hashes.has(name))
  if ((hasRecords(book) && !command.mayDropRecords) || !isHashed) return waiting(book, command)
  const erased = { id: command.id, at: now, sums: sumsOf(book) }
  const owed = debtsOf(head)
  const outcome = {
    kind: 'erased' as const,
    id: command.id,
    sums: erased.sums,
    forfeited: credit,
    ...(owed.length > 0 && { owed: owed.flatMap((balance) => debtOf(balance) ?? []) }),
  }
  return { outcome, changes: [{ table: 'all' }, ...keptRows(book, command, erased)] }
}

/** Has the order sent again. The tokens from before are void at once: an account that goes on asking would never be erased. */
function waiting(book: Book, command: EraseCommand, changes: readonly LedgerChange[] = []): Applied<EraseOutcome> {
  const { revokedAt = -Infinity } = book.entries.get('')?.entry ?? {}
  const voided = revokedAt >= command.revokedAt ? [] : [revocation(book, command)]
  return { outcome: { kind: 'refused', reason: 'records-waiting' }, changes: [...changes, ...voided] }
}

function hasPayment(book: Book): boolean {
  return book.dueCharges(Infinity, MOST_OPEN).some(({ payment }) => payment !== undefined)
}

function closeAll(book: Book, command: EraseCommand, now: number): Applied<EraseOutcome> {
  const work = new UnitOfWork(book)
  for (const charge of book.dueCharges(Infinity, MOST_OPEN)) {
    const parts = charge.parts.map((part): Part => (part.end === 'open' ? { ...part, end: 'forgotten' } : part))
    update(work, charge, parts, now)
  }
  return waiting(book, command, work.changes())
}

/** Returns what is said of the account once its tokens are void. `known` is what was said before. */
function revocation(
  book: Book,
  { revokedAt, longestTokenSeconds }: EraseCommand,
  known: Entry | undefined = book.entries.get('')?.entry,
): LedgerChange {
  const { longestTokenSeconds: before = 0, isForGood } = book.entries.get('') ?? {}
  const seconds = Math.max(longestTokenSeconds, before)
  const entry = join(known ?? {}, { revokedAt })
  const row = { entry, longestTokenSeconds: seconds, ...(isForGood && { isForGood }) }
  return { table: 'entries', key: '', row }
}

function sumsOf({ head, days }: Book): ErasedSums {
  return { totals: head.totals, days: foldedDay([...days.values()]) }
}

/** Returns the credit of less than nothing. Whoever signs in anew owes it still. */
function debtsOf({ credit }: Head): readonly Money[] {
  return credit.filter(({ units }) => units < 0n)
}

/** Returns what stays: numbers go on, or charges made later would be taken for earlier ones. */
function keptRows(book: Book, { hashes, ...command }: HashedErasure, erased: ErasedState): LedgerChange[] {
  const { sequence, position, audit } = book.head
  const outbox = { done: position, taken: [] }
  const kept = { sequence, position, outbox, credit: debtsOf(book.head), erased, ...(audit && { audit }) }
  return [
    { table: 'head', row: { ...EMPTY_HEAD, ...kept } },
    ...Array.from(book.series, ([key, series]): LedgerChange => ({ table: 'series', key, row: series })),
    revocation(book, command, withoutNames(book.entries.get('')?.entry ?? {}, erased.at)),
    ...keptCredits(book, book.grantsBefore(Infinity, MOST_GRANTS), hashes),
  ]
}

/** Replaces subscriptions and named holds, whose ids are billing's names for the account, by what they come to. */
function withoutNames(all: Entry, now: number): Entry {
  const { subscriptions: _subscriptions, holds: _holds, heldAt: _heldAt, ...entry } = all
  const standing = standingSaid(all)
  return { ...entry, ...(standing && { standing }), ...heldFor(all, holdIn(all, now / 1000)) }
}

/** The name of a hold that has lost its own. */
const ERASED_HOLD = 'erased'

function heldFor({ heldAt: held }: Entry, hold: ReturnType<typeof holdIn>): Pick<Entry, 'heldAt' | 'holds'> {
  const ended = held === undefined ? {} : { heldAt: held }
  if (hold?.until !== undefined) return { ...ended, holds: [{ name: ERASED_HOLD, at: hold.since, until: hold.until }] }
  const heldAt = latest(held, hold?.since)
  return heldAt === undefined ? {} : { heldAt }
}

/** Drops the sums, which the zone's ledger has. */
export function endErase(book: Book, id: string): Applied<undefined> {
  const { erased } = book.head
  if (erased?.sums === undefined || erased.id !== id) return { outcome: undefined, changes: [] }
  const work = new UnitOfWork(book)
  work.putHead({ erased: { id, at: erased.at } })
  return { outcome: undefined, changes: work.changes() }
}

/** The sums of an erased account, for the ledger of its zone. */
export interface AddErasedCommand {
  /** The order's id: sums are added once for each. */
  readonly id: string
  readonly sums: ErasedSums
}

/** Adds the sums of an erased account to those of the zone. */
export function addErased(book: Book, { id, sums }: AddErasedCommand, now: number): Applied<undefined> {
  const name = `erased ${id}`
  if (book.grant(name) !== undefined) return { outcome: undefined, changes: [] }
  const work = new UnitOfWork(book)
  const { totals } = work.head
  work.putGrant({ id: name, at: now, units: 0n, currency: '' })
  work.putHead({
    totals: {
      charges: totals.charges + sums.totals.charges,
      unsettled: totals.unsettled + sums.totals.unsettled,
      counts: withAllMore(totals.counts, sums.totals.counts),
      money: withAllMore(totals.money, sums.totals.money),
    },
  })
  for (const day of sums.days) addToDay(work, day, now)
  return { outcome: undefined, changes: work.changes() }
}
