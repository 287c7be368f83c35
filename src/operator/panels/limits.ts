/** The accounts that are near a limit, by their hashes. */
import { html as markup } from 'hono/html'
import { describeMoney } from '../../core/money.ts'
import { instantInWords, moneyInWords } from '../../pages/format.ts'
import type { Markup } from '../../pages/page.ts'
import type { NearLimit } from '../../tallies/rules/nearlimits.ts'
import { rowButton, rowsMarkup } from './button.ts'
import { tableMarkup } from './chart.ts'
import { count, type DashboardFacts, EN } from './facts.ts'

/** Writes the panel. */
export function limitsPanel(facts: DashboardFacts): Markup {
  const { limits, count: all } = facts.near
  const rest = all > limits.length ? ` The ${count(limits.length)} with the largest shares are shown.` : ''
  const finding =
    all === 0
      ? markup`<p class="soft">No account has used 80 % of a limit.</p>`
      : markup`<p>${count(all)} ${all === 1 ? 'limit is' : 'limits are'} used to 80 % or more.${rest}${facts.lookUpNear === '' ? '' : ' Whose a hash is, a look-up says, which is recorded with who asked.'}</p>
${rowsOf(facts)}`
  return markup`<section><h2>Accounts near a limit</h2>
${finding}</section>`
}

function rowsOf(facts: DashboardFacts): Markup {
  const { near, zone, lookUpNear: order } = facts
  const hasButtons = order !== ''
  const table = tableMarkup(
    ['Account', 'Limit', 'Used', 'Of', 'More is free', ...(hasButtons ? ['Look up'] : [])],
    near.limits.map((one) => [
      markup`<code>${one.hash}</code>`,
      nameOf(one),
      `${count(percentOf(one))} %`,
      amountOf(one),
      instantInWords(Math.ceil(one.resetsAt / 1000), EN, zone.timeZone),
      ...(hasButtons ? [lookUpButton(one)] : []),
    ]),
  )
  return hasButtons ? rowsMarkup(facts, { order, scope: 'view', table }) : table
}

function lookUpButton({ hash }: NearLimit): Markup {
  return rowButton({ text: 'Look up', name: `Look up account ${hash}`, field: 'hash', value: hash })
}

function nameOf({ limit, key }: NearLimit): string {
  return key === undefined ? limit : `${limit}, of a key`
}

function percentOf({ used, quota }: NearLimit): number {
  return Number((BigInt(used) * 100n) / BigInt(quota))
}

function amountOf({ quota, currency, window }: NearLimit): string {
  const amount =
    currency === undefined ? count(Number(quota)) : moneyInWords(describeMoney({ currency, units: BigInt(quota) }), EN)
  return `${amount} ${windowWords(window)}`
}

function windowWords(window: NearLimit['window']): string {
  if (window === 'P1M') return 'a month'
  return window === 'P1D' ? 'a day' : `in ${count(window)} s`
}
