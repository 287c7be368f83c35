/** Who is held, with buttons that lift. */
import { html as markup } from 'hono/html'
import { instantInWords } from '../../pages/format.ts'
import type { Markup } from '../../pages/page.ts'
import type { ShownHold } from '../rules/shownhold.ts'
import { buttonMarkup } from './button.ts'
import { tableMarkup } from './chart.ts'
import { count, type DashboardFacts, EN } from './facts.ts'

/** Writes the panel. */
export function holdsPanel(facts: DashboardFacts): Markup {
  const { holds } = facts
  if (holds === undefined)
    return markup`<section><h2>Holds</h2><p role="alert">Who is held cannot be read now.</p></section>`
  const { shown, more, lookUp } = holds
  const table =
    shown.length === 0
      ? markup`<p class="soft">Nobody is held.</p>`
      : tableMarkup(
          ['Who', 'Since', 'Until', 'Reason', 'By', 'Lift'],
          shown.map((hold, index) => rowOf(hold, index, facts)),
        )
  return markup`<section><h2>Holds</h2>
${table}${more === 0 ? '' : markup`<p class="soft">And ${count(more)} that began earlier.</p>`}${lookUp === '' ? '' : lookUpMarkup(lookUp, facts)}</section>`
}

function rowOf(hold: ShownHold, index: number, facts: DashboardFacts): (string | Markup)[] {
  const { kind, hash, since, until, names, by, lift } = hold
  const who = `${kind} ${hash ?? `no. ${index + 1}`}`
  const button = { order: lift, text: 'Lift', name: `Lift the hold of ${who}`, scope: 'hold' }
  return [
    who,
    instantInWords(Math.floor(since), EN, facts.zone.timeZone),
    until === undefined ? 'it is lifted' : instantInWords(Math.ceil(until), EN, facts.zone.timeZone),
    names.length === 0 ? 'an order' : names.join(', '),
    by ?? (names.length === 0 ? 'not known' : 'billing'),
    lift === '' ? '' : buttonMarkup(facts, button),
  ]
}

function lookUpMarkup(order: string, facts: DashboardFacts): Markup {
  const issuer =
    facts.holds?.hasIssuers === true ? markup`<label>Its issuer <input name="issuer" autocomplete="off"></label>` : ''
  const fields = markup`<label>Account <input name="account" autocomplete="off"></label>${issuer}<label>Reference of a refusal <input name="reference" autocomplete="off"></label>`
  return markup`<h3>Look up</h3>
<p class="soft">What a refusal was about, or how an account stands, to hold it or lift its hold. Each look-up is in the log.</p>
${buttonMarkup(facts, { order, text: 'Look up', scope: 'view', fields })}`
}
