import type { Ledgers } from '../../ports.ts'
import type { Settle } from '../rules/payment.ts'
import type { LedgerRecord } from '../rules/record.ts'
import type { LimitWatch } from '../rules/thresholds.ts'

/** Takes records to billing. Resolves with the positions that billing now has. Records may be shown more than once. */
export type Sink = (records: readonly LedgerRecord[], progress: () => Progress) => Promise<readonly number[]>

/** The progress of telling billing, for the log. Computed on demand, because a long outbox takes long to count. */
export interface Progress {
  /** The attempts since billing last took anything, this one included. */
  readonly attempts: number
  /** The records waiting in this ledger, those of this attempt included. */
  readonly backlog: number
}

/** The outside world that a ledger's host may reach: the sinks and settlers of the configuration. */
export interface LedgerOutside {
  /** The sinks by name. A name is the same from one start to the next. Without any sink, records stay. */
  readonly sinks: ReadonlyMap<string, Sink>
  /** False if no sink is configured: no records are made, and old ones are dropped after a week. */
  readonly hasOutbox: boolean
  /** Tells the sinks of used shares of limits; absent if none of them takes that. */
  readonly limits?: LimitWatch | undefined
  /** Returns the settler of a zone's rail. Payments of a rail without one stay unknown. */
  readonly settlerOf: (zone: string, rail: string) => Settle | undefined
  /** The other ledgers, for credit that a payment has bought. Without them it stays owed. */
  readonly ledgers?: Ledgers | undefined
  /** Warns the operator. Lines never name an account. */
  readonly warn: (line: object) => void
}
