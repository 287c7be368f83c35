import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, receipt, type RouteOptions } from '../../../src/index.ts'
import { createGate, type Gate } from '../cache/gate.ts'
import { zoneFaults } from '../../support/compiled.ts'
import { realObjects } from '../../support/services.ts'
import { accountLedger } from '../../support/ledger.ts'
import { createWorld, type World } from '../../support/world.ts'
import { ledgerOf, readingOf } from '../objects.ts'

const APP = 'https://app.news.test'
const price = { amount: '0.25', currency: 'USD' }
const routes: RouteOptions[] = [
  { path: '/articles/*', requires: 'premium' },
  { path: '/off/*', requires: 'premium', cache: 'off' },
  { path: '/metered/*', requires: 'premium', quotas: [{ name: 'calls', unit: 'requests', quota: 3, window: 60 }] },
  { path: '/reports/*', price },
  { path: '/listed/*', methods: ['GET', 'PROPFIND'], requires: 'premium' },
  { path: '/free-listed/*', methods: ['GET'], free: true },
  { path: '/mixed/*', methods: ['GET'], free: true },
  { path: '/mixed/*', methods: ['POST'], requires: 'premium' },
]
const zone = {
  audience: 'https://news.test',
  issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
  rails: [bearer(), receipt()],
  origin: { servers: [{ url: 'https://origin.test' }], limits: { responseSeconds: 10, connectSeconds: 10 } },
  routes,
  unmatched: 'closed' as const,
  remedies: { documentation: 'https://billing.test/problems' },
}
const config = {
  zones: [
    { ...zone, name: 'news', hosts: ['news.test'], origins: [APP, 'http://localhost:5173'] },
    { ...zone, name: 'plain', hosts: ['plain.test'] },
  ],
}

let world: World
let gate: Gate
let account: string
let number = 0

beforeEach(async () => {
  world = await createWorld()
  world.origin = () => new Response('the page', { headers: { 'cache-control': 'max-age=60', etag: '"1"' } })
  account = `account ${++number} of cors.test.ts`
  gate = createGate('embedded', config, {}, realObjects())
})
afterEach(() => world.end())

type Fields = Readonly<Record<string, string>>

async function ask(path: string, headers: Fields, method = 'GET', host = 'news.test'): Promise<Response> {
  const response = await gate.fetch(new Request(`https://${host}${path}`, { method, headers }))
  const body = await response.text()
  await gate.settled()
  return new Response(response.status === 204 || body === '' ? null : body, response)
}

/** As a page of that origin asks with `credentials: 'include'`. */
async function include(origin: string, claims: object = {}): Promise<Fields> {
  const cookie = `__Host-faregate=${await world.token({ sub: account, ...claims })}`
  const metadata = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
  return { origin, cookie, ...metadata }
}

const granted = ({ headers }: Response): (string | null)[] => [
  headers.get('access-control-allow-origin'),
  headers.get('access-control-allow-credentials'),
]
const varies = ({ headers }: Response): boolean => /(?:^|,\s*)origin(?:$|,)/i.test(headers.get('vary') ?? '')

const others: [who: string, origin: string][] = [
  ['an origin that is not named', 'https://evil.test'],
  ['an opaque origin', 'null'],
  ['the same host by http', 'http://app.news.test'],
  ['another port', 'https://app.news.test:8443'],
  ['a host below it', 'https://x.app.news.test'],
  ['a host that begins so', 'https://app.news.test.evil.test'],
  ['another case', 'https://APP.news.test'],
  ['two origins', `${APP}, https://evil.test`],
  ['the site itself', 'https://news.test'],
]

