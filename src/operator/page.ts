/** Writes the dashboard: without a script, in English, from sums alone. */
import { html as markup, raw } from 'hono/html'
import { localText } from '../core/localtext.ts'
import { instantInWords } from '../pages/format.ts'
import { type Markup, pageOf, pagePolicyOf } from '../pages/page.ts'
import { policyHash } from '../pages/style.ts'
import type { Pages } from '../pages/pages.ts'
import { type EndpointProblem, NOT_STORED } from '../refusals/endpointproblem.ts'
import type { Zone } from '../zone.ts'
import { type DashboardFacts, EN } from './panels/facts.ts'
import { limitsPanel } from './panels/limits.ts'
import { moneyPanel } from './panels/money.ts'
import { buttonMarkup, type ShownButton } from './panels/button.ts'
import { holdsPanel } from './panels/holds.ts'
import { leversPanel } from './panels/levers.ts'
import { serversPanel } from './panels/servers.ts'
import { exemptedPanel } from './panels/exempted.ts'
import { offersPanel } from './panels/offers.ts'
import { observedPanel } from './panels/observed.ts'
import { refusalsPanel } from './panels/refusals.ts'
import { signalsPanel } from './panels/signals.ts'
import { tilesPanel } from './panels/tiles.ts'
import { trafficPanel } from './panels/traffic.ts'
import { type Range, RANGES } from './rules/ranges.ts'
import { type DashboardPlace, dashboardAddress } from './rules/session.ts'
import { STYLE } from './style.ts'

/** What the dashboard shows, in this order. A panel that has nothing to say is an empty text. */
const PANELS: readonly ((facts: DashboardFacts) => Markup | string)[] = [
  tilesPanel,
  refusalsPanel,
  limitsPanel,
  trafficPanel,
  offersPanel,
  moneyPanel,
  exemptedPanel,
  observedPanel,
  leversPanel,
  holdsPanel,
  serversPanel,
  signalsPanel,
]

const STYLE_SOURCE = /* @__PURE__ */ policyHash(STYLE)

/** Answers the dashboard. */
export function answerDashboard(facts: DashboardFacts): Response {
  const { zone, range, now, place, did } = facts
  const said = did === undefined ? undefined : DONE.get(did)
  const body = markup`<h1>What happens on ${zone.name}</h1>
${said === undefined ? '' : markup`<p role="status" class="done">${said}</p>\n`}${zonesMarkup(facts)}<nav class="ranges" aria-label="Range">${RANGES.map(
    (name) =>
      name === range.name
        ? markup`<b aria-current="page">${name}</b>`
        : markup`<a href="?${place === undefined ? '' : markup`zone=${zone.name}&amp;`}range=${name}">${name}</a>`,
  )}</nav>
<p class="soft">${spanWords(range, zone.timeZone)}, up to ${instantInWords(Math.floor(now / 1000), EN, zone.timeZone)}. Money is from the ledgers, exact, and some seconds behind; all else is traffic, added up every ten seconds.</p>
${PANELS.map((panel) => panel(facts))}${signOutMarkup(facts)}`
  return documentOf(`Dashboard of ${zone.name}`, body, zone, place)
}

/** What a button did, by its action in the audit. */
const DONE: ReadonlyMap<string, string> = new Map([
  ['hold', 'The hold was placed.'],
  ['lift', 'The hold was lifted.'],
  ['open', 'It is opened.'],
  ['close', 'It is closed.'],
  ['undo-open', 'It is no longer opened.'],
  ['undo-close', 'It is no longer closed.'],
])

/** Links to the other zones that the operator may look at. */
function zonesMarkup({ zone, zones, place }: DashboardFacts): Markup | string {
  if (place === undefined || zones.length < 2) return ''
  return markup`<nav class="ranges" aria-label="Site">${zones.map((one) =>
    one === zone
      ? markup`<b aria-current="page">${one.name}</b>`
      : markup`<a href="${dashboardAddress(one, place)}">${one.name}</a>`,
  )}</nav>
`
}

