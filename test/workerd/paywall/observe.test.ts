import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bearer, receipt, type RouteOptions } from '../../../src/index.ts'
import { createGate, type Gate } from '../cache/gate.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { createWorld, linesOf, type World } from '../../support/world.ts'

const UNTIL = Date.parse('2026-12-31T00:00:00Z')
const COOKIE = '__Host-faregate'
const observe = { until: '2026-12-31T00:00:00Z' }
const watched = (path: string, more: Partial<RouteOptions> = {}): RouteOptions => ({
  path,
  requires: 'premium',
  observe,
  ...more,
})
const quotas = [{ name: 'calls', quota: 1, window: 60 }]
const { requires: _none, ...priced } = watched('/reports/*', { price: { amount: '0.25', currency: 'USD' } })
const jwks = { url: 'https://billing.test/jwks.json' }
// connectSeconds equal to responseSeconds: no server is dialled, for nothing may leave the process.
const config = {
  log: { accountKey: 'ACCOUNT_HASH_KEY' },
  endpoints: ENDPOINTS,
  zones: [
    {
      name: 'news',
      hosts: ['news.test'],
      audience: 'https://news.test',
      issuers: [
        { issuer: 'https://billing.test', jwks },
        { issuer: 'https://down.test', jwks: { url: 'https://down.test/jwks.json' } },
      ],
      rails: [bearer(), receipt()],
      origin: { servers: [{ url: 'https://origin.test' }], limits: { responseSeconds: 10, connectSeconds: 10 } },
      routes: [
        watched('/articles/*'),
        watched('/off/*', { cache: 'off' }),
        watched('/mine/*', { cache: { key: 'account', maxAgeSeconds: 5 } }),
        watched('/plans/*', { cache: { key: 'plan', maxAgeSeconds: 5 } }),
        watched('/metered/*', { quotas, cache: 'off' }),
        watched('/staff/*', { requires: 'staff', offer: false }),
        watched('/read-only/*', { methods: ['GET'] }),
        priced,
        { path: '/enforced/*', requires: 'premium' },
        { path: '/articles/sold', requires: 'premium' },
        { path: '/closed/*', closed: true as const },
      ],
      unmatched: { requires: 'premium', observe },
      remedies: { documentation: 'https://billing.test/problems' },
    },
  ],
}

let world: World
let gate: Gate

/** Only the date is driven: it begins a second before the observation ends. */
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: UNTIL - 1000 })
  world = await createWorld()
  world.origin = () => new Response('the page', { headers: { 'cache-control': 'max-age=60', etag: '"1"' } })
  gate = createGate('embedded', config, { ACCOUNT_HASH_KEY: 'a key for the tests' })
})
afterEach(() => {
  world.end()
  vi.useRealTimers()
})

async function ask(path: string, init: RequestInit = {}) {
  const response = await gate.fetch(new Request(`https://news.test${path}`, init))
  const text = await response.text()
  await gate.settled()
  return { status: response.status, headers: response.headers, text, cache: response.headers.get('cache-status') ?? '' }
}

const withToken = (token: string, more: Record<string, string> = {}): RequestInit => ({
  headers: { ...more, authorization: `Bearer ${token}` },
})

const lines = () => linesOf(world)

const sent = (): Request => world.received.at(-1) ?? new Request('https://nothing.test')

