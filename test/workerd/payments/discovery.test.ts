import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createShop, type Shop } from './shop.ts'

let shop: Shop

beforeEach(async () => {
  shop = await createShop()
})
afterEach(() => shop.end())

const host = 'https://chain.test'

describe('what a site says that it sells', () => {
  it.each([
    ['/openapi.json', { openapi: '3.1.0', servers: [{ url: host }] }],
    ['/.well-known/x402', { x402Version: 2 }],
  ])('is at %s for anyone, and no origin is asked', async (path, expected) => {
    const answer = await shop.send(undefined, path, { host, headers: { origin: 'https://elsewhere.test' } })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toMatchObject(expected)
    expect((await shop.send(undefined, path, { host, method: 'HEAD' })).status).toBe(200)
    expect((await shop.send(undefined, path, { host, method: 'POST' })).status).toBe(403)
    expect(shop.world.received).toEqual([])
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
