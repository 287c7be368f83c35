import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { API_KEY } from './api.ts'
import {
  AT,
  CUSTOMER,
  customerDeletedEvent,
  invoice,
  invoiceEvent,
  subscription,
  subscriptionEvent,
  summaryEvent,
} from './objects.ts'
import { createStripeWorld, type StripeWorld } from './world.ts'

let world: StripeWorld

beforeEach(() => {
  world = createStripeWorld()
})
afterEach(() => world.end())

const PAID = subscriptionEvent(
  'customer.subscription.updated',
  { status: 'active' },
  { before: { status: 'incomplete' } },
)
const ENDED = subscriptionEvent('customer.subscription.deleted', { status: 'canceled' })
const KEYED = { apiKey: 'API_KEY' }

describe('with a key, the standing', () => {
  it('is that of the best of the customer’s subscriptions, as of just before they were asked for', async () => {
    world.api.subscriptions = [
      subscription({ id: 'sub_2', status: 'past_due' }),
      subscription({ id: 'sub_3', status: 'trialing' }),
    ]
    world.now = AT * 1000 + 250
    expect(await world.post(ENDED, KEYED)).toMatchObject({ status: 200, body: { applied: true } })
    expect(world.statements()).toEqual([{ kind: 'standing', at: AT + 0.25, standing: 'active' }])
    expect(world.api.asked).toEqual([`/v1/subscriptions?customer=${CUSTOMER}&limit=100`])
  })

  it('is inactive where none is left', async () => {
    world.api.subscriptions = [subscription({ status: 'canceled' })]
    await world.post(PAID, KEYED)
    expect(world.standing()?.standing).toBe('inactive')
  })

  it('is looked for on every page', async () => {
    const unpaid = Array.from({ length: 230 }, (_, at) => subscription({ id: `sub_${at}`, status: 'unpaid' }))
    world.api.subscriptions = [...unpaid, subscription({ id: 'sub_last' })]
    await world.post(ENDED, KEYED)
    expect(world.standing()?.standing).toBe('active')
    expect(world.api.asked).toHaveLength(3)
    expect(world.api.asked[2]).toContain('starting_after=sub_199')
  })

  it('ends as it is now, though an earlier question is answered last and with what was', async () => {
    const { promise, resolve } = Promise.withResolvers<Response>()
    const was = Response.json({ object: 'list', data: [subscription({ status: 'incomplete' })], has_more: false })
    world.api.instead = () => promise
    const first = world.post(subscriptionEvent('customer.subscription.created', { status: 'incomplete' }), KEYED)
    await vi.waitFor(() => expect(world.api.asked).toHaveLength(1))
    world.api.instead = () => undefined
    world.api.subscriptions = [subscription({ status: 'active' })]
    world.now += 10
    await world.post(PAID, KEYED)
    resolve(was)
    expect(await first).toMatchObject({ status: 200 })
    expect(world.statements().map((said) => said.kind === 'standing' && said.standing)).toEqual(['active', 'past-due'])
    expect(world.standing()?.standing).toBe('active')
  })

  it('is asked at another address where one is configured, with the key and no redirect', async () => {
    let asked: Request | undefined
    world.api.instead = (request) => {
      asked = request
      return Response.json({ object: 'list', data: [], has_more: false })
    }
    await world.post(PAID, { ...KEYED, apiUrl: 'http://127.0.0.1:12111' })
    expect(asked?.url).toMatch(/^http:\/\/127\.0\.0\.1:12111\/v1\/subscriptions\?/)
    expect(asked?.redirect).toBe('manual')
    expect(asked?.headers.get('authorization')).toBe(`Bearer ${API_KEY}`)
  })

  it('is the event’s own where Stripe knows no such customer, and it takes away', async () => {
    world.api.instead = () => Response.json({ error: { code: 'resource_missing', param: 'customer' } }, { status: 400 })
    expect(await world.post(ENDED, KEYED)).toMatchObject({ status: 200 })
    expect(world.standing()).toEqual({ at: AT, standing: 'inactive' })
    expect(await world.post(PAID, KEYED)).toMatchObject({ status: 503 })
    expect(await world.post(summaryEvent(['premium']), KEYED)).toMatchObject({ status: 503 })
    expect(await world.post(summaryEvent([]), KEYED)).toMatchObject({ status: 200 })
    expect(world.standing()).toEqual({ at: AT, standing: 'inactive' })
    expect(world.entry().entitlements).toEqual({ at: AT, names: [] })
  })

  it('ends with a customer that is gone, though an answer of that very second said otherwise', async () => {
    world.api.subscriptions = [subscription()]
    world.now = AT * 1000 + 200
    await world.post(PAID, KEYED)
    world.now = AT * 1000 + 900
    world.api.instead = () => Response.json({ error: { code: 'resource_missing', param: 'customer' } }, { status: 400 })
    expect(await world.post(ENDED, KEYED)).toMatchObject({ status: 200 })
    expect(world.standing()).toEqual({ at: AT + 0.9, standing: 'inactive' })
  })

  it.each([
    ['the question is refused', () => Response.json({ error: { code: 'parameter_unknown' } }, { status: 400 })],
    ['the key is refused', () => new Response('{}', { status: 401 })],
    ['Stripe has too much to do', () => new Response('{}', { status: 429 })],
    ['Stripe fails', () => new Response('{}', { status: 500 })],
    ['it is sent elsewhere', () => new Response(null, { status: 302, headers: { location: 'https://evil.test/' } })],
    ['the answer is no JSON', () => new Response('<html>')],
    ['the answer is no list', () => Response.json({ object: 'list', data: {}, has_more: false })],
    ['a list has no status', () => Response.json({ data: [{ id: 'sub_1' }], has_more: false })],
    ['a list does not end', () => Response.json({ data: [subscription()], has_more: true })],
    ['the answer is too long', () => new Response('x'.repeat(4 * 1024 * 1024 + 1))],
    ['nobody answers', () => Promise.reject(new TypeError(`no route to ${API_KEY}`))],
  ])('is asked again later where %s', async (_what, instead) => {
    world.api.instead = instead
    const answer = await world.post(ENDED, KEYED)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('30')
    expect(world.applied).toEqual([])
    expect(world.api.asked.length).toBeLessThanOrEqual(10)
    const said = JSON.stringify([answer.body, world.warned.mock.calls, world.lines])
    expect(said).toContain(ENDED.id)
    expect(said).not.toContain(API_KEY)
    expect(said).not.toContain(CUSTOMER)
  })

  it('is asked again later where nobody answers in five seconds', async () => {
    world.api.instead = () => new Promise(() => undefined)
    const answer = world.post(ENDED, KEYED)
    await vi.waitFor(() => expect(world.api.timeouts).toEqual([5000]))
    world.api.timeOut()
    expect(await answer).toMatchObject({ status: 503 })
    expect(world.warned.mock.calls).toEqual([[JSON.stringify({ stripe: ENDED.id, problem: 'TimeoutError' })]])
  })
})

