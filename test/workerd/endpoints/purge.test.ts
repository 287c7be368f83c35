import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../../src/gate.ts'
import type { PurgeCopies } from '../../../src/ports.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { newServices } from '../../support/services.ts'
import { ask, withToken, createWorld, postOrder, type World } from '../../support/world.ts'

const NEWS = 'https://news.test'
const SHOP = 'https://shop.test'

let world: World
let served: number

let now = Date.now()
/** A millisecond passes: a purge takes all copies up to its own, those of the tests before included. */
function tick(): void {
  vi.setSystemTime(++now)
}

/** An origin whose pages differ each time they are asked for, and may be kept for an hour. */
function page({ url }: Request): Response {
  const tag = new URL(url).searchParams.get('tag') ?? 'untagged'
  return new Response(`version ${++served}`, { headers: { 'cache-control': 'max-age=3600', 'cache-tag': tag } })
}

beforeEach(async () => {
  tick()
  world = await createWorld()
  served = 0
  world.origin = page
})
afterEach(() => world.end())

/** What a reader who has paid gets, and how. */
async function read(path: string, host = NEWS, fields: Record<string, string> = {}): Promise<[string, string]> {
  const token = await world.token({ aud: host })
  const response = await ask(path, { host, headers: { ...withToken(token).headers, ...fields } })
  return [await response.text(), response.headers.get('cache-status') ?? '']
}

/** Reads until the page comes from a copy: what is stored is stored behind the response. */
async function settled(path: string, host = NEWS): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    tick()
    const [text, how] = await read(path, host)
    if (/faregate; hit/i.test(how)) return text
  }
  throw new Error(`${path} is not kept`)
}

function order(body: unknown, init: RequestInit & { host?: string } = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(init.headers as Record<string, string>) }
  return ask('/__faregate/purge', { method: 'POST', body: JSON.stringify(body), ...init, headers })
}

async function purge(body: unknown): Promise<unknown> {
  const response = await order(body, withToken(await world.operator()))
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return response.json()
}

describe('a purge', () => {
  it('by tag has the tagged pages asked for anew, whatever the case of the tag, and no others', async () => {
    const [red, blue] = [await settled('/articles/a?tag=Red'), await settled('/articles/b?tag=blue')]
    expect(await purge({ tags: ['rED'] })).toEqual({
      zone: 'news',
      purged: { everything: false, tags: ['red'], pathPrefixes: [] },
    })
    const [after, how] = await read('/articles/a?tag=Red')
    expect(after).not.toBe(red)
    expect(how).toContain('fwd=miss')
    expect((await read('/articles/b?tag=blue'))[0]).toBe(blue)
  })

  it('by path has the page and all below it asked for anew, by whole segments', async () => {
    const paths = ['/articles/c', '/articles/c/', '/articles/c/1', '/articles/c/1/2?x', '/articles/c-2', '/articles/C']
    const before = []
    for (const path of paths) before.push(await settled(path))
    const { purged } = (await purge({ pathPrefixes: ['/x/../articles/%63/*', '/articles/c'] })) as { purged: unknown }
    expect(purged).toEqual({ everything: false, tags: [], pathPrefixes: ['/articles/c'] })
    const isSame = []
    for (const [index, path] of paths.entries()) isSame.push((await read(path))[0] === before[index])
    expect(isSame).toEqual([false, false, false, false, true, true])
  })

  it.each([{ everything: true }, { pathPrefixes: ['/'] }, { pathPrefixes: ['/*'] }])(
    'of %j has the whole zone asked for anew, and no other zone',
    async (body) => {
      const place = JSON.stringify(body).replace(/\W/g, '')
      const [ours, theirs] = [await settled(`/articles/${place}`), await settled(`/articles/${place}`, SHOP)]
      await purge(body)
      expect((await read(`/articles/${place}`))[0]).not.toBe(ours)
      expect((await read(`/articles/${place}`, SHOP))[0]).toBe(theirs)
    },
  )

  it('shows the root as it was written', async () => {
    expect(await purge({ pathPrefixes: ['/'] })).toMatchObject({ purged: { pathPrefixes: ['/'] } })
  })

  it('holds for what is in memory at once', async () => {
    const before = await settled('/articles/memory')
    await read('/articles/memory', NEWS, { range: 'bytes=0-3' }) // what a part was cut from is held in memory
    expect((await read('/articles/memory'))[1]).toContain('detail=memory')
    await purge({ pathPrefixes: ['/articles/memory'] })
    expect((await read('/articles/memory'))[0]).not.toBe(before)
  })

  it('holds for a response that is in flight: those who come later neither wait for it nor find it stored', async () => {
    const path = '/articles/flight?tag=flight'
    let late: [string, string] | undefined
    world.origin = async (request) => {
      world.origin = page
      await purge({ tags: ['flight'] })
      late = await read(path)
      return new Response('old', page(request))
    }
    expect((await read(path))[0]).toBe('old')
    expect(late).toEqual(['version 1', expect.stringContaining('fwd=miss')])
    expect(await settled(path)).toMatch(/^version/)
  })

  it('leaves one line in the log, which says who gave it, without its names and without the token', async () => {
    const token = await world.operator({ sub: 'jane' })
    await order({ tags: ['a-tag'] }, withToken(token))
    await order({ tags: ['a-tag'] }, withToken(`${token}x`))
    const lines = world.log.mock.calls.map(([line]) => String(line))
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      {
        zone: 'news',
        method: 'POST',
        status: 200,
        decision: 'own',
        audit: { action: 'purge', by: 'jane', done: true },
      },
      { zone: 'news', method: 'POST', status: 401, decision: 'own', reason: expect.stringMatching(/^credential-/) },
    ])
    expect(lines.join()).not.toMatch(/a-tag|eyJ/)
    expect(lines[1]).not.toContain('jane')
  })
})

