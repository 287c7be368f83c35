import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createShop, type ShopWorld } from './shopworld.ts'

let shop: ShopWorld

beforeEach(() => {
  shop = createShop()
})
afterEach(() => void vi.restoreAllMocks())

const customers = (): string[] => [...shop.double.state.customers.keys()]

describe('a buyer who comes back', () => {
  it('after all was paid back has bought nothing, whether or not an event has come', async () => {
    const location = await shop.buy('topUp', '/dear/1')
    const back = shop.double.pay(shop.double.sessionAt(location))
    const [payment = ''] = shop.double.state.intents.keys()
    shop.double.refund(payment)
    const response = await shop.comeBack(back)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/dear/1'])
    expect(shop.reader.names()).toEqual([])
    expect(await shop.credit(customers()[0] ?? '')).toBe('')
  })

  it('while the ledger is down is given the credit by the next return, without an event', async () => {
    const back = shop.double.pay(shop.double.sessionAt(await shop.buy('topUp', '/dear/1')))
    shop.trips.isDown = true
    expect((await shop.comeBack(back)).status).toBe(503)
    shop.trips.isDown = false
    expect((await shop.comeBack(back)).status).toBe(200)
    expect(await shop.credit(customers()[0] ?? '')).toBe('10 EUR')
  })

  it('by the way back while Stripe cannot end the purchase is asked to try again: it might still be paid', async () => {
    await shop.buy('topUp', '/dear/1')
    const cancel = [...shop.double.state.sessions.values()][0]?.cancel_url ?? ''
    shop.double.faults.call = ({ path }) => (path.endsWith('/expire') ? '500' : undefined)
    expect((await shop.comeBack(cancel)).status).toBe(503)
    expect(shop.reader.names()).toHaveLength(1)
    delete shop.double.faults.call
    expect((await shop.comeBack(cancel)).status).toBe(303)
    expect([...shop.double.state.sessions.values()].map(({ status }) => status)).toEqual(['expired'])
  })
})
