import type { Settle } from '../rules/payment.ts'
import type { LedgerRecord } from '../rules/record.ts'

/**
 * Takes records to billing, and resolves with the positions that it has. At least once: it may be shown the same again.
 */
export type Sink = (records: readonly LedgerRecord[], progress: () => Progress) => Promise<readonly number[]>

/** How it stands with telling billing, for the log. Counted when it is asked for, since a long outbox takes long to count. */
export interface Progress {
  /** This one included, since billing last took anything. */
  readonly attempts: number
  /** How many records wait in this ledger, those of this attempt included. */
  readonly backlog: number
}

/** What of the outside world a ledger's host may reach: what the configuration names. */
export interface LedgerOutside {
  /** Where the records of charges go, by a name that is the same from one start to the next; without any they stay. */
  readonly sinks: ReadonlyMap<string, Sink>
  /** False if nobody is to be told of charges: then no record is made, and what was recorded before is dropped in a week. */
  readonly hasOutbox: boolean
  /** Who settles payments of a zone's rail. A payment of which this is undefined stays unknown. */
  readonly settlerOf: (zone: string, rail: string) => Settle | undefined
  /** Tells the operator, and never of an account. */
  readonly warn: (line: object) => void
}
