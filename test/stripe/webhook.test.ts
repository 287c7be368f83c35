import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stripe, type StripeOptions } from '../../src/stripe/index.ts'
import { holdSourceToContract } from '../standing/eventsource-contract.ts'
import { ISSUER } from '../standing/sourceworld.ts'
import { err } from '../../src/core/result.ts'
import { AT, CUSTOMER, invoiceEvent, subscriptionEvent } from './objects.ts'
import { createStripeWorld, NEW_SECRET, requestOf, SECRET, sign, type StripeWorld } from './world.ts'

let world: StripeWorld

beforeEach(() => {
  world = createStripeWorld()
})
afterEach(() => world.end())

const ENDED = subscriptionEvent('customer.subscription.deleted', { status: 'canceled' })

/** As Stripe sends it from its dashboard to try a destination out: thin, with its times in words. */
const PING = {
  id: 'evt_test_1',
  object: 'v2.core.event',
  type: 'v2.core.event_destination.ping',
  livemode: false,
  created: '2026-11-28T01:20:00.000Z',
  data: {},
  reason: null,
  related_object: {
    id: 'ed_test_1',
    type: 'v2.core.event_destination',
    url: '/v2/core/event_destinations/ed_test_1',
  },
}

holdSourceToContract('stripe', () => {
  const now = AT * 1000
  const withId = (id: string): Promise<RequestInit> => requestOf(JSON.stringify({ ...ENDED, id }), now)
  return {
    source: stripe({ secret: 'SECRET', issuer: ISSUER }),
    now,
    env: { SECRET },
    secrets: [SECRET, CUSTOMER],
    genuine: withId,
    idle: () => requestOf(JSON.stringify(invoiceEvent('invoice.finalized')), now),
    unreadable: () => requestOf(JSON.stringify({ ...ENDED, data: CUSTOMER }), now),
    unsigned: () => requestOf(JSON.stringify(ENDED), now, { signature: 't=,v1=' }),
    forged: () => requestOf(JSON.stringify(ENDED), now, { secret: NEW_SECRET }),
    given: (options) => stripe(options as StripeOptions),
  }
})

