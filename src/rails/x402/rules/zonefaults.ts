import { isPaidBy, type Offer } from '../../../access/offer.ts'
import { type Route, routeName, type RouteTable } from '../../../access/route.ts'
import { formatAmount, type Money } from '../../../core/money.ts'
import type { Fault } from '../../../config/rules/fault.ts'
import { tokenUnits, X402, type X402Token, type X402Offer } from './requirements.ts'

/** Clients read all of them, and fields have limits. */
const MAX_ENTRIES = 4
/** Half of what all fields of a refusal may have. The rest is for other rails, and for what every refusal says. */
const MAX_FIELD_BYTES = 3072

/** What is known of a route's offer once it is compiled: the longest `PAYMENT-REQUIRED` that a refusal may have. */
export interface CompiledField {
  readonly offer: X402Offer | undefined
  readonly longestField: number
}

/** Returns what payments in these tokens cannot charge in a zone. */
export function x402ZoneFaults(
  { entries, unmatched }: RouteTable,
  tokens: readonly X402Token[],
  compiledFor: (offer: Offer) => CompiledField,
): readonly Fault[] {
  return [...entries.map(({ route }) => route), unmatched].flatMap((route) =>
    routeFaults(route, tokens, compiledFor).map((message) => ({
      path: 'routes',
      message: `${routeName(route)}: ${message}`,
    })),
  )
}

function routeFaults(
  { terms }: Route,
  tokens: readonly X402Token[],
  compiledFor: (offer: Offer) => CompiledField,
): readonly string[] {
  if (terms.kind !== 'paid') return []
  const { price, packs = [], onSale, paidBy } = terms.offer
  if (price === undefined || !onSale || !isPaidBy(terms.offer, X402)) return []
  const payable = tokens.filter(({ currency }) => currency === price.currency)
  if (payable.length === 0)
    return paidBy?.length === 1 ? [`no token of x402 is worth ${price.currency}, and nothing else is in "pay"`] : []
  const amounts = [price, ...packs.map(({ amount }) => amount)]
  const inexact = amounts.flatMap((amount) => payable.flatMap(({ decimals }) => inexactness(amount, decimals) ?? []))
  if (inexact.length > 0) return [...new Set(inexact)]
  const { offer, longestField } = compiledFor(terms.offer)
  const count = offer?.entries.length ?? 0
  if (count > MAX_ENTRIES)
    return [`${count} ways to pay by x402, tokens times packs, and at most ${MAX_ENTRIES} are told`]
  if (longestField <= MAX_FIELD_BYTES) return []
  return [`"PAYMENT-REQUIRED" may have ${longestField} bytes, and ${MAX_FIELD_BYTES} is the most`]
}

function inexactness(amount: Money, decimals: number): string | undefined {
  if (tokenUnits(amount, decimals) !== undefined) return undefined
  return `${formatAmount(amount)} ${amount.currency} is not a whole number of units of a token with ${decimals} decimals`
}
