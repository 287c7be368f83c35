/** What was earned, from the ledgers. */
import { html as markup } from 'hono/html'
import type { Markup } from '../../pages/page.ts'
import { tableMarkup } from './chart.ts'
import { moneyBy } from '../rules/figures.ts'
import { count, type DashboardFacts, moneyWords } from './facts.ts'

/** Writes the panel. */
export function moneyPanel({ total }: DashboardFacts): Markup {
  const table = (title: string, rows: ReturnType<typeof moneyBy>): Markup =>
    markup`<h3>${title}</h3>${tableMarkup(
      [title, 'Charges', 'Kept'],
      rows.map(({ name, charges, money }) => [name, count(charges), moneyWords(money)]),
    )}`
  return markup`<section><h2>Money</h2>
${table('Route', moneyBy(total, 'route'))}${table('Paid by', moneyBy(total, 'rail'))}${table('Model', moneyBy(total, 'model'))}</section>`
}
