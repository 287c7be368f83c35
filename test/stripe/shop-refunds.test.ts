import * as fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeKey, sign, type TestKey } from '../support/issuer.ts'
import { OURS } from '../login/world.ts'
import { randomFaults } from './double/index.ts'
import { createShop, type ShopWorld } from './shopworld.ts'

const OPERATORS = 'https://operators.example'

let key: TestKey
let shop: ShopWorld
beforeAll(async () => {
  key = await makeKey('ES256', 'operators')
})
beforeEach(() => {
  shop = createShop({ zone: { operators: [{ issuer: OPERATORS, keys: [key.jwk] }] } })
})
afterEach(() => void vi.restoreAllMocks())

async function order(body: object, scope = 'refund'): Promise<{ status: number; body: unknown }> {
  const now = Math.floor(shop.trips.now / 1000)
  const claims = { iss: OPERATORS, aud: OURS, iat: now, exp: now + 600, scope }
  const authorization = `Bearer ${await sign(key, claims, { typ: 'operator+jwt' })}`
  const headers = { authorization, 'content-type': 'application/json' }
  const url = `${OURS}/__faregate/refund`
  const answer = await shop.trips.ask(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: answer.status, body: await answer.json() }
}

const last = <T>(all: ReadonlyMap<string, T>): T => [...all.values()].at(-1) ?? expect.fail('there is none')

describe('a reader who paid twice in two tabs', () => {
  it('is told so with a reference, and has one back by an order with that', async () => {
    const one = shop.reader
    const first = await shop.buy('monthly', '/articles/1', one)
    const second = await shop.buy('monthly', '/articles/2', one)
    await shop.pay(first, one)
    const told = await (await shop.pay(second, one)).text()
    expect(told).toContain('twice')
    const [, reference = ''] = /reference (cs_\w+)/.exec(told) ?? []
    expect((await order({ payment: reference })).body).toMatchObject({ isRepeat: false, canceled: expect.any(String) })
    expect((await order({ payment: reference })).body).toMatchObject({ isRepeat: true })
    await shop.deliverAll()
    expect([...shop.double.state.refunds.values()].map(({ amount }) => amount)).toEqual([500])
    const statuses = [...shop.double.state.subscriptions.values()].map(({ status }) => status)
    expect(statuses.toSorted()).toEqual(['active', 'canceled'])
    expect((await one.open('/articles/2')).status).toBe(200)
  })
})

describe('what is refunded at Stripe', () => {
  it('takes back credit, a part at a time', async () => {
    await shop.pay(await shop.buy('topUp'))
    await shop.deliverAll()
    const { customer } = last(shop.double.state.sessions)
    expect(await shop.credit(customer ?? '')).toBe('10 EUR')
    shop.double.refund(last(shop.double.state.intents).id, 250)
    await shop.deliverAll()
    expect(await shop.credit(customer ?? '')).toBe('7.5 EUR')
    expect((await order({ payment: last(shop.double.state.intents).id, amount: '2.50' })).status).toBe(200)
    expect(await shop.credit(customer ?? '')).toBe('5 EUR')
    await shop.deliverAll()
    expect(await shop.credit(customer ?? '')).toBe('5 EUR')
  })

  it('by an order goes back only once the order is recorded', async () => {
    await shop.pay(await shop.buy('topUp'))
    const payment = last(shop.double.state.intents).id
    const { bulletins } = shop.trips.services
    if (bulletins === undefined) throw new Error('no bulletins')
    const recording = vi.spyOn(bulletins, 'post').mockResolvedValue(false)
    const refused = await order({ payment })
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([503, expect.stringContaining('nothing was done')])
    expect(shop.double.state.refunds.size).toBe(0)
    recording.mockRestore()
    expect((await order({ payment })).status).toBe(200)
    expect(shop.double.state.refunds.size).toBe(1)
  })

  it('is ordered by an operator with that scope alone', async () => {
    await shop.pay(await shop.buy('topUp'))
    const payment = last(shop.double.state.intents).id
    for (const scope of ['credit', 'holds']) expect((await order({ payment }, scope)).status).toBe(403)
    expect(shop.double.state.refunds.size).toBe(0)
  })

  it('closes what a receipt opened', async () => {
    await shop.pay(await shop.buy('article', '/single/1'))
    const { id } = last(shop.double.state.intents)
    expect((await order({ payment: id })).body).toMatchObject({ payment: id, status: 'succeeded' })
    shop.trips.now += 10_000
    expect((await shop.reader.open('/single/1')).status).toBe(402)
  })
})

