import type { Entitlement } from './entitlement.ts'
import { type Metering, type Usage, usageOf } from './limit.ts'
import type { Money } from './offer.ts'
import type { Receipt } from './receipt.ts'

/** What the ledger must grant before content leaves. Plain data, all of it or nothing. */
export type Demand = ReceiptDemand | AccountDemand

/** One use of a receipt, or passage while it lasts. The ledger is the one of (issuer, `jti`). */
export interface ReceiptDemand {
  readonly from: 'receipt'
  readonly issuer: string
  readonly jti: string
  readonly receipt: { readonly uses: number } | { readonly passSeconds: number }
  /** When nobody takes the receipt any longer, tolerance included: milliseconds since 1970. */
  readonly expires: number
}

/** Units of an account's limits; and the price, from its credit, where nothing but that opens the route. */
export interface AccountDemand extends Usage {
  readonly from: 'account'
  readonly issuer: string
  readonly account: string
  readonly price: Money | undefined
}

export function receiptDemand({ issuer, jti, grant, expires, toleranceSeconds }: Receipt): ReceiptDemand {
  const receipt = grant.kind === 'uses' ? { uses: grant.uses } : { passSeconds: grant.passSeconds }
  return { from: 'receipt', issuer, jti, receipt, expires: (expires + toleranceSeconds) * 1000 }
}

const NOTHING: Usage = { counts: [], limits: [] }

/** What an account's request takes; undefined for one that is not metered, which costs no call to the ledger. */
export function accountDemand(
  { issuer, account, limits }: Entitlement,
  metering: Metering,
  price: Money | undefined,
): AccountDemand | undefined {
  const usage = usageOf(metering, limits)
  if (price === undefined && usage === undefined) return undefined
  return { from: 'account', issuer, account, price, ...(usage ?? NOTHING) }
}