describe('a page of an origin that the zone names', () => {
  it('reads paid content with the cookie, from the origin, a copy and memory alike', async () => {
    for (const path of ['/articles/1', '/articles/1', '/articles/1', '/off/1']) {
      const response = await ask(path, await include(APP))
      expect([response.status, ...granted(response), varies(response)]).toEqual([200, APP, 'true', true])
      expect(response.headers.get('access-control-expose-headers')).toContain('RateLimit')
    }
  })

  it('reads it though the origin has said that anyone may, without credentials', async () => {
    world.origin = () => new Response('the page', { headers: { 'access-control-allow-origin': '*', vary: 'Origin' } })
    expect(granted(await ask('/off/1', await include(APP)))).toEqual([APP, 'true'])
  })

  it('reads the refusal', async () => {
    const response = await ask('/articles/1', await include(APP, { standing: 'past-due' }))
    expect([response.status, ...granted(response), varies(response)]).toEqual([402, APP, 'true', true])
    expect(await response.json()).toMatchObject({ reason: 'payment-declined' })
  })

  it('uses up a quota, and never a price', async () => {
    await ledgerOf(accountLedger(account)).grant({ id: 'g', units: 1_000_000_000n, currency: 'USD' })
    expect((await ask('/metered/1', await include(APP))).status).toBe(200)
    const priced = await ask('/reports/1', await include(APP))
    expect([priced.status, ...granted(priced)]).toEqual([402, APP, 'true'])
    expect((await readingOf(accountLedger(account))).totals).toMatchObject({ charges: 1, money: [] })
  })

  it('sends no other method with the cookie', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const response = await ask('/off/1', await include(APP), method)
      expect([response.status, ...granted(response)]).toEqual([402, APP, 'true'])
    }
    expect(world.received).toEqual([])
  })

  it('is told by the preflight that it may send the cookie', async () => {
    const response = await ask('/articles/1', { origin: APP, 'access-control-request-method': 'GET' }, 'OPTIONS')
    expect([response.status, ...granted(response), varies(response)]).toEqual([204, APP, 'true', true])
    expect(world.received).toEqual([])
  })
})

describe('a page of another origin', () => {
  it.each(others)('(%s) reads what any program may, and never with the cookie', async (_who, origin) => {
    const answers = [
      await ask('/articles/1', await include(origin)),
      await ask('/articles/1', { origin }),
      await ask('/articles/1', { origin, 'access-control-request-method': 'GET' }, 'OPTIONS'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 402, 204])
    for (const response of answers) expect(granted(response)).toEqual(['*', null])
    expect((await ask('/metered/1', await include(origin))).status).toBe(402)
  })

  it('gets no stored answer that was for the one that is named', async () => {
    const own = await ask('/articles/1', await include(APP))
    expect(own.headers.get('vary')).toMatch(/origin/i)
    expect((await ask('/articles/1', { cookie: (await include(APP))['cookie'] ?? '' })).headers.get('vary')).toMatch(
      /origin/i,
    )
  })
})

describe('a program on any page, of a site that names no origin', () => {
  it('may read a copy in memory, whoever asked for that before', async () => {
    const authorization = `Bearer ${await world.token({ sub: account })}`
    const told = []
    for (const origin of ['', '', '', 'https://app.test', '', 'https://app.test']) {
      const fields = origin === '' ? { authorization } : { authorization, origin }
      told.push(granted(await ask('/articles/2', fields, 'GET', 'plain.test'))[0])
    }
    expect(told).toEqual([null, null, null, '*', null, '*'])
    expect(world.received).toHaveLength(1)
  })
})

describe('a preflight', () => {
  const about = (path: string, method: string, origin = 'https://reader.test'): Promise<Response> =>
    ask(path, { origin, 'access-control-request-method': method }, 'OPTIONS')

  it.each([
    ['/articles/1', 'PROPFIND'],
    ['/articles/1', 'REPORT'],
    ['/articles/1', 'PUT'],
    ['/listed/1', 'GET'],
    ['/listed/1', 'PROPFIND'],
    ['/mixed/1', 'POST'],
  ])('on %s about %s is answered, and lists it', async (path, method) => {
    const response = await about(path, method)
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-methods')?.split(', ')).toContain(method)
    expect(world.received).toEqual([])
  })

  it('about a method that the route does not list is no leave', async () => {
    const response = await about('/listed/1', 'PUT')
    expect([response.status, response.headers.get('access-control-allow-methods')]).toEqual([403, null])
    expect((await about('/articles/1', 'TRACE')).headers.get('access-control-allow-methods')).not.toContain('TRACE')
  })

  it.each(['/free-listed/1', '/mixed/1'])('about what is free on %s is the origin’s to answer', async (path) => {
    await about(path, 'GET')
    expect(world.received.map(({ method }) => method)).toEqual(['OPTIONS'])
  })

  it.each(['', 'GET POST', 'G(T', 'a'.repeat(33)])('about %j is none: it is asked to pay', async (method) => {
    expect((await about('/articles/1', method)).status).toBe(402)
  })
})

describe('an origin that may not be named', () => {
  it.each([
    '*',
    'null',
    'https://*.example.com',
    'https://app.example.com/',
    'https://APP.example.com',
    'https://app.example.com:443',
    'http://app.example.com',
    'app.example.com',
    'https://user@app.example.com',
    'chrome-extension://abc',
    '',
    7,
  ])('is %j', (origin) => {
    expect(zoneFaults({ origins: [origin] }).map(({ path }) => path)).toEqual(['zones[0].origins[0]'])
  })
})
