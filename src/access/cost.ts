import { covers, type Entitlement } from './entitlement.ts'
import { endMs } from './lifetime.ts'
import { type Counts, type Limit, type Usage, usageOf } from './limit.ts'
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

/**
 * What an account's request takes, and at least if it is metered; undefined if nothing of it is counted, which costs no call to
 * the ledger.
 */
export function accountCost(account: Entitlement, terms: Paid, price: Money | undefined): AccountCost | undefined {
  const currency = terms.metered?.currency
  return costOf(
    account,
    terms,
    leastCounts(terms),
    currency === undefined ? price : sumOf(price, { units: 1n, currency }),
  )
}

/** What any request on a route counts at least. What a meter counts is known later, but it is something. */
export function leastCounts({ metering, metered }: Paid): Counts {
  if (metered === undefined) return metering.counts
  return { ...metering.counts, ...Object.fromEntries(metered.counted.map((name) => [name, 1n])) }
}

/**
 * Returns what a metered request takes at most: what the meter bounds it by, beside what the route counts of every request
 * and its price.
 */
export function boundedCost(
  account: Entitlement,
  terms: Paid,
  { counts, price }: MeteredAmount,
): AccountCost | undefined {
  const all = { ...terms.metering.counts, ...Object.fromEntries(counts.map(({ name, units }) => [name, units])) }
  return costOf(account, terms, all, sumOf(requestPrice(account, terms), price))
}

/** The price of a request itself, from the account's credit; undefined if its entitlements cover the route. */
export function requestPrice(account: Entitlement, { offer }: Paid): Money | undefined {
  return covers(account, offer.entitlements) ? undefined : offer.price
}

function costOf(
  { issuer, account, limits }: Entitlement,
  { metering, rates }: Paid,
  counts: Counts,
  price: Money | undefined,
): AccountCost | undefined {
  const usage = usageOf({ ...metering, counts }, limits)
  const exact = exactOf(rates)
  if (price === undefined && usage === undefined && exact.rates === undefined) return undefined
  return { from: 'account', issuer, account, price, ...(usage ?? NOTHING), ...exact }
}

/** What is left of a cost if the request itself costs nothing: an account's place under the rates. */
export function ratesAlone(cost: Cost | undefined): AccountCost | undefined {
  if (cost?.from !== 'account' || cost.rates === undefined) return undefined
  const { from, issuer, account, rates } = cost
  return { from, issuer, account, price: undefined, ...NOTHING, rates }
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
