import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ok } from '../../src/core/result.ts'
import { agreed, FakeLogin } from './fakelogin.ts'
import { leave, sendBack } from './journey.ts'
import { Reader } from './reader.ts'
import { DAY, OURS, tripOptions, TripWorld } from './world.ts'

const OFFERS = ['monthly', 'yearly'].map((name) => ({ name, title: name }))

let shop: FakeLogin
let other: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(() => {
  shop = new FakeLogin({ name: 'shop', offers: OFFERS })
  other = new FakeLogin({ name: 'other', offers: OFFERS })
  world = new TripWorld([shop, other])
  reader = new Reader(world)
})
afterEach(() => void vi.restoreAllMocks())

function buy(offer: string, login: string, to = '/articles/1'): string {
  return `/__faregate/checkout?offer=${offer}&login=${login}&to=${to}`
}

function stateOf(location: string): string | null {
  return new URL(location).searchParams.get('state')
}

describe('a purchase that was begun', () => {
  it.each([
    ['another offer', buy('yearly', 'shop')],
    ['the offer of that name at another shop', buy('monthly', 'other')],
    ['the same for another page', buy('monthly', 'shop', '/articles/2')],
  ])('is not gone on with by who buys %s', async (_what, path) => {
    const first = await leave(buy('monthly', 'shop'), reader)
    const second = await leave(path, reader)
    expect(stateOf(second)).not.toBe(stateOf(first))
    expect([...shop.begun, ...other.begun].map(({ earlier }) => earlier)).toEqual([undefined, undefined])
    expect((await sendBack(agreed(first), reader, 'shop')).status).toBe(200)
  })

  it.each([
    ['at another host', 'https://shop.news.example', 0],
    ['after three days', OURS, 3 * DAY],
  ])('is not gone on with %s, though its cookie be there', async (_where, origin, ms) => {
    world = new TripWorld(
      [shop, other],
      tripOptions([shop, other], { hosts: ['www.news.example', 'shop.news.example'] }),
    )
    reader = new Reader(world)
    shop.endings.push(ok({ kind: 'waiting' }))
    const first = await leave(buy('monthly', 'shop'), reader)
    await sendBack(agreed(first), reader, 'shop')
    const [name = ''] = reader.names()
    const kept = reader.value(name) ?? ''
    world.now += ms
    const host = new URL(origin).host
    reader.put(name, kept, host)
    const refused = await reader.open(`${origin}/articles/1`)
    expect([refused.status, (await refused.text()).includes('Check again')]).toEqual([402, false])
    expect(stateOf(await leave(`${origin}${buy('monthly', 'shop')}`, reader))).not.toBe(stateOf(first))
  })

  it('is gone on with for three days from its beginning, however often it was gone on with', async () => {
    const first = await leave(buy('monthly', 'shop'), reader)
    world.now += 2 * DAY
    expect(stateOf(await leave(buy('monthly', 'shop'), reader))).toBe(stateOf(first))
    world.now += DAY
    expect(stateOf(await leave(buy('monthly', 'shop'), reader))).not.toBe(stateOf(first))
    expect(shop.begun.at(-1)?.earlier).toBeUndefined()
  })
})