function signOutMarkup({ zone, place, session, signOut }: DashboardFacts): Markup {
  const until = instantInWords(Math.floor(session.until / 1000), EN, zone.timeZone)
  const who = session.subject === undefined ? '' : markup` as ${session.subject}`
  // Whom Access let in it signs out: without a cookie of ours there is nothing to end here.
  if (session.isByAccess === true)
    return markup`<p class="soft">Cloudflare Access says that you are here${who}. <a href="${session.issuer}/cdn-cgi/access/logout">Sign out of Access</a></p>`
  return markup`<form method="post" action="${dashboardAddress(zone, place)}"><input type="hidden" name="do" value="${signOut}"><button class="other">Sign out</button></form>
<p class="soft">You are signed in${who} until ${until}.</p>`
}

function spanWords({ name, from }: Range, timeZone: string): string {
  const since = instantInWords(Math.floor(from / 1000), EN, timeZone)
  return `The last ${{ '1h': 'hour', '24h': 'day', '7d': '7 days', '90d': '90 days' }[name]}, since ${since}`
}

/** Answers the form that takes a token. */
export function answerSignIn(zone: Zone, place: DashboardPlace, problem: string | undefined): Response {
  const title = place === undefined ? `Dashboard of ${zone.name}` : 'Dashboard'
  const may = place === undefined ? 'look' : 'do what its scope says'
  const body = markup`<h1>${title}</h1>
${problem === undefined ? '' : markup`<p role="alert">${problem}</p>\n`}<form method="post"><label for="token">A token of an operator, with the scope <code>view</code></label>
<textarea id="token" name="token" required autocomplete="off" spellcheck="false"></textarea><button>${place === undefined ? 'Look' : 'Sign in'}</button></form>
<p class="soft">The token is not kept. This browser may ${may} for an hour, or until the token ends.</p>`
  const page = documentOf(title, body, zone, place)
  return new Response(page.body, { status: 401, headers: page.headers })
}

/** What a look-up found, and the buttons for the account that it was about. */
export interface FoundByLookup {
  readonly zone: Zone
  readonly place: DashboardPlace
  readonly found: unknown
  readonly buttons: readonly ShownButton[]
}

/** Answers what a look-up found. */
export function answerLookup({ zone, place, found, buttons }: FoundByLookup): Response {
  const body = markup`<h1>Found on ${zone.name}</h1>
<pre class="wide" tabindex="0" role="region" aria-label="What was found">${JSON.stringify(found, null, 2)}</pre>
${buttons.map((button) => buttonMarkup({ zone, place }, button))}<p><a href="${dashboardAddress(zone, place)}">Back to the dashboard</a></p>`
  return documentOf('Look-up', body, zone, place)
}

/** Writes what could not be done. */
export function dashboardProblem(
  { title, detail }: EndpointProblem,
  zone: Zone,
  place: DashboardPlace,
): { readonly page: string; readonly fields: Readonly<Record<string, string>> } {
  const body = markup`<h1>${title}</h1>
<p role="alert">${detail}</p>
<p><a href="${dashboardAddress(zone, place)}">Back to the dashboard</a></p>`
  return { page: writtenPage(title, body, zone, place), fields: fieldsOf(zone, place) }
}

function documentOf(title: string, body: Markup, zone: Zone, place: DashboardPlace): Response {
  return new Response(writtenPage(title, body, zone, place), { headers: fieldsOf(zone, place) })
}

function writtenPage(title: string, body: Markup, zone: Zone, place: DashboardPlace): string {
  const pages = pagesAt(zone, place)
  const head = markup`<style>${raw(STYLE)}</style>\n`
  return pageOf({ title: `${title} – ${localText(pages.site.name, EN)}`, body, language: EN, head }, pages)
}

function fieldsOf(zone: Zone, place: DashboardPlace): Readonly<Record<string, string>> {
  return {
    ...NOT_STORED,
    'content-type': 'text/html; charset=utf-8',
    'referrer-policy': 'same-origin',
    'content-security-policy': pagePolicyOf(pagesAt(zone, place), { forms: ["'self'"], styles: [STYLE_SOURCE] }),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  }
}

/** A host that serves nothing else has neither the logo nor the stylesheet of the site, and nothing of it may change the page. */
function pagesAt({ pages }: Zone, place: DashboardPlace): Pages {
  if (place === undefined) return pages
  const site = { name: pages.site.name, home: '/__faregate/operator', logo: undefined }
  return { ...pages, site, stylesheet: undefined, legal: {} }
}