type Init = RequestInit & { host?: string }

describe('a purge is refused', () => {
  const good = { tags: ['x'] }
  const credentials: [string, () => Promise<Init>, number, RegExp][] = [
    ['without a token', async () => ({}), 401, /^Bearer realm="news", scope="purge"$/],
    ['with another scheme', async () => ({ headers: { authorization: 'Basic eDp5' } }), 401, /^Bearer realm="news", s/],
    ['with a token in the cookie', async () => cookie(await world.operator()), 401, /scope="purge"$/],
    ['with two tokens', async () => two(await world.operator()), 401, /error="invalid_request"/],
    ['with half a token', async () => withToken('eyJ.x'), 401, /error="invalid_request"/],
    [
      'with an entitlement token',
      async () => withToken(await world.token({ scope: 'purge' })),
      401,
      /error="invalid_token"/,
    ],
    ['with an expired token', async () => withToken(await world.operator({ iat: 1, exp: 2 })), 401, /"invalid_token"/],
    [
      'with a token for another zone',
      async () => withToken(await world.operator({ aud: SHOP })),
      401,
      /"invalid_token"/,
    ],
    ['over plain http', async () => plain(await world.operator()), 401, /error="invalid_token"/],
    [
      'without the scope',
      async () => withToken(await world.operator({ scope: 'read purge:all' })),
      403,
      /"insufficient_scope"/,
    ],
    [
      'without any scope',
      async () => withToken(await world.operator({ scope: undefined })),
      403,
      /scope="purge", error="insuf/,
    ],
  ]
  const cookie = (token: string): Init => ({ headers: { cookie: `__Host-faregate=${token}` } })
  const two = (token: string): Init => ({ headers: { authorization: `Bearer ${token}, Bearer ${token}` } })
  const plain = (token: string): Init => ({ ...withToken(token), host: 'http://news.test' })

  it.each(credentials)('%s', async (_name, make, status, challenge) => {
    const response = await order(good, await make())
    expect(response.status).toBe(status)
    expect(response.headers.get('www-authenticate')).toMatch(challenge)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ status, instance: expect.stringMatching(/^urn:uuid:/) })
    expect(text).not.toContain('eyJ')
  })

  const json = { 'content-type': 'application/json' }
  const requests: [string, Init, number, string][] = [
    ['by GET', { method: 'GET', body: null }, 405, 'This is a POST.'],
    ['by HEAD', { method: 'HEAD', body: null }, 405, ''],
    ['by OPTIONS', { method: 'OPTIONS' }, 405, 'This is a POST.'],
    ['for a host that is not here', { host: 'https://other.test' }, 421, 'No site is served here'],
    ['for a zone without operators', { host: SHOP }, 403, 'names no "operators"'],
    ['as a form', { headers: { 'content-type': 'text/plain' } }, 415, 'application/json'],
    ['compressed', { headers: { ...json, 'content-encoding': 'gzip' } }, 415, 'compressed'],
    ['of more than 64 KB', { body: JSON.stringify({ tags: ['x'.repeat(65_536)] }) }, 413, '65536 bytes'],
    ['of no JSON', { body: '{"tags": [' }, 400, 'not JSON'],
    ['of nothing', { body: '' }, 400, 'not JSON'],
    ['of no UTF-8', { body: new Uint8Array([34, 255, 34]) }, 400, 'not JSON'],
    ['of an unknown member', { body: '{"tags": ["a"], "hosts": ["b"]}' }, 400, 'hosts: not one of'],
  ]
  it.each(requests)('%s', async (_name, init, status, detail) => {
    const headers = { ...withToken(await world.operator()).headers, ...(init.headers as Record<string, string>) }
    const response = await order(good, { ...init, headers })
    expect(response.status).toBe(status)
    if (status === 405) expect(response.headers.get('allow')).toBe('POST')
    const text = await response.text()
    expect(text).toContain(JSON.stringify(detail).slice(1, -1))
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })

  it('without anything being purged', async () => {
    const before = await settled('/articles/refused')
    await order({ everything: true }, withToken(await world.operator({ scope: 'read' })))
    await order({ everything: true })
    expect((await read('/articles/refused'))[0]).toBe(before)
  })

  it('and a bad host name is nobody’s', async () => {
    expect((await ask('/__faregate/purge', { method: 'POST', headers: { host: 'news.test/x' } })).status).toBe(421)
  })
})

