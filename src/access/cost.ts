import type { Entitlement } from './entitlement.ts'
import { endMs } from './lifetime.ts'
import { type Limit, type Usage, usageOf } from './limit.ts'
import type { Terms } from './offer.ts'
import type { MeteredAmount } from './meter.ts'
import type { Payment } from './payment.ts'
import type { Rates } from './ratelimit.ts'
import type { Receipt } from './receipt.ts'
import type { Money } from '../core/money.ts'

/** What the ledger must grant before content leaves. Plain data, all of it or nothing. */
export type Cost = ReceiptCost | PaymentCost | AccountCost

/** One use of a receipt, or passage while it lasts. The ledger is the one of (issuer, `jti`). */
export interface ReceiptCost {
  readonly from: 'receipt'
  readonly issuer: string
  readonly jti: string
  readonly receipt: { readonly uses: number } | { readonly passSeconds: number }
  /** When nobody takes the receipt any longer, tolerance included: milliseconds since 1970. */
  readonly expires: number
  readonly rates?: readonly Limit[]
}

/** One movement of money, which opens one request. The ledger is the payment's own, for the whole deployment. */
export interface PaymentCost {
  readonly from: 'payment'
  /** Its name. */
  readonly payment: string
  readonly paid: Payment
  /** When the payment can be settled no longer, tolerance included: milliseconds since 1970. */
  readonly expires: number
  readonly rates?: readonly Limit[]
}

type Paid = Extract<Terms, { kind: 'paid' }>

/** Units of an account's limits, a place under the rates; and the price, from its credit, where nothing but that opens the route. */
export interface AccountCost extends Usage {
  readonly from: 'account'
  readonly issuer: string
  readonly account: string
  readonly price: Money | undefined
  /** What has confirmed the price: requests under it are one charge for some minutes. */
  readonly confirmation?: string
  readonly rates?: readonly Limit[]
}

/** What a receipt's request takes: a use, or its passage, and a place under the rates. */
export function receiptCost(
  { issuer, jti, grant, expires, toleranceSeconds }: Receipt,
  rates: Rates | undefined,
): ReceiptCost {
  const receipt = grant.kind === 'uses' ? { uses: grant.uses } : { passSeconds: grant.passSeconds }
  return { from: 'receipt', issuer, jti, receipt, expires: endMs(expires + toleranceSeconds), ...exactOf(rates) }
}

/** Returns what a payment's request takes: the payment, and a place under the rates. */
export function paymentCost(paid: Payment, rates: Rates | undefined): PaymentCost {
  const expires = endMs(paid.expires + paid.toleranceSeconds)
  return { from: 'payment', payment: paid.name, paid, expires, ...exactOf(rates) }
}

const NOTHING: Usage = { counts: [], limits: [] }

/** What an account's request takes; undefined for one that is not metered, which costs no call to the ledger. */
export function accountCost(
  { issuer, account, limits }: Entitlement,
  { metering, rates }: Paid,
  price: Money | undefined,
): AccountCost | undefined {
  const usage = usageOf(metering, limits)
  const exact = exactOf(rates)
  if (price === undefined && usage === undefined && exact.rates === undefined) return undefined
  return { from: 'account', issuer, account, price, ...(usage ?? NOTHING), ...exact }
}

/**
 * Returns what a metered request takes at most: what the meter bounds it by, beside what the route counts of every request
 * and its price.
 */
export function boundedCost(
  account: Entitlement,
  terms: Paid,
  own: AccountCost | undefined,
  { counts, price }: MeteredAmount,
): AccountCost | undefined {
  const all = { ...terms.metering.counts, ...Object.fromEntries(counts.map(({ name, units }) => [name, units])) }
  const metering = { ...terms.metering, counts: all }
  const bounded = accountCost(account, { ...terms, metering }, sumOf(own?.price, price))
  return bounded && own?.confirmation !== undefined ? { ...bounded, confirmation: own.confirmation } : bounded
}

function sumOf(one: Money | undefined, other: Money | undefined): Money | undefined {
  return one === undefined || other === undefined ? (one ?? other) : { ...one, units: one.units + other.units }
}

function exactOf(rates: Rates | undefined): { readonly rates?: readonly Limit[] } {
  return rates === undefined || rates.exact.length === 0 ? {} : { rates: rates.exact }
}

/** False where all that is demanded is a place under a rate: that is no charge. */
export function takes(cost: Cost): boolean {
  return cost.from !== 'account' || cost.price !== undefined || cost.limits.length > 0
}
