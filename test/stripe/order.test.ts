import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { invoiceEvent, subscription, subscriptionEvent, summaryEvent, AT } from './objects.ts'
import { createStripeWorld, type StripeWorld } from './world.ts'

let world: StripeWorld

beforeEach(() => {
  world = createStripeWorld()
})
afterEach(() => world.end())

const KEYED = { apiKey: 'API_KEY' }

describe('without a key, a customer with several subscriptions', () => {
  const of = (id: string) => ({ id, status: 'active' }) as const
  const paidFor = (id: string) => ({
    parent: {
      type: 'subscription_details' as const,
      quote_details: null,
      subscription_details: { subscription: id, metadata: {} },
    },
  })
  const post = async (...events: readonly unknown[]): Promise<void> => {
    for (const event of events) expect(await world.post(event)).toMatchObject({ status: 200, body: { applied: true } })
  }

  it('stays in while one of them lasts, in whatever order their events come', async () => {
    const events = [
      subscriptionEvent('customer.subscription.created', of('sub_a')),
      subscriptionEvent('customer.subscription.created', of('sub_b')),
      subscriptionEvent('customer.subscription.deleted', { id: 'sub_a', status: 'canceled' }, { created: AT + 60 }),
    ]
    for (const order of [events, events.toReversed()]) {
      world.applied.length = 0
      await post(...order)
      expect(world.standing()?.standing).toBe('active')
      await post(subscriptionEvent('customer.subscription.deleted', { id: 'sub_b' }, { created: AT + 90 }))
      expect(world.standing()).toEqual({ at: AT + 90, standing: 'inactive' })
    }
  })

  it('is not let in again by a late payment of what has ended, nor put out by a late failure', async () => {
    const ended = subscriptionEvent('customer.subscription.deleted', { id: 'sub_a', status: 'canceled' })
    const paid = invoiceEvent('invoice.paid', paidFor('sub_a'), { created: AT + 1 })
    const failed = invoiceEvent('invoice.payment_failed', paidFor('sub_a'), { created: AT + 200 })
    for (const order of [
      [ended, paid],
      [paid, ended],
    ]) {
      world.applied.length = 0
      await post(...order)
      expect(world.standing()).toEqual({ at: AT, standing: 'inactive' })
    }
    await post(subscriptionEvent('customer.subscription.created', of('sub_b'), { created: AT + 100 }), failed)
    expect(world.standing()?.standing).toBe('active')
  })

  it('is past due where one is and the others have ended, since the last of them has', async () => {
    await post(
      subscriptionEvent('customer.subscription.created', of('sub_a')),
      invoiceEvent('invoice.payment_failed', paidFor('sub_b'), { created: AT + 30 }),
    )
    expect(world.standing()?.standing).toBe('active')
    await post(subscriptionEvent('customer.subscription.deleted', { id: 'sub_a' }, { created: AT + 60 }))
    expect(world.standing()).toEqual({ at: AT + 60, standing: 'past-due' })
    await post(invoiceEvent('invoice.paid', paidFor('sub_b'), { created: AT + 61 }))
    expect(world.standing()).toEqual({ at: AT + 61, standing: 'active' })
  })
})

describe('an event of a time that has not come', () => {
  const DAYS = 30 * 86_400
  const ended = subscriptionEvent('customer.subscription.deleted', { status: 'canceled' }, { created: AT + DAYS })

  it('is refused, and holds neither now nor then; within five minutes it is applied', async () => {
    expect(await world.post(ended)).toMatchObject({
      status: 400,
      body: { reason: 'credential-not-yet-valid', check: 'time' },
    })
    expect(world.applied).toEqual([])
    expect(world.warned.mock.calls).toEqual([
      [JSON.stringify({ stripe: ended.id, problem: 'of a time more than five minutes from now' })],
    ])
    expect(await world.post({ ...ended, created: AT + 301 })).toMatchObject({ status: 400 })
    expect(await world.post(summaryEvent(['premium'], false, { created: AT + 301 }))).toMatchObject({ status: 400 })
    expect(await world.post({ ...ended, created: AT + 300 })).toMatchObject({ status: 200 })
    expect(world.applied).toHaveLength(1)
  })

  it('has Stripe asked how things are now where there is a key, whatever time it names', async () => {
    world.api.subscriptions = [subscription()]
    expect(await world.post(ended, KEYED)).toMatchObject({ status: 200 })
    expect(world.standing()).toEqual({ at: AT, standing: 'active' })
    world.now += 1000
    world.api.instead = () => Response.json({ error: { code: 'resource_missing', param: 'customer' } }, { status: 400 })
    expect(await world.post(ended, KEYED)).toMatchObject({ status: 200 })
    expect(world.standing()).toEqual({ at: AT + 1, standing: 'inactive' })
  })
})
