import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createShop, LATER, MINUTE, SECOND, type Shop } from './shop.ts'

// The origin may have a document of its own where the gate would serve one.

const AT = '/openapi.json'
const host = 'https://chain.test'
const OWN = '{"openapi":"3.1.0","info":{"title":"Ours","version":"7"},"paths":{}}'

let shop: Shop

afterEach(() => shop.end())

const answers = (body: string, init: ResponseInit): void => {
  shop.world.origin = () => new Response(body, init)
}
const own = (fields: Record<string, string> = {}): void =>
  answers(OWN, { headers: { 'content-type': 'application/json', etag: '"7"', ...fields } })

/** The title of the document that is served, and how often the origin has been asked so far. */
async function served(init: RequestInit & { readonly path?: string } = {}): Promise<[string, number]> {
  const { path = AT, ...sent } = init
  const answer = await shop.send(undefined, path, { host, ...sent })
  expect(answer.status).toBe(200)
  const { info } = await answer.json<{ info: { title: string } }>()
  return [info.title, shop.world.received.length]
}

const OURS = 'chain.test'

describe.each(['embedded', 'platform'] as const)('before a cache that is %s', (implementation) => {
  beforeEach(async () => {
    shop = await createShop(implementation)
  })

  describe('a document of the origin', () => {
    it('is served in place of ours, and asked for once', async () => {
      own()
      expect(await served()).toEqual(['Ours', 1])
      expect(await served()).toEqual(['Ours', 1])
      expect(await served({ path: `${AT}?v=2`, headers: { cookie: 'a=b', authorization: 'Basic YTpi' } })).toEqual([
        'Ours',
        1,
      ])
      const [asked] = shop.world.received
      expect([asked?.url, asked?.headers.get('cookie'), asked?.headers.get('authorization')]).toEqual([
        `https://origin.test${AT}`,
        null,
        null,
      ])
      const again = await shop.send(undefined, AT, { host, headers: { 'if-none-match': '"7"' } })
      expect([again.status, await again.text()]).toEqual([304, ''])
    })

    it('is asked for at each request only if the origin lets nobody keep it', async () => {
      own({ 'cache-control': 'no-store' })
      expect(await served()).toEqual(['Ours', 1])
      expect(await served()).toEqual(['Ours', 2])
    })

    it('answers HEAD as well', async () => {
      own()
      const answer = await shop.send(undefined, AT, { host, method: 'HEAD' })
      expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"7"'])
    })
  })

  describe('our document', () => {
    it.each<[string, number, ResponseInit & { readonly body?: string }]>([
      ['has none', 5 * MINUTE, { status: 404 }],
      ['had one once', 5 * MINUTE, { status: 410, headers: { 'cache-control': 'max-age=60' } }],
      ['wants to know who asks', 5 * MINUTE, { status: 401, headers: { 'www-authenticate': 'Basic' } }],
      ['sends elsewhere', 5 * MINUTE, { status: 302, headers: { location: 'https://chain.test/login' } }],
      ['answers every path with its page', 5 * MINUTE, { headers: { 'content-type': 'text/html; charset=utf-8' } }],
      ['fails', 30 * SECOND, { status: 500 }],
      ['is down', 30 * SECOND, { status: 503 }],
    ])('is served where the origin %s, which is asked again later', async (_how, ms, init) => {
      answers('<p>page', init)
      expect(await served()).toEqual([OURS, expect.any(Number)])
      const { length } = shop.world.received
      expect(length).toBeGreaterThan(0)
      vi.setSystemTime(LATER + ms - 1)
      expect(await served()).toEqual([OURS, length])
      own()
      expect(await served({ path: `${AT}?other` })).toEqual([OURS, length])
      vi.setSystemTime(LATER + ms + 1)
      expect(await served()).toEqual(['Ours', length + 1])
    })

    it('is served where no origin answers', async () => {
      shop.world.origin = () => Promise.reject(new TypeError('Network connection lost.'))
      expect(await served()).toEqual([OURS, expect.any(Number)])
      own()
      vi.setSystemTime(LATER + 31 * SECOND)
      expect((await served())[0]).toBe('Ours')
    })

    it('has its own validator and nothing of what the origin said', async () => {
      answers('<p>none', {
        status: 404,
        headers: { etag: '"404"', 'cache-control': 'max-age=3600', 'x-served-by': 'node-7' },
      })
      for (const ms of [0, 0, 6 * MINUTE, 6 * MINUTE, 12 * MINUTE]) {
        vi.setSystemTime(LATER + ms)
        const answer = await shop.send(undefined, AT, { host })
        expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
        expect(answer.headers.get('x-served-by')).toBeNull()
        expect(answer.headers.get('etag')).toMatch(/^"[\w-]{22}"$/)
        const kept = { 'if-none-match': answer.headers.get('etag') ?? '' }
        expect((await shop.send(undefined, AT, { host, headers: kept })).status).toBe(304)
      }
    })
  })
})
