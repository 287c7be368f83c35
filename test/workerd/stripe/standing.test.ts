import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type App, createApp } from '../../../src/gate.ts'
import { createBackground, newServices, worldOrigin, realObjects } from '../../support/services.ts'
import { invoice, invoiceEvent, subscriptionEvent } from '../../stripe/objects.ts'
import { SECRET, sign } from '../../stripe/world.ts'
import { withToken, createWorld, type World } from '../../support/world.ts'
import { bindingsOf } from '../../../src/config/rules/bindings.ts'
import { stripe } from '../../../src/stripe/index.ts'

/** Stripe's events, from its signature to what the next request of a reader comes to: with ledgers, and without a key. */

let world: World
let gate: App
let customer: string

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  world = await createWorld()
  world.origin = () => new Response('the paid page')
  customer = `cus_${crypto.randomUUID()}`
  gate = createGate()
})
afterEach(() => {
  world.end()
  vi.useRealTimers()
})

const SOURCE = stripe({ secret: 'SECRET', issuer: 'https://billing.test' })
const EVENTS = [SOURCE.create(bindingsOf({ SECRET }))]

/** One isolate whose zones Stripe tells something. */
function createGate(): App {
  const services = newServices(realObjects())
  const sites = new Map(Array.from(services.sites, ([host, site]) => [host, { ...site, events: EVENTS }]))
  return createApp({ ...services, sites }, [SOURCE.endpoint])
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const { waitUntil, settled } = createBackground()
  const behind = { origin: worldOrigin(world), purge: async () => true }
  const response = await gate(new Request(`https://news.test${path}`, init), behind, waitUntil)
  const whole = new Response(await response.text(), response)
  await settled()
  return whole
}

const seconds = (): number => Math.floor(Date.now() / 1000)
const pass = (s: number): void => void vi.setSystemTime(Date.now() + s * 1000)

async function post(event: unknown): Promise<number> {
  const body = JSON.stringify(event)
  const headers = { 'stripe-signature': await sign(body, SECRET, seconds()), 'content-type': 'application/json' }
  return (await send('/__faregate/events/stripe', { method: 'POST', headers, body })).status
}

async function read(token: string): Promise<unknown> {
  const response = await send(`/articles/${crypto.randomUUID()}`, withToken(token))
  return response.status === 200 ? 200 : (await response.json<{ reason: unknown }>()).reason
}

const started = (id: string, created = seconds()) =>
  subscriptionEvent('customer.subscription.created', { id, customer, status: 'active' }, { created })
const ended = (id: string, created = seconds()) =>
  subscriptionEvent('customer.subscription.deleted', { id, customer, status: 'canceled' }, { created })
const paid = (id: string, created = seconds()) => {
  const parent = { ...invoice().parent, type: 'subscription_details' as const, quote_details: null }
  const details = { subscription: id, metadata: {} }
  return invoiceEvent('invoice.paid', { customer, parent: { ...parent, subscription_details: details } }, { created })
}

describe('a reader whose account is a customer of Stripe’s', () => {
  it('does not come in again by a late payment of the subscription that has ended', async () => {
    const token = await world.token({ sub: customer })
    expect(await read(token)).toBe(200)
    pass(60)
    expect(await post(started('sub_a'))).toBe(200)
    pass(60)
    expect(await post(ended('sub_a'))).toBe(200)
    expect(await read(token)).toBe('subscription-inactive')
    pass(1)
    expect(await post(paid('sub_a'))).toBe(200)
    expect(await read(token)).toBe('subscription-inactive')
    // Who subscribes anew is in.
    pass(1)
    expect(await post(started('sub_b'))).toBe(200)
    expect(await read(token)).toBe(200)
  })

  it('stays in while one of two subscriptions lasts', async () => {
    const token = await world.token({ sub: customer })
    for (const id of ['sub_a', 'sub_b']) expect(await post(started(id))).toBe(200)
    pass(60)
    expect(await post(ended('sub_a'))).toBe(200)
    expect(await read(token)).toBe(200)
    pass(60)
    expect(await post(ended('sub_b'))).toBe(200)
    expect(await read(token)).toBe('subscription-inactive')
  })

  it('is not shut out for thirty days by an event from then', async () => {
    expect(await post(ended('sub_a', seconds() + 30 * 86_400))).toBe(400)
    pass(1)
    expect(await post(started('sub_a'))).toBe(200)
    expect(await read(await world.token({ sub: customer }))).toBe(200)
  })
})
