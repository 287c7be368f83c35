import type { Entitlement } from './entitlement.ts'
import { endMs } from './lifetime.ts'
import { type Limit, type Usage, usageOf } from './limit.ts'
import type { Terms } from './offer.ts'
import type { Rates } from './ratelimit.ts'
import type { Receipt } from './receipt.ts'
import type { Money } from '../core/money.ts'

/** What the ledger must grant before content leaves. Plain data, all of it or nothing. */
export type Cost = ReceiptCost | AccountCost

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

function exactOf(rates: Rates | undefined): { readonly rates?: readonly Limit[] } {
  return rates === undefined || rates.exact.length === 0 ? {} : { rates: rates.exact }
}

/** False where all that is demanded is a place under a rate: that is no charge. */
export function takes(cost: Cost): boolean {
  return cost.from === 'receipt' || cost.price !== undefined || cost.limits.length > 0
}
