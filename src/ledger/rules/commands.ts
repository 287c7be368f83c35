import type { Limit } from '../../access/limit.ts'
import type { Entry, Signed } from '../../standing/rules/standing.ts'
import type { PaymentStatus, StoredPayment } from './payment.ts'
import type { Facts, HeardUpTo, LedgerRecord } from './record.ts'
import type { Money } from '../../core/money.ts'

/** So many units of something that is counted by name. */
export interface Units {
  readonly name: string
  readonly units: bigint
}

/** What a receipt buys: so many requests, or free passage for so long after its first use. */
export type ReceiptTerms = { readonly uses: number } | { readonly passSeconds: number }

/** Reserves an upper bound of what a request may cost, all of it or nothing. */
export interface ChargeCommand {
  /** The request's own; unique. The same id again is the same command. */
  readonly id: string
  /** The client's `Idempotency-Key`, and a digest of the request that it stands for. */
  readonly idempotency?: Idempotency
  /** Names what a further Range may go on with: the target. Not looked at beside an idempotency key. */
  readonly continuation?: string
  /** The same text for every request of what was confirmed once: they are one charge for some minutes. Looked at first. */
  readonly confirmation?: string
  /** True for a Range, which goes on with an earlier charge of the name; a request for the whole is a charge of its own. */
  readonly isPart?: boolean
  /** The strong validator of what the Range turned out to be part of: it goes on with a charge of that, and of no other. */
  readonly representation?: string
  readonly counts: readonly Units[]
  readonly limits: readonly Limit[]
  /** Limits of which the request takes one each, for good: no charge, and never given back. Their names are no others'. */
  readonly rates?: readonly Limit[]
  readonly price?: Money
  readonly receipt?: ReceiptTerms
  /** What pays instead of credit, in a ledger of its own. `idempotency` is under the key `payment`, with the digest of the request. */
  readonly payment?: StoredPayment
  /** When a claim of the payment is released that nobody began to settle: the origin's time limit. Milliseconds since 1970. */
  readonly claimByMs?: number
  /** When the credential ends, in milliseconds since 1970. */
  readonly expires?: number
  /** A charge that was not amended by then counts as forgotten. Milliseconds since 1970. */
  readonly settleByMs: number
  /** The token that was presented, which something may have been said about since it was signed. */
  readonly proof?: SignedProof
  /** What billing is told of the request. */
  readonly facts: Facts
}

/** What a token says of its account; `token`: as in `Noted`; `opens`: any one of these entitlements is what lets the request through. */
export type SignedProof = Signed & { readonly token?: string; readonly opens?: readonly string[] }

export interface Idempotency {
  readonly key: string
  /** Empty if it is not known yet: only a dry run is asked so. */
  readonly digest: string
  /** True where only a request that was charged under the key before is to go on. */
  readonly isKnown?: boolean
}

/** Where a limit stands, after the command. */
export interface LimitStatus {
  readonly limit: Limit
  /** May be more than the quota, where a plan gave more before. */
  readonly used: bigint
  readonly remaining: bigint
  /** Until more of it is free again, in whole seconds. */
  readonly resetSeconds: number
}

/** What is left of a receipt. */
export interface ReceiptStatus {
  readonly usesLeft?: number
  /** When the passage ends, in milliseconds since 1970. */
  readonly passUntil?: number
}

/** What a refusal and a charge both tell. */
interface Standings {
  readonly limits: readonly LimitStatus[]
  readonly rates?: readonly LimitStatus[]
  /** What is left in the price's currency. */
  readonly credit?: Money
  readonly receipt?: ReceiptStatus
  readonly payment?: PaymentStatus
}

export type Conflict = 'unknown' | 'in-flight' | 'other-request' | 'delivered' | 'too-many-tries'

export interface Charged extends Standings {
  readonly kind: 'charged'
  /** What to amend: `charge`, in the name of `request`. They differ where a Range goes on with a charge in flight. */
  readonly charge: string
  readonly request: string
  /** True where the request goes on with a charge made before. */
  readonly isRepeat: boolean
  /** What the charge that it goes on with delivered, where that is known. */
  readonly representation?: string
  /** Of this request at the origin, the present one included. */
  readonly tries: number
  /** What this request reserved: nothing, where an earlier one had paid for it. */
  readonly reserved: Amount
}

export interface ChargeRefused extends Standings {
  readonly kind: 'refused'
  readonly reason:
    | 'usage-limit-reached'
    | 'payment-declined'
    | 'credit-insufficient'
    | 'payment-spent'
    | 'settlement-unknown'
    | 'credential-expired'
    | 'idempotency-conflict'
    | 'subscription-inactive'
    | 'security-hold'
    | 'entitlement-insufficient'
    | 'too-many-requests'
  /** `standing`: for what was said of the account or the token, and not for what is left. */
  readonly check?: 'standing'
  readonly conflict?: Conflict
  /** What was delivered under the key before, where the conflict is that, and it is known. */
  readonly representation?: string
  /** Undefined where waiting alone does not help. */
  readonly retryAfterSeconds?: number
}

