/** What was not normal, and what it stands on. */
import { html as markup } from 'hono/html'
import type { Evidence, Finding } from '../../anomalies/rules/finding.ts'
import type { Measures } from '../../anomalies/rules/signal.ts'
import { instantInWords } from '../../pages/format.ts'
import type { Markup } from '../../pages/page.ts'
import { tableMarkup } from './chart.ts'
import { count, type DashboardFacts, EN } from './facts.ts'

const MOST_SHOWN = 20

/** Writes the panel; nothing where nobody watches. */
export function signalsPanel({ found, range, zone }: DashboardFacts): Markup | string {
  if (found === undefined) return ''
  if (!found.ok) return section(markup`<p>What was found cannot be read now.</p>`)
  const { findings, dropped } = found.value
  const within = findings.filter(({ time }) => time * 1000 >= range.from)
  const lost = dropped === 0 ? '' : ` ${count(dropped)} observations of today found no room, and were not looked at.`
  if (within.length === 0) return section(markup`<p>Nothing was found.${lost}</p>`)
  const shown = within.slice(0, MOST_SHOWN)
  const rows = shown.map((finding) => [
    instantInWords(finding.time, EN, zone.timeZone),
    stepWords(finding),
    `${finding.suspect} ${finding.key}`,
    finding.evidence.map(evidenceWords).join('; '),
    finding.for.join(', ') || 'nothing known',
    finding.reference ?? 'none',
  ])
  return section(markup`<p>${count(within.length)} found, the latest ${count(shown.length)} are shown. Nobody was refused anything: this is what would have been done.${lost}</p>
${tableMarkup(['When', 'Would have been', 'Who', 'Evidence', 'Speaks for them', 'Request'], rows)}`)
}

function section(body: Markup): Markup {
  return markup`<section><h2>Not normal</h2>
${body}</section>`
}

function stepWords({ step, isOverBudget }: Finding): string {
  const words = { note: 'noted', slow: 'slowed', ask: 'asked to sign in', hold: 'held' }[step]
  return isOverBudget === true ? `${words}, as the holds of the day are used up` : words
}

function evidenceWords({ signal, observed, usual, window }: Evidence): string {
  return `${signal}: ${measuresWords(observed)} within ${window}; usual: ${measuresWords(usual)}`
}

function measuresWords(measures: Measures): string {
  return Object.entries(measures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
