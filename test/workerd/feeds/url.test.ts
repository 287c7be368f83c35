import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { takeParameter, withoutParameter } from '../../../src/http/rules/parameter.ts'
import { bearer, feeds } from '../../../src/index.ts'
import { faultsOf, ZONE } from '../../support/compiled.ts'
import { FeedWorld, OURS } from '../../feeds/world.ts'
import { leaked } from '../../tokens/hostile/gate.ts'
import { makeParties, type Parties } from '../../tokens/hostile/parties.ts'

let parties: Parties
let world: FeedWorld
/** Of `/feed/1`. */
let token: string
/** Of `/live/1`. */
let live: string
const ask: FeedWorld['ask'] = (path, init) => world.ask(path, init)

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(async () => {
  world = new FeedWorld(parties)
  token = (await world.make('/feed/1')).token
  live = (await world.make('/live/1')).token
  world.forget()
})
afterEach(() => vi.restoreAllMocks())

describe('a token in the URL of its route', () => {
  it('opens it, for GET and HEAD, and tells nobody the URL', async () => {
    for (const method of ['GET', 'HEAD']) {
      const response = await ask(`/feed/1?a=1&token=${token}&b=2`, { method })
      expect([response.status, response.headers.get('referrer-policy')]).toEqual([200, 'no-referrer'])
    }
    expect(world.received[0]?.url).toBe(`${OURS}/feed/1?a=1&b=2`)
    // From here on it is in memory, where all have the same.
    const held = await ask(`/feed/1?a=1&token=${token}&b=2`)
    expect([held.status, held.headers.get('referrer-policy')]).toEqual([200, 'no-referrer'])
    expect(world.received).toHaveLength(1)
    const plain = await ask('/feed/1?a=1&b=2', { headers: { authorization: `Bearer ${await world.token()}` } })
    expect([plain.status, plain.headers.get('referrer-policy')]).toEqual([200, null])
  })

  it.each([
    ['another spelling of its name', () => `/feed/1?%74oken=${token}`],
    ['escapes in its value', () => `/feed/1?token=${token.replaceAll('.', '%2E')}`],
    ['a feed reader’s own parameters', () => `/feed/1?utm_source=x&token=${token}`],
  ])('is read with %s', async (_name, path) => {
    expect((await ask(path())).status).toBe(200)
    expect(leaked(token, world.everything())).toBeUndefined()
  })

  it.each([
    ['another route', () => `/paid/1?token=${token}`, 'payment-required'],
    ['a route within its own', () => `/feed/extra/1?token=${token}`, 'payment-required'],
    ['a token of another route', () => `/feed/1?token=${live}`, 'credential-invalid'],
    ['another case of its name', () => `/feed/1?Token=${token}`, 'payment-required'],
    ['no value', () => '/feed/1?token=', 'payment-required'],
    ['no value at all', () => '/feed/1?token', 'payment-required'],
    ['two values', () => `/feed/1?token=${token}&token=${token}`, 'credential-ambiguous'],
    ['two in one', () => `/feed/1?token=${token},${token}`, 'credential-ambiguous'],
    ['what is no token', () => '/feed/1?token=x', 'credential-malformed'],
    ['a part after a semicolon', () => `/feed/1?a=1;token=${token}`, 'payment-required'],
    ['a part before a semicolon', () => `/feed/1?token=${token};a=1`, 'payment-required'],
    ['a parameter of the path', () => `/feed/1;token=${token}`, 'payment-required'],
  ])('opens nothing with %s', async (_name, path, reason) => {
    const response = await ask(path())
    expect(response.status).toBe(402)
    expect(await response.json()).toMatchObject({ reason })
    expect(world.received).toEqual([])
  })

  it('opens nothing by a method that changes something, nor over plain http', async () => {
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect((await ask(`/feed/1?token=${token}`, { method })).status).toBe(402)
    const exposed = await ask(`/feed/1?token=${token}`, { base: 'http://news.example' })
    expect(await exposed.json()).toMatchObject({
      reason: 'credential-invalid',
      detail: expect.stringContaining('http'),
    })
    expect(leaked(token, world.everything())).toBeUndefined()
  })

  it('gives way to Authorization', async () => {
    const headers = { authorization: `Bearer ${await world.token({ entitlements: ['basic'] })}` }
    const response = await ask(`/feed/1?token=${token}`, { headers })
    expect(await response.json()).toMatchObject({ reason: 'entitlement-insufficient' })
  })

  const page = { headers: { accept: 'text/html' } }
  it.each([
    ['is served', () => [`/feed/1?token=${token}`, {}]],
    ['is served where nothing is shared', () => [`/live/1?token=${live}`, {}]],
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
    expect(world.told.length).toBeGreaterThan(2)
    expect(leaked(token, world.everything())).toBeUndefined()
  })

  it('is in no redirect of the origin’s, in no key of a cache, and in no answer to a bug', async () => {
    world.answer = ({ url }) =>
      new Response(null, { status: 302, headers: { location: `${url}&again=1`, link: `<${url}>` } })
    const moved = await ask(`/live/1?a=1&token=${live}`)
    expect([moved.status, moved.headers.get('referrer-policy')]).toEqual([302, 'no-referrer'])
    world.answer = () => {
      throw new Error('a bug')
    }
    const broken = await ask(`/live/2?token=${live}`, page)
    expect([broken.status, broken.headers.get('referrer-policy')]).toEqual([500, 'no-referrer'])
    expect(leaked(live, world.everything())).toBeUndefined()
  })

  it.each(['referer', 'hx-current-url'])('is told no origin as where its client comes from: %s', async (name) => {
    let number = 0
    const passed = async (from: string): Promise<unknown> => {
      await ask(`/free/${(number += 1)}`, { headers: { [name]: from } })
      return world.received[number - 1]?.headers.get(name)
    }
    expect(await passed(`${OURS}/feed/1?a=1&token=${token}&b=2`)).toBe(`${OURS}/feed/1?a=1&b=2`)
    expect(await passed(`${OURS}/FEED/1?%74oken=${token}#b`)).toBe(`${OURS}/FEED/1#b`)
    expect(await passed(`${OURS}/feed/..%2f%zz?token=${token}`)).toBe(`${OURS}/feed/..%2f%zz`)
    expect(await passed(`/live/1?token=${live}`)).toBe('/live/1')
    expect(leaked(token, world.everything())).toBeUndefined()
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
    expect(world.received[0]?.url).toBe(`${OURS}/free/reset?token=abc&a=1`)
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
    ['?TOKEN=x&Token=y', '', []],
    ['?a=1;token=x;b=2&c', '?a=1;b=2&c', []],
    ['?token=x;b=2', '?b=2', []],
    ['?to%256ben=x&%54oken=y&a', '?a', []],
    ['?token[]=x', '', []],
  ])('%s has its parameter taken out', (query, left, values) => {
    const taken = takeParameter(query, 'token')
    expect(taken?.query).toBe(left)
    if (!query.endsWith('%')) expect(taken?.values).toEqual(values)
  })

  it.each(['?a=1', '?tokens=x', '?a=token=x', '?', '?&&'])('%s stays as it is', (query) => {
    expect(takeParameter(query, 'token')).toBeUndefined()
  })
})

