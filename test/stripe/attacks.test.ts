import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OURS } from '../login/world.ts'
import { Stripe } from 'stripe'
import { createShop, type ShopWorld, WEBHOOK } from './shopworld.ts'

let shop: ShopWorld

beforeEach(() => {
  shop = createShop()
})
afterEach(() => void vi.restoreAllMocks())

const customer = (): string => [...shop.double.state.customers.keys()].at(-1) ?? ''
const sessionOf = (location: string) => shop.double.state.sessions.get(shop.double.sessionAt(location))

/** Makes a session as somebody else with the account's key does, or the dashboard by a payment link. */
async function madeElsewhere(offer: string, metadata: Record<string, string>): Promise<string> {
  const mode = offer === 'price_month' ? 'subscription' : 'payment'
  const httpClient = Stripe.createFetchHttpClient(shop.double.fetch)
  const client = new Stripe('sk_test_51QdoubleOfStripe0000000000', {
    httpClient,
    maxNetworkRetries: 0,
    telemetry: false,
  })
  const session = await client.checkout.sessions.create({
    mode,
    line_items: [{ price: offer, quantity: 1 }],
    success_url: `${OURS}/thanks`,
    client_reference_id: 'cus_victim',
    metadata,
    ...(mode === 'payment' && { customer_creation: 'always' as const }),
  })
  return session.id
}

describe('the return of a purchase', () => {
  it('with the session id of another buyer in its URL gives what its own trip has bought: nothing yet', async () => {
    const other = shop.newReader()
    const theirs = await shop.buy('monthly', '/articles/1', other)
    const mine = await shop.buy('monthly')
    const back = new URL(shop.double.pay(shop.double.sessionAt(theirs)))
    const own = new URL(sessionOf(mine)?.success_url ?? '')
    own.searchParams.set('session_id', back.searchParams.get('session_id') ?? '')
    const answer = await shop.comeBack(own.href)
    expect([answer.status, answer.headers.has('refresh')]).toEqual([200, true])
    expect(shop.reader.names()).not.toContain('__Host-faregate')
    expect((await shop.reader.open('/articles/1')).status).toBe(402)
  })

  it('of another buyer opens nothing in a browser that did not begin it', async () => {
    const back = shop.double.pay(shop.double.sessionAt(await shop.buy('monthly')))
    const thief = shop.newReader()
    expect((await shop.comeBack(back, thief)).status).toBe(400)
    expect(thief.names()).toEqual([])
    expect((await shop.comeBack(back)).status).toBe(200)
  })

  it.each([
    [
      'another trip',
      (session: Record<string, unknown>) => void Object.assign(session['metadata'] as object, { faregate_trip: 'x' }),
    ],
    [
      'another zone',
      (session: Record<string, unknown>) =>
        void Object.assign(session['metadata'] as object, { faregate_zone: 'shop' }),
    ],
    [
      'another offer',
      (session: Record<string, unknown>) =>
        void Object.assign(session['metadata'] as object, { faregate_offer: 'basic' }),
    ],
    ['another mode', (session: Record<string, unknown>) => void Object.assign(session, { mode: 'payment' })],
    ['live mode', (session: Record<string, unknown>) => void Object.assign(session, { livemode: true })],
    ['a payment link', (session: Record<string, unknown>) => void Object.assign(session, { payment_link: 'plink_1' })],
  ])('to a session of %s is refused, and nobody is signed in', async (_what, change) => {
    const location = await shop.buy('monthly')
    const id = shop.double.sessionAt(location)
    const back = shop.double.pay(id)
    change(shop.double.state.sessions.get(id) as unknown as Record<string, unknown>)
    expect((await shop.comeBack(back)).status).toBeGreaterThanOrEqual(400)
    expect(shop.reader.names()).toEqual([])
  })

  it.each([
    ['another price', { price: 'price_other' }],
    ['another quantity', { quantity: 7 }],
  ])('to a session with %s is refused', async (_what, { price, quantity }: { price?: string; quantity?: number }) => {
    const id = shop.double.sessionAt(await shop.buy('topUp'))
    const [line] = shop.double.state.plans.get(id)?.lines ?? []
    const back = shop.double.pay(id)
    if (line !== undefined)
      Object.assign(line, {
        ...(price && { price: shop.double.state.prices.get(price) }),
        ...(quantity && { quantity }),
      })
    expect((await shop.comeBack(back)).status).toBeGreaterThanOrEqual(400)
    await shop.deliverAll()
    expect(await shop.credit(customer())).toBe('')
  })

  it('of a price in another currency makes a receipt that does not pay', async () => {
    const id = shop.double.sessionAt(await shop.buy('article', '/single/1'))
    const back = shop.double.pay(id)
    const [line] = shop.double.state.plans.get(id)?.lines ?? []
    if (line !== undefined) Object.assign(line.price, { currency: 'huf' })
    await shop.comeBack(back)
    expect((await shop.reader.open('/single/1')).status).toBe(402)
  })

  it('of a price that changed since still counts if it is among the former ones', async () => {
    shop = createShop({
      stripe: {
        sell: {
          topUp: { price: 'price_other', formerPrices: ['price_credit'], credit: { amount: '10', currency: 'EUR' } },
        },
      },
    })
    const id = shop.double.sessionAt(await shop.buy('topUp'))
    const [line] = shop.double.state.plans.get(id)?.lines ?? []
    if (line !== undefined) Object.assign(line, { price: shop.double.state.prices.get('price_credit') })
    expect((await shop.comeBack(shop.double.pay(id))).status).toBe(200)
    expect(await shop.credit(customer())).toBe('10 EUR')
  })
})