describe('while a route is only watched', () => {
  const paths = ['/articles/1', '/off/1', '/mine/1', '/plans/1', '/metered/1', '/reports/1', '/staff/1', '/elsewhere']

  it.each(paths)('%s is served to who presents nothing, and the line says what would have been', async (path) => {
    const { status, text, headers } = await ask(path)
    expect([status, text]).toEqual([200, 'the page'])
    expect(headers.get('cache-control')).toBe('private, no-cache')
    expect(headers.get('www-authenticate')).toBeNull()
    expect(lines()).toMatchObject([{ decision: 'serve', observed: 'payment-required', status: 200 }])
    expect(lines()[0]).not.toHaveProperty('reason')
    expect(lines()[0]).not.toHaveProperty('account')
  })

  it.each(paths)('the origin of %s learns nothing of who presents a good token', async (path) => {
    const token = await world.token()
    const { status, headers } = await ask(path, withToken(token, { cookie: `${COOKIE}=${token}; theme=dark` }))
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('private, no-cache')
    const fields = Array.from(sent().headers, ([name, value]) => `${name}: ${value}`)
    expect(fields.join('\n')).not.toMatch(/faregate-|authorization|account-7|Gold/i)
    expect(fields.join('\n')).not.toContain(token)
    const would = path === '/staff/1' ? 'not-for-sale' : 'serve'
    expect(lines()).toMatchObject([{ decision: 'serve', observed: would, account: expect.any(String) }])
  })

  it('whoever would have been refused has the reason in the line, and the content', async () => {
    const told: [claims: Record<string, unknown>, would: string][] = [
      [{ exp: UNTIL / 1000 - 60, iat: UNTIL / 1000 - 90 }, 'credential-expired'],
      [{ standing: 'on-hold' }, 'security-hold'],
      [{ standing: 'past-due' }, 'payment-declined'],
      [{ entitlements: ['other'] }, 'entitlement-insufficient'],
      [{ aud: 'https://other.test' }, 'credential-invalid'],
    ]
    for (const [claims] of told) expect((await ask('/off/1', withToken(await world.token(claims)))).status).toBe(200)
    expect(lines().map(({ observed }) => observed)).toEqual(told.map(([, would]) => would))
    for (const { headers } of world.received) expect(headers.get('authorization')).toBeNull()
  })

  it('nothing is charged, nor asked of a ledger: here is none', async () => {
    const paid = { jti: 'r-1', amount: '0.25', currency: 'USD', resource: '/reports/*' }
    const proof = await world.receipt(paid)
    const inits = [withToken(proof), { headers: { 'faregate-receipt': proof } }, withToken(await world.token())]
    for (const init of inits) expect((await ask('/reports/1', init)).status).toBe(200)
    for (let time = 0; time < 3; time++) {
      const { status, headers } = await ask('/metered/1', withToken(await world.token()))
      expect([status, headers.get('ratelimit')]).toEqual([200, null])
    }
    expect(new Set(lines().map(({ observed }) => observed))).toEqual(new Set(['serve']))
    for (const { headers } of world.received) expect(headers.get('faregate-receipt')).toBeNull()
    vi.setSystemTime(UNTIL)
    expect((await ask('/metered/1', withToken(await world.token()))).status).toBe(503)
  })

  it('a POST by a cookie from another site passes without the cookie', async () => {
    const headers = { cookie: `${COOKIE}=${await world.token()}; theme=dark`, 'sec-fetch-site': 'cross-site' }
    const { status } = await ask('/off/1', { method: 'POST', body: 'x', headers })
    expect(status).toBe(200)
    expect([sent().method, sent().headers.get('cookie')]).toEqual(['POST', 'theme=dark'])
    expect(lines()).toMatchObject([{ observed: 'payment-required' }])
  })

  it('a preflight is the origin’s to answer, and is no refusal', async () => {
    const headers = { origin: 'https://reader.test', 'access-control-request-method': 'GET' }
    expect((await ask('/off/1', { method: 'OPTIONS', headers })).text).toBe('the page')
    vi.setSystemTime(UNTIL)
    expect((await ask('/off/1', { method: 'OPTIONS', headers })).status).toBe(204)
    expect(lines()).toMatchObject([{ decision: 'serve', observed: 'serve' }, { decision: 'preflight' }])
  })

  it('what other sites may read stays for the origin to say', async () => {
    const headers = { origin: 'https://reader.test' }
    expect((await ask('/articles/1', { headers })).headers.get('access-control-allow-origin')).toBeNull()
    vi.setSystemTime(UNTIL)
    const paid = await ask('/articles/1', withToken(await world.token(), headers))
    expect(paid.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('HEAD, a validator and a range are answered as ever', async () => {
    await ask('/articles/1')
    const head = await ask('/articles/1', { method: 'HEAD' })
    const held = await ask('/articles/1', { headers: { 'if-none-match': '"1"' } })
    const part = await ask('/articles/1', { headers: { range: 'bytes=0-2' } })
    expect([head.status, head.text, held.status, held.text]).toEqual([200, '', 304, ''])
    expect([part.status, part.text]).toEqual([206, 'the'])
    for (const { headers } of [head, held, part]) expect(headers.get('cache-control')).toBe('private, no-cache')
  })

  it('a failure of the origin is still one', async () => {
    world.origin = () => Promise.reject(new TypeError('no connection'))
    expect((await ask('/off/1')).status).toBe(502)
  })
})

describe('what is never lifted', () => {
  it.each([
    ['/enforced/1', 402],
    ['/articles/sold', 402],
    ['/articles/sold.json', 400],
    ['/ARTICLES/sold', 400],
    ['/articles/sold/index.html', 400],
    ['/articles/..%2fenforced/1', 400],
    ['/x/%252e%252e/enforced/1', 400],
    ['/enforced.json', 400],
    ['/articles/..;/closed/1', 400],
    ['/closed/1', 403],
    ['/%00', 400],
  ])('%s answers %i', async (path, status) => {
    expect((await ask(path)).status).toBe(status)
    expect((await ask(path, { method: 'POST', body: 'x' })).status).toBe(status)
    expect(world.received).toEqual([])
    for (const line of lines()) expect(line).not.toHaveProperty('observed')
  })

  it('a method that the route does not list is refused', async () => {
    expect((await ask('/read-only/1', { method: 'POST', body: 'x' })).status).toBe(403)
    expect((await ask('/read-only/1')).status).toBe(200)
  })

  it('a token whose keys cannot be had is answered 503', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { fetch } = globalThis
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) =>
      String(input instanceof Request ? input.url : input).startsWith('https://down.test')
        ? Promise.reject(new TypeError('down'))
        : fetch(input, init),
    )
    const init = withToken(await world.token({ iss: 'https://down.test' }))
    expect((await ask('/articles/1', init)).status).toBe(503)
    expect(lines()).toMatchObject([{ decision: 'refuse', reason: 'keys-unavailable' }])
    const { text } = await ask('/__faregate/explain?target=/articles/1', init)
    const told = { would: 'keys-unavailable', note: 'This is refused all the same.' }
    expect(JSON.parse(text)).toMatchObject({ observe: told })
    expect(world.received).toEqual([])
  })
})

