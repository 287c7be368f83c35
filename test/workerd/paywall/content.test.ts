import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask, withToken, createWorld, type World } from '../../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

async function paid(path: string, init: RequestInit = {}, claims: Record<string, unknown> = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${await world.token(claims)}`)
  return ask(path, { ...init, headers })
}

function sent(): Request {
  const request = world.received.at(-1)
  if (request === undefined) throw new Error('nothing reached the origin')
  return request
}

describe('a paid response', () => {
  it('is the origin’s, private to its reader and revalidated', async () => {
    const response = await paid('/articles/1')
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('the paid page')
    expect(response.headers.get('cache-control')).toBe('private, no-cache')
    expect(response.headers.get('etag')).toBe('"1"')
  })

  it('may be kept for as long as the route allows', async () => {
    expect((await paid('/plans/1')).headers.get('cache-control')).toBe('private, max-age=5')
  })

  it('does not carry what is for caches below the gate', async () => {
    world.origin = () =>
      new Response('x', {
        headers: {
          'cdn-cache-control': 'max-age=60',
          'surrogate-control': 'max-age=60',
          'cache-tag': 'a',
          expires: 'Thu, 01 Dec 2044 16:00:00 GMT',
          pragma: 'x',
        },
      })
    const { headers } = await paid('/articles/1')
    for (const name of ['cdn-cache-control', 'surrogate-control', 'cache-tag', 'expires', 'pragma'])
      expect(headers.get(name)).toBeNull()
  })

  it('can be read by a page of another site that has the token', async () => {
    const response = await paid('/articles/1', { headers: { origin: 'https://reader.test' } })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('keeps what the origin says of other sites', async () => {
    world.origin = () => new Response('x', { headers: { 'access-control-allow-origin': 'https://partner.test' } })
    const response = await paid('/articles/1', { headers: { origin: 'https://reader.test' } })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://partner.test')
  })

  it.each([
    ['a range', { range: 'bytes=0-2' }, 206],
    ['a validator', { 'if-none-match': '"1"' }, 304],
    ['a precondition', { 'if-match': '"2"' }, 412],
  ])('to %s is what the origin makes of it', async (_name, headers, status) => {
    world.origin = () =>
      new Response(status === 206 ? 'the' : null, { status, headers: { etag: '"1"', 'content-range': 'bytes 0-2/13' } })
    const response = await paid('/articles/1', { headers })
    expect(response.status).toBe(status)
    const [[name, value] = ['', '']] = Object.entries(headers)
    expect(sent().headers.get(name)).toBe(value)
  })

  it.each(['HEAD', 'POST', 'DELETE', 'QUERY'])(
    'to %s has no parts: Range means something to GET alone',
    async (method) => {
      const headers = { range: 'bytes=0-3', 'if-range': '"1"' }
      await paid('/api/1', { method, headers }, { entitlements: ['api'] })
      expect(sent().method).toBe(method)
      expect([sent().headers.get('range'), sent().headers.get('if-range')]).toEqual([null, null])
    },
  )

  it('to HEAD has no body and the length that GET would have', async () => {
    world.origin = () => new Response(null, { headers: { 'content-length': '13' } })
    const response = await paid('/articles/1', { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe('13')
    expect(sent().method).toBe('HEAD')
  })

  it.each([
    ['https://origin.test/articles/2?a=1', '/articles/2?a=1'],
    ['https://origin.test', '/'],
    ['https://origin.test.evil.test/', 'https://origin.test.evil.test/'],
    ['/articles/2', '/articles/2'],
    ['//origin.test/articles/2', '/articles/2'],
    ['HTTPS://Origin.Test:443/articles/2', '/articles/2'],
    ['https://me@origin.test./articles/2', '/articles/2'],
    ['http://origin.test/articles/2', '/articles/2'],
    ['\\\\origin.test\\articles\\2', '/articles/2'],
    ['https://origin.test//evil.test/', '/.//evil.test/'],
  ])('that redirects to %s sends the client to %s', async (location, shown) => {
    world.origin = () => new Response(null, { status: 301, headers: { location } })
    expect((await paid('/articles/1')).headers.get('location')).toBe(shown)
  })

  it('passes a redirect on instead of following it', async () => {
    world.origin = () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.test/' } })
    const response = await paid('/articles/1')
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('https://elsewhere.test/')
  })
})

describe('a free response', () => {
  it('passes as it is', async () => {
    world.origin = () =>
      new Response('free', { headers: { 'cache-control': 'public, max-age=60', 'set-cookie': 'a=1' } })
    const response = await ask('/free/1')
    expect(response.headers.get('cache-control')).toBe('public, max-age=60')
    expect(response.headers.get('set-cookie')).toBe('a=1')
  })
})

describe('the origin', () => {
  it.each(['/articles/1', '/free/1'])('is asked past every cache of the platform for %s', async (path) => {
    await paid(path)
    const [url, init] = vi.mocked(fetch).mock.lastCall ?? []
    expect(url).toBe(`https://origin.test${path}`)
    expect(init).toMatchObject({ cf: { cacheTtl: -1, cacheLevel: 'bypass' }, redirect: 'manual' })
  })

  it('gets the method, the body and the canonical target', async () => {
    let body = ''
    world.origin = async (request) => {
      body = await request.text()
      return new Response('ok')
    }
    await paid('/api/%7euser/./x?b=2&a=1;c', { method: 'POST', body: 'hello' }, { entitlements: ['api'] })
    expect(sent().url).toBe('https://origin.test/api/~user/x?b=2&a=1;c')
    expect(sent().method).toBe('POST')
    expect(body).toBe('hello')
  })

  it('may have a path of its own before the target', async () => {
    const token = await world.token({ aud: 'https://shop.test' })
    await ask('/articles/1?x=1', { host: 'https://shop.test', ...withToken(token) })
    expect(sent().url).toBe('https://shop-origin.test/base/articles/1?x=1')
  })

  it('gets no credential, payment field, override or identity from a client', async () => {
    const hostile = {
      cookie: '__Host-faregate=x; theme=dark',
      'x-payment': 'x',
      'payment-signature': 'x',
      'sign-in-with-x': 'x',
      'x-original-url': '/closed/1',
      x_original_url: '/closed/1',
      'x-http-method-override': 'DELETE',
      forwarded: 'host=evil.test',
      'faregate-subject': '"admin"',
      FAREGATE_PLAN: 'x',
      'proxy-authorization': 'x',
      connection: 'x-secret',
      'x-secret': 'x',
      te: 'trailers',
    }
    await paid('/api/1', { headers: hostile }, { entitlements: ['api'] })
    const fields = Object.fromEntries(sent().headers)
    for (const name of [
      'authorization',
      'x-payment',
      'payment-signature',
      'sign-in-with-x',
      'x-original-url',
      'x_original_url',
      'x-http-method-override',
      'forwarded',
      'faregate_plan',
      'proxy-authorization',
      'connection',
      'x-secret',
      'te',
    ]) {
      expect(fields[name], name).toBeUndefined()
    }
    expect(fields['cookie']).toBe('theme=dark')
    expect(fields['faregate-subject']).toBe('"account-7"')
    expect(fields['x-forwarded-host']).toBe('news.test')
    expect(fields['x-forwarded-proto']).toBe('https')
  })

  const identities: [path: string, expected: Record<string, string | undefined>][] = [
    ['/articles/1', {}],
    [
      '/api/1',
      { 'faregate-subject': '"account-7"', 'faregate-plan': '"Gold"', 'faregate-entitlements': '"premium", "api"' },
    ],
    [
      '/mine/1',
      { 'faregate-subject': '"account-7"', 'faregate-plan': '"Gold"', 'faregate-entitlements': '"premium", "api"' },
    ],
    ['/plans/1', { 'faregate-plan': '"Gold"' }],
    [
      '/free/1',
      { 'faregate-subject': '"account-7"', 'faregate-plan': '"Gold"', 'faregate-entitlements': '"premium", "api"' },
    ],
    ['/free/shared/1', {}],
  ]

  it.each(identities)('of %s is told exactly as much of the reader as its copy is keyed by', async (path, expected) => {
    await paid(path, { headers: { cookie: 'theme=dark' } }, { entitlements: ['premium', 'api'] })
    const fields = Object.fromEntries(sent().headers)
    for (const name of ['faregate-subject', 'faregate-plan', 'faregate-entitlements'])
      expect(fields[name], name).toBe(expected[name])
    const isOwn = path === '/api/1' || path === '/free/1'
    expect(fields['cookie']).toBe(isOwn ? 'theme=dark' : undefined)
  })

  it('gets a name that is not ASCII as a display string (RFC 9651)', async () => {
    await paid('/mine/1', {}, { plan: 'Gönner' })
    expect(sent().headers.get('faregate-plan')).toBe('%"G%c3%b6nner"')
  })

  it('of a free route keeps the Authorization that is its own', async () => {
    await ask('/free/1', { headers: { authorization: 'Basic dXNlcjpwYXNz' } })
    expect(sent().headers.get('authorization')).toBe('Basic dXNlcjpwYXNz')
    await ask('/free/1', { headers: { authorization: 'Bearer opaque' } })
    expect(sent().headers.get('authorization')).toBe('Bearer opaque')
    await ask('/free/1', withToken(`${await world.token({ aud: 'https://elsewhere.test' })}=`))
    expect(sent().headers.get('authorization')).toBeNull()
  })
})
