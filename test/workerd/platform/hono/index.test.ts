import { listed } from '../../../support/compiled.ts'
import { env as bound } from 'cloudflare:workers'
import { type Context, Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { paywall, type PaywallEnv } from '../../../../src/platform/hono/index.ts'
import config from '../../../support/config.ts'
import { withToken, createWorld, postOrder, eventsClaim, postEvent, type World } from '../../../support/world.ts'
import { cloudflare } from '../../../../src/platform/cloudflare/platform.ts'

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
  made.use(paywall(config, cloudflare))
  made.get('/:part{articles|watched}/:id', (c) => {
    c.header('cache-control', 'public, max-age=60')
    return c.json({
      id: c.req.param('id'),
      reader: c.var.faregate,
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
    const response = await app().request(at('/articles/1'), withToken(await world.token()), env)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
    const { id, reader, seen } = await response.json<{ id: string; reader: unknown; seen: Record<string, string> }>()
    expect({ id, reader }).toEqual({
      id: '1',
      reader: { account: 'account-7', plan: 'Gold', entitlements: ['premium'] },
    })
    expect(seen['authorization']).toBeUndefined()
  })

  it('names the routes that need a ledger where none is bound, and no others', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    await app().request(at('/free'), {}, env)
    expect(warn).toHaveBeenCalledOnce()
    expect(String(warn.mock.calls[0])).toMatch(/LEDGER.*"news \/reports\/\*"/)
    expect(String(warn.mock.calls[0])).not.toContain('/articles')
    await app().request(at('/free'), {}, { ...env, LEDGER: bound.LEDGER })
    expect(warn).toHaveBeenCalledOnce()
  })

  it('tells the app of nobody while the route is only watched', async () => {
    const token = await world.token()
    const headers = { authorization: `Bearer ${token}`, cookie: `__Host-faregate=${token}` }
    const response = await app().request(at('/watched/1'), { headers }, env)
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
    const { reader, seen } = await response.json<{ reader: unknown; seen: Record<string, string> }>()
    expect(reader).toEqual({ entitlements: [] })
    const names = Object.keys(seen).filter((name) => /^(?:authorization|cookie|faregate-.*)$/.test(name))
    expect(names).toEqual([])
  })

  it('asks the app for no part where HEAD names one', async () => {
    let ranges: (string | null)[] = []
    const made = new Hono<PaywallEnv>().use(paywall(config, cloudflare)).get('/articles/1', (c) => {
      ranges = ['range', 'if-range'].map((name) => c.req.raw.headers.get(name))
      return c.text('0123456789')
    })
    const headers = { ...withToken(await world.token()).headers, range: 'bytes=0-3', 'if-range': '"1"' }
    expect((await made.request(at('/articles/1'), { method: 'HEAD', headers }, env)).status).toBe(200)
    expect(ranges).toEqual([null, null])
  })

  it('gives what the app makes a date, and no length beside a transfer coding or for 204', async () => {
    const made = new Hono<PaywallEnv>().use(paywall(config, cloudflare)).get('/free/:status', (c) => {
      const status = Number(c.req.param('status'))
      const headers = { 'content-length': '5', ...(status === 200 ? { 'transfer-encoding': 'chunked' } : {}) }
      return new Response(status === 200 ? new Response('0123456789').body : null, { status, headers })
    })
    for (const status of [200, 204]) {
      const { headers } = await made.request(at(`/free/${status}`), {}, env)
      expect([headers.get('content-length'), headers.get('transfer-encoding')]).toEqual([null, null])
      expect(Date.parse(headers.get('date') ?? '')).toBeGreaterThan(0)
    }
  })

  it('passes bodies', async () => {
    const init = { method: 'POST', body: 'hello', ...withToken(await world.token({ entitlements: ['api'] })) }
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

  it.each([
    ['account', 'GET, HEAD, POST'],
    ['explain?target=/articles/1', 'GET, HEAD, POST'],
  ])('lets a program on another site ask for %s', async (facts, methods) => {
    const asking = { origin: 'https://app.test', 'access-control-request-method': 'GET' }
    const headers = { ...asking, 'access-control-request-headers': 'authorization' }
    const response = await app().request(at(`/__faregate/${facts}`), { method: 'OPTIONS', headers }, env)
    const granted = ['access-control-allow-origin', 'access-control-allow-headers', 'access-control-allow-methods']
    expect([response.status, ...granted.map((name) => response.headers.get(name))]).toEqual([
      204,
      '*',
      'authorization',
      methods,
    ])
  })

  it('ends at once what the app streams to HEAD, and watches nothing of it', async () => {
    const reader = { method: 'HEAD', ...withToken(await world.token()) }
    const cancel = vi.fn()
    const headers = { 'content-type': 'text/event-stream' }
    const live = new Hono<PaywallEnv>().use(paywall(config, cloudflare))
    live.get('/live/1', () => new Response(new ReadableStream({ cancel }), { headers }))
    await live.request(at('/live/1'), reader, env) // keys are fetched in real time
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const response = await live.request(at('/live/1'), reader, env)
    const left = vi.getTimerCount()
    vi.useRealTimers()
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    expect([left, cancel.mock.calls.length]).toEqual([0, 2])
  })

  it('passes on what the app makes of its own bugs', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    expect((await app().request(at('/free/boom'), {}, env)).status).toBe(500)
  })

  it('asks the rate limits of its environment, and lets nothing through that a ledger would have to count', async () => {
    const rated = new Hono<PaywallEnv>()
    const { zones, ...rest } = listed(config, {})
    const routes = [
      { path: '/bound', requires: 'premium', rates: [{ binding: 'API_RATE', seconds: 10 as const }] },
      { path: '/exact', requires: 'premium', rates: [{ requests: 1, seconds: 10 }] },
    ]
    rated.use(paywall({ ...rest, zones: zones.slice(0, 1).map((zone) => ({ ...zone, routes })) }, cloudflare))
    rated.all('*', (c) => c.text('app'))
    let success = true
    const bound = { ...env, API_RATE: { limit: async () => ({ success }) } }
    const reader = withToken(await world.token())
    expect((await rated.request(at('/bound'), reader, bound)).status).toBe(200)
    success = false
    expect((await rated.request(at('/bound'), reader, bound)).status).toBe(429)
    expect((await rated.request(at('/exact'), reader, bound)).status).toBe(503)
  })

  it('with a broken configuration answers 503 to everything', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const broken = new Hono<PaywallEnv>()
    broken.use(paywall({ zones: [] }, cloudflare))
    broken.all('*', (c) => c.text('content'))
    for (const path of ['/', '/free/1', '/articles/1', '/__faregate/explain']) {
      const response = await broken.request(at(path), {}, env)
      expect(response.status, path).toBe(503)
      expect(await response.json()).toMatchObject({ reason: 'misconfigured' })
    }
    expect(String(error.mock.calls[0]?.[0])).toContain('expected at least one zone')
  })
})

