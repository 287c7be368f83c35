import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stripe } from 'stripe'
import { DOUBLE_KEY } from '../../stripe/double/index.ts'
import { startStripeDouble, type StripeDoubleServer } from '../../stripe/double/server.ts'

let server: StripeDoubleServer
let client: Stripe

beforeAll(async () => {
  server = await startStripeDouble()
  server.double.addPrice({ id: 'price_month', amount: 500, every: 'month', name: 'Monthly & more' })
  const { hostname: host, port } = new URL(server.url)
  client = new Stripe(DOUBLE_KEY, { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
})
afterAll(() => server.close())

const begin = (email?: string) =>
  client.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: 'price_month', quantity: 1 }],
    success_url: 'https://news.test/back?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://news.test/cancelled',
    ...(email !== undefined && { customer_email: email }),
  })
const post = (url: string | null, form: Record<string, string>) =>
  fetch(url ?? '', { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })

describe('the double behind a socket', () => {
  it('has a page on which a browser pays, is declined, turns back, or finds that it paid', async () => {
    const { id, url } = await begin('ada@example.com')
    const page = await (await fetch(url ?? '')).text()
    expect(page).toContain('Monthly &amp; more')
    expect(page).toContain('href="https://news.test/cancelled"')
    expect(page).toContain('value="ada@example.com"')
    expect((await post(url, { method: 'declined' })).status).toBe(402)
    const paid = await post(url, { method: 'card', email: 'ada@example.com' })
    expect([paid.status, paid.headers.get('location')]).toEqual([303, `https://news.test/back?session=${id}`])
    expect(await client.checkout.sessions.retrieve(id)).toMatchObject({ payment_status: 'paid' })
    expect(await (await fetch(url ?? '')).text()).toContain('You are all done here')
  })

  it('has a portal in which a subscription is canceled at the end of its period', async () => {
    const { id, url } = await begin()
    await post(url, { method: 'card', email: 'bob@example.com' })
    const { customer, subscription } = await client.checkout.sessions.retrieve(id)
    if (typeof customer !== 'string' || typeof subscription !== 'string') throw new TypeError('no subscription')
    const portal = await client.billingPortal.sessions.create({ customer, return_url: 'https://news.test/' })
    expect(await (await fetch(portal.url)).text()).toContain('Cancel subscription')
    const after = await post(portal.url, { subscription, act: 'cancel' })
    expect(await after.text()).toContain('ends with its period')
    expect(await client.subscriptions.retrieve(subscription)).toMatchObject({ cancel_at_period_end: true })
  })

  it('breaks the connection where an answer is lost', async () => {
    server.double.faults.call = () => 'lost'
    await expect(begin()).rejects.toMatchObject({ type: 'StripeConnectionError' })
    delete server.double.faults.call
  })
})
