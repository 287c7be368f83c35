import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type App, createApp } from '../../../src/gate.ts'
import { ok } from '../../../src/core/result.ts'
import { createServices } from '../../../src/services.ts'
import { bearer, receipt, type ZoneOptions } from '../../../src/index.ts'
import { compiled, ZONE, zoneFaults } from '../../support/compiled.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { realObjects } from '../../support/services.ts'
import { withToken, createWorld, type World } from '../../support/world.ts'
import { ORDINARY, OVERRIDE_NAMES } from './fields.ts'
import { web } from '../../../src/platform/web/index.ts'

const zone: ZoneOptions = {
  ...ZONE,
  hosts: ['news.test', 'www.news.test'],
  audience: 'https://news.test',
  issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
  rails: [bearer(), receipt()],
  routes: [
    { path: '/', free: true },
    { path: '/free/*', free: true },
    { path: '/articles/*', requires: 'premium', cache: 'off' },
    { path: '/members', requires: 'premium' },
    { path: '/reports/*', price: { amount: '0.25', currency: 'USD' }, cache: 'off' },
    { path: '/watched/*', requires: 'premium', cache: 'off', observe: { until: '2100-01-01T00:00:00Z' } },
    { path: '/*', query: { rest_route: true }, requires: 'api' },
  ],
  unmatched: 'closed',
}

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

function appOf(change: Partial<ZoneOptions> = {}): App {
  return createApp(
    createServices(compiled({ zones: [{ ...zone, ...change }] }), { ...web({}), ...realObjects() }),
    ENDPOINTS,
  )
}

/** The fields that reach the origin, where the request does. */
async function arriving(path: string, headers: Record<string, string>, app = appOf()): Promise<Headers> {
  let arrived: Headers | undefined
  const origin = async (_admitted: unknown, outgoing: () => Request) => {
    arrived = outgoing().headers
    return ok({ response: new Response('page') })
  }
  const request = new Request(`https://news.test${path}`, { headers })
  const { status } = await app(request, { origin, purge: async () => true }, () => undefined)
  if (arrived === undefined) throw new Error(`${path} was answered ${status}`)
  return arrived
}

async function passes(value: string, path = '/free/page', headers: Record<string, string> = {}): Promise<boolean> {
  return (await arriving(path, { ...headers, 'x-app-hint': value })).has('x-app-hint')
}

describe('a field by which proxies or frameworks are told another target', () => {
  it('is one of more than 100 names, none of which reaches the origin of a free page with a paid one', async () => {
    expect(new Set(OVERRIDE_NAMES).size).toBeGreaterThan(100)
    for (const value of ['/articles/1', 'https://news.test/articles/1', '/secret']) {
      const sent = Object.fromEntries(OVERRIDE_NAMES.map((name) => [name, value]))
      const arrived = await arriving('/free/page', sent)
      const usable = OVERRIDE_NAMES.filter((name) => arrived.get(name) === value)
      expect(usable, value).toEqual([])
    }
  })
})

describe('an app’s own field', () => {
  it('is one of more than fifty real ones, and arrives as it was sent, though all that is not free is closed', async () => {
    expect(ORDINARY.length).toBeGreaterThan(50)
    const app = appOf()
    for (const [name, value] of ORDINARY)
      expect((await arriving('/free/page', { [name]: value }, app)).get(name), name).toBe(value)
  })

  it('arrives with all the others', async () => {
    const arrived = await arriving('/free/page', Object.fromEntries(ORDINARY))
    expect(ORDINARY.filter(([name, value]) => arrived.get(name) !== value)).toEqual([])
  })
})