describe('an account named by metadata', () => {
  const named = { subject: { metadata: 'account' } }
  const metadata = { account: 'account-7' }
  const parent = {
    type: 'subscription_details',
    quote_details: null,
    subscription_details: { subscription: 'sub_1', metadata },
  }

  it.each([
    ['of the subscription', subscriptionEvent('customer.subscription.updated', { metadata })],
    ['of the invoice', invoiceEvent('invoice.paid', { metadata, parent: { ...invoice().parent, ...parent } })],
    ['of the subscription that the invoice is for', invoiceEvent('invoice.paid', { parent })],
  ])('is found in that %s, without a question', async (_where, event) => {
    await world.post(event, named)
    expect(world.applied[0]?.account).toBe('account-7')
    expect(world.api.asked).toEqual([])
  })

  it('is that account though its name is as long as Stripe allows, and not the customer’s own', async () => {
    const long = { account: 'a'.repeat(500) }
    world.api.metadata = metadata
    await world.post(subscriptionEvent('customer.subscription.deleted', { metadata: long }), { ...named, ...KEYED })
    expect(world.applied[0]?.account).toBe(long.account)
  })

  it('is asked of the customer where only the customer can have it', async () => {
    world.api.metadata = metadata
    await world.post(summaryEvent(['premium']), { ...named, ...KEYED })
    expect(world.applied[0]?.account).toBe('account-7')
    expect(world.api.asked[0]).toBe(`/v1/customers/${CUSTOMER}`)
  })

  it('that is nowhere is nobody’s: 200, and a line that names the event', async () => {
    expect(await world.post(ENDED, named)).toMatchObject({ status: 200, body: { applied: false } })
    expect(await world.post(ENDED, { ...named, ...KEYED })).toMatchObject({ status: 200, body: { applied: false } })
    expect(world.applied).toEqual([])
    expect(world.warned.mock.calls[0]).toEqual([
      JSON.stringify({ stripe: ENDED.id, problem: 'no account in its metadata' }),
    ])
  })

  it('is never what a payment link’s URL says (client_reference_id)', async () => {
    const object = { ...subscription(), client_reference_id: 'account-7' }
    for (const subject of ['client_reference_id', 'account'])
      expect(await world.post({ ...ENDED, data: { object } }, { subject: { metadata: subject } })).toMatchObject({
        body: { applied: false },
      })
    const session = { id: 'cs_1', object: 'checkout.session', customer: CUSTOMER, client_reference_id: 'account-7' }
    const completed = { ...ENDED, type: 'checkout.session.completed', data: { object: session } }
    expect(await world.post(completed, named)).toMatchObject({ status: 200, body: { applied: false } })
    expect(world.applied).toEqual([])
  })

  it('is asked for again where Stripe has no such customer, for the key may be for others', async () => {
    world.api.instead = () => Response.json({ error: { code: 'resource_missing' } }, { status: 404 })
    expect(await world.post(ENDED, { ...named, ...KEYED })).toMatchObject({ status: 503 })
  })

  it('ends with the customer who is deleted: of them, Stripe no longer tells whose they were', async () => {
    world.api.instead = ({ url }) => {
      if (url.includes('/v1/customers/')) return Response.json({ id: CUSTOMER, object: 'customer', deleted: true })
      return Response.json({ error: { code: 'resource_missing', param: 'customer' } }, { status: 400 })
    }
    expect(await world.post(ENDED, { ...named, ...KEYED })).toMatchObject({ body: { applied: false } })
    for (const options of [named, { ...named, ...KEYED }]) {
      const answer = await world.post(customerDeletedEvent(metadata), options)
      expect(answer).toMatchObject({ status: 200, body: { applied: true } })
    }
    expect(world.applied.map(({ account }) => account)).toEqual(['account-7', 'account-7'])
    expect(world.entry()).toEqual({ standing: { at: AT, standing: 'inactive' } })
  })

  it('has the standing of its own subscriptions, not of another account’s that the customer pays for', async () => {
    const other = subscription({ id: 'sub_2', metadata: { account: 'account-8' } })
    const event = subscriptionEvent('customer.subscription.deleted', { status: 'canceled', metadata })
    world.api.subscriptions = [other]
    await world.post(event, { ...named, ...KEYED })
    expect(world.standing()?.standing).toBe('inactive')
    world.now += 1
    world.api.subscriptions = [other, subscription({ id: 'sub_3', metadata })]
    await world.post(event, { ...named, ...KEYED })
    expect(world.standing()?.standing).toBe('active')
  })
})

