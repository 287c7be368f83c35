import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { agreed, FakeLogin } from './fakelogin.ts'
import { comeBack, leave, sendBack } from './journey.ts'
import { Reader } from './reader.ts'
import { OURS, TripWorld } from './world.ts'

const HOUR = 3_600_000
const OFFERS = [{ name: 'monthly', title: 'Monthly' }]
const BUY = '/__faregate/checkout?offer=monthly&login=shop&to=/articles/1'

let ident: FakeLogin
let shop: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(() => {
  ident = new FakeLogin()
  shop = new FakeLogin({ name: 'shop', offers: OFFERS })
  world = new TripWorld([ident, shop])
  reader = new Reader(world)
})
afterEach(() => void vi.restoreAllMocks())

async function signInAtShop(): Promise<void> {
  const location = await leave('/__faregate/sign-in?login=shop&to=/articles/1', reader)
  expect((await sendBack(agreed(location), reader, 'shop')).status).toBe(200)
}

describe('a shop is told who buys', () => {
  it('at the beginning and at the return, if the account is one of its own', async () => {
    await signInAtShop()
    const location = await leave(BUY, reader)
    await sendBack(agreed(location), reader, 'shop')
    expect([shop.begun.at(-1)?.account, shop.finished.at(-1)?.account]).toEqual(['ann', 'ann'])
  })

  it('not if the account is of another login', async () => {
    await comeBack(await leave('/__faregate/sign-in?login=ident&to=/articles/1', reader), reader)
    const location = await leave(BUY, reader)
    await sendBack(agreed(location), reader, 'shop')
    expect([shop.begun, shop.finished].map((all) => all.at(-1)?.account)).toEqual([undefined, undefined])
  })

  it('not by a cookie that was copied before its owner signed out', async () => {
    await signInAtShop()
    const thief = reader.copy()
    expect((await reader.open('/__faregate/sign-out', { origin: OURS }, { method: 'POST' })).status).toBe(303)
    world.now += 6000
    await leave(BUY, thief)
    expect(shop.begun.at(-1)?.account).toBeUndefined()
  })

  it('not by a session that its login renews no more', async () => {
    const made = shop.create()
    shop.create = () => ({ ...made, renew: async () => ({ kind: 'ended' }) })
    world = new TripWorld([ident, shop])
    reader = new Reader(world)
    await signInAtShop()
    world.now += 3 * HOUR
    await leave(BUY, reader)
    expect(shop.begun.at(-1)?.account).toBeUndefined()
  })

  it('and whoever has copied the trip has no part in what its owner is answered', async () => {
    await signInAtShop()
    const parameters = agreed(await leave(BUY, reader))
    const thief = reader.copy()
    thief.forget(/^__Host-faregate$/)
    const answered = Promise.withResolvers<void>()
    const ending = shop.signedIn()
    shop.endings.push(async () => {
      await answered.promise
      return typeof ending === 'function' ? ending() : ending
    })
    const before = shop.finished.length
    const both = [sendBack(parameters, reader, 'shop'), sendBack(parameters, thief, 'shop')]
    await vi.waitFor(() => expect(shop.finished).toHaveLength(before + 2))
    answered.resolve()
    await Promise.all(both)
    expect(shop.finished.slice(before).map(({ account }) => account)).toEqual(
      expect.arrayContaining(['ann', undefined]),
    )
  })

  it('not at all while nobody knows whether the sign-in still stands: nothing is begun or ended', async () => {
    await signInAtShop()
    const location = await leave(BUY, reader)
    const [begun, finished] = [shop.begun.length, shop.finished.length]
    world.now += 3 * HOUR
    world.isDown = true
    expect((await reader.open(BUY)).status).toBe(503)
    expect((await sendBack(agreed(location), reader, 'shop')).status).toBe(503)
    expect([shop.begun.length, shop.finished.length]).toEqual([begun, finished])
  })
})
