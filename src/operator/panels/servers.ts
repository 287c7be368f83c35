/** The servers of the zone, as the isolate sees them that wrote the page. */
import { html as markup } from 'hono/html'
import { instantInWords } from '../../pages/format.ts'
import type { Markup } from '../../pages/page.ts'
import { tableMarkup } from './chart.ts'
import { count, type DashboardFacts, EN } from './facts.ts'

const STATES = {
  fit: 'takes requests',
  due: 'failed, and is about to be tried',
  ejected: 'failed, and gets none for now',
  drained: 'drained: its weight is 0',
} as const

/** Writes the panel. */
export function serversPanel({ servers, zone }: DashboardFacts): Markup | string {
  if (zone.pool === undefined) return ''
  const table =
    servers === undefined
      ? markup`<p class="soft">This isolate has called none.</p>`
      : tableMarkup(
          ['Server', 'State', 'Ejected until', 'Failures'],
          servers.map(({ name, state, ejectedUntil, failures }) => [
            name,
            STATES[state],
            ejectedUntil === undefined ? '' : instantInWords(Math.floor(ejectedUntil / 1000), EN, zone.timeZone),
            count(failures),
          ]),
        )
  return markup`<section><h2>Servers</h2>
<p class="soft">As this isolate sees them, from the answers that it got: another may see them otherwise.</p>
${table}</section>`
}
