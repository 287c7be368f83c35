import type { Refusal } from '../core/problem.ts'

/** What has opened a page that nobody paid for. */
export interface ExemptedBy {
  /** The name of the exemption. */
  readonly by: string
  /** Returns what is said if the ledger refuses. */
  readonly refusedAs?: (why: Refusal) => Refusal
}