describe('the middleware, with ledgers bound', () => {
  const withLedgers = { ...env, LEDGER: bound.LEDGER }
  const [one, other] = [app(), app()]

  /** Asks, reads all of the answer, and lets all be done that it left behind. */
  async function visit(path: string, init: RequestInit, isolate = one): Promise<[status: number, body: string]> {
    const behind: Promise<unknown>[] = []
    const context = {
      waitUntil: (work: Promise<unknown>) => void behind.push(work),
      passThroughOnException() {},
      props: {},
    }
    const response = await isolate.request(at(path), init, withLedgers, context)
    const body = await response.text()
    await Promise.all(behind)
    return [response.status, response.ok ? body : (JSON.parse(body) as { reason: string }).reason]
  }

  async function order(place: string, scope: string, body: object): Promise<number> {
    const given = postOrder(await world.operator({ scope }), body)
    return (await one.request(at(`/__faregate/${place}`), given, withLedgers)).status
  }

  it('takes a receipt once', async () => {
    const paid = withToken(
      await world.receipt({ jti: 'once', amount: '0.25', currency: 'USD', resource: '/reports/*' }),
    )
    expect(await visit('/reports/1', paid)).toEqual([200, 'app'])
    expect(await visit('/reports/2', paid, other)).toEqual([402, 'payment-spent'])
  })

  it('counts a quota, spends credit once under a key, and tells the account of both', async () => {
    const sub = 'an account of the app'
    const reader = withToken(await world.token({ sub }))
    for (const left of [200, 200, 200, 402]) expect((await visit('/metered/1', reader))[0]).toBe(left)
    const credit = { issuer: 'https://billing.test', account: sub, id: 'grant', amount: '0.25', currency: 'USD' }
    expect(await order('credit', 'credit', credit)).toBe(200)
    const once = { headers: { ...reader.headers, 'idempotency-key': 'key-1' } }
    expect(await visit('/reports/1', once)).toEqual([200, 'app'])
    expect(await visit('/reports/1', once)).toEqual([200, 'app'])
    expect(await visit('/reports/2', reader)).toEqual([402, 'credit-insufficient'])
    const [status, facts] = await visit('/__faregate/account', reader)
    expect([status, JSON.parse(facts)]).toMatchObject([
      200,
      { account: { credit: [{ amount: '0' }], charges: { total: 4 } } },
    ])
  })

  it('does not have the app make again what it has delivered under a key', async () => {
    const paid = withToken(
      await world.receipt({ jti: 'a key', amount: '0.25', currency: 'USD', resource: '/reports/*' }),
    )
    const once = { headers: { ...paid.headers, 'idempotency-key': 'key-2' } }
    const made = vi.fn((c: Context) => c.text('the report', 200, { etag: '"1"' }))
    const reports = new Hono<PaywallEnv>().use(paywall(config, cloudflare)).get('/reports/1', made)
    expect(await visit('/reports/1', once, reports)).toEqual([200, 'the report'])
    expect(await visit('/reports/1', once, reports)).toEqual([200, 'the report'])
    expect(made).toHaveBeenCalledTimes(1)
  })

  it('refuses within the bound whom billing or an operator says so of, wherever it was said', async () => {
    const sub = 'a reader of the app'
    const reader = withToken(await world.token({ sub }))
    expect(await visit('/free/1', reader, other)).toEqual([200, 'app'])
    expect((await visit('/articles/1', reader, other))[0]).toBe(200)
    const event = await world.event({ sub, events: eventsClaim({ 'standing-changed': { standing: 'past-due' } }) })
    expect((await visit('/__faregate/events', postEvent(event)))[0]).toBe(202)
    vi.setSystemTime(Date.now() + 5000)
    expect(await visit('/articles/1', reader, other)).toEqual([402, 'payment-declined'])
    expect(await order('hold', 'hold', { issuer: 'https://billing.test', account: sub })).toBe(200)
    vi.setSystemTime(Date.now() + 5000)
    expect(await visit('/articles/1', reader, other)).toEqual([402, 'security-hold'])
  })

  it('answers a purge, though it keeps nothing, and what is not there', async () => {
    expect(await order('purge', 'purge', { everything: true })).toBe(200)
    expect((await one.request(at('/__faregate/unknown'), {}, withLedgers)).status).toBe(404)
  })

  it('takes a text under that name for none', async () => {
    const text = { ...env, LEDGER: 'not a binding' }
    const reader = withToken(await world.token())
    expect((await app().request(at('/articles/1'), reader, text)).status).toBe(200)
    expect((await app().request(at('/metered/1'), reader, text)).status).toBe(503)
  })
})
