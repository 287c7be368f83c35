import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { anomalies } from '../../src/index.ts'
import { createShop, type ShopOptions, type ShopWorld } from './shopworld.ts'

const SECRETS = {
  ACCOUNT_KEY: 'a key for accounts, of thirty-two bytes or more',
  SALT: 'a salt for networks, of thirty-two bytes or more',
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function createWatchedShop(mode: 'observe' | 'act', more: ShopOptions = {}): ShopWorld {
  return createShop({
    secrets: SECRETS,
    options: { log: { accountKey: 'ACCOUNT_KEY' }, endpoints: [anomalies({ secret: 'SALT', mode })] },
    outside: { clientAddress: () => '203.0.113.9', leavesWork: true },
    ...more,
  })
}

/** Tries cards, one a second, and has Stripe tell of each. */
async function tryCards({ trips, double }: ShopWorld, session: string, count: number): Promise<void> {
  for (let tried = 0; tried < count; tried++) {
    double.decline(session)
    trips.now += 1000
    await double.deliver()
  }
  await trips.settle()
}

const expiries = ({ double }: ShopWorld): number => double.calls.filter(({ path }) => path.endsWith('/expire')).length
const lines = ({ trips }: ShopWorld): string[] => trips.told.filter((line) => line.includes('"event":"payment-'))

describe('cards that are tried out at a checkout of Stripe', () => {
  it('end it: the trip is held, and the next decline has its Checkout Session expire', async () => {
    const shop = createWatchedShop('act')
    const location = await shop.buy('article', '/single/1')
    const session = shop.double.sessionAt(location)
    await tryCards(shop, session, 8)
    expect(expiries(shop)).toBe(0)
    await tryCards(shop, session, 1)
    expect(expiries(shop)).toBe(1)
    expect(() => shop.double.pay(session)).toThrow('the session is expired')
    // Whoever goes on is told, and another browser buys.
    const again = await shop.reader.open('/__faregate/checkout?offer=article&to=%2Fsingle%2F1')
    expect([again.status, await again.text()]).toEqual([402, expect.stringContaining('We are checking this purchase')])
    const other = shop.newReader()
    expect((await shop.pay(await shop.buy('article', '/single/1', other), other)).status).toBe(200)
    expect(lines(shop)).toHaveLength(9)
    const [first = ''] = lines(shop)
    const { checkout, network, event } = JSON.parse(first) as Record<string, unknown>
    expect([checkout, network, event]).toEqual([
      expect.stringMatching(/^[\w-]{32}$/),
      expect.stringMatching(/^[\w-]{16}$/),
      'payment-declined',
    ])
  })

  it('are only told where the gate observes', async () => {
    const shop = createWatchedShop('observe')
    const session = shop.double.sessionAt(await shop.buy('article', '/single/1'))
    await tryCards(shop, session, 9)
    expect([lines(shop).length, expiries(shop)]).toEqual([9, 0])
    expect(shop.double.pay(session)).toContain('session_id=')
  })

  it('are no matter of the gate where nothing watches: every event is answered, and nothing is held', async () => {
    const shop = createShop()
    const location = await shop.buy('article', '/single/1')
    for (let tried = 0; tried < 9; tried++) shop.double.decline(shop.double.sessionAt(location))
    await shop.deliver()
    expect(shop.double.attempts.every(({ status }) => status === 200)).toBe(true)
    expect((await shop.pay(location)).status).toBe(200)
  })

  it('count in the zone in which the trip began, and in no other', async () => {
    const shop = createWatchedShop('act')
    const session = shop.double.sessionAt(await shop.buy('article', '/single/1'))
    const intent = (): { metadata: Record<string, string> } | undefined =>
      [...shop.double.state.intents.values()].at(-1)
    shop.double.decline(session)
    await shop.deliver()
    expect(lines(shop)).toHaveLength(1)
    const metadata = intent()?.metadata ?? {}
    metadata['faregate_zone'] = 'another'
    shop.double.decline(session)
    await shop.deliver()
    expect(lines(shop)).toHaveLength(1)
  })

  it('and then one that is paid: the purchase is told as well', async () => {
    const shop = createWatchedShop('act')
    const location = await shop.buy('article', '/single/1')
    await tryCards(shop, shop.double.sessionAt(location), 2)
    expect((await shop.pay(location)).status).toBe(200)
    await shop.deliver()
    const said = lines(shop).map((line) => (JSON.parse(line) as { event: string }).event)
    expect(said).toEqual(['payment-declined', 'payment-declined', 'payment-succeeded'])
    expect((await shop.reader.open('/single/1')).status).toBe(200)
  })
})
