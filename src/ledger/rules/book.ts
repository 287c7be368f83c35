/**
 * The state of one ledger as rules see it, and the changes they return.
 *
 * Rules never hold a whole ledger: an account may have a day's charges. They see a `Book`, by which head and series are
 * present and everything else is looked up by name; a journal implements it, or maps. A rule returns the changes to write,
 * an outcome, and effects: work outside the ledger that the host carries out once the changes are durable. A charge is made
 * of parts, one for each request that shares it, and hangs in a chain, the sequence of charges for one thing that must not
 * be paid twice. Nothing has to be written to forget a charge: it is known until a time that it carries.
 */
import type { Breakdown } from '../../access/meter.ts'
import type { AuditHead, AuditRecord } from './audit.ts'
import type { Amount, ChargeView, Delivery, Totals } from './commands.ts'
import type { IssuedCredential } from './credentials.ts'
import type { Entry } from '../../standing/rules/standing.ts'
import type { CreditGrant, CreditTaking } from './creditrows.ts'
import type { ErasedState } from './erase.ts'
import type { DailySum } from './daily.ts'
import type { Facts, HeardUpTo, LedgerRecord } from './record.ts'
import type { OwedCredit } from './owed.ts'
import type { OwnerActs } from './owneracts.ts'
import type { ChargePayment, StoredPayment } from './payment.ts'
import type { Series } from './series.ts'
import type { SignedAct, SignedDays, SignedNotes } from './signedacts.ts'
import type { Money } from '../../core/money.ts'

/** The state of a ledger beside its single charges. */
export interface Head {
  /** The number of charges ever made; it numbers them. */
  readonly sequence: number
  /** The position of the last record for billing. */
  readonly position: number
  readonly outbox: OutboxState
  /** Prepaid credit by currency. Less than nothing is a debt: credit was taken back that was spent, or is reserved. */
  readonly credit: readonly Money[]
  readonly receipt: ReceiptState
  readonly totals: Totals
  /** Recent failures of telling billing; undefined if billing took the last records that it was shown. */
  readonly flush?: FlushState | undefined
  /** Present if the account was erased. */
  readonly erased?: ErasedState
  /** The end of the audit; absent if nothing was recorded. */
  readonly audit?: AuditHead
  /** The number of issued credentials. */
  readonly credentials?: number
  readonly ownerActs?: OwnerActs
  /** The days of which there are notes of signed acts. */
  readonly signed?: SignedDays | undefined
  /** Credit that this payment has bought, and its account has not got. */
  readonly owed?: OwedCredit | undefined
}

/** The records that billing has. */
export interface OutboxState {
  /** Billing has every record up to this position. */
  readonly done: number
  /** The positions beyond `done` that billing has, ascending: at most a hundred. More of them are shown again. */
  readonly taken: readonly number[]
}

interface FlushState {
  /** Failures in a row. */
  readonly failures: number
  /** The time until which billing is left alone, in milliseconds since 1970. */
  readonly until: number
  /** For each sink, the position up to which it has every record, though other sinks do not. */
  readonly heard?: HeardUpTo
}

interface ReceiptState {
  /** Uses that were not given back. */
  readonly used: number
  /** The start of a pass. */
  readonly since: number | undefined
  /** The end of the receipt: its ledger is deleted some time later. */
  readonly expires: number | undefined
}

export const EMPTY_HEAD: Head = {
  sequence: 0,
  position: 0,
  outbox: { done: 0, taken: [] },
  credit: [],
  receipt: { used: 0, since: undefined, expires: undefined },
  totals: { charges: 0, unsettled: 0, counts: [], money: [] },
}

/** One request's part in a charge. */
export interface Part {
  /** The request's id; empty for several ended requests that are kept as one. */
  readonly id: string
  readonly settleBy: number
  /** `forgotten`: no report came in time. */
  readonly end: 'open' | 'forgotten' | Delivery
  /** The usage, at most the charge's reservation. */
  readonly used: Amount
  /** True if nothing of the answer was sent. */
  readonly isUnsent?: boolean
}

