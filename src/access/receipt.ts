import { allowsMethod } from '../http/rules/exchange.ts'
import type { Lifetime } from './lifetime.ts'
import type { Offer } from './offer.ts'
import { isSamePack, type Pack } from './pack.ts'
import { coversTarget, type Resource, resourceText } from './resource.ts'
import type { StatusReference } from './statuslist.ts'
import type { Target } from '../http/rules/target.ts'
import { formatAmount, type Money } from '../core/money.ts'

/** A verified payment token: what was paid, for what, and how often. Spent by (issuer, `jti`), anywhere. */
export interface Receipt extends Lifetime {
  readonly kind: 'receipt'
  readonly issuer: string
  readonly jti: string
  /** The payer. A receipt opens its resource to any holder. */
  readonly payer: string | undefined
  readonly amount: Money
  readonly resource: Resource
  /** Upper case. GET covers HEAD. */
  readonly methods: readonly string[]
  readonly grant: ReceiptUses
  /** True if the gate has sold it as a pack: `jti` is then the name of the payment, whose ledger counts it. */
  readonly isPack?: true
  /** The token's place in a status list; undefined if its issuer publishes none. */
  readonly status?: StatusReference
  /** The RFC 7638 thumbprint of the key that signed it. */
  readonly signedBy?: string | undefined
  /** A keyed hash of the payer for the log; undefined without a key. */
  readonly accountHash: string | undefined
}

/** A number of requests, or free passage for a time after the first. */
export type ReceiptUses =
  | { readonly kind: 'uses'; readonly uses: number }
  | { readonly kind: 'pass'; readonly passSeconds: number }

/** The request that a receipt is to pay for. */
export interface Purchase {
  readonly method: string
  readonly target: Target
}

/** Explains in fixed words why a receipt does not pay for a request; undefined if it does. */
export function shortfall(receipt: Receipt, offer: Offer, { method, target }: Purchase): string | undefined {
  const { price } = offer
  if (price === undefined) return 'The receipt is genuine, but this has no price that a receipt could pay.'
  const faults: string[] = []
  if (!coversTarget(receipt.resource, target)) faults.push('its resource is not this path')
  if (!allowsMethod(receipt.methods, method)) faults.push('its methods lack this one')
  if (receipt.amount.currency !== price.currency) faults.push(`its currency is not ${price.currency}`)
  else if (receipt.isPack === true) {
    // A pack costs what it was sold for, and opens the route that sold it alone.
    if (resourceText(receipt.resource) !== offer.resource) faults.push('it was sold elsewhere')
  } else if (receipt.amount.units < price.units * usesOf(receipt))
    faults.push(`its amount is less than ${formatAmount(price)} ${price.currency} for each of its uses`)
  return faults.length === 0 ? undefined : `The receipt is genuine, but does not pay for this: ${faults.join('; ')}.`
}

/** Returns the paths that a receipt was sold for, if the request's is none of them. */
export function resourceElsewhere({ resource }: Receipt, { target }: Pick<Purchase, 'target'>): string | undefined {
  return coversTarget(resource, target) ? undefined : resourceText(resource)
}

/**
 * Explains why a payment does not pay for a request; undefined if it does. Its rail has bound it to method and target
 * already.
 */
export function underpayment(
  { amount, pack }: { readonly amount: Money; readonly pack?: Pack },
  { price, packs = [] }: Offer,
): string | undefined {
  if (price === undefined) return 'This has no price that a payment could pay.'
  if (amount.currency !== price.currency) return `The payment is genuine, but its currency is not ${price.currency}.`
  if (pack !== undefined)
    return packs.some((one) => isSamePack(one, pack)) ? undefined : 'This pack is not on sale here.'
  if (amount.units >= price.units) return undefined
  return `The payment is genuine, but less than ${formatAmount(price)} ${price.currency}.`
}

/** A pass costs the price of one request. */
function usesOf({ grant }: Receipt): bigint {
  return grant.kind === 'uses' ? BigInt(grant.uses) : 1n
}