describe('a webhook', () => {
  it('of a session that the gate did not make gives nothing, whatever its reference names', async () => {
    for (const metadata of [
      {},
      { faregate_zone: 'other', faregate_offer: 'topUp' },
      { faregate_zone: 'news', faregate_offer: 'monthly' },
    ]) {
      shop.double.pay(await madeElsewhere('price_credit', metadata))
      await shop.deliverAll()
      expect(await shop.credit(customer())).toBe('')
      expect(await shop.credit('cus_victim')).toBe('')
    }
  })

  it('of a payment link with our metadata gives nothing', async () => {
    const id = await madeElsewhere('price_credit', {
      faregate_zone: 'news',
      faregate_offer: 'topUp',
      faregate_trip: 'x',
    })
    Object.assign(shop.double.state.sessions.get(id) ?? {}, { payment_link: 'plink_1' })
    shop.double.pay(id)
    await shop.deliverAll()
    expect(await shop.credit(customer())).toBe('')
  })

  it('that was sent before gives nothing again, under its own id or another', async () => {
    await shop.pay(await shop.buy('topUp'))
    await shop.deliverAll()
    const event = shop.double.state.events.find(({ type }) => type === 'checkout.session.completed')
    for (const id of [event?.id, 'evt_another']) expect((await post({ ...event, id })).status).toBe(200)
    expect(await shop.credit(customer())).toBe('10 EUR')
  })

  it('of the other mode of Stripe, or of a connected account, is nothing to the gate', async () => {
    await shop.pay(await shop.buy('monthly'))
    const asked = shop.double.calls.length
    const event = { ...shop.double.state.events.find(({ type }) => type === 'checkout.session.completed'), id: 'evt_x' }
    expect(await (await post({ ...event, livemode: true })).json()).toEqual({ applied: false })
    expect(await (await post({ ...event, account: 'acct_1' })).json()).toEqual({ applied: false })
    expect(shop.double.calls).toHaveLength(asked)
  })

  it('of test mode is nothing to a live key', async () => {
    shop = createShop({ key: 'rk_live_0123456789abcdef' })
    expect(
      await (
        await post({
          id: 'evt_1',
          object: 'event',
          type: 'customer.subscription.created',
          created: 1,
          livemode: false,
          data: { object: { id: 'sub_1', status: 'active', customer: 'cus_1' } },
        })
      ).json(),
    ).toEqual({ applied: false })
  })

  it('with the secret of somebody else is refused', async () => {
    const event = { id: 'evt_1', object: 'event', type: 'checkout.session.completed', data: { object: { id: 'cs_1' } } }
    expect((await post(event, 'whsec_of_somebody_else_000001')).status).toBe(400)
  })
})

it('nothing that leaves the gate has a key of Stripe’s, a webhook’s secret, or the state of a trip that ended', async () => {
  shop.double.faults.call = ({ path }) => (path.includes('portal') ? '500' : undefined)
  await shop.pay(await shop.buy('monthly'))
  await shop.reader.open('/__faregate/portal?to=/')
  await shop.deliverAll()
  const told = shop.trips.told.join('\n')
  expect(told).not.toContain('sk_test_51Q')
  expect(told).not.toContain(WEBHOOK)
})

async function post(event: unknown, secret = WEBHOOK): Promise<Response> {
  const payload = JSON.stringify(event)
  const timestamp = Math.floor(shop.trips.now / 1000)
  const cryptoProvider = Stripe.createSubtleCryptoProvider()
  const signer = new Stripe('sk_test_nobody')
  const signature = await signer.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp, cryptoProvider })
  return shop.trips.ask(`${OURS}/__faregate/events/stripe`, {
    method: 'POST',
    headers: { 'stripe-signature': signature },
    body: payload,
  })
}
