/** Writes the dashboard: without a script, in English, from sums alone. */
import { html as markup, raw } from 'hono/html'
import { describeMoney } from '../core/money.ts'
import { countInWords, instantInWords, moneyInWords } from '../pages/format.ts'
import { localText } from '../core/localtext.ts'
import { type Markup, pageOf, pagePolicyOf } from '../pages/page.ts'
import { policyHash } from '../pages/style.ts'
import { NOT_STORED } from '../refusals/endpointproblem.ts'
import type { ReadSums } from '../tallies/read.ts'
import { Tally } from '../tallies/rules/tally.ts'
import type { Zone } from '../zone.ts'
import { chartMarkup, tableMarkup } from './chart.ts'
import { type Headline, headlineOf, moneyBy, observedOf, reasonsOf, routesOf } from './rules/figures.ts'
import { bucketsOf, type Range, RANGES } from './rules/ranges.ts'

const STYLE = `main{max-width:72rem}
.site,.legal{padding-inline:max(1.25rem,50vw - 34.75rem)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(10.5rem,100%),1fr));gap:.75rem;margin:1rem 0}
.tiles li{padding:.75rem 1rem;border:1px solid var(--line);border-radius:.5rem;margin:0}
.tiles .look{border:2px solid var(--bad)}
.tiles strong{display:block;font-size:1.5rem;line-height:1.3}
.tiles .look strong{color:var(--bad)}
:root{--bad:#b3261e;--s0:#1a4fa3;--s1:#b4540a;--s2:#5b6b7a;--s3:#7a3e9d;--s4:#1f7a4d}
@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--s0:#8ab4f8;--s1:#f2b17a;--s2:#a9b4bf;--s3:#d3a4ee;--s4:#7fd3a8}}
.chart{display:block;width:100%;height:8rem;border-bottom:1px solid var(--line)}
.s0{fill:var(--s0);background:var(--s0)}.s1{fill:var(--s1);background:var(--s1)}.s2{fill:var(--s2);background:var(--s2)}.s3{fill:var(--s3);background:var(--s3)}.s4{fill:var(--s4);background:var(--s4)}
.mark{stroke:var(--ink);stroke-dasharray:4 4;vector-effect:non-scaling-stroke;background:var(--ink)}
.keys{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:.5rem 0}
.keys li,ul:not([class]) .keys li{margin:0}
.keys i{display:inline-block;width:.8rem;height:.8rem;margin-inline-end:.4rem}
section{margin:2rem 0}figure{margin:1rem 0}figcaption{margin-top:.5rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.95rem;overflow-wrap:normal}
th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);text-align:start;vertical-align:top;font-weight:400}
thead th{color:var(--soft)}
summary{min-height:2.75rem;padding:.6rem 0;cursor:pointer}
.ranges{display:flex;flex-wrap:wrap;gap:0 1.25rem}
.ranges a,.ranges b{display:inline-flex;align-items:center;min-height:2.75rem}
label{display:block}textarea{display:block;width:100%;min-height:8rem;margin:.25rem 0 .75rem;background:var(--paper);color:var(--ink);border:1px solid var(--soft);border-radius:.4rem;font:inherit}`
const STYLE_SOURCE = /* @__PURE__ */ policyHash(STYLE)

const EN = 'en'
const count = (value: number): string => countInWords(value, EN)

/** What a dashboard is written from. */
export interface DashboardFacts {
  readonly zone: Zone
  readonly range: Range
  readonly total: Tally
  readonly before: Tally
  readonly series: ReadSums['buckets']
  readonly configurations: ReadSums['configurations']
  readonly now: number
}

/** Answers the dashboard. */
export function answerDashboard(facts: DashboardFacts): Response {
  const { zone, range, total, before, now } = facts
  const body = markup`<h1>What happens on ${zone.name}</h1>
<nav class="ranges" aria-label="Range">${RANGES.map((name) =>
    name === range.name ? markup`<b aria-current="page">${name}</b>` : markup`<a href="?range=${name}">${name}</a>`,
  )}</nav>
<p class="soft">${spanWords(range, zone.timeZone)}, up to ${instantInWords(Math.floor(now / 1000), EN, zone.timeZone)}. Money is from the ledgers, exact, and some seconds behind; all else is traffic, added up every ten seconds.</p>
${tilesMarkup(headlineOf(total), headlineOf(before), range)}
${refusalsSection(facts)}
${trafficSection(facts)}
${moneySection(total)}
${observedSection(total)}`
  return documentOf(`Dashboard of ${zone.name}`, body, zone)
}

function spanWords({ name, from }: Range, timeZone: string): string {
  const since = instantInWords(Math.floor(from / 1000), EN, timeZone)
  return `The last ${{ '1h': 'hour', '24h': 'day', '7d': '7 days', '90d': '90 days' }[name]}, since ${since}`
}

