/** What was opened though nobody paid: free reading, crawlers, agents. */
import { html as markup } from 'hono/html'
import type { Markup } from '../../pages/page.ts'
import { exemptedOf } from '../rules/figures.ts'
import { tableMarkup } from './chart.ts'
import { count, type DashboardFacts, megabytes } from './facts.ts'

/** Writes the panel; nothing if there was none of it. */
export function exemptedPanel({ total }: DashboardFacts): Markup | string {
  const rows = exemptedOf(total)
  if (rows.length === 0) return ''
  return markup`<section><h2>Opened without payment</h2>
${tableMarkup(
  ['By', 'Requests', 'MB'],
  rows.map(([exemption, times, bytes]) => [exemption, count(times), megabytes(bytes)]),
)}</section>`
}
