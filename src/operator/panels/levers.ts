/** What operators have opened or closed for a time, with the buttons for it. */
import { html as markup, raw } from 'hono/html'
import { instantInWords } from '../../pages/format.ts'
import type { Markup } from '../../pages/page.ts'
import type { LeverForm, ShownLever, ShownLevers } from '../rules/shownlevers.ts'
import { buttonMarkup, rowButton, rowsMarkup } from './button.ts'
import { tableMarkup } from './chart.ts'
import { count, type DashboardFacts, EN } from './facts.ts'

const SCOPE = 'levers'

/** Writes the panel; nothing where the configuration has no levers. */
export function leversPanel(facts: DashboardFacts): Markup | string {
  const { levers, zone } = facts
  if (levers === undefined) return ''
  const { forms } = levers
  const about =
    forms.length === 0
      ? ''
      : markup`<h3>Open or close for a time</h3>
<p class="soft">What is opened is served to everyone, and nobody is charged; what is closed is refused to everyone. Each ends by itself, and is recorded with who gave it. All of the site knows within ${count(zone.standing.boundMs / 1000)} s.</p>
${forms.map((form) => formMarkup(form, facts))}`
  return markup`<section><h2>Levers</h2>
${inEffect(levers, facts)}${about}</section>`
}

function inEffect({ shown, more, undo }: ShownLevers, facts: DashboardFacts): Markup {
  if (shown === undefined) return markup`<p role="alert">What is open or closed for a time cannot be read now.</p>`
  if (shown.length === 0) return markup`<p class="soft">None is in effect: all is as it is configured.</p>`
  const at = (seconds: number): string => instantInWords(seconds, EN, facts.zone.timeZone)
  // A phone shows what is on the left: the button before the time that matters least.
  const table = tableMarkup(
    ['What', 'Is', 'Until', ...(undo === '' ? [] : ['Undo']), 'Since'],
    shown.map((lever) => [
      lever.part,
      stateOf(lever),
      at(lever.until),
      ...(undo === '' ? [] : [undoButton(lever)]),
      at(lever.since),
    ]),
  )
  return markup`${undo === '' ? table : rowsMarkup(facts, { order: undo, scope: SCOPE, table })}${more === 0 ? '' : markup`<p class="soft">And ${count(more)} that began earlier.</p>`}`
}

function stateOf({ kind }: ShownLever): string {
  return kind === 'open' ? 'open' : 'closed'
}

function undoButton(lever: ShownLever): Markup {
  const { kind, part } = lever
  const name = `Undo: ${part} is ${stateOf(lever)}`
  return rowButton({ text: 'Undo', name, field: 'lever', value: `${kind} ${part}` })
}

function formMarkup({ kind, order, parts, hasMore, hours }: LeverForm, facts: DashboardFacts): Markup {
  const text = kind === 'open' ? 'Open' : 'Close'
  const options = parts.map((part) => markup`<option>${part}</option>`)
  const ends = hours.map((one) => markup`<option value="${one}">${spanWords(one)}</option>`)
  const other = hasMore ? markup`<label>Or another route <input name="route" autocomplete="off"></label>` : ''
  const fields = markup`<label>What to ${kind} <select name="part"${hasMore ? '' : raw(' required')}><option value="">Choose</option>${options}</select></label>${other}<label>For <select name="hours">${ends}</select></label>`
  return buttonMarkup(facts, { order, text, name: `${text} for that time`, scope: SCOPE, fields })
}

function spanWords(hours: number): string {
  if (hours > 24) return `${hours / 24} days`
  return hours === 1 ? '1 hour' : `${hours} hours`
}
