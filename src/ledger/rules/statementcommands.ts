/** What a ledger is told, and tells, of what was said about its account and tokens. */
import type { Entry } from '../../access/statements.ts'
import type { Act } from './audit.ts'
import type { AnomalyNotice, Facts } from './record.ts'

/** Statements about the account or receipt of this ledger, and about single tokens. */
export interface RecordStatementCommand {
  readonly entries: readonly RecordedStatement[]
  /** The longest time after a statement for which an earlier token may still be good. */
  readonly longestTokenSeconds: number
  /** True if another than the signer of its tokens speaks for the account: the statements then matter for good. */
  readonly isForGood?: true
  /** Recorded with the statements, if they say something new. */
  readonly act?: Act
  /** Told to billing, if they do. */
  readonly notice?: StatementNotice
}

export interface RecordedStatement {
  /** The name of one token within its site; undefined for the account itself. */
  readonly token?: string
  readonly entry: Entry
}

/** Everything now known of the subjects of the command. */
export interface RecordStatementOutcome {
  readonly entries: readonly RecordedStatement[]
}

/** Statements about an account since its tokens were signed, and about one token. */
export interface Statements {
  readonly ofAccount: Entry | undefined
  readonly ofToken: Entry | undefined
}

/** What billing is told with a statement. `facts` name whom it is about. */
export interface StatementNotice {
  readonly anomaly: AnomalyNotice
  readonly facts: Facts
}
