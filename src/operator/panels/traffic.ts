/** Requests, and the routes that they fell on. */
import { html as markup } from 'hono/html'
import type { Markup } from '../../pages/page.ts'
import { chartMarkup, tableMarkup } from './chart.ts'
import { headlineOf, reasonsOf, routesOf } from '../rules/figures.ts'
import { axisOf, bucketed, count, type DashboardFacts, megabytes, msWords, percent } from './facts.ts'

const MOST_ROUTES = 20

/** Writes the panel. */
export function trafficPanel(facts: DashboardFacts): Markup {
  const buckets = bucketed(facts, (tally) => {
    const { requests, asked } = headlineOf(tally)
    return { requests, asked, refused: reasonsOf(tally).reduce((sum, row) => sum + row.count, 0) }
  })
  const series = [
    { name: 'not refused', values: buckets.map((bucket) => bucket.requests - bucket.refused) },
    { name: 'asked to pay', values: buckets.map((bucket) => bucket.asked) },
    { name: 'refused otherwise', values: buckets.map((bucket) => bucket.refused - bucket.asked) },
  ]
  const routes = routesOf(facts.total).slice(0, MOST_ROUTES)
  const { requests } = headlineOf(facts.total)
  return markup`<section><h2>Traffic</h2>
${chartMarkup({ finding: `${count(requests)} requests.`, ...axisOf(facts), series })}
${tableMarkup(
  ['Route', 'Requests', 'Refused', 'From copies', 'p95', 'MB'],
  routes.map((row) => [
    row.route === '' ? 'no route' : row.route,
    count(row.requests),
    count(row.refused),
    percent(row.hits, row.cacheable),
    msWords(row.p95Ms),
    megabytes(row.bytes),
  ]),
)}</section>`
}