describe('the endpoint of Stripe’s webhooks', () => {
  it('applies what an event says to the account that is the customer', async () => {
    const answer = await world.post(ENDED)
    expect(answer).toMatchObject({ status: 200, body: { applied: true } })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const statement = { kind: 'subscription', id: 'sub_1PJVXN', at: AT, standing: 'inactive', hasEnded: true }
    const changes = [{ kind: 'statement', statement }]
    expect(world.applied).toEqual([{ id: ENDED.id, issuer: ISSUER, account: CUSTOMER, changes }])
    expect(world.api.asked).toEqual([])
  })

  it('takes events by either secret, while one is replaced by the other', async () => {
    expect(await world.post(ENDED, {}, { secret: NEW_SECRET })).toMatchObject({ status: 200 })
    expect(await world.post(ENDED, {}, { secret: 'whsec_of_someone_else_entirely_1' })).toMatchObject({ status: 400 })
    expect(world.applied).toHaveLength(1)
  })

  it('answers 200 to what is nothing to it, so that it does not come again', async () => {
    const finalized = invoiceEvent('invoice.finalized')
    expect(await world.post(finalized)).toMatchObject({ status: 200, body: { applied: false } })
    expect(await world.post({ ...ENDED, account: 'acct_1' })).toMatchObject({ status: 200, body: { applied: false } })
    expect(world.applied).toEqual([])
  })

  it.each([
    ['a ping of an event destination', PING],
    ['another event of API v2', { ...PING, type: 'v2.billing.cadence.billed', data: null }],
    ['one of API v2 about what is used in v1', { ...PING, type: 'v1.customer.subscription.deleted' }],
    ['one of another form', { object: 'v3.event' }],
    ['a type that is not used', { ...ENDED, type: 'charge.succeeded', data: { object: { amount: 1 } } }],
    ['a type that is not used, without what all others have', { object: 'event', type: 'radar.early_fraud_warning' }],
    ['a type that begins like one of ours', { ...ENDED, type: 'customer.subscription.deleted.x' }],
    ['a type that nobody knows yet', { ...ENDED, type: 'customer.subscription.constructor', created: 'soon' }],
  ])('answers 200 to %s, that Stripe has signed, and nothing changes', async (_what, event) => {
    for (const options of [{}, { apiKey: 'API_KEY' }, { subject: { metadata: 'account' } }])
      expect(await world.post(event, options)).toMatchObject({ status: 200, body: { applied: false } })
    expect(await world.post(event, {}, { secret: 'whsec_of_someone_else_entirely_1' })).toMatchObject({ status: 400 })
    expect([world.applied, world.api.asked, world.warned.mock.calls]).toEqual([[], [], []])
  })

  it.each([
    ['no signature', { signature: '' }, { check: 'signature' }],
    ['another body', { body: '{"id":"evt_secret"}' }, { check: 'signature' }],
    ['a byte order mark', { body: `\uFEFF${JSON.stringify(ENDED)}` }, { check: 'signature' }],
  ])('answers 400 to %s, with nothing of the body', async (_what, sent, body) => {
    const answer = await world.post(ENDED, {}, sent)
    expect(answer).toMatchObject({ status: 400, body: { reason: 'credential-invalid', ...body } })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(JSON.stringify(answer.body)).not.toMatch(/evt_|cus_/)
    expect(world.applied).toEqual([])
  })

  it('answers 400 to what was signed, but is no event, or was signed too long ago', async () => {
    for (const event of ['no event', null, [ENDED], {}, { ...ENDED, object: 7 }, { ...ENDED, type: 7 }])
      expect(await world.post(event)).toMatchObject({ status: 400 })
    expect(await world.post({ ...ENDED, data: { object: { customer: CUSTOMER } } })).toMatchObject({ status: 400 })
    const marked = `\uFEFF${JSON.stringify(ENDED)}`
    const signed = { body: marked, signature: await sign(marked) }
    expect(await world.post(ENDED, {}, signed)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('not an event') },
    })
    const old = await sign(JSON.stringify(ENDED), SECRET, AT - 301)
    expect(await world.post(ENDED, {}, { signature: old })).toMatchObject({ status: 400, body: { check: 'time' } })
    expect(await world.post(ENDED, { toleranceSeconds: 400 }, { signature: old })).toMatchObject({ status: 200 })
  })

  it('is a POST to a zone that Stripe tells something', async () => {
    expect(await world.post(ENDED, {}, { method: 'GET' })).toMatchObject({ status: 405 })
    expect(await world.post(ENDED, {}, { host: 'shop.test' })).toMatchObject({ status: 404 })
    expect(await world.post(ENDED, {}, { host: 'other.test' })).toMatchObject({ status: 421 })
    const long = { body: 'x'.repeat(512 * 1024 + 1) }
    expect(await world.post(ENDED, {}, long)).toMatchObject({ status: 413 })
  })

  it('has Stripe come again where the event could not be applied', async () => {
    world.apply = async () => err('ledger-unavailable')
    const answer = await world.post(ENDED)
    expect(answer).toMatchObject({ status: 503, body: { reason: 'ledger-unavailable' } })
    expect(answer.headers.get('retry-after')).toBe('30')
  })

  it('answers 503 where applying throws, and 400 where it is refused, and says neither why nor whom', async () => {
    const failed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    world.apply = () => Promise.reject(new TypeError(`about ${CUSTOMER}`))
    expect(await world.post(ENDED)).toMatchObject({ status: 503 })
    world.apply = async () => err({ refused: `nobody knows ${CUSTOMER}` })
    const answer = await world.post(ENDED)
    expect(answer.status).toBe(400)
    expect(JSON.stringify([answer.body, failed.mock.calls, world.warned.mock.calls, world.lines])).not.toContain(
      CUSTOMER,
    )
  })

  it('leaves one line in the log, which says what was done and, as a hash alone, to whom', async () => {
    await world.post(ENDED)
    expect(world.lines).toEqual([
      expect.objectContaining({
        zone: 'news',
        status: 200,
        decision: 'own',
        account: expect.stringMatching(/^hash of news /),
        audit: { action: 'stripe', by: 'stripe', done: true, event: expect.any(String) },
      }),
    ])
  })
})
