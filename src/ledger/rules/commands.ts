import type { Limit } from '../../access/limit.ts'
import type { Breakdown } from '../../access/meter.ts'
import type { Signed } from '../../standing/rules/asitstands.ts'
import type { Entry } from '../../standing/rules/standing.ts'
import type { PaymentStatus, StoredPayment } from './payment.ts'
import type { Facts } from './record.ts'
import type { Money } from '../../core/money.ts'
import type { ClientRetry } from './repeat.ts'
import type { RecentRefusals } from './recentrefusals.ts'

/** An amount of something counted by name. */
export interface Units {
  readonly name: string
  readonly units: bigint
}

/** The terms of a receipt: a number of requests, or free passage for a time after the first use. */
export type ReceiptTerms = { readonly uses: number } | { readonly passSeconds: number }

/** Reserves an upper bound of what a request may cost, all of it or nothing. */
export interface ChargeCommand {
  /** The request's unique id. A command with the same id is the same command. */
  readonly id: string
  /** The client's `Idempotency-Key`, and a digest of its request. */
  readonly idempotency?: Idempotency
  /** The request as its client may send it again without a key. Ignored beside an idempotency key. */
  readonly clientRetry?: ClientRetry
  /** Names the target, which further Ranges continue. Ignored beside an idempotency key. */
  readonly continuation?: string
  /** Equal for all requests under one confirmation: they are one charge for some minutes. Looked at first. */
  readonly confirmation?: string
  /** True for a Range, which continues an earlier charge of the same name. A request for the whole is a charge of its own. */
  readonly isPart?: boolean
  /** The strong validator of the representation that the Range belongs to: it continues a charge for that one alone. */
  readonly representation?: string
  readonly counts: readonly Units[]
  readonly limits: readonly Limit[]
  /**
   * Limits from which the request takes one unit each, for good: no charge is made, and nothing is given back. No other
   * limit has their names.
   */
  readonly rates?: readonly Limit[]
  readonly price?: Money
  /** True if the price is charged whatever the credit: what it lacks is owed. */
  readonly mayOwe?: true
  readonly receipt?: ReceiptTerms
  /** The receipt counts only if so much was settled in this ledger: it was sold as a pack. */
  readonly soldFor?: Money
  /** The end of the receipt that the payment buys, in milliseconds since 1970: its ledger is kept until then. */
  readonly packEndsMs?: number
  /**
   * A payment in place of credit, in a ledger of its own. `idempotency` then has the key `payment`, and the digest of the
   * request.
   */
  readonly payment?: StoredPayment
  /**
   * The time to release the claim of a payment that nobody began to settle: the origin's time limit. Milliseconds since
   * 1970.
   */
  readonly claimByMs?: number
  /** Present if the origin is asked at most once for the payment, as for an unsafe method: says when it is asked. */
  readonly askedOnce?: 'before-settlement' | 'after-settlement'
  /** The end of the credential, in milliseconds since 1970. */
  readonly expires?: number
  /** The time after which a charge without an amendment counts as forgotten. Milliseconds since 1970. */
  readonly settleByMs: number
  /** The presented token, for a check against later statements. */
  readonly proof?: SignedProof
  /** Facts of the request for billing. */
  readonly facts: Facts
}

/**
 * A token's own statement about its account. `token` is as in `RecordedStatement`; any one of the entitlements in `opens`
 * lets the request through.
 */
export type SignedProof = Signed & {
  readonly token?: string
  readonly opens?: readonly string[]
  /** True if another than the token's issuer says how the account stands. */
  readonly isSpokenFor?: true
}

export interface Idempotency {
  readonly key: string
  /** Empty if not known yet: only a dry run may ask so. */
  readonly digest: string
  /** True if only a request charged under the key before may continue. */
  readonly isKnown?: boolean
}

/** The state of a limit after the command. */
export interface LimitStatus {
  readonly limit: Limit
  /** May exceed the quota, after a plan with a larger one. */
  readonly used: bigint
  readonly remaining: bigint
  /** Whole seconds until more is free. */
  readonly resetSeconds: number
}

/** The rest of a receipt. */
export interface ReceiptStatus {
  readonly usesLeft?: number
  /** The end of the passage, in milliseconds since 1970. */
  readonly passUntil?: number
}

/** The facts that a charge and a refusal share. */
interface Balances {
  readonly limits: readonly LimitStatus[]
  readonly rates?: readonly LimitStatus[]
  /** The credit left, in the currency of the price. */
  readonly credit?: Money
  readonly receipt?: ReceiptStatus
  readonly payment?: PaymentStatus
}

/** `asked-once`: the origin was asked for the payment before, and must not be asked again. */
export type Conflict =
  | 'unknown'
  | 'in-flight'
  | 'sent-again'
  | 'other-request'
  | 'delivered'
  | 'too-many-tries'
  | 'asked-once'