/** An amount reserved and paid once, for any number of requests. */
export interface Charge {
  readonly id: string
  /** The charge's number. A series counts the charges from its own start on. */
  readonly sequence: number
  readonly at: number
  readonly state: ChargeView['state']
  /** The time to act on a charge that is open, or whose payment is. Undefined once there is nothing to do. */
  readonly actAt: number | undefined
  /** The time after which a closed charge is not known any more. Undefined while there is something to do. */
  readonly keepUntil: number | undefined
  readonly reserved: Amount
  readonly kept: Amount
  readonly parts: readonly Part[]
  readonly chain: Chain
  /** How the amount kept came about, if a meter counted it. */
  readonly breakdown?: Breakdown
  /** The machine payment that pays the charge. */
  readonly payment?: ChargePayment
  readonly facts: Facts
}

/** Links a charge to earlier ones for the same thing, so that it is not paid twice. */
export interface Chain {
  /** The first charge, and the time it was made. */
  readonly first: string
  readonly since: number
  readonly tries: number
  /** The amount that earlier charges of the chain kept. */
  readonly paid: Amount
  readonly idempotency: { readonly key: string; readonly digest: string } | undefined
  readonly continuation: string | undefined
  /** True if a reader's confirmation makes the chain continue whatever is delivered. */
  readonly isConfirmed?: boolean
  /** True if its client may send the request again by itself, without a key: the continuation names that request. */
  readonly isSentAgain?: true
  /**
   * The representation delivered: under a key by any validator, for Ranges by its strong validator. Undefined while
   * unreported, or if nothing identifies the representation: it then equals no other.
   */
  readonly representation?: string
}

/** An entry of statements, with the time for which it matters. */
export interface EntryRow {
  readonly entry: Entry
  readonly longestTokenSeconds: number
  /** True if a token signed later does not overrule the statements: they matter for good. */
  readonly isForGood?: true
  /** True for a session that was ended: its cookie is good for a bounded time, whatever else the account was issued. */
  readonly isOfSession?: true
}

/** Some of the charges that a ledger still has, and the place of the next ones. */
export interface HistoryPage {
  readonly charges: readonly Charge[]
  /** The cursor of the next page; undefined after the last one. Only the store can read it. */
  readonly next: string | undefined
}

/**
 * The lookups that rules need: maps in memory, or rows of a database. Head and series are small and always present.
 * Everything else is fetched by name, since an account may have a day's charges.
 */
export interface Book {
  readonly head: Head
  /** The room that charges with something left to do take, each as `roomOf` says. */
  readonly active: number
  readonly series: ReadonlyMap<string, Series>
  /** Statements about the account, under the empty key, and about single tokens, under their names. */
  readonly entries: ReadonlyMap<string, EntryRow>
  /** The sums of each day, by `dailyKey`. */
  readonly days: ReadonlyMap<string, DailySum>
  /** Returns a charge. May return one that is not known any more: see `knownCharge`. */
  charge(id: string): Charge | undefined
  /** Returns a charge as it is now, however long ago it was closed, if the store still has it. Reads all of its history. */
  findCharge(id: string): Charge | undefined
  /** Returns a charge, however old, with all others of its chain, if the store still has them. Reads all of its history. */
  findTries(id: string): readonly Charge[]
  /** Returns the latest charge under an idempotency key, for a day at least. */
  chargeByKey(key: string): Charge | undefined
  /** Returns at most so many known charges that name this continuation, the latest first. */
  chargesByContinuation(continuation: string, most: number, now: number): readonly Charge[]
  /** Returns the charges with `actAt` at or before `now`, earliest first. */
  dueCharges(now: number, most: number): readonly Charge[]
  nextDue(): number | undefined
  /** Returns all open charges. */
  openCharges(): Iterable<Charge>
  /** Returns the last charges, latest first: at most twenty. */
  recentCharges(): readonly Charge[]
  /** Returns the last charges that are marked and still known, latest first. */
  unsettledCharges(most: number, now: number): readonly Charge[]
  /**
   * Returns charges in the store's own order, the oldest first, after a cursor that an earlier page gave; from the first if
   * it is undefined. A text that is no cursor finds none. A charge that changes between two pages may come twice: the later
   * one is right.
   */
  history(after: string | undefined, most: number): HistoryPage
  grant(id: string): CreditGrant | undefined
  taking(id: string): CreditTaking | undefined
  credential(id: string): IssuedCredential | undefined
  /** Returns all issued credentials, in the order of their ids. */
  credentials(): readonly IssuedCredential[]
  readonly signed: SignedNotes
  /** Returns at most so many audit records after a number, the oldest first. */
  audit(after: number, most: number): readonly AuditRecord[]
  /** Returns the ids of at most so many grants and takings from before a time. */
  grantsBefore(time: number, most: number): readonly string[]
  /** Returns the first records that billing does not have, in order. */
  records(most: number, after?: number): readonly LedgerRecord[]
}

