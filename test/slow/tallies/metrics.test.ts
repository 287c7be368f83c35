import { describe, expect, it } from 'vitest'
import { serve } from '../../../tools/payments/stack/serve.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { secretKey, sign } from '../../support/issuer.ts'
import { bundleOf } from '../bundles.ts'
import { startForFile } from '../startforfile.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const METRICS = 'a-secret-for-a-scraper-of-32-bytes'

interface Line {
  readonly zone?: string
  readonly route?: string
  readonly decision: string
  readonly status: number
  readonly reason?: string
  readonly credential?: string
  readonly rail?: string
  readonly format?: string
  readonly cache?: string
  readonly bytes?: number
  readonly account?: string
  readonly charged?: { readonly price?: { readonly amount: string } }
}

const lines: Line[] = []
const origin = await startForFile(
  serve((request, response) => {
    const isMissing = request.url?.includes('missing') === true
    response.writeHead(isMissing ? 404 : 200, { 'content-length': 4, 'cache-control': 'max-age=60' }).end('text')
  }),
)
const gate = await startForFile(
  startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    vars: {
      ORIGIN_URL: origin.url,
      TOKEN_SECRET: SECRET,
      METRICS_SECRET: METRICS,
      GATE_SECRET: `gate ${SECRET}`,
      ACCOUNT_KEY: `accounts ${SECRET}`,
    },
    onLine: (line) => {
      if (line.startsWith('{"time"')) lines.push(JSON.parse(line) as Line)
    },
  }),
)

async function tokenOf(account: string, more: object = {}, typ = 'entitlement+jwt'): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://billing.test', aud: 'https://news.test', sub: account, entitlements: ['premium'] }
  return sign(await secretKey(SECRET), { ...claims, iat: now - 60, exp: now + 600, ...more }, { typ })
}

const ENDED = { iat: Math.floor(Date.now() / 1000) - 900, exp: Math.floor(Date.now() / 1000) - 300 }

async function ask(path: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(gate.url + path, { headers })
  await response.arrayBuffer()
  return response.status
}

/** The samples of a scrape, by name and labels. */
async function scraped(): Promise<Map<string, string>> {
  const response = await fetch(`${gate.url}/__faregate/metrics`, { headers: { authorization: `Bearer ${METRICS}` } })
  expect(response.headers.get('content-type')).toContain('application/openmetrics-text; version=1.0.0')
  const text = await response.text()
  expect(text.endsWith('# EOF\n')).toBe(true)
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]))
}

function sumOf(samples: ReadonlyMap<string, string>, name: string): number {
  return [...samples].filter(([key]) => key.startsWith(name)).reduce((sum, [, value]) => sum + Number(value), 0)
}

/** What the log adds up to, in the labels of a metric. */
function fromLog(
  by: readonly (readonly [string, (line: Line) => string | undefined])[],
  all: readonly Line[],
): Map<string, string> {
  const sums = new Map<string, number>()
  for (const line of all) {
    const labels = by.flatMap(([name, read]) => (read(line) === undefined ? [] : [`${name}="${read(line)}"`]))
    const key = ['zone="news"', ...labels].join(',')
    sums.set(key, (sums.get(key) ?? 0) + 1)
  }
  return new Map(Array.from(sums, ([key, count]) => [key, String(count)]))
}

function family(samples: ReadonlyMap<string, string>, name: string): Map<string, string> {
  const own = [...samples].filter(([key]) => key.startsWith(`${name}{`))
  return new Map(own.map(([key, value]) => [key.slice(name.length + 1, -1), value]))
}

it.each([
  ['without a secret', {}],
  ['with another', { authorization: `Bearer ${METRICS}x` }],
  ['with the token of an operator', { authorization: `Bearer ${SECRET}` }],
])('metrics are for nobody %s', async (_, headers) => {
  const response = await fetch(`${gate.url}/__faregate/metrics`, { headers })
  expect(response.status).toBe(401)
  expect(await response.text()).not.toContain('faregate_')
})

