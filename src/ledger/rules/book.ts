/**
 * The state of one ledger as rules see it, and the changes they return.
 *
 * Rules never hold a whole ledger: an account may have a day's charges. They see a `Book`, by which head and series are
 * present and everything else is looked up by name; a store implements it over rows or maps. A rule returns the rows to
 * write, an outcome, and effects: work outside the ledger that the host carries out once the rows are durable. A charge is
 * made of parts, one for each request that shares it, and hangs in a chain, the sequence of charges for one thing that must
 * not be paid twice.
 */
import type { Amount, ChargeView, Delivery, Totals } from './commands.ts'
import type { Entry } from '../../standing/rules/standing.ts'
import type { Facts, HeardUpTo, LedgerRecord } from './record.ts'
import type { ChargePayment, StoredPayment } from './payment.ts'
import type { Series } from './series.ts'
import type { Money } from '../../core/money.ts'

/** The state of a ledger beside its single charges. One row. */
export interface Head {
  /** The number of charges ever made; it numbers them. */
  readonly sequence: number
  /** The position of the last record for billing. */
  readonly position: number
  readonly credit: readonly Money[]
  readonly receipt: ReceiptState
  readonly totals: Totals
  /** Recent failures of telling billing; undefined if billing took the last records that it was shown. */
  readonly flush?: FlushState | undefined
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
  /** The time to close an open charge, or to forget a closed one. Undefined: kept until later charges replace it. */
  readonly actAt: number | undefined
  readonly reserved: Amount
  readonly kept: Amount
  readonly parts: readonly Part[]
  readonly chain: Chain
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
  /**
   * The representation delivered: under a key by any validator, for Ranges by its strong validator. Undefined while
   * unreported, or if nothing identifies the representation: it then equals no other.
   */
  readonly representation?: string
}

export interface CreditGrant {
  readonly id: string
  readonly at: number
  readonly units: bigint
  readonly currency: string
}

/** An entry of statements, with the time for which it matters. */
export interface EntryRow {
  readonly entry: Entry
  readonly longestTokenSeconds: number
}

/**
 * The lookups that rules need: maps in memory, or rows of a database. Head and series are small and always present.
 * Everything else is fetched by name, since an account may have a day's charges.
 */
export interface Book {
  readonly head: Head
  readonly series: ReadonlyMap<string, Series>
  /** Statements about the account, under the empty key, and about single tokens, under their names. */
  readonly entries: ReadonlyMap<string, EntryRow>
  charge(id: string): Charge | undefined
  /** Returns the latest charge under an idempotency key. */
  chargeByKey(key: string): Charge | undefined
  /** Returns the latest charge that can be continued under this name. */
  chargeByContinuation(continuation: string): Charge | undefined
  /** Returns the charges with `actAt` at or before `now`, earliest first. */
  dueCharges(now: number, most: number): readonly Charge[]
  nextDue(): number | undefined
  /** Returns the charges that wait for later ones to replace them. */
  restingCharges(): readonly Charge[]
  /** Latest first. */
  recentCharges(most: number): readonly Charge[]
  unsettledCharges(most: number): readonly Charge[]
  grant(id: string): CreditGrant | undefined
  grantsBefore(time: number, most: number): readonly CreditGrant[]
  /** Returns the first records for billing, in order. */
  records(most: number, after?: number): readonly LedgerRecord[]
}

/** A row to write, or to delete if `row` is undefined. */
export type LedgerChange =
  | { readonly table: 'head'; readonly row: Head }
  | { readonly table: 'series'; readonly key: string; readonly row: Series | undefined }
  | { readonly table: 'charges'; readonly key: string; readonly row: Charge | undefined }
  | { readonly table: 'grants'; readonly key: string; readonly row: CreditGrant | undefined }
  | { readonly table: 'records'; readonly key: number; readonly row: LedgerRecord | undefined }
  | { readonly table: 'entries'; readonly key: string; readonly row: EntryRow | undefined }
  /** Deletes the whole ledger: nothing of it is needed any more. */
  | { readonly table: 'all' }

/** Removes new records from the changes, for a ledger without sinks. */
export function withoutRecords(changes: readonly LedgerChange[]): readonly LedgerChange[] {
  return changes.filter((change) => change.table !== 'records' || change.row === undefined)
}

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

/**
 * The result of a command: the outcome, the changes to write before it is answered, and the effects to carry out afterwards.
 */
export interface Applied<T> {
  readonly outcome: T
  readonly changes: readonly LedgerChange[]
  readonly effects?: readonly Effect[]
}

export function viewOf({ id, at, state, parts, reserved, kept, facts }: Charge): ChargeView {
  return { id, at, state, delivery: deliveryOf(parts), reserved, kept, facts }
}

/** Returns the best end among a charge's requests; undefined while no request has reported one. */
export function deliveryOf(parts: readonly Part[]): Delivery | undefined {
  const ends = new Set(parts.map(({ end }) => end))
  for (const end of ['complete', 'broken', 'none'] as const) if (ends.has(end)) return end
  return undefined
}