describe('the value of a field that no standard knows', () => {
  it.each([
    '/articles/1',
    'articles/1',
    'articles',
    'members',
    'Members.json',
    '/ARTICLES/1',
    '/%61rticles/1',
    '%2Farticles%2F1',
    '%252Farticles%252F1',
    '\\articles\\1',
    './articles/1',
    '../articles/1',
    '/free/../articles/1',
    '//articles/1',
    '//evil.test/articles/1',
    'https://news.test/articles/1',
    'HTTPS://WWW.NEWS.TEST:443/articles/1?a',
    'https://user@news.test/articles/1',
    'https://evil.test/articles/1',
    'https:/articles/1',
    'https%3A%2F%2Fnews.test%2Farticles%2F1',
    'https://news.test#/articles/1',
    '/free/page, /articles/1',
    '</articles/1>; rel="next"',
    'uri=/articles/1',
    'uri="/articles/1"',
    'GET /articles/1 HTTP/1.1',
    '/secret',
    '/free/page/../../secret',
    '/?rest_route=/wp/v2/posts',
    '?rest_route=/wp/v2/posts',
    '/free/page?Rest.Route=/wp/v2/posts',
    '/%00',
    '/reports/1',
  ])('does not pass where it names what the request would not be let through to: %s', async (value) => {
    expect(await passes(value)).toBe(false)
  })

  it.each([
    '/free/other',
    '/',
    '/free/a?b=c',
    'https://news.test/free/other',
    'https://elsewhere.test/hook',
    'https://elsewhere.test/a/b/c.json?x=/y',
    '/watched/1',
    '/__faregate/explain',
    '/free/50%25',
    '100%',
    'a/b/c',
    '',
  ])('passes where it names what anyone may read, or nothing of this site: %s', async (value) => {
    expect(await passes(value)).toBe(true)
  })

  it('may be the address of a free page, though its front page is for sale', async () => {
    const app = appOf({
      routes: [
        { path: '/', requires: 'premium' },
        { path: '/free/*', free: true },
      ],
    })
    const valued = async (value: string) =>
      (await arriving('/free/page', { 'x-app-hint': value }, app)).has('x-app-hint')
    expect(await valued('https://news.test/free/page')).toBe(true)
    expect(await valued('https://news.test')).toBe(false)
    expect(await valued('/')).toBe(false)
  })

  it('may name what is paid for, and nothing else that is sold', async () => {
    const paid = withToken(await world.token()).headers
    expect(await passes('/articles/2', '/articles/1', paid)).toBe(true)
    expect(await passes('/reports/1', '/articles/1', paid)).toBe(false)
    expect(await passes('/members', '/articles/1', paid)).toBe(false)
    expect(await passes('/articles/1', '/watched/1', paid)).toBe(false)
  })

  it('may name what a receipt covers, and no more', async () => {
    const bought = async (): Promise<Record<string, string>> =>
      withToken(
        await world.receipt({ jti: crypto.randomUUID(), amount: '0.25', currency: 'USD', resource: '/reports/1' }),
      ).headers
    expect(await passes('/reports/1', '/reports/1', await bought())).toBe(true)
    expect(await passes('/reports/2', '/reports/1', await bought())).toBe(false)
  })

  it('is not looked at for ever: of much that may be a path, what is too much does not pass', async () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`x-app-${n}`, `/free/${'a/'.repeat(500)}`]))
    const arrived = [...(await arriving('/free/page', many)).keys()].filter((name) => name.startsWith('x-app-'))
    expect(arrived.length).toBe(8)
  })
})

describe('a field that the operator allows', () => {
  it('reaches the origin, whatever it is called and says', async () => {
    const app = appOf({ allowFields: ['X-Target-Url', 'x-app-hint'] })
    const sent = {
      'x-target-url': '/articles/1',
      'x-app-hint': '/secret',
      'x-original-url': '/articles/1',
      x_app_hint: '/secret',
    }
    const arrived = await arriving('/free/page', sent, app)
    expect(Object.keys(sent).map((name) => arrived.get(name))).toEqual(['/articles/1', '/secret', null, null])
  })

  it.each(['x-*', 'a b', '', 'Transfer-Encoding', 'Faregate-Subject', 'Payment', 'Content_Length'])(
    'is not %j',
    (name) => {
      expect(zoneFaults({ allowFields: [name] }).map(({ path }) => path)).toContain('zones[0].allowFields[0]')
    },
  )
})
