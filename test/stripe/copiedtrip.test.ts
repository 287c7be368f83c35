import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Reader } from '../login/reader.ts'
import { createShop, type ShopWorld } from './shopworld.ts'

let shop: ShopWorld

beforeEach(() => {
  shop = createShop()
})
afterEach(() => void vi.restoreAllMocks())

/** Goes on with the trip that this browser has, or has copied, as its pages would. */
async function goOn(by: Reader): Promise<Response> {
  const first = await by.open('/__faregate/checkout?offer=monthly&to=/articles/1')
  const location = first.headers.get('location')
  return location?.includes('/__faregate/return/') ? shop.comeBack(location, by) : first
}

describe('a trip copied from a browser while its reader was paying', () => {
  it('opens the session that the reader has, and none once that one has signed out', async () => {
    const location = await shop.buy('monthly')
    const [early, late] = [shop.reader.copy(), shop.reader.copy()]
    expect((await shop.pay(location)).status).toBe(200)
    expect((await goOn(early)).status).toBe(200)
    await shop.reader.press(await shop.reader.open('/__faregate/sign-out'))
    shop.trips.now += 6000
    for (const thief of [early, late]) {
      await goOn(thief)
      expect((await thief.open('/articles/1')).status).toBe(402)
    }
    shop.trips.now += 2 * 86_400_000
    await goOn(late)
    expect((await late.open('/articles/1')).status).toBe(402)
  })

  it('is the same session for the reader whose browser never got the answer', async () => {
    const location = await shop.buy('monthly')
    const lost = shop.reader.copy()
    await shop.pay(location)
    expect((await goOn(lost)).status).toBe(200)
    expect((await lost.open('/articles/1')).status).toBe(200)
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
  })
})
