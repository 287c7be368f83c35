/** What was shown, begun and bought of each offer. */
import { html as markup } from 'hono/html'
import { offersThatOpen } from '../../access/pricedoffer.ts'
import { routeName } from '../../access/route.ts'
import type { Markup } from '../../pages/page.ts'
import type { Zone } from '../../zone.ts'
import { offersOf } from '../rules/figures.ts'
import { tableMarkup } from './chart.ts'
import { count, type DashboardFacts, percent } from './facts.ts'

/** Writes the panel; nothing of a site that has no offers and saw no trips. */
export function offersPanel({ total, zone }: DashboardFacts): Markup | string {
  const rows = offersOf(total, openingOf(zone))
  if (rows.length === 0) return ''
  return markup`<section><h2>Offers</h2>
${tableMarkup(
  ['Offer', 'Pages shown', 'Begun', 'Bought', 'Cancelled', 'Bought of begun'],
  rows.map((row) => [
    row.offer,
    count(row.pages),
    count(row.begun),
    count(row.finished),
    count(row.cancelled),
    percent(row.finished, row.begun),
  ]),
)}</section>`
}

/** Returns the offers that open each route as it is configured now. */
function openingOf({ routes, offers }: Zone): ReadonlyMap<string, readonly string[]> {
  const opening = new Map<string, readonly string[]>()
  for (const route of [...routes.entries.map((entry) => entry.route), routes.unmatched]) {
    const { terms } = route
    if (terms.kind !== 'paid') continue
    const names = offersThatOpen(terms.offer, offers).map(({ name }) => name)
    opening.set(routeName(route), names)
  }
  return opening
}