export interface Charged extends Balances {
  readonly kind: 'charged'
  /** The ids to amend: `charge`, for `request`. They differ if a Range continues a charge in flight. */
  readonly charge: string
  readonly request: string
  /** The id of the first charge, if this one continues it. All tries are known to the account by that id. */
  readonly first?: string
  /** True if the request continues an earlier charge. */
  readonly isRepeat: boolean
  /** The representation that the continued charge delivered; undefined if unknown. */
  readonly representation?: string
  /** The number of this request's tries at the origin, the present one included. */
  readonly tries: number
  /** The amount this request reserved: nothing if an earlier one had paid. */
  readonly reserved: Amount
}

export interface ChargeRefused extends Balances {
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
  /**
   * `standing`: refused for statements about account or token, rather than for a lack of units. `reserved`: all would do, were it
   * not for what open metered requests have reserved.
   */
  readonly check?: 'standing' | 'reserved'
  /** What open metered requests of the account have reserved, if something was too low. */
  readonly held?: HeldAmount
  readonly conflict?: Conflict
  /** The id of the charge that delivered under the key or for the payment, if one did: its answer may be kept. */
  readonly delivered?: string
  /** The representation delivered under the key or for the payment, if that is known. */
  readonly representation?: string
  /** True if a further Range of the representation belongs to the payment. */
  readonly isContinuable?: true
  /** Undefined if waiting alone does not help. */
  readonly retryAfterSeconds?: number
}

/** Reserved amounts that may come back within a moment. */
export interface HeldAmount {
  /** Units under each of the command's limits, in their order. */
  readonly units: readonly bigint[]
  /** Money, in the currency of the price. */
  readonly price?: Money
}

export type ChargeOutcome = Charged | ChargeRefused

/** The end of a delivery: complete, broken off, or none, which costs nothing. */
export type Delivery = 'complete' | 'broken' | 'none'

/**
 * Reports what a request did cost. Can only lower the charge: an amount above the reservation, or left out, costs the
 * reservation. `none` costs nothing, whatever else the command says.
 */
export interface AmendCommand {
  readonly charge: string
  readonly request: string
  readonly delivery: Delivery
  /** True if nothing of the answer was sent to anyone: a retry under the same key continues what this request paid. */
  readonly isUnsent?: boolean
  /** Identifies the representation that was delivered. */
  readonly representation?: string
  readonly counts?: readonly Units[]
  /** In 10⁻⁹ of the major unit, in the currency of the charge. */
  readonly price?: bigint
  /** How the amount came about. One that is malformed or too large is dropped. */
  readonly breakdown?: Breakdown
}

/** Reports the strong validator of an answer being sent: further Ranges may continue it. */
export interface DescribeCommand {
  readonly charge: string
  readonly representation: string
}

export type AmendOutcome =
  | { readonly kind: 'amended'; readonly isRepeat: boolean; readonly charge: ChargeView }
  | { readonly kind: 'refused'; readonly reason: 'charge-unknown' | 'already-amended' }

export interface ReadCommand {
  /** The limits to report on. */
  readonly limits?: readonly Limit[]
  readonly receipt?: ReceiptTerms
  /** True to report the last refusals as well, which only the host knows. */
  readonly withRefusals?: true
}

/** A charge as an account, or support, may see it. */
export interface ChargeView {
  readonly id: string
  readonly at: number
  /** `unsettled`: no report of its end came, and it was kept. `reversed`: an operator gave it back. */
  readonly state: 'open' | 'settled' | 'unsettled' | 'reversed'
  readonly delivery: Delivery | undefined
  readonly reserved: Amount
  readonly kept: Amount
  /** How the amount kept came about, if a meter said it. */
  readonly breakdown?: Breakdown
  readonly facts: Facts
}

/** The amount of a charge. `uses` is a receipt's: one or none. */
export interface Amount {
  readonly counts: readonly Units[]
  readonly price: Money | undefined
  readonly uses: number
}

/** Sums over every charge ever made, of the amounts kept. `unsettled`: those with something kept whose end nobody has reported. */
export interface Totals {
  readonly charges: number
  readonly unsettled: number
  readonly counts: readonly Units[]
  /** By currency. */
  readonly money: readonly Units[]
}

export interface LedgerSnapshot {
  /** Statements about the account since its tokens were signed. */
  readonly entry: Entry | undefined
  readonly credit: readonly Money[]
  readonly limits: readonly LimitStatus[]
  readonly receipt: ReceiptStatus | undefined
  /** The last twenty, latest first. */
  readonly recent: readonly ChargeView[]
  /** At most twenty, latest first. `totals` counts all of them. */
  readonly unsettled: readonly ChargeView[]
  readonly totals: Totals
  /** If the command asks for them. */
  readonly refusals?: RecentRefusals
}
