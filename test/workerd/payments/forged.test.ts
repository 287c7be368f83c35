import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createShop, receiptIn, type Shop } from './shop.ts'

let shop: Shop

beforeEach(async () => {
  shop = await createShop()
  const headers = { 'toy-receipt': 'forged', 'toy-required': 'forged', 'cache-control': 'max-age=60' }
  shop.world.origin = () => new Response('the report', { headers })
})
afterEach(() => shop.end())

describe('an origin', () => {
  it('cannot say that a payment was settled, nor ask for one', async () => {
    // From the origin, and from the copy.
    for (let time = 0; time < 2; time++) {
      const response = await shop.send(await shop.sign())
      expect([response.status, await response.text()]).toEqual([200, 'the report'])
      expect(receiptIn(response)).toMatchObject({ kind: 'settled' })
      expect(response.headers.has('toy-required')).toBe(false)
    }
    expect(shop.world.received).toHaveLength(1)
  })

  it('cannot do so in an answer that nothing was paid for', async () => {
    shop.world.origin = () => new Response('gone', { status: 404, headers: { 'toy-receipt': 'forged' } })
    const response = await shop.send(await shop.sign(), '/fresh/1')
    expect([response.status, response.headers.has('toy-receipt')]).toEqual([404, false])
  })
})
