import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createShop, type ShopWorld } from './shopworld.ts'

let shop: ShopWorld

beforeEach(() => {
  shop = createShop()
})
afterEach(() => void vi.restoreAllMocks())

const customerAt = (location: string): unknown =>
  shop.double.state.sessions.get(shop.double.sessionAt(location))?.customer

async function signOut(): Promise<void> {
  await shop.reader.press(await shop.reader.open('/__faregate/sign-out'))
  shop.trips.now += 10_000
}

describe('a thief of a cookie whose reader has signed out', () => {
  it('does not get into the account by buying the cheapest thing for it', async () => {
    await shop.pay(await shop.buy('monthly'))
    const thief = shop.reader.copy()
    await signOut()
    const location = await shop.buy('article', '/single/1', thief)
    expect(customerAt(location)).toBeNull()
    await shop.pay(location, thief)
    expect((await thief.open('/single/1')).status).toBe(200)
    expect((await thief.open('/articles/1')).status).toBe(402)
  })

  it('does not get into it by a purchase begun before', async () => {
    await shop.pay(await shop.buy('monthly'))
    const thief = shop.reader.copy()
    const [article, credit] = [await shop.buy('article', '/single/1', thief), await shop.buy('topUp', '/dear/1', thief)]
    expect(customerAt(article)).toBe(customerAt(credit))
    await signOut()
    const owner = String(customerAt(credit))
    expect(await (await shop.pay(credit, thief)).text()).toContain('Sign in to that account')
    await shop.pay(article, thief)
    expect((await thief.open('/single/1')).status).toBe(200)
    expect((await thief.open('/articles/1')).status).toBe(402)
    expect((await thief.open('/__faregate/portal?to=/')).status).toBe(401)
    expect(await shop.credit(owner)).toBe('10 EUR')
  })

  it('does not go on with what the reader has begun', async () => {
    await shop.pay(await shop.buy('basic', '/basic/1'))
    const thief = shop.reader.copy()
    const location = await shop.buy('monthly', '/articles/1', thief)
    await signOut()
    const again = await shop.buy('monthly', '/articles/1', thief)
    expect(again).not.toBe(location)
    expect(customerAt(again)).toBeNull()
    expect(shop.double.state.sessions.get(shop.double.sessionAt(location))?.status).toBe('expired')
  })
})

describe('two buyers on one browser', () => {
  it('do not pay for each other: what the first has begun is not what the second goes on with', async () => {
    await shop.pay(await shop.buy('basic', '/basic/1'))
    const begun = await shop.buy('monthly')
    const other = shop.newReader()
    await shop.pay(await shop.buy('basic', '/basic/2', other), other)
    shop.reader.put('__Host-faregate', other.value('__Host-faregate') ?? '')
    const location = await shop.buy('monthly')
    expect(customerAt(location)).not.toBe(customerAt(begun))
    shop.trips.now += 10_000
    expect(await (await shop.pay(location)).text()).toContain('You are signed in')
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
  })

  it('are not signed in for each other by what the first has begun', async () => {
    await shop.pay(await shop.buy('basic', '/basic/1'))
    const begun = await shop.buy('monthly')
    const other = shop.newReader()
    await shop.pay(await shop.buy('basic', '/basic/2', other), other)
    shop.reader.put('__Host-faregate', other.value('__Host-faregate') ?? '')
    expect(await (await shop.pay(begun)).text()).toContain('bought for the account that was signed in')
    expect(shop.reader.value('__Host-faregate')).toBe(other.value('__Host-faregate'))
  })
})

it('a reader who is signed in buys more, and stays signed in', async () => {
  await shop.pay(await shop.buy('basic', '/basic/1'))
  const location = await shop.buy('monthly')
  expect(await shop.buy('monthly')).toBe(location)
  shop.trips.now += 7_300_000
  expect((await shop.pay(location)).status).toBe(200)
  expect((await shop.reader.open('/articles/1')).status).toBe(200)
  expect((await shop.reader.open('/basic/1')).status).toBe(200)
})
