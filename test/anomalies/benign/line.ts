import type { Reason } from '../../../src/core/problem.ts'
import type { ChargedFacts } from '../../../src/logrecord.ts'

/** A line of the log, as docs/operating.md has it, with the facts of the connection and of the credential beside it. */
export interface RequestLine {
  readonly time: string
  readonly id: string
  readonly zone: string
  readonly route: string
  readonly method: string
  readonly status: number
  readonly decision: 'serve' | 'refuse'
  readonly reason?: Reason | undefined
  readonly rail?: string | undefined
  readonly credential?: 'verified' | 'refused' | undefined
  readonly account?: string | undefined
  readonly plan?: string | undefined
  readonly charged?: ChargedFacts | undefined
  /** A hash of the client's /24 or /48 under the salt of the day. */
  readonly network: string
  readonly country: string
  readonly asn: number
  /** A keyed hash of the token's `jti`, or of the name of a receipt, key or feed. */
  readonly token?: string | undefined
  /** A keyed hash of the browser's trip to a login or checkout, which this request ended. */
  readonly trip?: string | undefined
}

/** A line of billing's. What billing does by itself, such as a renewal, has no trip and comes from no network of the customer's. */
export interface BillingLine {
  readonly time: string
  readonly event: 'payment-declined' | 'payment-succeeded'
  readonly zone: string
  /** Absent while a guest has not paid yet. */
  readonly account?: string | undefined
  readonly trip?: string | undefined
  readonly network?: string | undefined
  readonly country?: string | undefined
  readonly asn?: number | undefined
}

export type BenignLine = RequestLine | BillingLine

/** A line with its time as a number, by which lines are sorted. */
export interface Timed {
  readonly at: number
  readonly line: BenignLine
}

/** The statuses of refusals. They are said here once more, so that the corpus stays as it is. */
export const STATUSES = {
  'payment-required': 402,
  'credential-malformed': 402,
  'credential-ambiguous': 402,
  'credential-invalid': 402,
  'credential-not-yet-valid': 402,
  'credential-expired': 402,
  'subscription-inactive': 402,
  'payment-declined': 402,
  'credit-insufficient': 402,
  'entitlement-insufficient': 402,
  'usage-limit-reached': 402,
  'payment-spent': 402,
  'too-many-requests': 429,
  'idempotency-conflict': 409,
  'standing-unavailable': 503,
  'ledger-unavailable': 503,
  'origin-unreachable': 502,
} as const satisfies Partial<Record<Reason, number>>

export type RefusedFor = keyof typeof STATUSES
