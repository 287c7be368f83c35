import { env as bound } from 'cloudflare:workers'
import { Hono, type MiddlewareHandler } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { account, bearer, receipt, reported, type SingleZoneOptions } from '../../../../src/index.ts'
import { cloudflare } from '../../../../src/platform/cloudflare/platform.ts'
import { paywall, type PaywallEnv, price, requires } from '../../../../src/platform/hono/index.ts'
import { type Background, createBackground } from '../../../support/services.ts'
import { withToken, createWorld, linesOf, type World } from '../../../support/world.ts'

const env = { ACCOUNT_HASH_KEY: 'a key for the tests', LEDGER: bound.LEDGER }

let world: World
let background: Background
let context: ExecutionContext

beforeEach(async () => {
  world = await createWorld()
  background = createBackground()
  const { waitUntil } = background
  context = { waitUntil, passThroughOnException: () => undefined, props: {} } as ExecutionContext
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

const config = (more: Partial<SingleZoneOptions> = {}): SingleZoneOptions => ({
  name: 'news',
  log: { accountKey: 'ACCOUNT_HASH_KEY' },
  audience: 'https://news.test',
  issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
  rails: [bearer(), receipt()],
  endpoints: [account()],
  remedies: { documentation: 'https://billing.test/problems', checkout: 'https://billing.test/buy?return={return}' },
  ...more,
})

const at = (path: string): string => `https://news.test${path}`

function guarded(...guards: MiddlewareHandler<PaywallEnv>[]): Hono<PaywallEnv> {
  const app = new Hono<PaywallEnv>()
  app.use(paywall(config(), cloudflare))
  app.get('/open', (c) => c.text(`open to ${c.var.faregate.account ?? 'all'}`))
  for (const guard of guards) app.use('/reports/:id', guard)
  app.all('/reports/:id', (c) => c.text(`${c.req.param('id')} for ${c.var.faregate.account ?? 'nobody'}`))
  return app
}

describe('a handler that requires an entitlement', () => {
  it('is refused to who has none, and opened to who has one, by the name of its own pattern', async () => {
    const app = guarded(requires('premium', { offer: { title: 'Premium' } }))
    const refused = await app.request(at('/reports/1'), {}, env)
    expect(refused.status).toBe(402)
    expect(await refused.json()).toMatchObject({
      reason: 'payment-required',
      offer: { resource: '/reports/*', title: 'Premium', entitlements: ['premium'] },
    })
    const served = await app.request(at('/reports/1'), withToken(await world.token()), env)
    expect(await served.text()).toBe('1 for account-7')
    expect(served.headers.get('cache-control')).toBe('private, no-cache')
    expect(linesOf(world).map(({ route, decision }) => [route, decision])).toEqual([
      ['/reports/*', 'refuse'],
      ['/reports/*', 'serve'],
    ])
  })

  it('leaves all others to the app, which reads what the client has sent', async () => {
    const app = guarded(requires('premium'))
    expect(await (await app.request(at('/open'), withToken(await world.token()), env)).text()).toBe('open to all')
    expect((await app.request(at('/nowhere'), {}, env)).status).toBe(404)
    expect(linesOf(world)).toEqual([])
  })

  it.each([
    ['//reports/1', 404],
    ['/reports//1', 404],
    ['/Reports/1', 404],
    ['/reports/%31', 402],
    ['/reports/1%2f', 402],
    ['/%72eports/1', 402],
    ['/open/../reports/1', 402],
  ])('answers none without a payment, however the router reads it: %s', async (path, status) => {
    const app = guarded(requires('premium'))
    const response = await app.request(at(path), {}, env)
    expect(response.status).toBe(status)
    expect(await response.text()).not.toContain('for nobody')
  })

  it.each([
    [
      'by a mounted app',
      (app: Hono<PaywallEnv>) => new Hono<PaywallEnv>().use(paywall(config(), cloudflare)).route('/v1', app),
    ],
    [
      'by an app with a base path',
      (app: Hono<PaywallEnv>) =>
        new Hono<PaywallEnv>()
          .use(paywall(config(), cloudflare))
          .route('/', new Hono<PaywallEnv>().basePath('/v1').route('/', app)),
    ],
  ])('is guarded where it is reached %s', async (_how, mount) => {
    const inner = new Hono<PaywallEnv>().get('/reports/:id', requires('premium'), (c) => c.text('a report'))
    const app = mount(inner)
    expect((await app.request(at('/v1/reports/1'), {}, env)).status).toBe(402)
    const served = await app.request(at('/v1/reports/1'), withToken(await world.token()), env)
    expect([served.status, await served.text()]).toEqual([200, 'a report'])
  })

  it('needs a paywall before it, and says so to its developer alone', async () => {
    const seen: string[] = []
    const app = new Hono<PaywallEnv>()
    app.get('/reports/:id', requires('premium'), (c) => c.text('a report'))
    app.use(paywall(config(), cloudflare))
    app.onError((error, c) => {
      seen.push(error.message)
      return c.text('an error', 500)
    })
    const response = await app.request(at('/reports/1'), withToken(await world.token()), env)
    expect([response.status, await response.text()]).toEqual([500, 'an error'])
    expect(seen).toEqual(['requires() needs app.use(paywall(config)) before it'])
  })

  it('asks for both of two', async () => {
    const app = guarded(requires('premium'), requires('archive'))
    const one = await app.request(at('/reports/1'), withToken(await world.token()), env)
    expect([one.status, await one.json()]).toMatchObject([402, { reason: 'entitlement-insufficient' }])
    const both = await world.token({ entitlements: ['premium', 'archive'] })
    expect((await app.request(at('/reports/1'), withToken(both), env)).status).toBe(200)
  })

  it('acts beside the routes of the configuration, on the request as the client sent it', async () => {
    const routes = [{ path: '/articles/*', requires: 'premium' }]
    const app = new Hono<PaywallEnv>().use(paywall(config({ routes, unmatched: 'free' }), cloudflare))
    app.get('/articles/:id', requires('archive'), (c) => c.text('both'))
    app.get('/reports/:id', requires('premium'), (c) => c.text('its own'))
    const plain = withToken(await world.token())
    expect((await app.request(at('/articles/1'), plain, env)).status).toBe(402)
    expect(await (await app.request(at('/reports/1'), plain, env)).text()).toBe('its own')
    expect((await app.request(at('/reports/1'), {}, env)).status).toBe(402)
  })

  it('lets a page on another site ask before it pays, and HEAD as GET', async () => {
    const app = new Hono<PaywallEnv>().use(paywall(config(), cloudflare))
    app.get('/reports/:id', requires('premium'), (c) => c.text('a report'))
    const headers = { origin: 'https://app.test', 'access-control-request-method': 'GET' }
    const preflight = await app.request(at('/reports/1'), { method: 'OPTIONS', headers }, env)
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    expect((await app.request(at('/reports/1'), { method: 'HEAD' }, env)).status).toBe(402)
    const head = await app.request(at('/reports/1'), { method: 'HEAD', ...withToken(await world.token()) }, env)
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it('does not run with faults in its terms, which are in the log by its name', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const app = guarded(requires('premium', { counts: { rows: -1 } }))
    const response = await app.request(at('/reports/1'), withToken(await world.token()), env)
    expect([response.status, await response.json()]).toMatchObject([503, { reason: 'misconfigured' }])
    expect(String(error.mock.calls[0])).toContain('requires().counts')
  })

  it('has the keys of an issuer fetched once for all handlers', async () => {
    const app = new Hono<PaywallEnv>().use(paywall(config(), cloudflare))
    for (const path of ['/a', '/b', '/c']) app.get(path, requires('premium'), (c) => c.text(path))
    const token = withToken(await world.token())
    const fetching = vi.mocked(globalThis.fetch)
    for (const path of ['/a', '/b', '/c']) expect((await app.request(at(path), token, env)).status).toBe(200)
    expect(fetching.mock.calls.filter(([input]) => new Request(input).url.endsWith('jwks.json'))).toHaveLength(1)
  })
})

describe('a handler at a price', () => {
  it('is paid for with a receipt, and says what it costs', async () => {
    const app = guarded(price('0.05', 'EUR'))
    const refused = await app.request(at('/reports/1'), withToken(await world.token()), env)
    expect(await refused.json()).toMatchObject({
      reason: 'credit-insufficient',
      offer: { price: { amount: '0.05', currency: 'EUR' } },
    })
    const paid = { jti: 'a report', amount: '0.05', currency: 'EUR', resource: '/reports/*' }
    const headers = { 'faregate-receipt': await world.receipt(paid) }
    const first = await app.request(at('/reports/1'), { headers }, env)
    expect([first.status, await first.text()]).toEqual([200, '1 for nobody'])
    const again = await app.request(at('/reports/1'), { headers }, env)
    expect([again.status, await again.json()]).toMatchObject([402, { reason: 'payment-spent' }])
  })

  it('keeps nothing of what a handler throws', async () => {
    const app = new Hono<PaywallEnv>().use(paywall(config(), cloudflare))
    let fails = true
    app.get('/export', price('0.05', 'EUR'), (c) => {
      if (fails) throw new Error('a bug in the app')
      return c.text('done')
    })
    const receiptOf = await world.receipt({ jti: 'an export', amount: '0.05', currency: 'EUR', resource: '/export' })
    const init = { headers: { 'faregate-receipt': receiptOf } }
    expect((await app.request(at('/export'), init, env, context)).status).toBe(500)
    fails = false
    await background.settled()
    expect((await app.request(at('/export'), init, env, context)).status).toBe(200)
  })

  it('counts what its handler reports', async () => {
    const limits = [{ name: 'rows', quota: 100, unit: 'rows', window: 86_400, kind: 'fixed' }]
    const app = new Hono<PaywallEnv>().use(paywall(config(), cloudflare))
    app.get('/query', requires('premium', { meter: reported({ most: { rows: 60 } }) }), (c) => {
      c.var.faregate.report({ rows: 12 })
      return c.text('twelve rows')
    })
    const token = withToken(await world.token({ sub: 'a querier', limits }))
    const response = await app.request(at('/query'), token, env, context)
    expect([response.status, await response.text()]).toEqual([200, 'twelve rows'])
    await background.settled()
    const told = await app.request(at('/__faregate/account'), token, env, context)
    expect(await told.json()).toMatchObject({ account: { limits: [{ name: 'rows', usage: { used: '12' } }] } })
  })
})