it('metrics are what the log and the ledgers add up to', async () => {
  const operator = await tokenOf('ops', { scope: 'credit' }, 'operator+jwt')
  const order = { account: 'ann', amount: '10', currency: 'USD', id: 'start' }
  const granted = await fetch(`${gate.url}/__faregate/credit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
    body: JSON.stringify(order),
  })
  expect(granted.status).toBe(200)
  const [ann, poor] = [await tokenOf('ann'), await tokenOf('poor')]
  const expired = await tokenOf('late', ENDED)
  for (let round = 0; round < 5; round++) {
    await Promise.all([
      ...Array.from({ length: 4 }, () => ask('/articles/1', ann)),
      ask('/free'),
      ask('/articles/1'),
      ask('/articles/1', `${ann.slice(0, -12)}AAAAAAAAAAAA`),
      ask('/articles/1', expired),
      ask('/reports/1', ann),
      ask('/reports/missing', ann),
      ask('/reports/1', poor),
      ask('/api/1', ann),
    ])
  }
  const traffic = (): Line[] => lines.filter(({ decision }) => decision !== 'own')
  const served = traffic().filter(({ decision }) => decision === 'serve')
  const refused = traffic().filter(({ decision }) => decision === 'refuse')
  await expect
    .poll(async () => sumOf(await scraped(), 'faregate_requests_total{zone="news",route='), { timeout: 40_000 })
    .toBe(60)
  await expect.poll(async () => sumOf(await scraped(), 'faregate_charges_total'), { timeout: 40_000 }).toBe(10)
  const samples = await scraped()

  const requests = fromLog(
    [
      ['route', (l) => l.route],
      ['decision', (l) => l.decision],
      ['status', (l) => `${Math.floor(l.status / 100)}xx`],
    ],
    traffic(),
  )
  const told = new Map([...family(samples, 'faregate_requests_total')].filter(([key]) => !key.includes('"own"')))
  expect(told).toEqual(requests)
  expect(family(samples, 'faregate_refusals_total')).toEqual(
    fromLog(
      [
        ['reason', (l) => l.reason],
        ['credential', (l) => l.credential],
        ['rail', (l) => l.rail],
        ['format', (l) => l.format],
      ],
      refused,
    ),
  )
  expect(family(samples, 'faregate_served_total')).toEqual(
    fromLog(
      [
        ['cache', (l) => l.cache?.split(';')[0]],
        ['rail', (l) => l.rail],
      ],
      served,
    ),
  )
  expect(sumOf(samples, 'faregate_response_bytes_total')).toBe(served.reduce((sum, { bytes = 0 }) => sum + bytes, 0))
  expect(samples.get('faregate_request_duration_seconds_bucket{zone="news",decision="serve",le="+Inf"}')).toBe(
    String(served.length),
  )
  expect(Object.fromEntries(family(samples, 'faregate_revenue'))).toEqual({
    'zone="news",route="/api/*",rail="account",currency="USD"': '0.05',
    'zone="news",route="/reports/*",rail="account",currency="USD"': '1.25',
  })
  expect(family(samples, 'faregate_units').get('zone="news",route="/api/*",rail="account",unit="requests"')).toBe('5')
  const account = await fetch(`${gate.url}/__faregate/metrics`, { headers: { authorization: `Bearer ${METRICS}` } })
  expect(await account.text()).not.toMatch(/ann|poor|late|billing\.test/)
}, 120_000)

const PAGE = `${gate.url}/__faregate/operator`

describe('the dashboard', () => {
  const post = (
    token: string,
    headers: Record<string, string> = { 'sec-fetch-site': 'same-origin', origin: gate.url },
  ) => fetch(PAGE, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams({ token }) })

  it.each<[string, () => Promise<string>]>([
    ['nothing', async () => ''],
    ['a token of a reader', () => tokenOf('ann')],
    ['a token of an operator who may not look', () => tokenOf('ops', { scope: 'credit' }, 'operator+jwt')],
    ['one that has ended', () => tokenOf('ops', { scope: 'view', ...ENDED }, 'operator+jwt')],
  ])('shows nothing for %s', async (_, token) => {
    const answer = await post(await token())
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([401, null])
    const page = await answer.text()
    expect(page).toContain('<form method="post">')
    expect(page).not.toContain('Revenue')
  })

  it('takes no form of another site, and no cookie that another site sends', async () => {
    const token = await tokenOf('ops', { scope: 'view' }, 'operator+jwt')
    expect((await post(token, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' })).status).toBe(400)
    const cookie = (await post(token)).headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^__Host-faregate-operator=[^;]+; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=Strict$/)
    const sent = { cookie: cookie.split(';')[0] ?? '', 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }
    expect((await fetch(PAGE, { headers: sent })).status).toBe(401)
  })

  it.each(['1h', '24h', '7d', '90d'])('shows what the log adds up to, within 60 kB: %s', async (range) => {
    const signedIn = await post(await tokenOf('ops', { scope: 'view' }, 'operator+jwt'))
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/__faregate/operator'])
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const page = await (await fetch(`${PAGE}?range=${range}`, { headers: { cookie, 'sec-fetch-site': 'none' } })).text()
    const refused = lines.filter(({ decision }) => decision === 'refuse')
    const genuine = refused.filter(({ credential }) => credential === 'verified')
    const pages = refused.filter(({ format }) => format === 'html').length
    const others = refused.filter(({ credential }) => credential === 'refused')
    const served = lines.filter(({ decision, cache }) => decision === 'serve' && cache !== undefined)
    const hits = served.filter(({ cache }) => cache?.split(';')[0] === 'hit')
    const tiles = Array.from(page.matchAll(/<li[^>]*>([^<]*)<strong>([^<]*)<\/strong><small>([^<]*)/g), (tile) =>
      tile.slice(1),
    )
    expect(tiles).toEqual([
      [
        'Customers refused',
        String(new Set(genuine.flatMap(({ account }) => account ?? [])).size),
        `${genuine.length} refusals of genuine credentials; ${others.length} of others`,
      ],
      ['Errors', '0', 'answers of 5xx; 0 charges unsettled, 0 payments undelivered'],
      ['Revenue kept', '$1.30', '10 charges'],
      [
        'Pages that led to buying',
        pages === 0 ? 'none' : '0 %',
        `0 purchases for ${pages} pages shown; ${refused.filter(({ reason }) => reason === 'payment-required').length} requests in all had no credential`,
      ],
      [
        'From copies',
        `${Math.round((hits.length / served.length) * 1000) / 10} %`,
        `of ${served.length} answers that could be`,
      ],
      ['Origin, p95', expect.stringMatching(/^(?:\d+ ms|[\d.]+ s|over 30 s)$/), '60 requests in all'],
    ])
    for (const reason of new Set(refused.map((line) => line.reason))) {
      const all = refused.filter((line) => line.reason === reason)
      expect(page).toContain(`<th scope="row">${reason}</th><td>${all.length}</td>`)
    }
    expect(page).not.toMatch(/\bann\b|poor|\/articles\/1/)
    expect(page.length).toBeLessThan(60_000)
  })
})
