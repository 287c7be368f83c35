/**
 * Compiles what a route costs into what x402 asks for: once for each offer, so that a refusal joins two texts.
 *
 * A price becomes a whole number of a token's units, by integers alone. An entry of `accepts` is everything that a payer
 * agrees to and a facilitator is told, and the payer echoes it whole.
 */
import { isPaidBy, type Offer } from '../../../access/offer.ts'
import { describePack, isOfferedFor, type Pack } from '../../../access/pack.ts'
import type { JsonMembers } from '../../../core/json.ts'
import type { Money } from '../../../core/money.ts'
import type { Reason } from '../../../core/problem.ts'
import { RESOURCE_SLOT, slot } from '../../../core/template.ts'
import { toBase64Json } from './base64json.ts'
import { v1NetworkOf } from './networks.ts'

/** A token that payments may be made in, and who receives them. */
export interface X402Token {
  /** The network, as CAIP-2 names it: `eip155:8453`. */
  network: string
  /** The address of the token's contract, which must know EIP-3009. */
  asset: string
  /** The name in the token's EIP-712 domain: clients cannot sign without it. */
  name: string
  /** The version in that domain. */
  version: string
  /** How many decimals the token has: 6 for USDC. */
  decimals: number
  /** The currency that one of the token is worth (ISO 4217). No price in another currency is paid with it. */
  currency: string
  /** The address that receives the payments. It serves one deployment alone. */
  payTo: string
}

/** One entry of `accepts`, and what it is worth here. */
export interface PricedEntry {
  readonly requirements: Requirements
  readonly amount: Money
  /** What is bought in place of one request. */
  readonly pack: Pack | undefined
}

/** The requirements of x402 v2. */
export interface Requirements extends JsonMembers {
  readonly scheme: 'exact'
  readonly network: string
  readonly amount: string
  readonly asset: string
  readonly payTo: string
  readonly maxTimeoutSeconds: number
  readonly extra: JsonMembers
}

/** An offer as x402 states it. */
export interface X402Offer {
  /** Those of one request first: most clients take the first. */
  readonly entries: readonly PricedEntry[]
  /** Returns the end of `PAYMENT-REQUIRED`, in base64. Credit is offered where there is an account. */
  readonly tailFor: (reason: Reason) => string
  /** The `accepts` of v1, which has neither packs nor two tokens of one network: its payments do not say what they accept. */
  readonly v1: readonly JsonMembers[]
}

/** Long enough for an origin to answer and for a settlement behind it. */
const TIMEOUT_SECONDS = 300
const MONEY_DECIMALS = 9
const MAX_DESCRIPTION = 120

/** Returns the units of a token that are worth `money`; undefined if that is no whole number. */
export function tokenUnits({ units }: Money, decimals: number): bigint | undefined {
  if (decimals >= MONEY_DECIMALS) return units * 10n ** BigInt(decimals - MONEY_DECIMALS)
  const unit = 10n ** BigInt(MONEY_DECIMALS - decimals)
  return units % unit === 0n ? units / unit : undefined
}

/** Compiles an offer; undefined if it has no price that x402 may be paid. */
export function compileX402Offer(offer: Offer, tokens: readonly X402Token[]): X402Offer | undefined {
  const { price, packs = [], onSale, title } = offer
  if (price === undefined || !onSale || !isPaidBy(offer, X402)) return undefined
  const payable = tokens.filter(({ currency }) => currency === price.currency)
  const singles = payable.flatMap((token) => entryOf(token, price, undefined, offer))
  const packed = packs.flatMap((pack) => payable.flatMap((token) => entryOf(token, pack.amount, pack, offer)))
  if (singles.length === 0) return undefined
  const entries = [...singles, ...packed]
  const description = title?.slice(0, MAX_DESCRIPTION) ?? ''
  const about = description === '' ? '' : `,"description":${JSON.stringify(description)}`
  const tailOf = (offered: readonly PricedEntry[]): string => {
    const accepts = JSON.stringify(offered.map(({ requirements }) => requirements))
    return toBase64Json(`${about}},"accepts":${accepts}}`)
  }
  const [all, forAnyone] = [tailOf(entries), tailOf(entries.filter(({ pack }) => isOfferedFor(ANYONE, pack)))]
  return {
    entries,
    tailFor: (reason) => (entries.every(({ pack }) => isOfferedFor(reason, pack)) ? all : forAnyone),
    v1: v1Of(singles, description),
  }
}

/** The reason of a refusal without any credential. */
const ANYONE: Reason = 'payment-required'

/** The name of the rail. */
export const X402 = 'x402'

function entryOf(token: X402Token, amount: Money, pack: Pack | undefined, { settlesFirst }: Offer): PricedEntry[] {
  const units = tokenUnits(amount, token.decimals)
  if (units === undefined || units === 0n) return []
  const { network, asset, payTo, name, version } = token
  const extra: JsonMembers = {
    name,
    version,
    ...(settlesFirst === true && { paymentFlow: 'upfront' }),
    ...(pack && { faregate: { ...describePack(pack) } }),
  }
  const terms = { scheme: 'exact', network, amount: String(units), asset, payTo } as const
  return [{ requirements: { ...terms, maxTimeoutSeconds: TIMEOUT_SECONDS, extra }, amount, pack }]
}

function v1Of(singles: readonly PricedEntry[], description: string): JsonMembers[] {
  const named = new Set<string>()
  const resource = slot(RESOURCE_SLOT)
  return singles.flatMap(({ requirements }) => {
    const { scheme, amount: maxAmountRequired, asset, payTo, maxTimeoutSeconds, extra } = requirements
    const network = v1NetworkOf(requirements.network)
    if (network === undefined || named.has(network)) return []
    named.add(network)
    // Some clients throw on members that the schema of v1 has not, such as an `outputSchema` of null.
    const { name = '', version = '' } = extra
    const asked = { scheme, network, maxAmountRequired, asset, payTo, resource, description, mimeType: '' }
    return [{ ...asked, maxTimeoutSeconds, extra: { name, version } }]
  })
}

/** Returns the entry that a payment of v1 is for, by its network. */
export function v1Entry({ entries }: X402Offer, network: string): PricedEntry | undefined {
  return entries.find((entry) => v1NetworkOf(entry.requirements.network) === network)
}
