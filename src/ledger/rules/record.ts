import { isNothing } from './amount.ts'
import type { Amount, Delivery } from './commands.ts'
import type { SettlementState } from './payment.ts'

/** Facts of the request, as billing gets them. Small, and never a credential. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>

/**
 * One line for billing. A charge leaves `<id>/charge` with what it reserved, then `<id>/amend` with what is kept, or
 * `<id>/unsettled` where nobody said, and at most one `<id>/amend` after that; `<id>/settled` where a payment was wrongly
 * taken for failed. So the sum of `change` over all records is
 * what is kept, and a sink that cannot take anything back waits for the first record that is not a `charge`: `additionOf`.
 */
export interface LedgerRecord {
  /** Grows by one with every record of a ledger: the order they happened in. */
  readonly position: number
  /** Unique: a second arrival is the same record. */
  readonly id: string
  /** `settled`: a payment has moved money after all, though it was taken for failed. */
  readonly kind: 'charge' | 'amend' | 'unsettled' | 'settled'
  readonly charge: string
  /** The charge that this one goes on with: a further try, or a further Range. */
  readonly repeats: string | undefined
  /** The record that told already what is kept of the charge: this one comes late, and says otherwise. */
  readonly corrects?: string
  readonly at: number
  readonly delivery: Delivery | undefined
  /** What is kept of the charge from now on. */
  readonly kept: Amount
  /** What the record changes in it: negative for what is given back. */
  readonly change: Amount
  /** Where the machine payment stands that the charge is paid with. */
  readonly payment?: { readonly rail: string; readonly state: SettlementState['state']; readonly reference?: string }
  readonly facts: Facts
}

/**
 * What a sink adds that tells of nothing before it is certain; undefined where it has nothing to tell. The sum over all
 * records of closed charges is what is kept. Negative only in a record that `corrects` another.
 */
export function additionOf({ kind, corrects, kept, change }: LedgerRecord): Amount | undefined {
  if (kind === 'charge') return undefined
  const added = corrects === undefined ? kept : change
  return isNothing(added) ? undefined : added
}

/** By the name of a sink the position up to which it has all records. */
export type HeardUpTo = Readonly<Record<string, number>>
