/** Writes the dashboard: without a script, in English, from sums alone. */
import { html as markup, raw } from 'hono/html'
import { localText } from '../core/localtext.ts'
import { instantInWords } from '../pages/format.ts'
import { type Markup, pageOf, pagePolicyOf } from '../pages/page.ts'
import { policyHash } from '../pages/style.ts'
import { NOT_STORED } from '../refusals/endpointproblem.ts'
import type { Zone } from '../zone.ts'
import { type DashboardFacts, EN } from './panels/facts.ts'
import { moneyPanel } from './panels/money.ts'
import { exemptedPanel } from './panels/exempted.ts'
import { offersPanel } from './panels/offers.ts'
import { observedPanel } from './panels/observed.ts'
import { refusalsPanel } from './panels/refusals.ts'
import { tilesPanel } from './panels/tiles.ts'
import { trafficPanel } from './panels/traffic.ts'
import { type Range, RANGES } from './rules/ranges.ts'
import { STYLE } from './style.ts'

/** What the dashboard shows, in this order. A panel that has nothing to say is an empty text. */
const PANELS: readonly ((facts: DashboardFacts) => Markup | string)[] = [
  tilesPanel,
  refusalsPanel,
  trafficPanel,
  offersPanel,
  moneyPanel,
  exemptedPanel,
  observedPanel,
]

const STYLE_SOURCE = /* @__PURE__ */ policyHash(STYLE)

/** Answers the dashboard. */
export function answerDashboard(facts: DashboardFacts): Response {
  const { zone, range, now } = facts
  const body = markup`<h1>What happens on ${zone.name}</h1>
<nav class="ranges" aria-label="Range">${RANGES.map((name) =>
    name === range.name ? markup`<b aria-current="page">${name}</b>` : markup`<a href="?range=${name}">${name}</a>`,
  )}</nav>
<p class="soft">${spanWords(range, zone.timeZone)}, up to ${instantInWords(Math.floor(now / 1000), EN, zone.timeZone)}. Money is from the ledgers, exact, and some seconds behind; all else is traffic, added up every ten seconds.</p>
${PANELS.map((panel) => panel(facts))}`
  return documentOf(`Dashboard of ${zone.name}`, body, zone)
}

function spanWords({ name, from }: Range, timeZone: string): string {
  const since = instantInWords(Math.floor(from / 1000), EN, timeZone)
  return `The last ${{ '1h': 'hour', '24h': 'day', '7d': '7 days', '90d': '90 days' }[name]}, since ${since}`
}

/** Answers the form that takes a token. */
export function answerSignIn(zone: Zone, problem: string | undefined): Response {
  const body = markup`<h1>Dashboard of ${zone.name}</h1>
${problem === undefined ? '' : markup`<p role="alert">${problem}</p>\n`}<form method="post"><label for="token">A token of an operator, with the scope <code>view</code></label>
<textarea id="token" name="token" required autocomplete="off" spellcheck="false"></textarea><button>Look</button></form>
<p class="soft">The token is not kept. This browser may look for an hour, or until the token ends.</p>`
  const page = documentOf(`Dashboard of ${zone.name}`, body, zone)
  return new Response(page.body, { status: 401, headers: page.headers })
}

function documentOf(title: string, body: Markup, { pages }: Zone): Response {
  const head = markup`<style>${raw(STYLE)}</style>\n`
  const page = pageOf({ title: `${title} – ${localText(pages.site.name, EN)}`, body, language: EN, head }, pages)
  return new Response(page, {
    headers: {
      ...NOT_STORED,
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'same-origin',
      'content-security-policy': pagePolicyOf(pages, { forms: ["'self'"], styles: [STYLE_SOURCE] }),
    },
  })
}