describe('a dispute', () => {
  it('holds the buyer until it is won; who was signed in before signs in again', async () => {
    await shop.pay(await shop.buy('monthly'))
    const { id } = shop.double.dispute(last(shop.double.state.intents).id)
    await shop.deliver()
    shop.trips.now += 10_000
    expect((await shop.reader.open('/articles/1')).status).toBe(402)
    expect(shop.trips.told.join()).toContain('"reason":"security-hold"')
    shop.double.closeDispute(id, 'won')
    await shop.deliver()
    shop.trips.now += 10_000
    shop.trips.told.length = 0
    expect((await shop.reader.open('/articles/1')).status).toBe(402)
    expect(shop.trips.told.join()).toContain('"reason":"credential-expired"')
    expect(shop.trips.told.join()).not.toContain('security-hold')
  })
})

describe('an order to refund', () => {
  it('of a subscription ends the access at once, before any event of Stripe, and is in the audit of the zone', async () => {
    await shop.pay(await shop.buy('monthly'))
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
    expect((await order({ payment: last(shop.double.state.sessions).id })).status).toBe(200)
    expect((await shop.reader.open('/articles/1')).status).toBe(402)
    const audit = await shop.trips.services.bulletins?.order(shop.trips.zone, 'audit', { most: 10 })
    expect(audit?.records).toMatchObject([{ action: 'refund', facts: { amount: 'all' } }])
  })

  it('needs its scope, a payment that was sold here, and a form that is known', async () => {
    await shop.pay(await shop.buy('topUp'))
    const { id } = last(shop.double.state.intents)
    expect((await order({ payment: id }, 'credit')).status).toBe(403)
    expect((await order({ payment: 'pi_none' })).status).toBe(404)
    for (const body of [{}, { payment: 'ch_1' }, { payment: id, amount: 5 }, { payment: id, id: '' }, { pay: id }])
      expect((await order(body)).status).toBe(400)
    expect((await order({ payment: id, amount: '99' })).status).toBe(409)
    expect(shop.double.state.refunds.size).toBe(0)
  })

  it('whose outcome is not known says to send it again, and is done once', async () => {
    await shop.pay(await shop.buy('topUp'))
    await shop.deliverAll()
    const payment = last(shop.double.state.intents).id
    shop.double.faults.call = ({ method }) => (method === 'POST' ? 'lost' : undefined)
    expect((await order({ payment })).status).toBe(503)
    delete shop.double.faults.call
    expect((await order({ payment })).body).toMatchObject({ isRepeat: true })
    expect(shop.double.state.refunds.size).toBe(1)
    expect(await shop.credit(last(shop.double.state.sessions).customer ?? '')).toBe('0 EUR')
  })
})

describe('a purchase whose money goes back', () => {
  const parts = fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 3 })
  const seeds = fc.integer({ min: 0, max: 1e6 })
  const end = fc.constantFrom('nothing', 'won', 'lost')
  const moments = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })

  it('ends with the credit that the payment left, whether the buyer or any event came first', async () => {
    await fc.assert(
      fc.asyncProperty(parts, seeds, end, moments, async (refunds, seed, outcome, [comesBack, ...delivers]) => {
        const deliveries = { lost: 0.15, unanswered: 0.1, late: 0.2, doubled: 0.15, reordered: 0.3 }
        const faults = randomFaults(seed, { deliveries })
        shop = createShop({ faults: { delivery: faults.delivery } })
        const location = await shop.buy('topUp')
        const back = shop.double.pay(shop.double.sessionAt(location))
        if (comesBack === true) await shop.comeBack(back)
        const payment = last(shop.double.state.intents).id
        let left = 1000
        for (const [at, part] of refunds.entries()) {
          if (part < left) shop.double.refund(payment, part)
          left -= part < left ? part : 0
          if (delivers[at] === true) await shop.deliver()
        }
        if (outcome !== 'nothing') {
          const { id } = shop.double.dispute(payment)
          if (delivers[0] === true) await shop.deliver()
          shop.double.closeDispute(id, outcome === 'won' ? 'won' : 'lost')
        }
        await shop.deliverAll()
        const { customer } = last(shop.double.state.sessions)
        const cents = outcome === 'lost' ? 0 : left
        // Of a grant that was all taken before it came, the ledger has nothing.
        expect((await shop.credit(customer ?? '')) || '0 EUR').toBe(`${cents / 100} EUR`)
        vi.restoreAllMocks()
      }),
      { numRuns: 60 },
    )
  })
})
