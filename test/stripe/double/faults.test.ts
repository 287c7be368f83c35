import { beforeEach, describe, expect, it } from 'vitest'
import { type CallFault, DOUBLE_KEY, randomFaults } from './index.ts'
import { createDoubleWorld, type DoubleWorld, RETURNS } from './doubleworld.ts'

let world: DoubleWorld

beforeEach(() => {
  world = createDoubleWorld()
})

describe('money back', () => {
  const paid = async (method?: 'card' | 'sepa_debit'): Promise<string> => {
    const line_items = [{ price: 'price_article', quantity: 1 }]
    const { id } = await world.client.checkout.sessions.create({ mode: 'payment', line_items, ...RETURNS })
    world.double.pay(id, { ...(method && { method }) })
    if (method === 'sepa_debit') world.double.settle(id, 'paid')
    const { payment_intent: payment } = await world.client.checkout.sessions.retrieve(id)
    return typeof payment === 'string' ? payment : ''
  }

  it('is a part or the rest, never more, and counted at the charge', async () => {
    const payment = await paid()
    await world.client.refunds.create({ payment_intent: payment, amount: 99 }, { idempotencyKey: 'r1' })
    await world.client.refunds.create({ payment_intent: payment, amount: 99 }, { idempotencyKey: 'r1' })
    await expect(world.client.refunds.create({ payment_intent: payment, amount: 101 })).rejects.toThrow(
      'greater than unrefunded',
    )
    expect(await world.client.refunds.create({ payment_intent: payment })).toMatchObject({
      amount: 100,
      status: 'succeeded',
    })
    await expect(world.client.refunds.create({ payment_intent: payment })).rejects.toMatchObject({
      code: 'charge_already_refunded',
    })
    const charges = await world.client.charges.list({ payment_intent: payment, expand: ['data.refunds'] })
    expect(charges.data).toMatchObject([{ amount_refunded: 199, refunded: true, refunds: { data: [{}, {}] } }])
    await world.double.deliver()
    expect(world.types().filter((type) => /refund/.test(type))).toEqual([
      'charge.refunded',
      'refund.created',
      'charge.refunded',
      'refund.created',
    ])
  })

  it('of a bank debit is pending, and may fail', async () => {
    const refund = await world.client.refunds.create({ payment_intent: await paid('sepa_debit') })
    expect(refund.status).toBe('pending')
    world.double.endRefund(refund.id, 'failed')
    expect(await world.client.refunds.retrieve(refund.id)).toMatchObject({ status: 'failed' })
    await world.double.deliver()
    expect(world.types().slice(-3)).toEqual(['charge.updated', 'refund.updated', 'refund.failed'])
  })

  it('is disputed, won or lost', async () => {
    const payment = await paid()
    const { id } = world.double.dispute(payment)
    await expect(world.client.refunds.create({ payment_intent: payment })).rejects.toMatchObject({
      code: 'charge_disputed',
    })
    world.double.closeDispute(id, 'won')
    expect(await world.client.disputes.retrieve(id)).toMatchObject({ status: 'won', payment_intent: payment })
    await world.double.deliver()
    expect(world.types().filter((type) => /dispute/.test(type))).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.funds_reinstated',
      'charge.dispute.closed',
    ])
  })
})

describe('what goes wrong', () => {
  const refuse = async (request: RequestInit, path = '/v1/prices/price_month') => {
    const response = await world.double.fetch(`https://api.stripe.com${path}`, request)
    return { status: response.status, body: await response.json() }
  }
  const authorization = `Bearer ${DOUBLE_KEY}`

  it('has the error of Stripe: key, version, path, id, expansion', async () => {
    expect(await refuse({})).toMatchObject({ status: 401, body: { error: { type: 'invalid_request_error' } } })
    expect(await refuse({ headers: { authorization: 'Bearer sk_test_other_key_000' } })).toMatchObject({ status: 401 })
    expect(await refuse({ headers: { authorization, 'stripe-version': '2020-08-27' } })).toMatchObject({ status: 400 })
    expect(await refuse({ headers: { authorization } }, '/v1/none')).toMatchObject({ status: 404 })
    const missing = { status: 404, body: { error: { code: 'resource_missing' } } }
    expect(await refuse({ headers: { authorization } }, '/v1/prices/price_none')).toMatchObject(missing)
    expect(await refuse({ headers: { authorization } }, '/v1/prices/price_month?expand[]=a')).toMatchObject({
      status: 400,
    })
    expect(await refuse({ headers: { authorization } }, '/v1/prices?colour=red')).toMatchObject({
      body: { error: { code: 'parameter_unknown', param: 'colour' } },
    })
    expect(await refuse({ headers: { authorization } })).toMatchObject({ status: 200, body: { id: 'price_month' } })
  })

  it('takes effect before a lost answer, and the same key gives the answer again', async () => {
    const faults: (CallFault | undefined)[] = ['500', '429', 'down', 'lost', undefined]
    world = createDoubleWorld({ faults: { call: () => faults.shift() } })
    const form = new URLSearchParams({
      mode: 'payment',
      'line_items[0][price]': 'price_article',
      'line_items[0][quantity]': '1',
      ...RETURNS,
    })
    const headers = { authorization, 'idempotency-key': 'k', 'content-type': 'application/x-www-form-urlencoded' }
    const post = () => refuse({ method: 'POST', headers, body: form.toString() }, '/v1/checkout/sessions')
    const sessions = async (status: number): Promise<number> => {
      const outcome = await post().catch(() => ({ status: 0 }))
      expect(outcome.status).toBe(status)
      return world.double.state.sessions.size
    }
    expect([await sessions(500), await sessions(429), await sessions(0)]).toEqual([0, 0, 0])
    expect([await sessions(0), await sessions(200)]).toEqual([1, 1])
  })

  it('waits for the test with a slow answer, and for the caller’s patience without one', async () => {
    const faults: CallFault[] = ['slow', 'timeout']
    world = createDoubleWorld({ faults: { call: () => faults.shift() } })
    const slow = refuse({ headers: { authorization } })
    await expect.poll(() => world.double.waiting).toBe(1)
    world.double.release()
    expect((await slow).status).toBe(200)
    const controller = new AbortController()
    const late = refuse({ headers: { authorization }, signal: controller.signal })
    controller.abort(new DOMException('too late', 'TimeoutError'))
    await expect(late).rejects.toThrow('too late')
  })

  it('brings every event in the end, the same for the same seed', async () => {
    const run = async (seed: number): Promise<string[]> => {
      world = createDoubleWorld({
        seed,
        faults: randomFaults(seed, {
          deliveries: { lost: 0.2, unanswered: 0.1, late: 0.1, doubled: 0.2, reordered: 0.3 },
        }),
      })
      const line_items = [{ price: 'price_month', quantity: 1 }]
      const { id } = await world.client.checkout.sessions.create({ mode: 'subscription', line_items, ...RETURNS })
      world.double.pay(id)
      await world.double.deliverAll((ms) => {
        world.now = ms
      })
      expect(new Set(world.arrived.map((event) => event.id))).toEqual(
        new Set(world.double.state.events.map((event) => event.id)),
      )
      return world.types()
    }
    const [once, again, other] = [await run(7), await run(7), await run(8)]
    expect(again).toEqual(once)
    expect(other).not.toEqual(once)
    expect(once.length).toBeGreaterThan(world.double.state.events.length)
  })
})