describe('a subscription that names no account', () => {
  const keyed = { subject: { metadata: 'account' }, ...KEYED }
  const ended = subscriptionEvent('customer.subscription.deleted', {
    status: 'canceled',
    metadata: { account: 'account-7' },
  })

  it('is its customer’s own, and keeps no other account open that the customer paid for', async () => {
    world.api.metadata = { account: 'account-1' }
    world.api.subscriptions = [subscription({ id: 'sub_own' })]
    await world.post(ended, keyed)
    expect([world.applied[0]?.account, world.standing()?.standing]).toEqual(['account-7', 'inactive'])
  })

  it('is of whom the event names where its customer names nobody either', async () => {
    world.api.subscriptions = [subscription({ id: 'sub_new' })]
    await world.post(ended, keyed)
    expect(world.standing()?.standing).toBe('active')
  })

  it('counts for its customer’s own account, and what others are paid for does not', async () => {
    world.api.metadata = { account: 'account-1' }
    const other = subscription({ id: 'sub_2', metadata: { account: 'account-7' } })
    world.api.subscriptions = [other, subscription({ id: 'sub_own', status: 'past_due' })]
    await world.post(subscriptionEvent('customer.subscription.created', {}), keyed)
    expect([world.applied[0]?.account, world.standing()?.standing]).toEqual(['account-1', 'past-due'])
  })
})

describe('entitlements', () => {
  it('are those of the summary', async () => {
    await world.post(summaryEvent(['premium', 'api']))
    expect(world.entry().entitlements).toEqual({ at: AT, names: ['api', 'premium'] })
  })

  it('that are listed in part are fetched whole', async () => {
    world.api.entitlements = Array.from({ length: 250 }, (_, at) => `feature-${at}`)
    await world.post(summaryEvent(world.api.entitlements.slice(0, 10), true), KEYED)
    expect(world.entry().entitlements?.names).toHaveLength(250)
    expect(world.api.asked).toHaveLength(3)
  })

  it('are not changed by a part of them: without a key, and where there are more than a thousand, 503', async () => {
    expect(await world.post(summaryEvent(['premium'], true))).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('"key"') },
    })
    world.api.entitlements = Array.from({ length: 1001 }, (_, at) => `feature-${at}`)
    expect(await world.post(summaryEvent(['premium'], true), KEYED)).toMatchObject({ status: 503 })
    world.api.instead = () => new Response('{}', { status: 400 })
    expect(await world.post(summaryEvent(['premium'], true), KEYED)).toMatchObject({ status: 503 })
    expect(world.applied).toEqual([])
  })
})
