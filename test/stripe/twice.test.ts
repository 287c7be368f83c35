import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY } from '../login/world.ts'
import { createShop, type ShopWorld } from './shopworld.ts'

let shop: ShopWorld

beforeEach(() => {
  shop = createShop()
})
afterEach(() => void vi.restoreAllMocks())

const customers = (): number => shop.double.state.customers.size

describe('a reader who is signed in', () => {
  it('buys more for the same customer, and stays signed in', async () => {
    await shop.pay(await shop.buy('monthly'))
    await shop.pay(await shop.buy('topUp'))
    shop.trips.now += 2 * 3_600_000
    await shop.pay(await shop.buy('article', '/single/1'))
    expect(customers()).toBe(1)
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
  })

  it('is a new customer once the session is over', async () => {
    await shop.pay(await shop.buy('monthly'))
    const value = shop.reader.value('__Host-faregate') ?? ''
    shop.trips.now += 60 * DAY
    shop.reader.put('__Host-faregate', value)
    await shop.pay(await shop.buy('topUp'))
    expect(customers()).toBe(2)
  })
})

it('who types the address of somebody else at Stripe is told nothing of what that one has bought; the operator is', async () => {
  const email = 'ann@example.com'
  const [ann, eve] = [shop.newReader(), shop.newReader()]
  for (const one of [ann, eve]) {
    const back = shop.double.pay(shop.double.sessionAt(await shop.buy('monthly', '/articles/1', one)), { email })
    expect(await (await shop.comeBack(back, one)).text()).not.toContain('twice')
  }
  expect(shop.trips.told.join('\n')).toContain('two customers of one address have this subscription')
  expect(shop.trips.told.join('\n')).not.toContain(email)
})

it('a reader with the same subscription twice, from two tabs, stays with the first when the second is paid back', async () => {
  const [one, two] = [await shop.buy('monthly'), await shop.buy('monthly', '/articles/2')]
  await shop.pay(one)
  expect(await (await shop.pay(two)).text()).toContain('twice')
  shop.double.cancel([...shop.double.state.subscriptions.keys()].at(-1) ?? '')
  shop.trips.now += 3_601_000
  await shop.deliverAll()
  expect((await shop.reader.open('/articles/1')).status).toBe(200)
})
