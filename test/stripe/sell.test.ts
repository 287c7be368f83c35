import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { linksOf } from '../login/reader.ts'
import { createShop, type ShopWorld } from './shopworld.ts'

let shop: ShopWorld

beforeEach(() => {
  shop = createShop()
})
afterEach(() => void vi.restoreAllMocks())

describe('a reader who buys a subscription of a seller with Stripe alone', () => {
  it('goes from the refused page to Stripe and back, and reads', async () => {
    const refused = await shop.reader.open('/articles/1')
    expect(refused.status).toBe(402)
    expect(Object.values(await linksOf(refused)).some((href) => href.includes('/__faregate/checkout'))).toBe(true)
    const location = await shop.buy('monthly')
    expect(location).toMatch(/^https:\/\/checkout\.stripe\.com\//)
    const done = await shop.pay(location)
    expect(done.status).toBe(200)
    expect(await done.text()).toContain('url=/articles/1')
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
    expect((await shop.reader.open('/basic/1')).status).toBe(200)
    await shop.deliverAll()
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
  })
})