describe.each(['embedded', 'platform'] as const)('a copy that was stored while watched, by the %s cache,', (kept) => {
  beforeEach(() => {
    gate = createGate(kept, config, { ACCOUNT_HASH_KEY: 'a key for the tests' })
  })

  it('is asked for as anybody’s, and is all that anybody gets', async () => {
    world.origin = ({ headers }) =>
      Response.json(Object.fromEntries(headers), { headers: { 'cache-control': 'public, max-age=60' } })
    const first = await ask('/articles/1', withToken(await world.token()))
    const second = await ask('/articles/1')
    expect(second.text).toBe(first.text)
    expect(second.text).not.toMatch(/account|authorization|subject/)
    expect(second.cache).toContain('hit')
    expect(world.received).toHaveLength(1)
  })

  it('is for who pays from the moment that the observation ends, in memory too', async () => {
    await ask('/articles/1')
    await ask('/articles/1')
    expect((await ask('/articles/1')).cache).toBe('faregate; hit; detail=memory')
    vi.setSystemTime(UNTIL)
    expect((await ask('/articles/1')).status).toBe(402)
    const paid = await ask('/articles/1', withToken(await world.token()))
    expect([paid.status, paid.text, paid.cache]).toEqual([200, 'the page', 'faregate; hit; detail=memory'])
    expect(paid.headers.get('cache-control')).toBe('private, no-cache')
    expect(world.received).toHaveLength(1)
    expect(lines().map(({ observed, reason }) => observed ?? reason)).toEqual([
      'payment-required',
      'payment-required',
      'payment-required',
      'payment-required',
      undefined,
    ])
    expect(lines()[3]).not.toHaveProperty('observed')
  })

  it.each(['/mine/1', '/plans/1'])('does not exist for %s, where nobody knows whose it would be', async (path) => {
    await ask(path, withToken(await world.token()))
    expect((await ask(path)).cache).not.toContain('hit')
    vi.setSystemTime(UNTIL)
    const paid = await ask(path, withToken(await world.token()))
    expect([paid.cache.includes('hit'), paid.headers.get('cache-control')]).toEqual([false, 'private, max-age=5'])
    expect((await ask(path)).status).toBe(402)
    expect(world.received).toHaveLength(3)
  })
})
