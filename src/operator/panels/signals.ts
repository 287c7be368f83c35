/** What was not normal, and what it stands on. */
import { html as markup } from 'hono/html'
import type { Evidence, Finding } from '../../anomalies/rules/finding.ts'
import type { Measures } from '../../anomalies/rules/signal.ts'
import { instantInWords } from '../../pages/format.ts'
import type { Markup } from '../../pages/page.ts'
import { buttonMarkup } from './button.ts'
import { tableMarkup } from './chart.ts'
import { count, type DashboardFacts, EN } from './facts.ts'

const MOST_SHOWN = 20

/** Writes the panel; nothing where nobody watches. */
export function signalsPanel(facts: DashboardFacts): Markup | string {
  const { found, range, zone } = facts
  if (found === undefined) return ''
  if (!found.ok) return section(markup`<p>What was found cannot be read now.</p>`)
  const { mode, findings, dropped } = found.value
  const within = findings.filter((finding) => finding.time * 1000 >= range.from || isInForce(finding, facts.now))
  const lost = dropped === 0 ? '' : ` ${count(dropped)} observations of today found no room, and were not looked at.`
  if (within.length === 0) return section(markup`<p>Nothing was found.${lost}</p>`)
  const shown = within.slice(0, MOST_SHOWN)
  const rows = shown.map((finding) => [
    instantInWords(finding.time, EN, zone.timeZone),
    stepWords(finding, facts),
    `${finding.suspect} ${finding.key}`,
    finding.evidence.map(evidenceWords).join('; '),
    finding.for.join(', ') || 'nothing known',
    finding.reference ?? 'none',
    wordButtons(finding, facts),
  ])
  const acted = mode === 'act' ? '' : ' Nobody was refused anything: this is what would have been done.'
  return section(markup`<p>${count(within.length)} found, the latest ${count(shown.length)} are shown.${acted}${lost}</p>
${tableMarkup(['When', mode === 'act' ? 'Step' : 'Would have been', 'Who', 'Evidence', 'Speaks for them', 'Request', 'Your word'], rows)}`)
}

function isInForce({ step, disposition, until }: Finding, now: number): boolean {
  if (step !== 'hold') return false
  return disposition === 'confirmed' || (disposition === 'carried-out' && until !== undefined && until * 1000 > now)
}

/** Writes the buttons of a hold that is in force: a confirmed one may still be lifted. */
function wordButtons(finding: Finding, facts: DashboardFacts): Markup | string {
  const { reference } = finding
  const { lift, confirm } = facts.foundOrders
  if (reference === undefined || lift === '' || !isInForce(finding, facts.now)) return ''
  const buttonFor = (order: string, word: 'lift' | 'confirm', text: string): Markup =>
    buttonMarkup(facts, {
      order,
      text,
      name: `${text} the hold of ${finding.suspect} ${finding.key}`,
      scope: 'hold',
      fields: markup`<input type="hidden" name="${word}" value="${reference}">`,
    })
  const lifting = buttonFor(lift, 'lift', 'Lift')
  return finding.disposition === 'confirmed' ? lifting : markup`${lifting}${buttonFor(confirm, 'confirm', 'Confirm')}`
}

function section(body: Markup): Markup {
  return markup`<section><h2>Not normal</h2>
${body}</section>`
}

function stepWords(
  { step, isOverBudget, isActed, until, disposition }: Finding,
  { zone, now }: Pick<DashboardFacts, 'zone' | 'now'>,
): string {
  const words = { note: 'noted', slow: 'slowed', ask: 'asked to sign in', hold: 'held' }[step]
  const why = isOverBudget === true ? ', as the holds of the day are used up' : ''
  if (step === 'note' || step === 'slow' || !isActed) return `${words}${why}`
  if (disposition === undefined) return `to be ${words}${why}: not carried out`
  if (disposition !== 'carried-out') return `${words}, and ${disposition}`
  const end = step === 'hold' && until !== undefined ? instantInWords(Math.ceil(until), EN, zone.timeZone) : undefined
  const isOver = until !== undefined && until * 1000 <= now
  return `${words}${why}${end === undefined ? '' : isOver ? `, until ${end}` : `, ends ${end}`}`
}

function evidenceWords({ signal, observed, usual, window }: Evidence): string {
  return `${signal}: ${measuresWords(observed)} within ${window}; usual: ${measuresWords(usual)}`
}

function measuresWords(measures: Measures): string {
  return Object.entries(measures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
