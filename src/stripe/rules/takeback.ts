/**
 * What a payment gave, and what of it is taken back because its money was.
 *
 * Everything is judged by the whole state of the payment at Stripe, and every statement has a name of its own: the refund's,
 * the dispute's, the payment's. So the order and number of Stripe's events do not matter.
 */
import type { Money } from '../../core/money.ts'
import type { StandingChange } from '../../standing/rules/event.ts'

/** A payment of Stripe's, and what it gave to whom. */
export interface GivenFor {
  /** The id of the payment intent. Credit is granted under it, and a receipt has it as its `jti`. */
  readonly payment: string
  /** What was paid, in the currency's smallest unit. */
  readonly amount: number
  /** In lower case, as Stripe has it. */
  readonly currency: string
  /** The customer; undefined for a purchase without account. */
  readonly account: string | undefined
  readonly gave:
    | { readonly kind: 'credit'; readonly money: Money }
    | { readonly kind: 'receipt' }
    /** Access follows the subscription: Stripe ends it, or does not. */
    | { readonly kind: 'subscription' }
}

/** A refund of a payment. */
export interface PaymentRefund {
  readonly id: string
  /** In the smallest unit of the payment's currency. */
  readonly amount: number
  readonly status: string
}

/** A dispute of a payment. */
export interface PaymentDispute {
  readonly id: string
  readonly amount: number
  readonly currency: string
  /** The time from which it holds: seconds since 1970. */
  readonly at: number
  readonly status: string
}

/** Returns true for a refund of which the buyer has the money, as far as is known. */
export function isDone({ status }: PaymentRefund): boolean {
  return status === 'succeeded'
}

/**
 * Returns what is taken back. Of credit: for each refund and each lost dispute the share of the grant that it is of the
 * payment, rounded up to 10⁻⁹; no more than the grant in all, which the ledger sees to. A receipt is revoked once all of its
 * payment went back. `now` is in seconds.
 */
export function takenBack(
  given: GivenFor,
  refunds: readonly PaymentRefund[],
  disputes: readonly PaymentDispute[],
  now: number,
): readonly StandingChange[] {
  const { gave, payment, amount } = given
  const parts = [
    ...refunds.filter(isDone).map(({ id, amount: part }) => ({ id, part })),
    ...disputes.filter(isLost).map((dispute) => ({ id: dispute.id, part: disputedPart(given, dispute) })),
  ]
  if (gave.kind === 'credit') {
    return parts.map(({ id, part }) => {
      const money = { units: shareOf(gave.money.units, part, amount), currency: gave.money.currency }
      return { kind: 'credit-taken', id, money, grant: payment }
    })
  }
  const back = parts.reduce((sum, { part }) => sum + part, 0)
  return gave.kind === 'receipt' && back >= amount && back > 0 ? [{ kind: 'token-revoked', jti: payment, at: now }] : []
}

/** A dispute in another currency is of the whole payment: banks convert. */
function disputedPart({ amount, currency }: GivenFor, dispute: PaymentDispute): number {
  return dispute.currency === currency ? Math.min(dispute.amount, amount) : amount
}

function shareOf(units: bigint, part: number, whole: number): bigint {
  if (part >= whole) return units
  return (units * BigInt(part) + BigInt(whole) - 1n) / BigInt(whole)
}

/** An appeal comes after a loss. */
function isLost({ status }: PaymentDispute): boolean {
  return status === 'lost' || status.startsWith('appeal_')
}

/** Of an inquiry, and of a dispute that was prevented, no money is gone. */
const NO_HOLDS: ReadonlySet<string> = new Set([
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'prevented',
])

/** The time for which a hold may be placed anew: as long as an operator's lift is remembered. */
const PLACED_SECONDS = 7 * 86_400

/**
 * Returns the hold that a dispute places, or its lifting if the dispute was won: of the account, and of the receipt that was
 * bought. A dispute that is lost leaves its hold to an operator.
 */
export function heldFor(given: GivenFor, dispute: PaymentDispute, now: number): readonly StandingChange[] {
  const { id: name, at, status } = dispute
  if (NO_HOLDS.has(status)) return []
  const isWon = status === 'won'
  // An operator may have lifted it since: told anew, it would return.
  if (!isWon && at + PLACED_SECONDS < now) return []
  const said = { name, at, ...(isWon && { liftedAt: now }) }
  const ofAccount = { kind: 'statement', statement: { kind: 'named-hold', ...said } } as const
  const ofReceipt = { kind: 'token-named-hold', jti: given.payment, ...said } as const
  return [...(given.account === undefined ? [] : [ofAccount]), ...(given.gave.kind === 'receipt' ? [ofReceipt] : [])]
}
