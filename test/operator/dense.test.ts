import { expect, it } from 'vitest'
import { answerDashboard } from '../../src/operator/page.ts'
import type { DashboardFacts } from '../../src/operator/panels/facts.ts'
import { bucketsOf, RANGES, rangeOf } from '../../src/operator/rules/ranges.ts'
import { kindWith, Tally } from '../../src/tallies/rules/tally.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'

const NOW = Date.UTC(2026, 10, 29, 12, 30)
const REASONS = [
  'payment-required',
  'credential-expired',
  'credential-invalid',
  'usage-limit-reached',
  'subscription-inactive',
  'entitlement-insufficient',
  'not-found',
  'origin-timeout',
]
const ROUTES = Array.from({ length: 30 }, (_, index) => `/a-route-of-some-length-${index}/*`)

/** A busy site: every bucket has thousands of requests, on all routes and refused for every reason. */
function tallyOf(times: number): Tally {
  const tally = new Tally()
  for (const [index, route] of ROUTES.entries()) {
    const kinds = [undefined, ...REASONS].map((reason) =>
      kindWith([
        route,
        reason === undefined ? 'serve' : 'refuse',
        reason === undefined ? '200' : '402',
        reason ?? '',
        reason === undefined ? 'hit' : '',
        '',
        index % 2 === 0 ? 'verified' : '',
        '',
        '',
        '',
        reason === undefined ? '' : 'html',
        '',
        '',
      ]),
    )
    for (const kind of kinds) {
      const cell = tally.cellOf(kind)
      cell.count += 137 * times
      cell.bytes += 5000 * times
    }
  }
  return tally
}

it.each(RANGES)('the page of a busy site keeps to 60 kB: %s', async (name) => {
  const { zone } = siteAt(compiled({ zones: [ZONE] }), new URL(ZONE.audience).hostname)
  const range = rangeOf(name, NOW, zone.timeZone)
  const starts = bucketsOf(range, zone.timeZone)
  const near = Array.from({ length: 30 }, (_, index) => ({
    hash: `hash-of-account${index % 10}`,
    sealed: '',
    limit: 'requests',
    window: 'P1M' as const,
    kind: 'fixed' as const,
    threshold: 80,
    used: '850',
    quota: '1000',
    resetsAt: NOW,
    at: NOW,
  }))
  const facts = {
    zone,
    range,
    now: NOW,
    total: tallyOf(starts.length),
    before: tallyOf(starts.length),
    series: new Map(starts.map((start) => [start, tallyOf(1)])),
    configurations: [],
    near: { limits: near, count: 300 },
    place: undefined,
    session: { id: 's', until: NOW, issuer: 'i', subject: 'ann', scopes: {} },
    zones: [zone],
    did: undefined,
    holds: { shown: [], more: 0, lookUp: '', hasIssuers: false },
    levers: undefined,
    lookUpNear: 'x'.repeat(400),
    servers: undefined,
    foundOrders: { lift: '', confirm: '' },
    signOut: 'x'.repeat(400),
  } as unknown as DashboardFacts
  const page = await answerDashboard(facts).text()
  expect(page).toContain('The same as a table')
  expect(Buffer.byteLength(page)).toBeLessThan(60_000)
})
