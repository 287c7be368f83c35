/** What was refused, and why. */
import { html as markup } from 'hono/html'
import type { Markup } from '../../pages/page.ts'
import { chartMarkup, tableMarkup } from './chart.ts'
import { reasonsOf } from '../rules/figures.ts'
import { axisOf, bucketed, count, type DashboardFacts } from './facts.ts'

const MOST_REASONS = 4

/** Writes the panel. */
export function refusalsPanel(facts: DashboardFacts): Markup {
  const reasons = reasonsOf(facts.total)
  const shown = reasons.slice(0, MOST_REASONS).map(({ reason }) => reason)
  const others = reasons.length > shown.length
  const buckets = bucketed(facts, reasonsOf)
  const values = (is: (reason: string) => boolean): number[] =>
    buckets.map((rows) => rows.reduce((sum, row) => sum + (is(row.reason) ? row.count : 0), 0))
  const series = [
    ...shown.map((reason) => ({ name: reason, values: values((one) => one === reason) })),
    ...(others ? [{ name: 'other reasons', values: values((one) => !shown.includes(one)) }] : []),
  ]
  const all = reasons.reduce((sum, row) => sum + row.count, 0)
  const [first] = reasons
  const finding =
    first === undefined
      ? 'Nothing was refused.'
      : `${count(all)} refusals, most of them ${first.reason} (${count(first.count)}).`
  return markup`<section><h2>Refusals</h2>
${chartMarkup({ finding, ...axisOf(facts), series })}
${tableMarkup(
  ['Reason', 'Refused', 'Genuine credential', 'Not genuine'],
  reasons.map((row) => [row.reason, count(row.count), count(row.verified), count(row.notGenuine)]),
)}</section>`
}