/** The number of charges an account sees. */
export const RECENT = 20

/** The characters that one place has room for, beside what every charge takes. */
const PLACE_CHARS = 512

/** Returns the places that a charge takes in memory: one, or more if its texts are long. */
export function roomOf({ facts, chain: { continuation = '' } }: Pick<Charge, 'facts' | 'chain'>): number {
  let chars = continuation.length
  for (const name in facts) chars += String(facts[name]).length
  return 1 + Math.floor(chars / PLACE_CHARS)
}

/** Returns a charge if it is known at this time. */
export function knownCharge(book: Book, id: string, now: number): Charge | undefined {
  const found = book.charge(id)
  return found === undefined || isForgotten(found, now) ? undefined : found
}

/** Returns true if a closed charge is out of use: nothing may be built on it. */
export function isForgotten({ keepUntil, payment }: Charge, now: number): boolean {
  return keepUntil !== undefined && keepUntil <= now && payment === undefined
}

/** Returns true if billing lacks a record. */
export function hasRecords({ head: { position, outbox } }: Pick<Book, 'head'>): boolean {
  return outbox.done + outbox.taken.length < position
}

/** A change to write. `row` is undefined for what is dropped. */
export type LedgerChange =
  | { readonly table: 'head'; readonly row: Head }
  | { readonly table: 'series'; readonly key: string; readonly row: Series | undefined }
  | { readonly table: 'charges'; readonly key: string; readonly row: Charge }
  | { readonly table: 'grants'; readonly key: string; readonly row: CreditGrant | CreditTaking | undefined }
  | { readonly table: 'records'; readonly key: number; readonly row: LedgerRecord }
  | { readonly table: 'days'; readonly key: string; readonly row: DailySum | undefined }
  | { readonly table: 'entries'; readonly key: string; readonly row: EntryRow | undefined }
  | { readonly table: 'credentials'; readonly key: string; readonly row: IssuedCredential | undefined }
  | { readonly table: 'audit'; readonly key: number; readonly row: AuditRecord }
  | { readonly table: 'signed'; readonly day: number; readonly key: string; readonly row: SignedAct }
  /** Drops the notes of all days before. */
  | { readonly table: 'signedDays'; readonly before: number }
  /** Deletes the whole ledger, except for its audit: nothing else is needed any more. */
  | { readonly table: 'all' }

/** Work to do outside the ledger, once the command's changes are durable. Its result returns as a command. */
export type Effect =
  /** Send the records to billing. Returns as `flushed`. */
  | { readonly kind: 'flush' }
  /** Settle a payment. Returns as `endSettlement`. */
  | {
      readonly kind: 'settle'
      readonly charge: string
      readonly request: string
      readonly payment: StoredPayment
      readonly tries: number
    }
  /** Grant credit in the ledger of an account. Returns as `paidOut`. */
  | { readonly kind: 'grant'; readonly owed: OwedCredit }

/**
 * The result of a command: the outcome, the changes to write before it is answered, and the effects to carry out afterwards.
 */
export interface Applied<T> {
  readonly outcome: T
  readonly changes: readonly LedgerChange[]
  readonly effects?: readonly Effect[]
}

export function viewOf({ id, at, state, parts, reserved, kept, breakdown, facts }: Charge): ChargeView {
  const told = breakdown && { breakdown }
  return { id, at, state, delivery: deliveryOf(parts), reserved, kept, ...told, facts }
}

/** Returns the best end among a charge's requests; undefined while no request has reported one. */
export function deliveryOf(parts: readonly Part[]): Delivery | undefined {
  const ends = new Set(parts.map(({ end }) => end))
  for (const end of ['complete', 'broken', 'none'] as const) if (ends.has(end)) return end
  return undefined
}
