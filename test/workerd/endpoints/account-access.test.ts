import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { err } from '../../../src/core/result.ts'
import { paywall } from '../../../src/platform/hono/index.ts'
import { ACCOUNT, appWith, createAccountClient, quotasOf, type AccountClient } from '../../support/account.ts'
import config from '../../support/config.ts'
import { NO_LEDGER } from '../../support/ledger.ts'
import { withToken, linesOf } from '../../support/world.ts'
import { cloudflare } from '../../../src/platform/cloudflare/platform.ts'

let client: AccountClient

beforeEach(async () => {
  client = await createAccountClient()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  client.world.end()
})

describe('nobody is told anything', () => {
  it('without a credential: 401, and where to sign in', async () => {
    expect(await client.refusal({})).toMatchObject({
      status: 401,
      type: 'about:blank',
      title: 'Unauthorized',
      remedies: [{ rel: 'sign-in' }, { rel: 'account' }],
      instance: expect.stringMatching(/^urn:uuid:/),
    })
    const response = await client.send(ACCOUNT)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="news"')
  })

  const bad: [string, () => Promise<string>, object][] = [
    [
      'expired',
      () => client.token({ iat: 1_700_000_000, exp: 1_700_003_600 }),
      { reason: 'credential-expired', check: 'time' },
    ],
    [
      'of another issuer',
      () => client.token({ iss: 'https://evil.test' }),
      { reason: 'credential-invalid', check: 'issuer' },
    ],
    [
      'for another site',
      () => client.token({ aud: 'https://shop.test' }),
      { reason: 'credential-invalid', check: 'audience' },
    ],
    ['forged', async () => `${(await client.token()).slice(0, -8)}AAAAAAAA`, { check: 'signature' }],
    ['of an operator', () => client.world.operator({ sub: client.account }), { check: 'type' }],
    ['no token at all', async () => 'x', { reason: 'credential-malformed' }],
    [
      'an expired receipt',
      () => client.receipt({ iat: 1_700_000_000, exp: 1_700_003_600 }),
      { reason: 'credential-expired' },
    ],
  ]
  it.each(bad)('with a token that is %s: 402, and why', async (_what, make, why) => {
    const bearer = withToken(await make())
    expect(await client.refusal(bearer)).toMatchObject({ status: 402, ...why, remedies: expect.any(Array) })
    expect((await client.send(ACCOUNT, bearer)).headers.get('www-authenticate')).toMatch(/^Bearer .*error=/)
  })

  it('over plain http, on another host, or by another method', async () => {
    const bearer = withToken(await client.token())
    const exposed = await client.refusal(bearer, 'http://news.test/__faregate/account')
    expect(exposed).toMatchObject({ status: 402, check: 'transport' })
    expect(await client.refusal(bearer, 'https://elsewhere.test/__faregate/account')).toMatchObject({ status: 421 })
    for (const method of ['PUT', 'DELETE', 'OPTIONS']) {
      const response = await client.send(ACCOUNT, { ...bearer, method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
    }
  })

  it('may be asked for by a program on another site, which brings a token and no cookie', async () => {
    const asking = { origin: 'https://app.test', 'access-control-request-method': 'GET' }
    const headers = { ...asking, 'access-control-request-headers': 'authorization' }
    const response = await client.send(ACCOUNT, { method: 'OPTIONS', headers })
    const granted = ['access-control-allow-origin', 'access-control-allow-headers', 'access-control-allow-methods']
    expect([response.status, ...granted.map((name) => response.headers.get(name))]).toEqual([
      204,
      '*',
      'authorization',
      'GET, HEAD, POST',
    ])
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('while the keys cannot be had: 503', async () => {
    const keyless = appWith({ verify: () => err({ ...KEYLESS, check: 'key', retryAfterSeconds: 7 }) })
    const response = await client.send(ACCOUNT, withToken(await client.token()), keyless)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7'])
  })
})

describe('a bug', () => {
  it.each(['account', 'explain'])(
    'in what %s tells is answered 500 and noted, without the credential',
    async (name) => {
      const noted = vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const token = await client.token()
      const broken = appWith({
        verify: () => {
          throw new TypeError(`no such ${token}`)
        },
      })
      const response = await client.send(`/__faregate/${name}?target=/articles/1`, withToken(token), broken)
      const problem: { instance?: string } = await response.json()
      expect([response.status, response.headers.get('cache-control')]).toEqual([500, 'no-store'])
      expect(problem).toMatchObject({ reason: 'internal-error', instance: expect.stringMatching(/^urn:uuid:/) })
      const id = problem.instance?.slice('urn:uuid:'.length)
      expect(linesOf(client.world)).toMatchObject([{ id, status: 500, decision: 'own', reason: 'internal-error' }])
      expect(JSON.parse(String(noted.mock.calls[0]?.[0]))).toMatchObject({ id, error: 'TypeError' })
      expect(JSON.stringify(noted.mock.calls)).not.toContain('eyJ')
    },
  )
})

const KEYLESS = { reason: 'keys-unavailable', detail: 'none' } as const

describe('a cookie', () => {
  const cookie = async (fields: Record<string, string> = {}): Promise<RequestInit> => ({
    headers: { cookie: `__Host-faregate=${await client.token()}`, ...fields },
  })

  it.each([
    ['this site', { 'sec-fetch-site': 'same-origin' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['our origin, in a browser that says no more', { origin: 'https://news.test' }],
  ])('that comes from %s says who asks, and no other site may read the answer', async (_what, fields) => {
    const response = await client.send(ACCOUNT, await cookie(fields))
    expect(response.status).toBe(200)
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(await response.json()).toMatchObject({ account: { id: client.account } })
  })

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site' }],
    [
      'another site, by its word against a header of ours',
      { 'sec-fetch-site': 'cross-site', origin: 'https://news.test' },
    ],
    ['a foreign origin', { origin: 'https://evil.test' }],
    ['nowhere', {}],
  ])('that comes from %s says nothing', async (_what, fields) => {
    const init = await cookie(fields)
    expect(await client.refusal(init)).toMatchObject({
      status: 401,
      remedies: [{ rel: 'sign-in' }, { rel: 'account' }],
    })
    const response = await client.send(ACCOUNT, init)
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('is not looked at beside a token, which any program may send', async () => {
    const { headers } = withToken(await client.token())
    const response = await client.send(ACCOUNT, { headers: { ...headers, origin: 'https://evil.test' } })
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
  })
})

describe('HEAD', () => {
  it('is answered as GET, without content', async () => {
    const bearer = withToken(await client.token())
    for (const init of [bearer, {}]) {
      const got = await client.send(ACCOUNT, init)
      const head = await client.send(ACCOUNT, { ...init, method: 'HEAD' })
      expect([head.status, await head.text()]).toEqual([got.status, ''])
      expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'))
    }
  })
})

describe('without a ledger', () => {
  const unknown = (mark: null | 'unavailable') => ({
    limits: quotasOf(mark, mark),
    credit: mark,
    charges: mark,
  })

  it('an account is told who it is, and null for the rest', async () => {
    const none = appWith({ ledgers: undefined })
    const headers = { ...withToken(await client.token()).headers, 'faregate-receipt': await client.receipt() }
    const told = await client.facts({ headers }, none)
    expect(told.account).toMatchObject({ id: client.account, standing: { state: 'active' }, ...unknown(null) })
    expect(told.receipt).toMatchObject({ left: null, charges: null })
  })

  it('that answers, it is told that the rest is unavailable', async () => {
    const gone = async () => Promise.reject(new Error('gone'))
    const failing = async () => err('ledger-unavailable' as const)
    for (const read of [gone, failing]) {
      const told = await client.facts(
        withToken(await client.token()),
        appWith({ ledgers: () => ({ ...NO_LEDGER, read }) }),
      )
      expect(told.account).toMatchObject({ id: client.account, plan: 'Gold', ...unknown('unavailable') })
    }
  })

  it('that answers in time, nor anyone who knows how it stands, it waits no longer than three seconds', async () => {
    const bearer = withToken(await client.token())
    await client.facts(bearer)
    const silent = new Promise<never>(() => undefined)
    const app = appWith({ ledgers: () => NO_LEDGER, resolveStanding: () => silent })
    vi.useFakeTimers()
    const asked = client.facts(bearer, app)
    await vi.advanceTimersByTimeAsync(3000)
    const standing = { state: 'unavailable', reason: 'standing-unavailable', remedies: [] }
    expect((await asked).account).toMatchObject({ id: client.account, standing, ...unknown('unavailable') })
  })

  it('that knows all but whether the token was revoked, whoever holds it is told who it is for and no more', async () => {
    const bearer = withToken(await client.token())
    expect(await client.visit('/metered/1', bearer)).toBe(200)
    const unsure = appWith({ resolveStanding: () => Promise.reject(new Error('gone')) })
    const told = await client.facts(bearer, unsure)
    const standing = { state: 'unavailable', reason: 'standing-unavailable' }
    expect(told.account).toMatchObject({ id: client.account, standing, ...unknown('unavailable') })
  })

  it('behind the middleware, it is told the same', async () => {
    const app = new Hono().use(paywall(config, cloudflare))
    const url = 'https://news.test/__faregate/account'
    const response = await app.request(url, withToken(await client.token()), {
      ACCOUNT_HASH_KEY: 'a key for the tests',
    })
    expect(await response.json()).toMatchObject({ account: { id: client.account, ...unknown(null) } })
  })
})
