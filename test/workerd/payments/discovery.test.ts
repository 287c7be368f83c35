import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createShop, type Shop } from './shop.ts'

let shop: Shop

beforeEach(async () => {
  shop = await createShop()
  shop.world.origin = () => new Response('no such page', { status: 404 })
})
afterEach(() => shop.end())

const host = 'https://chain.test'

describe('what a site says that it sells', () => {
  it.each([
    ['/openapi.json', { openapi: '3.1.0', servers: [{ url: host }] }],
    ['/.well-known/x402', { x402Version: 2 }],
  ])('is at %s for anyone, and the origin is asked once whether it has its own', async (path, expected) => {
    const answer = await shop.send(undefined, path, { host, headers: { origin: 'https://elsewhere.test' } })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toMatchObject(expected)
    const etag = answer.headers.get('etag') ?? ''
    const head = await shop.send(undefined, path, { host, method: 'HEAD' })
    expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', etag])
    const again = await shop.send(undefined, path, { host, headers: { 'if-none-match': etag } })
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
    expect((await shop.send(undefined, path, { host, method: 'POST' })).status).toBe(403)
    expect(shop.world.received.map(({ url }) => url)).toEqual([`https://origin.test${path}`])
  })

  it('is linked to from every refusal', async () => {
    const refused = await shop.send(undefined, '/packs/a', { host })
    expect([refused.status, refused.headers.get('link')]).toEqual([
      402,
      expect.stringContaining('</openapi.json>; rel="service-desc"'),
    ])
  })

  it('is nothing where the configuration names none', async () => {
    expect((await shop.send(undefined, '/openapi.json')).status).toBe(403)
  })
})
