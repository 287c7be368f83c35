import type { Refusal } from '../core/problem.ts'

/** What has opened a page that nobody paid for. */
export interface ExemptedBy {
  /** The name of the exemption. */
  readonly by: string
  /** Present if an operator has opened the page: for a reader who would be refused, or for one who would be charged and stays known. */
  readonly lever?: 'opened' | 'waived'
  /** Returns what is said if the ledger refuses. */
  readonly refusedAs?: (why: Refusal) => Refusal
}