describe('a purge that cannot be done', () => {
  /** A gate with nothing remembered, and these copies behind it. */
  async function orderOf(purge: PurgeCopies): Promise<Response> {
    const request = new Request(`${NEWS}/__faregate/purge`, postOrder(await world.operator(), { tags: ['x'] }))
    const origin = () => {
      throw new Error('no origin is asked')
    }
    return createApp(newServices(), ENDPOINTS)(request, { origin, purge }, () => undefined)
  }

  it.each<[string, PurgeCopies]>([
    ['says so', async () => false],
    ['fails', () => Promise.reject(new TypeError('eyJ'))],
    [
      'throws',
      () => {
        throw new TypeError('eyJ')
      },
    ],
  ])('because the cache %s is answered 503, to be tried again', async (_name, purge) => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const response = await orderOf(purge)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({ status: 503, detail: expect.stringContaining('ask again') })
    expect(JSON.stringify(errors.mock.calls)).not.toContain('eyJ')
    errors.mockRestore()
  })

  it('because the keys are not to be had is answered 503, and nothing is purged', async () => {
    const warnings = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    vi.mocked(fetch).mockRejectedValue(new Error('the issuer is down'))
    const purge = vi.fn<PurgeCopies>()
    const response = await orderOf(purge)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({ reason: 'keys-unavailable' })
    expect(purge).not.toHaveBeenCalled()
    warnings.mockRestore()
  })

  it('because no one may order it leaves the memory of the zone as it is', async () => {
    const before = await settled('/articles/held')
    await read('/articles/held', NEWS, { range: 'bytes=0-3' })
    await order({ tags: ['x'] })
    expect(await read('/articles/held')).toEqual([before, expect.stringContaining('detail=memory')])
    await purge({ tags: ['unrelated'] })
    expect(await read('/articles/held')).toEqual([before, expect.not.stringContaining('detail=memory')])
  })
})