describe('the token of an account', () => {
  it('opens nothing in a URL, whoever signed it, and is nowhere either', async () => {
    for (const sent of [await world.token(), await world.foreignToken(), `fg_${'x'.repeat(40)}`]) {
      world.forget()
      const response = await ask(`/feed/1?token=${sent}`)
      expect(response.status).toBe(402)
      expect(leaked(sent, world.everything())).toBeUndefined()
    }
    const refused = await ask(`/feed/1?token=${await world.token()}`)
    expect(await refused.json()).toMatchObject({
      reason: 'credential-invalid',
      detail: expect.stringContaining('feed tokens alone'),
    })
  })
})

describe('a feed token in another place', () => {
  it.each([
    ['Authorization', 'authorization', 'Bearer '],
    ['Authorization under another scheme', 'authorization', 'Token '],
    ['the gate’s cookie', 'cookie', '__Host-faregate='],
    ['another cookie', 'cookie', 'a=1; session='],
    ['a field that means nothing here', 'x-api-key', ''],
    ['an unknown subprotocol', 'sec-websocket-protocol', 'v1, '],
  ])('opens nothing, and reaches no origin: %s', async (_place, name, before) => {
    const headers = { [name]: `${before}${token}` }
    expect((await ask('/feed/1', { headers })).status).toBe(402)
    for (const path of ['/free/1', `/live/1?token=${live}`]) await ask(path, { headers })
    expect(world.received.length).toBeGreaterThan(0)
    expect(leaked(token, world.everything())).toBeUndefined()
  })
})

describe('options that are faults', () => {
  const routes = [{ path: '/feed/*', requires: 'premium' }]
  const secrets = { gate: 'GATE' }
  const env = { GATE: 'a secret of the gate that is long enough' }
  it.each([
    ['none', {}, 'routes'],
    ['no list of routes', { routes: '/feed/*' }, 'routes'],
    ['an empty list', { routes: [] }, 'routes'],
    ['a route that is no path', { routes: ['feed'] }, 'routes[0]'],
    ['a route that is a number', { routes: [7] }, 'routes[0]'],
    ['a placeholder of other routers', { routes: ['/feed/:id'] }, 'routes[0]'],
    ['a route that there is not', { routes: ['/elsewhere/*'] }, 'routes'],
    ['a route of the gate itself', { routes: ['/__faregate/account'] }, 'routes[0]'],
    ['a route twice', { routes: ['/feed/*', '/feed/*'] }, 'routes[1]'],
    ['no name', { routes: ['/feed/*'], parameter: '' }, 'parameter'],
    ['a name of two words', { routes: ['/feed/*'], parameter: 'a b' }, 'parameter'],
    ['another option', { routes: ['/feed/*'], most: 7 }, 'most'],
  ])('%s', (_name, given, path) => {
    const rails = [bearer(), feeds(given as never)]
    const found = faultsOf({ zones: [{ ...ZONE, rails, routes }], secrets }, env)
    expect(found).toEqual([{ path: `zones[0].rails[1].${path}`, message: expect.any(String) }])
  })

  it('are none with a secret of the gate, which feeds need', () => {
    const rails = [bearer(), feeds({ routes: ['/feed/*'] })]
    expect(faultsOf({ zones: [{ ...ZONE, rails, routes }], secrets }, env)).toEqual([])
    expect(faultsOf({ zones: [{ ...ZONE, rails, routes }] }, env)).toEqual([
      { path: 'secrets.gate', message: expect.stringContaining('zones[0].rails[1]') },
    ])
  })

  it('of the rail for accounts: a parameter there says what to write instead', () => {
    for (const place of [{ parameter: 'token', route: '/feed/*' }, { parameter: 'token' }, { parameter: 7 }]) {
      const rails = [bearer({ from: [place as never] })]
      expect(faultsOf({ zones: [{ ...ZONE, rails, routes }] })).toEqual([
        { path: 'zones[0].rails[0].from[0]', message: expect.stringContaining('feeds({ routes, parameter })') },
      ])
    }
  })
})
