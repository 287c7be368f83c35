import type { Offer } from '../../access/offer.ts'
import { describePack, type Pack, type PackView } from '../../access/pack.ts'
import type { JsonMembers } from '../../core/json.ts'
import type { Money } from '../../core/money.ts'
import type { ChargeMethod } from './method.ts'
import { encodeJson } from './rules/canonicaljson.ts'

/** What one challenge asks for: an amount by a method, for one request or for a pack. The same for everyone. */
export interface Ask {
  readonly method: string
  readonly intent: 'charge'
  readonly amount: Money
  readonly pack?: Pack
  readonly request: JsonMembers
  /** The request as challenges carry it. */
  readonly encoded: string
  readonly description?: string
}

/** Returns what an offer asks for by these methods: what pays for one request first. */
export type AsksOf = (offer: Offer) => readonly Ask[]

/** Remembers the asks of each offer. */
export function createAsks(methods: readonly ChargeMethod[]): AsksOf {
  const known = new WeakMap<Offer, readonly Ask[]>()
  return (offer) => {
    const asks = known.get(offer) ?? asksOf(offer, methods)
    known.set(offer, asks)
    return asks
  }
}

function asksOf({ price, onSale, title, packs = [] }: Offer, methods: readonly ChargeMethod[]): readonly Ask[] {
  if (price === undefined || !onSale) return []
  const single = { amount: price, ...(title !== undefined && isShort(title) && { description: title }) }
  const sold = packs.map((pack) => ({ amount: pack.amount, pack, description: describe(describePack(pack)) }))
  return [single, ...sold].flatMap((asked) =>
    methods.flatMap((method) =>
      method.requestsFor(asked.amount).map((request) => ({
        ...asked,
        method: method.name,
        intent: 'charge' as const,
        request,
        encoded: encodeJson(request),
      })),
    ),
  )
}

/** Returns true for a title that a field can hold. */
function isShort(title: string): boolean {
  return /^[\x20-\x7e]{1,80}$/.test(title)
}

function describe(pack: PackView): string {
  if ('uses' in pack) return `${pack.uses} requests`
  return 'pass' in pack ? `Free passage for ${pack.pass} seconds` : 'Prepaid credit'
}
