/**
 * The price of serving a request, as the ledger must grant it before content leaves: the pure half of charging.
 *
 * The decision to serve comes with a cost: a use of a receipt, a payment, or units and money of an account. Costs are plain
 * data: they can be compared, explained, and sent to the payer's ledger wherever that runs. The cost of a metered request is
 * known twice: at least one unit of everything the meter counts, so that an account without any left is refused before its
 * request is read; and at most the meter's bound, which is reserved. A cost of rates alone is no charge, though the ledger
 * still counts it.
 */
import { covers, type Entitlement } from './entitlement.ts'
import { endMs } from './lifetime.ts'
import { type Counts, type Limit, limitOfMoney, type Usage, usageOf } from './limit.ts'
import type { Terms } from './offer.ts'
import type { MeteredAmount } from './meter.ts'
import type { Payment } from './payment.ts'
import type { Rates } from './ratelimit.ts'
import type { Receipt } from './receipt.ts'
import type { Money } from '../core/money.ts'

/** The amounts that the ledger must grant before content leaves: all of them or nothing. */
export type Cost = ReceiptCost | PaymentCost | AccountCost

/** One use of a receipt, or passage while a pass lasts. Charged to the ledger of (issuer, `jti`). */
export interface ReceiptCost {
  readonly from: 'receipt'
  readonly issuer: string
  readonly jti: string
  readonly receipt: { readonly uses: number } | { readonly passSeconds: number }
  /** The payment that a pack was sold for, and its price: the ledger of the payment counts, and knows if it has settled. */
  readonly soldBy?: { readonly payment: string; readonly amount: Money }
  /** The time after which the receipt is refused, tolerance included: milliseconds since 1970. */
  readonly expires: number
  /** The confirmation of the use. Requests under one confirmation are one charge for some minutes. */
  readonly confirmation?: string
  readonly rates?: readonly Limit[]
}

/** One payment, which opens one request. Charged to a ledger of its own, one for the whole deployment. */
export interface PaymentCost {
  readonly from: 'payment'
  /** The name of the payment. */
  readonly payment: string
  readonly paid: Payment
  /** The account whose credit the payment fills, and with how much. */
  readonly fills?: Filling
  /** The time after which the payment cannot be settled, tolerance included: milliseconds since 1970. */
  readonly expires: number
  readonly rates?: readonly Limit[]
}

/** Credit that a payment buys for an account. */
export interface Filling {
  readonly issuer: string
  readonly account: string
  readonly amount: Money
}

type Paid = Extract<Terms, { kind: 'paid' }>

/**
 * Units of an account's limits and a place under the rates; also a price from its credit, if no entitlement opens the route.
 */
export interface AccountCost extends Usage {
  readonly from: 'account'
  readonly issuer: string
  readonly account: string
  readonly price: Money | undefined
  /** The confirmation of the price. Requests under one confirmation are one charge for some minutes. */
  readonly confirmation?: string
  /** True if the account may owe the price. */
  readonly paysLater?: true
  readonly rates?: readonly Limit[]
}

/** Returns the cost of a request with a receipt: one use or its passage, and a place under the rates. */
export function receiptCost(
  { issuer, jti, grant, expires, toleranceSeconds, isPack, amount }: Receipt,
  rates: Rates | undefined,
): ReceiptCost {
  const receipt = grant.kind === 'uses' ? { uses: grant.uses } : { passSeconds: grant.passSeconds }
  const sold = isPack === true ? { soldBy: { payment: jti, amount } } : {}
  const ends = endMs(expires + toleranceSeconds)
  return { from: 'receipt', issuer, jti, receipt, expires: ends, ...sold, ...exactOf(rates) }
}

/** Returns the cost of a request with a payment: the payment, and a place under the rates. */
export function paymentCost(paid: Payment, rates: Rates | undefined, fills?: Filling): PaymentCost {
  const expires = endMs(paid.expires + paid.toleranceSeconds)
  return { from: 'payment', payment: paid.name, paid, ...(fills && { fills }), expires, ...exactOf(rates) }
}

const NOTHING: Usage = { counts: [], limits: [] }

/**
 * Returns the cost of an account's request; on a metered route the least it can be. Undefined if nothing of the request is
 * counted, so that it needs no call to the ledger.
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

/** Returns the least that any request on a route counts. A meter's count is known later, but is never nothing. */
export function leastCounts({ metering, metered }: Paid): Counts {
  if (metered === undefined) return metering.counts
  return { ...metering.counts, ...Object.fromEntries(metered.counted.map((name) => [name, 1n])) }
}

/**
 * Returns the most that a metered request costs: the meter's bound, the route's own counts, and the price of the request.
 */
export function boundedCost(
  account: Entitlement,
  terms: Paid,
  { counts, price }: MeteredAmount,
): AccountCost | undefined {
  const all = { ...terms.metering.counts, ...Object.fromEntries(counts.map(({ name, units }) => [name, units])) }
  return costOf(account, terms, all, sumOf(requestPrice(account, terms), price))
}

/** Returns the price of a request itself, from the account's credit; undefined if its entitlements cover the route. */
export function requestPrice(account: Entitlement, { offer }: Paid): Money | undefined {
  return covers(account, offer.entitlements) ? undefined : offer.price
}

function costOf(
  { issuer, account, limits, spending, paysLater }: Entitlement,
  { metering, metered, rates }: Paid,
  counts: Counts,
  price: Money | undefined,
): AccountCost | undefined {
  const usage = withSpending(usageOf({ ...metering, counts }, limits), spending, price)
  const exact = exactOf(rates)
  if (price === undefined && usage === undefined && exact.rates === undefined) return undefined
  // What a meter counts is told beside the price, whether or not anything limits it.
  const isTold = price !== undefined && metered?.currency !== undefined
  const unlimited = isTold ? { counts: unitsIn(counts), limits: [] } : NOTHING
  const owed = price !== undefined && paysLater === true ? { paysLater } : {}
  return { from: 'account', issuer, account, price, ...(usage ?? unlimited), ...owed, ...exact }
}

/** Adds the limit of what an account spends: it counts the price. */
function withSpending(
  usage: Usage | undefined,
  spending: Entitlement['spending'],
  price: Money | undefined,
): Usage | undefined {
  if (spending === undefined || price === undefined || price.currency !== spending.most.currency) return usage
  const limit = limitOfMoney(spending.most, spending.window)
  const { counts, limits } = usage ?? NOTHING
  return { counts: [...counts, { name: limit.name, units: price.units }], limits: [...limits, limit] }
}

function unitsIn(counts: Counts): Usage['counts'] {
  return Object.entries(counts).flatMap(([name, units]) => (units > 0n ? [{ name, units }] : []))
}

/** Returns the account's place under the rates: the part of a cost that remains if the request itself is free. */
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

/** Returns false if the cost is a place under a rate alone, which is no charge. */
export function takes(cost: Cost): boolean {
  return cost.from !== 'account' || cost.price !== undefined || cost.limits.length > 0
}
