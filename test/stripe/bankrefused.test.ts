import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { linksOf } from '../login/reader.ts'
import { DAY } from '../login/world.ts'
import { createShop, type ShopWorld } from './shopworld.ts'

let shop: ShopWorld

beforeEach(() => {
  shop = createShop()
})
afterEach(() => void vi.restoreAllMocks())

const linksAt = async (path: string): Promise<readonly string[]> =>
  Object.keys(await linksOf(await shop.reader.open(path)))

describe('a payment that the bank refuses after days', () => {
  it.each(['topUp', 'article'])('of %s ends the trip: the reader may buy again, and pays once', async (offer) => {
    const id = shop.double.sessionAt(await shop.buy(offer, '/single/1'))
    const back = shop.double.pay(id, { method: 'sepa_debit' })
    await shop.comeBack(back)
    const links = await linksAt('/single/1')
    expect(links).toContain('Check again')
    expect(links).not.toContain('Buy access')
    shop.trips.now += 2 * DAY
    shop.double.settle(id, 'failed')
    const ended = await shop.comeBack(back)
    expect([ended.status, ended.headers.get('location')]).toEqual([303, '/single/1'])
    expect(shop.reader.names()).toEqual([])
    expect((await shop.pay(await shop.buy(offer, '/single/1'))).status).toBe(200)
    const paid = [...shop.double.state.intents.values()].filter(({ status }) => status === 'succeeded')
    expect(paid).toHaveLength(1)
  })

  it('of a subscription ends the trip once Stripe has given the subscription up', async () => {
    const id = shop.double.sessionAt(await shop.buy('monthly'))
    const back = shop.double.pay(id, { method: 'sepa_debit' })
    shop.double.settle(id, 'failed')
    expect((await shop.comeBack(back)).status).toBe(200)
    const [subscription] = shop.double.state.subscriptions.values()
    if (subscription !== undefined) subscription.status = 'incomplete_expired'
    expect((await shop.comeBack(back)).status).toBe(303)
    expect(await shop.buy('monthly')).toContain('https://checkout.stripe.com/')
  })
})
