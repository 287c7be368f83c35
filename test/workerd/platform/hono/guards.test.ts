import { env as bound } from 'cloudflare:workers'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bearer, receipt, type SingleZoneOptions } from '../../../../src/index.ts'
import { cloudflare } from '../../../../src/platform/cloudflare/platform.ts'
import { paywall, type PaywallEnv, price, requires } from '../../../../src/platform/hono/index.ts'
import { signToyPayment, toyPay } from '../../../rails/toypay.ts'
import { type Background, createBackground } from '../../../support/services.ts'
import { accountLedger } from '../../../support/ledger.ts'
import { createWorld, type World } from '../../../support/world.ts'
import { readingOf } from '../../objects.ts'

const env = { LEDGER: bound.LEDGER }
const WALLETS = 'the key of all toy wallets'

let world: World
let background: Background
let context: ExecutionContext
let account: string
let number = 0

beforeEach(async () => {
  account = `account ${++number} of guards.test.ts`
  world = await createWorld()
  background = createBackground()
  const { waitUntil } = background
  context = { waitUntil, passThroughOnException: () => undefined, props: {} } as ExecutionContext
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

function behind(more: Partial<SingleZoneOptions> = {}): Hono<PaywallEnv> {
  const config: SingleZoneOptions = {
    name: 'news',
    audience: 'https://news.test',
    issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
    rails: [bearer(), receipt()],
    remedies: { documentation: 'https://billing.test/problems' },
    ...more,
  }
  return new Hono<PaywallEnv>().use(paywall(config, cloudflare))
}

async function send(app: Hono<PaywallEnv>, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (!headers.has('authorization')) headers.set('authorization', `Bearer ${await world.token({ sub: account })}`)
  const response = await app.request(`https://news.test${path}`, { ...init, headers }, env, context)
  const text = await response.text()
  await background.settled()
  return new Response(text, response)
}

describe('a handler, by its path in Hono', () => {
  it.each([
    ['/a/:id', '/a/1', '/a/*'],
    ['/b/:id?', '/b', '/b/*'],
    ['/c/:file{.+\\.png}', '/c/x.png', '/c/*'],
    ['/d/:section{[a-z]+/[0-9]+}', '/d/x/1', '/d/*'],
    ['/e/:id{[^/]+}/full', '/e/1/full', '/e/*/full'],
    ['/f/:year{[0-9]{4}}/all', '/f/2026/all', '/f/*/all'],
    ['/g/*/h', '/g/1/h', '/g/*/h'],
    ['/h|i/x', '/h|i/x', '/*/x'],
    ['/j;k/l', '/j;k/l', '/*/l'],
    ['/m/$id', '/m/$id', '/m/*'],
    ['/n/{o}', '/n/{o}', '/n/*'],
    ['*', '/p/q', '/*'],
  ])('%s is guarded, and offered no wider than a pattern of ours can say', async (path, target, resource) => {
    const app = behind()
    app.get(path, requires('archive'), (c) => c.text('a page'))
    const refused = await send(app, target)
    expect([refused.status, await refused.json()]).toMatchObject([402, { offer: { resource } }])
  })

  it('has rates of its own, apart from those of another method', async () => {
    const app = behind()
    const rated = (requests: number) => requires('premium', { rates: [{ requests, seconds: 60 }] })
    app.get('/x', rated(2), (c) => c.text('read'))
    app.post('/x', rated(1), (c) => c.text('written'))
    const statuses = []
    for (const method of ['GET', 'POST', 'GET', 'POST', 'HEAD'])
      statuses.push((await send(app, '/x', { method })).status)
    expect(statuses).toEqual([200, 200, 200, 429, 429])
  })
})

function after(read: (c: Context<PaywallEnv>) => Promise<unknown>): MiddlewareHandler<PaywallEnv> {
  return async (c, next) => {
    await read(c)
    await next()
  }
}

describe('what a client sends, read before the gate of its handler', () => {
  const body = JSON.stringify({ rows: 'ä' })
  const sent = { method: 'POST', body, headers: { 'content-type': 'application/json', 'idempotency-key': 'k' } }
  const free = { routes: [{ path: '/free/*', free: true as const }], unmatched: 'free' as const }

  it.each([
    ['by nobody', () => behind()],
    ['as JSON', () => behind().use(after(({ req }) => req.json()))],
    ['as a text', () => behind().use(after(({ req }) => req.text()))],
    ['as bytes', () => behind().use(after(({ req }) => req.arrayBuffer()))],
    ['by a limit of bytes', () => behind().use(bodyLimit({ maxSize: 100 }))],
    ['after the routes of the configuration', () => behind(free).use(after(async ({ req }) => req.raw))],
    ['before any gate', () => new Hono<PaywallEnv>().use(after(({ req }) => req.text())).route('/', behind(free))],
  ])('%s, reaches the handler whole', async (_how, create) => {
    const app = create()
    const quotas = [{ name: 'exports', unit: 'requests', quota: 9, window: 60 }]
    app.post('/export', requires('premium', { quotas }), async (c) => {
      const raw = c.req.raw.headers.get('content-length')
      return c.json({ ...(await c.req.json<object>()), raw })
    })
    const response = await send(app, '/export', sent)
    expect([response.status, await response.json()]).toMatchObject([200, { rows: 'ä' }])
    const other = await send(app, '/export', { ...sent, body: JSON.stringify({ rows: 'b' }) })
    expect(await other.json()).toMatchObject({ reason: 'idempotency-conflict' })
  })

  it('and kept by nobody, is an error of the app, and reaches no handler', async () => {
    const seen: string[] = []
    const app = behind().use(after(({ req }) => req.raw.text()))
    app.post('/export', price('0.05', 'EUR'), (c) => c.text('done'))
    app.onError((error, c) => {
      seen.push(error.name)
      return c.text('an error', 500)
    })
    expect((await send(app, '/export', sent)).status).toBe(500)
    expect(seen).toEqual(['TypeError'])
  })
})

describe('two gates before one handler', () => {
  const limits = ['one', 'two'].map((name) => ({ name, quota: 9, unit: 'requests', window: 86_400, kind: 'fixed' }))
  const counting = (name: string) => requires('premium', { counts: { [name]: 1 } })
  const routes = [{ path: '/x', requires: 'premium', counts: { one: 1 } }]

  async function used(): Promise<readonly bigint[]> {
    const { totals } = await readingOf(accountLedger(account))
    return ['one', 'two'].map((name) => totals.counts.find((count) => count.name === name)?.units ?? 0n)
  }

  describe.each([
    ['both at the handler', () => behind().use('/x', counting('one'))],
    ['one of the configuration', () => behind({ routes, unmatched: 'free' })],
  ])('%s', (_where, create) => {
    let headers: Record<string, string>

    beforeEach(async () => {
      headers = { authorization: `Bearer ${await world.token({ sub: account, limits })}` }
    })

    it('charge once each under one key, whichever of two tries is answered', async () => {
      const app = create()
      let fails = true
      const sent = { body: 'what is sent' }
      app.post('/x', counting('two'), async (c) => (fails ? c.text('not yet', 503) : c.text(await c.req.text())))
      const init = { method: 'POST', ...sent, headers: { ...headers, 'idempotency-key': 'k' } }
      const statuses = [(await send(app, '/x', init)).status]
      fails = false
      const done = await send(app, '/x', init)
      expect(await done.text()).toBe(sent.body)
      statuses.push(done.status, (await send(app, '/x', init)).status)
      expect(statuses).toEqual([503, 200, 409])
      expect(await used()).toEqual([1n, 1n])
    })

    it('charge once each for the parts of one page', async () => {
      const app = create()
      const part = { status: 206, headers: { etag: '"1"', 'content-range': 'bytes 0-3/10' } }
      app.get('/x', counting('two'), () => new Response('part', part))
      const init = { headers: { ...headers, range: 'bytes=0-3', 'if-range': '"1"' } }
      for (let time = 0; time < 3; time++) expect((await send(app, '/x', init)).status).toBe(206)
      expect(await used()).toEqual([1n, 1n])
    })
  })
})

describe('a payment that moves money, in front of an app', () => {
  it.each(['shared', 'off'] as const)('pays for a page with copies: %s', async (cache) => {
    const fetching = vi.mocked(globalThis.fetch)
    const outside = fetching.getMockImplementation() ?? globalThis.fetch
    fetching.mockImplementation(async (input, init) =>
      new Request(input, init).url.startsWith('https://bank.test')
        ? Response.json({ valid: true, kind: 'settled', reference: 'r' })
        : outside(input, init),
    )
    const toy = toyPay({ facilitator: 'https://bank.test', secret: WALLETS })
    const routes = [{ path: '/reports/*', cache, price: { amount: '0.25', currency: 'USD' } }]
    const app = behind({ rails: [toy], routes, unmatched: 'free' })
    let made = 0
    app.get('/reports/:id', (c) => c.text(`made ${++made}`))
    const validUntil = Math.floor(Date.now() / 1000) + 60
    const paid = { payer: 'ann', nonce: crypto.randomUUID(), amount: '0.25', currency: 'USD', validUntil }
    const headers = { 'toy-payment': await signToyPayment(WALLETS, paid) }
    const response = await send(app, '/reports/1', { headers })
    expect([response.status, await response.text()]).toEqual([200, 'made 1'])
  })
})
