import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../../src/gate.ts'
import type { Options, TokenPlace } from '../../../src/index.ts'
import { bearer, html } from '../../../src/index.ts'
import { ok } from '../../../src/core/result.ts'
import { createMemoryStore } from '../../../src/cache/memorystore.ts'
import { createEmbeddedCache } from '../../../src/cache/stage.ts'
import { takeParameter, withoutParameter } from '../../../src/http/rules/parameter.ts'
import { createServices } from '../../../src/services.ts'
import { compiled, zoneFaults } from '../../support/compiled.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { createBackground } from '../../support/services.ts'
import { leaked } from '../../tokens/hostile/gate.ts'
import { goodToken, makeParties, NOW, options, type Parties, SECRET } from '../../tokens/hostile/parties.ts'
import { web } from '../../../src/platform/web/index.ts'

const FROM: TokenPlace[] = [
  { parameter: 'token', route: '/feed/*' },
  { parameter: 'key', route: '/live/*' },
]
const OURS = 'https://news.example'

let parties: Parties
let token: string
let ask: (path: string, init?: RequestInit & { base?: string }) => Promise<Response>
let received: Request[]
/** Status, fields and body of every answer, and every line that was logged. */
let told: string[]
let answer: (request: Request) => Response

beforeAll(async () => {
  parties = await makeParties()
  token = await goodToken(parties)
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 })
  received = []
  told = []
  answer = () => new Response('the feed', { headers: { 'cache-control': 'max-age=60', etag: '"1"' } })
  ask = gateFor(configured())
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function configured(): Options {
  const given = options(parties)
  const routes = [
    { path: '/feed/*', requires: 'premium' },
    { path: '/feed/extra/*', requires: 'premium' },
    { path: '/live/*', requires: 'premium', cache: 'off' as const },
    { path: '/paid/*', requires: 'premium' },
    { path: '/free/*', free: true as const },
  ]
  const remedies = {
    documentation: 'https://billing.example/problems',
    checkout: 'https://billing.example/checkout?return={return}',
    signIn: 'https://billing.example/login?to={return}',
  }
  const rails = [bearer({ from: FROM })]
  const refusals = [html()]
  return { ...given, zones: given.zones.map((zone) => ({ ...zone, routes, remedies, rails, refusals })) }
}

