import type { Limit, LimitMeaning } from '../../access/limit.ts'
import type { Breakdown } from '../../access/meter.ts'
import { isNothing } from './amount.ts'
import type { Amount, Delivery } from './commands.ts'
import type { SettlementState } from './payment.ts'

/** Facts of the request as billing gets them. Small, and never a credential. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>

/**
 * One line for billing.
 *
 * A charge leaves `<id>/charge` with the amount reserved, then `<id>/amend` with the amount kept, or `<id>/unsettled` if no
 * report came, and after that at most one `<id>/amend`; `<id>/settled` if a payment was wrongly taken for failed;
 * `<id>/reversed` if an operator gave the charge back; `<id>/threshold/<position>`, which changes no amount, for each threshold of
 * a limit that it has reached. A step that was taken because an account or receipt was not normal leaves `<reference>/anomaly`,
 * which is about no charge. So the sum of `change` over all records is the amount kept. A sink that cannot take back waits for the first record other than
 * `charge`: see `additionOf`.
 */
export interface LedgerRecord {
  /** Grows by one with every record of a ledger: the order of events. */
  readonly position: number
  /** Unique: a second arrival is the same record. */
  readonly id: string
  /** `settled`: a payment taken for failed has moved money after all. `reversed`: an operator gave the charge back. `threshold`: a share of a limit is used. `anomaly`: see `AnomalyNotice`. */
  readonly kind: 'charge' | 'amend' | 'unsettled' | 'settled' | 'reversed' | 'threshold' | 'anomaly'
  readonly charge: string
  /** The charge that this one continues, as a further try or a further Range. */
  readonly repeats: string | undefined
  /** The record that this one corrects: it reported the amount kept before, and this report comes late. */
  readonly corrects?: string
  readonly at: number
  readonly delivery: Delivery | undefined
  /** The amount kept for the charge from now on. */
  readonly kept: Amount
  /** The change of the amount kept: negative for an amount given back. */
  readonly change: Amount
  /** How the amount kept came about, if a meter counted it. */
  readonly breakdown?: Breakdown
  /** The state of the machine payment that pays the charge. */
  readonly payment?: { readonly rail: string; readonly state: SettlementState['state']; readonly reference?: string }
  /** Present for a threshold. */
  readonly limit?: LimitCrossing
  /** Present for an anomaly: `charge` is then its reference. */
  readonly anomaly?: AnomalyNotice
  readonly facts: Facts
}

/** A step that was taken because an account or a receipt was not normal, and what it stands on. */
export interface AnomalyNotice {
  /** `hold`: nothing opens until then. `ask`: whoever signed in before is asked to do so again. */
  readonly step: 'hold' | 'ask'
  /** The request at which it was taken. */
  readonly reference: string
  /** When a hold ends by itself: RFC 3339. */
  readonly until?: string
  readonly evidence: readonly NoticedEvidence[]
  /** What speaks for the account, in words. */
  readonly for: readonly string[]
}

/** What one signal saw, beside what is usual. */
export interface NoticedEvidence {
  readonly signal: string
  readonly observed: Readonly<Record<string, number>>
  readonly usual: Readonly<Record<string, number>>
  /** The time that was looked at: an ISO 8601 duration. */
  readonly window: string
  /** Requests that show it, by their ids. */
  readonly requests: readonly string[]
}

/** A share of a limit that is used. */
export interface LimitCrossing extends LimitMeaning, Pick<Limit, 'quota' | 'window' | 'kind'> {
  /** In per cent of the quota. */
  readonly threshold: number
  /** What was used when the threshold was reached. */
  readonly used: bigint
  /** The start of the window; of a sliding one, when the first of its thresholds was reached. */
  readonly from: number
  /** When more is free: at the end of the window, or of its oldest part. */
  readonly resetsAt: number
}

/**
 * Returns the amount to add, for a sink that reports nothing before it is certain; undefined for nothing. Its sum over all
 * records of closed charges is the amount kept. Negative only in a record that `corrects` another.
 */
export function additionOf({ kind, corrects, kept, change }: LedgerRecord): Amount | undefined {
  if (kind === 'charge') return undefined
  const added = corrects === undefined ? kept : change
  return isNothing(added) ? undefined : added
}

/** For each sink by name, the position up to which it has all records. */
export type HeardUpTo = Readonly<Record<string, number>>
