import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { paywall, type PaywallEnv } from '../src/hono.ts'
import config from './support/config.ts'
import { bearing, createWorld, type World } from './support/world.ts'

const env = { ACCOUNT_HASH_KEY: 'a key for the tests' }

let world: World

beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

function app(): Hono<PaywallEnv> {
  const made = new Hono<PaywallEnv>()
  made.use(paywall(config))
  made.get('/:part{articles|watched}/:id', (c) => {
    c.header('cache-control', 'public, max-age=60')
    return c.json({
      id: c.req.param('id'),
      reader: c.var.faregate ?? null,
      seen: Object.fromEntries(c.req.raw.headers),
    })
  })
  made.get('/free/boom', () => {
    throw new Error('a bug in the app')
  })
  made.post('/api/echo', async (c) => c.text(await c.req.text()))
  made.all('*', (c) => c.text('app'))
  return made
}

const at = (path: string): string => `https://news.test${path}`

describe('the middleware, before an app that is its own origin', () => {
  it('refuses an unpaid request before the app sees it', async () => {
    const response = await app().request(at('/articles/1'), {}, env)
    expect(response.status).toBe(402)
    expect(await response.json()).toMatchObject({ reason: 'payment-required' })
  })

  it('lets a paid one through, tells the app who reads, and keeps the credential to itself', async () => {
    const response = await app().request(at('/articles/1'), bearing(await world.token()), env)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
    const { id, reader, seen } = await response.json<{ id: string; reader: unknown; seen: Record<string, string> }>()
    expect({ id, reader }).toEqual({
      id: '1',
      reader: { account: 'account-7', plan: 'Gold', entitlements: ['premium'] },
    })
    expect(seen['authorization']).toBeUndefined()
  })

  it('tells the app of nobody while the route is only watched', async () => {
    const token = await world.token()
    const headers = { authorization: `Bearer ${token}`, cookie: `__Host-faregate=${token}` }
    const response = await app().request(at('/watched/1'), { headers }, env)
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
    const { reader, seen } = await response.json<{ reader: unknown; seen: Record<string, string> }>()
    expect(reader).toBeNull()
    const names = Object.keys(seen).filter((name) => /^(?:authorization|cookie|faregate-.*)$/.test(name))
    expect(names).toEqual([])
  })

  it('passes bodies', async () => {
    const init = { method: 'POST', body: 'hello', ...bearing(await world.token({ entitlements: ['api'] })) }
    expect(await (await app().request(at('/api/echo'), init, env)).text()).toBe('hello')
  })

  it('matches on the strictest reading, however the app routes', async () => {
    for (const path of ['/Articles/1', '/articles%2f1', '/free/..%2farticles/1', '/%61rticles/1', '//articles/1']) {
      expect((await app().request(at(path), {}, env)).status, path).toBe(402)
    }
  })

  it('explains', async () => {
    const response = await app().request(at('/__faregate/explain?target=/articles/1'), {}, env)
    expect(await response.json()).toMatchObject({ decision: { reason: 'payment-required' } })
  })

  it.each(['account', 'explain?target=/articles/1'])('lets a program on another site ask for %s', async (facts) => {
    const asking = { origin: 'https://app.test', 'access-control-request-method': 'GET' }
    const headers = { ...asking, 'access-control-request-headers': 'authorization' }
    const response = await app().request(at(`/__faregate/${facts}`), { method: 'OPTIONS', headers }, env)
    const granted = ['access-control-allow-origin', 'access-control-allow-headers', 'access-control-allow-methods']
    expect([response.status, ...granted.map((name) => response.headers.get(name))]).toEqual([
      204,
      '*',
      'authorization',
      'GET, HEAD',
    ])
  })

  it('passes on what the app makes of its own bugs', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    expect((await app().request(at('/free/boom'), {}, env)).status).toBe(500)
  })

  it('asks the rate limits of its environment, and lets nothing through that a ledger would have to count', async () => {
    const rated = new Hono<PaywallEnv>()
    const { zones, ...rest } = typeof config === 'function' ? config({}) : config
    const routes = [
      { path: '/bound', requires: 'premium', rates: [{ binding: 'API_RATE', seconds: 10 as const }] },
      { path: '/exact', requires: 'premium', rates: [{ requests: 1, seconds: 10 }] },
    ]
    rated.use(paywall({ ...rest, zones: zones.slice(0, 1).map((zone) => ({ ...zone, routes })) }))
    rated.all('*', (c) => c.text('app'))
    let success = true
    const bound = { ...env, API_RATE: { limit: async () => ({ success }) } }
    const reader = bearing(await world.token())
    expect((await rated.request(at('/bound'), reader, bound)).status).toBe(200)
    success = false
    expect((await rated.request(at('/bound'), reader, bound)).status).toBe(429)
    expect((await rated.request(at('/exact'), reader, bound)).status).toBe(503)
  })

  it('with a broken configuration answers 503 to everything', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const broken = new Hono<PaywallEnv>()
    broken.use(paywall({ zones: [] }))
    broken.all('*', (c) => c.text('content'))
    for (const path of ['/', '/free/1', '/articles/1', '/__faregate/explain']) {
      const response = await broken.request(at(path), {}, env)
      expect(response.status, path).toBe(503)
      expect(await response.json()).toMatchObject({ reason: 'misconfigured' })
    }
    expect(String(error.mock.calls[0]?.[0])).toContain('expected at least one zone')
  })
})