function gateFor(given: Options): typeof ask {
  const env = { SHARED_SECRET: SECRET, ACCOUNT_KEY: 'a key of thirty-two bytes or more' }
  const app = createApp(createServices(compiled(given, env, false), web({})), ENDPOINTS)
  for (const method of ['log', 'info', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((...line: unknown[]) => void told.push(line.map(String).join(' ')))
  const origin = async (_admitted: unknown, outgoing: () => Request) => {
    const request = outgoing()
    received.push(request)
    return ok({ response: answer(request) })
  }
  const cache = createEmbeddedCache(createMemoryStore(1024 * 1024), () => Date.now())
  return async (path, { base = OURS, ...init } = {}) => {
    const request = new Request(`${base}${path}`, { redirect: 'manual', ...init })
    const { waitUntil, settled } = createBackground()
    const behind = { origin: cache.stage(origin, waitUntil), purge: async () => true }
    const response = await app(request, behind, waitUntil)
    const body = await response.clone().text()
    await settled()
    told.push(String(response.status), ...Array.from(response.headers, (pair) => pair.join(': ')), body)
    return response
  }
}

/** Everything that left the gate, whoever it was for. */
function everything(): string {
  const asked = received.flatMap(({ url, headers }) => [url, ...Array.from(headers, (pair) => pair.join(': '))])
  return [...told, ...asked].join('\n')
}

describe('a token in the URL of its route', () => {
  it('opens it, for GET and HEAD, and tells nobody the URL', async () => {
    for (const method of ['GET', 'HEAD']) {
      const response = await ask(`/feed/1?a=1&token=${token}&b=2`, { method })
      expect([response.status, response.headers.get('referrer-policy')]).toEqual([200, 'no-referrer'])
    }
    expect(received[0]?.url).toBe(`${OURS}/feed/1?a=1&b=2`)
    // From here on it is in memory, where all have the same.
    const held = await ask(`/feed/1?a=1&token=${token}&b=2`)
    expect([held.status, held.headers.get('referrer-policy')]).toEqual([200, 'no-referrer'])
    expect(received).toHaveLength(1)
    const plain = await ask('/feed/1?a=1&b=2', { headers: { authorization: `Bearer ${token}` } })
    expect([plain.status, plain.headers.get('referrer-policy')]).toEqual([200, null])
  })

  it.each([
    ['another spelling of its name', () => `/feed/1?%74oken=${token}`],
    ['escapes in its value', () => `/feed/1?token=${token.replaceAll('.', '%2E')}`],
    ['a feed reader’s own parameters', () => `/feed/1?utm_source=x&token=${token}`],
  ])('is read with %s', async (_name, path) => {
    expect((await ask(path())).status).toBe(200)
    expect(leaked(token, everything())).toBeUndefined()
  })

  it.each([
    ['another route', () => `/paid/1?token=${token}`, 'payment-required'],
    ['a route within its own', () => `/feed/extra/1?token=${token}`, 'payment-required'],
    ['another route’s parameter', () => `/feed/1?key=${token}`, 'payment-required'],
    ['another case of its name', () => `/feed/1?Token=${token}`, 'payment-required'],
    ['no value', () => '/feed/1?token=', 'payment-required'],
    ['no value at all', () => '/feed/1?token', 'payment-required'],
    ['two values', () => `/feed/1?token=${token}&token=${token}`, 'credential-ambiguous'],
    ['two in one', () => `/feed/1?token=${token},${token}`, 'credential-ambiguous'],
    ['what is no token', () => '/feed/1?token=x', 'credential-malformed'],
  ])('opens nothing with %s', async (_name, path, reason) => {
    const response = await ask(path())
    expect(response.status).toBe(402)
    expect(await response.json()).toMatchObject({ reason })
    expect(received).toEqual([])
  })

  it('opens nothing by a method that changes something, nor over plain http', async () => {
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect((await ask(`/feed/1?token=${token}`, { method })).status).toBe(402)
    const exposed = await ask(`/feed/1?token=${token}`, { base: 'http://news.example' })
    expect(await exposed.json()).toMatchObject({
      reason: 'credential-invalid',
      detail: expect.stringContaining('http'),
    })
    expect(leaked(token, everything())).toBeUndefined()
  })

  it('gives way to Authorization', async () => {
    const headers = { authorization: `Bearer ${await goodToken(parties, { entitlements: ['basic'] })}` }
    const response = await ask(`/feed/1?token=${token}`, { headers })
    expect(await response.json()).toMatchObject({ reason: 'entitlement-insufficient' })
  })

  const page = { headers: { accept: 'text/html' } }
  it.each([
    ['is served', () => [`/feed/1?token=${token}`, {}]],
    ['is served where nothing is shared', () => [`/live/1?key=${token}`, {}]],
    ['is refused', () => [`/feed/1?token=${token}x`, {}]],
    ['is refused with a page', () => [`/feed/1?token=${token}x`, page]],
    ['is there twice', () => [`/feed/1?token=${token}&token=${token}`, page]],
    ['is of a method that it may not have', () => [`/feed/1?token=${token}`, { ...page, method: 'POST' }]],
    ['is of a route within its own', () => [`/feed/extra/1?token=${token}`, page]],
    ['is of a path that is ambiguous', () => [`/feed/..%2fpaid/1?token=${token}`, page]],
    ['is of a path in capitals', () => [`/FEED/1?token=${token}`, page]],
    ['is of a path in escapes', () => [`/%66eed/1?token=${token}`, page]],
    ['is of a path that cannot be read', () => [`/feed/%zz?token=${token}`, page]],
    ['is of another host', () => [`/feed/1?token=${token}`, { base: 'https://other.example' }]],
    ['is explained', () => [`/__faregate/explain?target=${encodeURIComponent(`/feed/1?token=${token}`)}`, {}]],
    ['is explained in vain', () => [`/__faregate/explain?target=feed/1?token=${token}`, page]],
    ['is explained with a method in words', () => [`/__faregate/explain?method=1&target=/feed/1?token=${token}`, page]],
  ] as [string, () => [string, RequestInit & { base?: string }]][])('is nowhere where it %s', async (_name, sent) => {
    const [path, init] = sent()
    await ask(path, init)
    expect(told.length).toBeGreaterThan(2)
    expect(leaked(token, everything())).toBeUndefined()
  })

  it('is in no redirect of the origin’s, in no key of a cache, and in no answer to a bug', async () => {
    answer = ({ url }) => new Response(null, { status: 302, headers: { location: `${url}&again=1`, link: `<${url}>` } })
    const moved = await ask(`/live/1?a=1&key=${token}`)
    expect([moved.status, moved.headers.get('referrer-policy')]).toEqual([302, 'no-referrer'])
    answer = () => {
      throw new Error('a bug')
    }
    const broken = await ask(`/live/2?key=${token}`, page)
    expect([broken.status, broken.headers.get('referrer-policy')]).toEqual([500, 'no-referrer'])
    expect(leaked(token, everything())).toBeUndefined()
  })

  it.each(['referer', 'hx-current-url'])('is told no origin as where its client comes from: %s', async (name) => {
    let number = 0
    const passed = async (from: string): Promise<unknown> => {
      await ask(`/free/${(number += 1)}`, { headers: { [name]: from } })
      return received[number - 1]?.headers.get(name)
    }
    expect(await passed(`${OURS}/feed/1?a=1&token=${token}&b=2`)).toBe(`${OURS}/feed/1?a=1&b=2`)
    expect(await passed(`${OURS}/FEED/1?%74oken=${token}#b`)).toBe(`${OURS}/FEED/1#b`)
    expect(await passed(`${OURS}/feed/..%2f%zz?token=${token}`)).toBe(`${OURS}/feed/..%2f%zz`)
    expect(await passed(`/live/1?key=${token}`)).toBe('/live/1')
    expect(leaked(token, everything())).toBeUndefined()
    for (const other of [`${OURS}/free/1?token=x`, `${OURS}/feed/1?a=%zz`, 'x?', ''])
      expect(await passed(other)).toBe(other)
  })

  it('is looked for in where a client comes from by steps that grow no faster than that', () => {
    const many = 'a'.repeat(1_000_000)
    for (const url of [`http://${many}#?token=x`, `http://x/${many}?token=x`, `/${many}`, '?'.repeat(1_000_000)])
      expect(withoutParameter(url, { parameter: 'key', route: '/live/*' })).toBe(url)
  })

  it('is explained as what it is', async () => {
    const response = await ask(`/__faregate/explain?target=${encodeURIComponent(`/feed/1?a=1&token=${token}`)}`)
    expect(await response.json()).toMatchObject({
      target: { canonical: '/feed/1?a=1' },
      decision: { action: 'serve' },
    })
  })
})

describe('a parameter of an app’s own', () => {
  it('reaches it on every other route, whatever it is called', async () => {
    const response = await ask('/free/reset?token=abc&a=1')
    expect([response.status, response.headers.get('referrer-policy')]).toEqual([200, null])
    expect(received[0]?.url).toBe(`${OURS}/free/reset?token=abc&a=1`)
  })
})

describe('a query', () => {
  it.each([
    ['?token=x', '', ['x']],
    ['?a=1&token=x&b', '?a=1&b', ['x']],
    ['?token=x&token=y&token', '', ['x', 'y', '']],
    ['?token=a%2Eb+c%', '', ['a%2Eb+c%']],
    ['?to%6ben=a%2Eb+c', '', ['a.b c']],
    ['?token==', '', ['=']],
  ])('%s has its parameter taken out', (query, left, values) => {
    const taken = takeParameter(query, 'token')
    expect(taken?.query).toBe(left)
    if (!query.endsWith('%')) expect(taken?.values).toEqual(values)
  })

  it.each(['?a=1', '?tokens=x', '?a=token=x', '?', '?&&'])('%s stays as it is', (query) => {
    expect(takeParameter(query, 'token')).toBeUndefined()
  })
})

describe('a parameter that is a fault', () => {
  it.each([
    ['without a route', { parameter: 'token' }, 'from[0]'],
    ['of a route that is no path', { parameter: 'token', route: 'feed' }, 'from[0]'],
    ['of a route that is a number', { parameter: 'token', route: 7 }, 'from[0]'],
    ['without a name', { parameter: '', route: '/feed/*' }, 'from[0]'],
    ['of a route that there is not', { parameter: 'token', route: '/elsewhere/*' }, 'from'],
    ['of the gate itself', { parameter: 'token', route: '/__faregate/account' }, 'from[0]'],
    ['and a field', { parameter: 'token', field: 'x', route: '/feed/*' }, 'from[0]'],
    ['beside a route', { field: 'X-Api-Key', route: '/feed/*' }, 'from[0]'],
  ])('%s', (_name, place, path) => {
    const routes = [{ path: '/feed/*', requires: 'premium' }]
    const rails = [bearer({ from: [place as TokenPlace] })]
    expect(zoneFaults({ rails, routes })).toEqual([{ path: `zones[0].rails[0].${path}`, message: expect.any(String) }])
  })
})
