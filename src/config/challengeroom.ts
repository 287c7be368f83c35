/**
 * Finds routes whose 402 cannot tell every way to pay: the fields of a refusal have a limit together, and what does not fit is left
 * out. A seller would learn that from a client that finds no way to pay, so it is a fault of the configuration.
 */
import type { Offer } from '../access/offer.ts'
import { type Route, routeName } from '../access/route.ts'
import { refusal } from '../core/problem.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { readTarget } from '../http/rules/target.ts'
import { bytesOfChallenge, LAST_BYTES, LEAST_LINK_BYTES, MAX_FIELDS_BYTES } from '../refusals/challenge.ts'
import type { Site } from '../site.ts'
import type { Fault } from './rules/fault.ts'

/** What the other fields of a refusal take: those of every refusal, of its format, and of one request. */
const OTHER_BYTES = 1024
const ROOM = MAX_FIELDS_BYTES - LAST_BYTES - LEAST_LINK_BYTES - OTHER_BYTES

const REQUIRED = refusal('payment-required', 'This needs a payment.', { check: 'presented' })

/** Returns the faults of a zone, one for each kind of offer: routes of one price are challenged alike. */
export function challengeRoomFaults(site: Site): readonly Fault[] {
  const { entries, unmatched } = site.zone.routes
  const kinds = new Map<string, { readonly route: Route; readonly offer: Offer }>()
  for (const route of [...entries.map((entry) => entry.route), unmatched]) {
    if (route.terms.kind !== 'paid' || route.terms.offer.price === undefined || !route.terms.offer.onSale) continue
    const { offer } = route.terms
    const kind = kindOf(offer)
    if ((kinds.get(kind)?.route.path.length ?? -1) < route.path.length) kinds.set(kind, { route, offer })
  }
  return [...kinds.values()].flatMap(({ route, offer }) => {
    const exchange = exchangeOf(site, route)
    const bytes = exchange === undefined ? 0 : bytesOfChallenge({ ...site, offer }, REQUIRED, exchange)
    if (bytes <= ROOM) return []
    const message = `${routeName(route)}: the ways to pay take ${bytes} bytes of fields, and ${ROOM} is the most: name fewer tokens, methods or packs, or name some in "pay"`
    return [{ path: 'routes', message }]
  })
}

function kindOf({ price, packs = [], paidBy = [], entitlements }: Offer): string {
  const sold = packs.map(({ amount, gives }) => [String(amount.units), gives.kind])
  return JSON.stringify([String(price?.units), price?.currency, sold, paidBy, entitlements])
}

/** A request for a page of the route, with a token beside: its challenges are the longest. */
function exchangeOf({ zone }: Site, { path }: Route): Exchange | undefined {
  const host = zone.hosts[0] ?? zone.name
  const target = readTarget(path.replaceAll('*', 'a-page-of-the-route'), '')
  if (!target.ok) return undefined
  return {
    id: '00000000-0000-4000-8000-000000000000',
    method: 'GET',
    scheme: 'https',
    host,
    origin: `https://${host}`,
    target: target.value,
    fields: new Headers({ authorization: 'Bearer a-token' }),
    trace: undefined,
    now: 0,
  }
}