function tilesMarkup(present: Headline, past: Headline, { before }: Range): Markup {
  const { hurt } = present
  const accounts = `${count(hurt.accounts)}${hurt.isMore ? ' or more' : ''}`
  const tile = (title: string, value: string, was: string, more: string, isBad = false): Markup =>
    markup`<li${isBad ? raw(' class="look"') : ''}>${title}<strong>${value}</strong><small>${more}<br>${was} ${before.words}</small></li>\n`
  return markup`<ul class="tiles">${tile(
    'Customers refused',
    accounts,
    count(past.hurt.accounts),
    `${count(hurt.refusals)} refusals of genuine credentials; ${count(present.notGenuine)} of others`,
    hurt.accounts > 2 * past.hurt.accounts + 2,
  )}${tile(
    'Errors',
    count(present.errors),
    count(past.errors),
    `answers of 5xx; ${count(present.unsettled)} charges unsettled, ${count(present.undelivered)} payments undelivered`,
    present.errors > 2 * past.errors + present.requests / 100,
  )}${tile('Revenue kept', moneyWords(present.revenue), moneyWords(past.revenue), `${count(present.charges)} charges`)}${tile(
    'Asked to pay',
    count(present.asked),
    count(past.asked),
    'pages shown to whoever had no credential',
  )}${tile(
    'From copies',
    percent(present.hits, present.cacheable),
    percent(past.hits, past.cacheable),
    `of ${count(present.cacheable)} answers that could be`,
  )}${tile(
    'Origin, p95',
    msWords(present.originP95Ms),
    msWords(past.originP95Ms),
    `${count(present.requests)} requests in all`,
  )}</ul>
`
}

function moneyWords(revenue: ReadonlyMap<string, bigint>): string {
  const all = Array.from(revenue, ([currency, units]) => moneyInWords(describeMoney({ currency, units }), EN))
  return all.length === 0 ? 'nothing' : all.join(' + ')
}

function percent(part: number, all: number): string {
  return all === 0 ? 'none' : `${Math.round((part / all) * 1000) / 10} %`
}

function msWords(ms: number | undefined): string {
  if (ms === undefined) return 'none'
  return ms === Infinity ? 'over 30 s' : ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`
}

const MOST_REASONS = 4

function refusalsSection(facts: DashboardFacts): Markup {
  const reasons = reasonsOf(facts.total)
  const shown = reasons.slice(0, MOST_REASONS).map(({ reason }) => reason)
  const others = reasons.length > shown.length
  const values = (is: (reason: string) => boolean): number[] =>
    bucketed(facts, (tally) => reasonsOf(tally).reduce((sum, row) => sum + (is(row.reason) ? row.count : 0), 0))
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

const MOST_ROUTES = 20

function trafficSection(facts: DashboardFacts): Markup {
  const of = (read: (headline: Headline) => number): number[] => bucketed(facts, (tally) => read(headlineOf(tally)))
  const served = (tally: Tally): number =>
    headlineOf(tally).requests - reasonsOf(tally).reduce((sum, row) => sum + row.count, 0)
  const series = [
    { name: 'answered otherwise', values: bucketed(facts, served) },
    { name: 'asked to pay', values: of(({ asked }) => asked) },
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
    String(Math.round(row.bytes / 10_000) / 100),
  ]),
)}</section>`
}

function moneySection(total: Tally): Markup {
  const table = (title: string, rows: ReturnType<typeof moneyBy>): Markup =>
    markup`<h3>${title}</h3>${tableMarkup(
      [title, 'Charges', 'Kept'],
      rows.map(({ name, charges, money }) => [name, count(charges), moneyWords(money)]),
    )}`
  return markup`<section><h2>Money</h2>
${table('Route', moneyBy(total, 'route'))}${table('Paid by', moneyBy(total, 'rail'))}${table('Model', moneyBy(total, 'model'))}</section>`
}

function observedSection(total: Tally): Markup | string {
  const observed = observedOf(total)
  if (observed.length === 0) return ''
  return markup`<section><h2>Only watched</h2>
${tableMarkup(
  ['Would have been', 'Requests'],
  observed.map(([name, times]) => [name, count(times)]),
)}</section>`
}

function bucketed({ range, series, zone }: DashboardFacts, read: (tally: Tally) => number): number[] {
  const nothing = new Tally()
  return bucketsOf(range, zone.timeZone).map((start) => read(series.get(start) ?? nothing))
}

/** The buckets of the range in words, and where the configuration changed. */
function axisOf({ range, zone, configurations }: DashboardFacts) {
  const starts = bucketsOf(range, zone.timeZone)
  const words = (ms: number): string => instantInWords(Math.floor(ms / 1000), EN, zone.timeZone)
  const marks = new Map<number, string>()
  for (const [at] of configurations.slice(1)) {
    const index = starts.findLastIndex((start) => start <= at)
    if (index >= 0 && at < range.to) marks.set(index, `configuration changed: ${words(at)}`)
  }
  const bucket = { minute: 'Minute', hour: 'Hour', day: 'Day', ever: '' }[range.resolution]
  return { bucket, labels: starts.map(words), marks }
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