export type ChargeOutcome = Charged | ChargeRefused

/** How the delivery ended: all of it, a part of it, or nothing that costs. */
export type Delivery = 'complete' | 'broken' | 'none'

/**
 * Says what a request did cost. May only lower: what is more than was reserved costs the reservation, and so does what is
 * left out. `none` costs nothing, whatever else it says.
 */
export interface AmendCommand {
  readonly charge: string
  readonly request: string
  readonly delivery: Delivery
  /** Nothing of the answer was sent to anyone: a retry under the same key goes on with what this one paid. */
  readonly isUnsent?: boolean
  /** What tells the representation that was delivered from another. */
  readonly representation?: string
  readonly counts?: readonly Units[]
  /** In 10⁻⁹ of the major unit, in the currency of the charge. */
  readonly price?: bigint
}

/** Says of what representation an answer is that is being sent, by its strong validator: further Ranges may go on with it. */
export interface DescribeCommand {
  readonly charge: string
  readonly representation: string
}

export type AmendOutcome =
  | { readonly kind: 'amended'; readonly isRepeat: boolean; readonly charge: ChargeView }
  | { readonly kind: 'refused'; readonly reason: 'charge-unknown' | 'already-amended' }

/** Adds prepaid credit. The same id twice is one grant. */
export interface GrantCommand {
  readonly id: string
  readonly units: bigint
  readonly currency: string
}

export type GrantOutcome =
  | { readonly kind: 'granted'; readonly isRepeat: boolean; readonly credit: Money }
  | { readonly kind: 'refused'; readonly reason: 'grant-differs' | 'grant-not-positive' }

/** What was said of the account, or receipt, of this ledger, and of single tokens of it. */
export interface RecordStatementCommand {
  readonly entries: readonly RecordedStatement[]
  /** For how long after it was said a token may still be good that was signed before. */
  readonly longestTokenSeconds: number
}

export interface RecordedStatement {
  /** The name of one token, as its site has it; undefined for the account itself. */
  readonly token?: string
  readonly entry: Entry
}

/** All that is known now of what was noted. */
export interface RecordStatementOutcome {
  readonly entries: readonly RecordedStatement[]
}

/** What was said of an account since its tokens were signed, and of one of them. */
export interface Statements {
  readonly ofAccount: Entry | undefined
  readonly ofToken: Entry | undefined
}

export interface ReadCommand {
  /** The limits whose standing is asked for. */
  readonly limits?: readonly Limit[]
  readonly receipt?: ReceiptTerms
}

/** A charge as an account, or support, may see it. */
export interface ChargeView {
  readonly id: string
  readonly at: number
  /** `unsettled`: nobody said how it ended, and it was kept. */
  readonly state: 'open' | 'settled' | 'unsettled'
  readonly delivery: Delivery | undefined
  readonly reserved: Amount
  readonly kept: Amount
  readonly facts: Facts
}

/** What a charge takes. `uses` is of a receipt: one or none. */
export interface Amount {
  readonly counts: readonly Units[]
  readonly price: Money | undefined
  readonly uses: number
}

/** The sums over every charge there ever was, of what is kept. */
export interface Totals {
  readonly charges: number
  readonly unsettled: number
  readonly counts: readonly Units[]
  /** By currency. */
  readonly money: readonly Units[]
}

export interface LedgerSnapshot {
  /** What was said of the account since its tokens were signed. */
  readonly entry: Entry | undefined
  readonly credit: readonly Money[]
  readonly limits: readonly LimitStatus[]
  readonly receipt: ReceiptStatus | undefined
  /** The last twenty, latest first. */
  readonly recent: readonly ChargeView[]
  /** At most twenty, latest first; `totals` counts them all. */
  readonly unsettled: readonly ChargeView[]
  readonly totals: Totals
}

export interface TickOutcome {
  readonly closed: number
  readonly forgotten: number
  /** There is more to do at once. */
  readonly hasMore: boolean
}

export interface OutboxCommand {
  readonly most: number
  /** Those after this position. Default: from the first. */
  readonly after?: number
}

export type OutboxOutcome = readonly LedgerRecord[]

/** The positions of records that billing has; unknown ones are passed over. */
export interface FlushedCommand {
  readonly positions: readonly number[]
  /** True if somebody was shown records and took none. */
  readonly hasFailed?: boolean
  /** What others have then, by sink. */
  readonly heard?: HeardUpTo
}
