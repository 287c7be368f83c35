/** What routes would have done that are only watched. */
import { html as markup } from 'hono/html'
import type { Markup } from '../../pages/page.ts'
import { tableMarkup } from './chart.ts'
import { observedOf } from '../rules/figures.ts'
import { count, type DashboardFacts } from './facts.ts'

/** Writes the panel. */
export function observedPanel({ total }: DashboardFacts): Markup | string {
  const observed = observedOf(total)
  if (observed.length === 0) return ''
  return markup`<section><h2>Only watched</h2>
${tableMarkup(
  ['Would have been', 'Requests'],
  observed.map(([name, times]) => [name, count(times)]),
)}</section>`
}
