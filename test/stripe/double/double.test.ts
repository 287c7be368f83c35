import type { Stripe } from 'stripe'
import { beforeEach, describe, expect, it } from 'vitest'
import { createDoubleWorld, DOUBLE_START, type DoubleWorld, RETURNS } from './doubleworld.ts'

let world: DoubleWorld

beforeEach(() => (world = createDoubleWorld()))

describe('a session for one payment', () => {
  const create = (over: Partial<Stripe.Checkout.SessionCreateParams> = {}, key = 'trip-1') =>
    world.client.checkout.sessions.create(
      { mode: 'payment', line_items: [{ price: 'price_article', quantity: 1 }], ...RETURNS, ...over },
      { idempotencyKey: key },
    )

  it('is open with a page, then paid, with its payment, charge and line items', async () => {
    const made = await create({ metadata: { trip: '1' }, payment_intent_data: { metadata: { offer: 'article' } } })
    expect(made).toMatchObject({ status: 'open', payment_status: 'unpaid', amount_total: 199, payment_intent: null })
    expect(made.url).toBe(`https://checkout.stripe.com/c/pay/${made.id}`)
    expect(made.id).toMatch(/^cs_test_\w{58}$/)
    expect(world.double.pay(made.id, { email: 'ada@example.com' })).toBe(RETURNS.success_url)
    const expand = ['line_items', 'payment_intent.latest_charge', 'customer']
    const paid = await world.client.checkout.sessions.retrieve(made.id, { expand })
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      url: null,
      customer: null,
      customer_details: { email: 'ada@example.com' },
      payment_intent: { status: 'succeeded', metadata: { offer: 'article' }, latest_charge: { paid: true } },
      line_items: { data: [{ price: { id: 'price_article' }, quantity: 1 }] },
    })
    await world.double.deliver()
    expect(world.types()).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ])
    expect(world.arrived.at(-1)?.data.object).toMatchObject({
      id: made.id,
      payment_status: 'paid',
      metadata: { trip: '1' },
    })
  })

  it('paid by bank debit is complete and unpaid until the debit ends', async () => {
    for (const [outcome, status, last] of [
      ['paid', 'paid', 'checkout.session.async_payment_succeeded'],
      ['failed', 'unpaid', 'checkout.session.async_payment_failed'],
    ] as const) {
      const { id } = await create({}, outcome)
      world.double.pay(id, { method: 'sepa_debit' })
      expect(await world.client.checkout.sessions.retrieve(id)).toMatchObject({
        status: 'complete',
        payment_status: 'unpaid',
      })
      world.double.settle(id, outcome)
      expect(await world.client.checkout.sessions.retrieve(id)).toMatchObject({ payment_status: status })
      await world.double.deliver()
      expect(world.types().at(-1)).toBe(last)
    }
  })

  it('expires, by time or by order', async () => {
    const [first, second] = [await create({}, 'a'), await create({}, 'b')]
    expect(await world.client.checkout.sessions.expire(first.id)).toMatchObject({ status: 'expired', url: null })
    await expect(world.client.checkout.sessions.expire(first.id)).rejects.toThrow('a status of `expired`')
    world.now += 86_400_000
    expect(await world.client.checkout.sessions.retrieve(second.id)).toMatchObject({ status: 'expired' })
  })

  it('is made once for one key, and never with other parameters', async () => {
    const first = await create()
    expect(await create()).toMatchObject({ id: first.id })
    await expect(create({ locale: 'de' })).rejects.toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 })
    expect(world.double.state.sessions.size).toBe(1)
  })

  it.each([
    [{ line_items: [] }, 'line_items'],
    [{ line_items: [{ price: 'price_none', quantity: 1 }] }, 'line_items[0][price]'],
    [{ line_items: [{ price: 'price_month', quantity: 1 }] }, 'line_items[0][price]'],
    [{ line_items: [{ price: 'price_article' }] }, 'line_items[0][quantity]'],
    [{ subscription_data: { metadata: { a: 'b' } } }, 'subscription_data'],
    [{ customer: 'cus_none' }, 'customer'],
    [{ success_url: '' }, 'success_url'],
    [{ cancel_url: '/relative' }, 'cancel_url'],
    [{ client_reference_id: 'a b' }, 'client_reference_id'],
    [{ metadata: { a: 'x'.repeat(501) } }, 'metadata[a]'],
    [{ expires_at: DOUBLE_START / 1000 + 60 }, 'expires_at'],
    [{ locale: 'tlh' }, 'locale'],
    [{ payment_method_types: ['card'] }, 'payment_method_types'],
    [{ line_items: [{ price: 'price_article', quantity: 1, colour: 'red' }] }, 'line_items[0][colour]'],
  ])('is refused with %j, naming the parameter', async (over, param) => {
    const params = over as Partial<Stripe.Checkout.SessionCreateParams>
    await expect(create(params)).rejects.toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, param })
    expect(world.double.state.sessions.size).toBe(0)
  })
})

describe('a subscription', () => {
  const subscribe = async (method?: 'card' | 'sepa_debit') => {
    const line_items = [{ price: 'price_month', quantity: 1 }]
    const { id } = await world.client.checkout.sessions.create({ mode: 'subscription', line_items, ...RETURNS })
    world.double.pay(id, { email: 'ada@example.com', ...(method && { method }) })
    const expand = ['subscription', 'invoice.payments']
    const { customer, subscription, invoice } = await world.client.checkout.sessions.retrieve(id, { expand })
    if (typeof customer !== 'string' || typeof subscription !== 'object' || subscription === null) throw new TypeError()
    if (typeof invoice !== 'object' || invoice === null) throw new TypeError()
    return { id, customer, subscription, payment: invoice.payments?.data[0]?.payment.payment_intent }
  }

  it('begins with its customer, invoice, payment and entitlements, renews, fails, and ends with its period', async () => {
    const { customer, subscription, payment } = await subscribe()
    expect(payment).toMatch(/^pi_/)
    expect(subscription).toMatchObject({ status: 'active', customer })
    const listed = await world.client.entitlements.activeEntitlements.list({ customer })
    expect(listed.data.map(({ lookup_key: key }) => key)).toEqual(['premium'])
    world.now += 31 * 86_400_000
    expect((await world.client.invoices.list({ subscription: subscription.id })).data).toMatchObject([
      { billing_reason: 'subscription_cycle', status: 'paid' },
      { billing_reason: 'subscription_create', status: 'paid' },
    ])
    world.double.setDeclining(customer, true)
    world.double.endPeriod(subscription.id)
    expect(await world.client.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'past_due' })
    world.double.payLatestInvoice(subscription.id)
    await world.client.subscriptions.update(subscription.id, { cancel_at_period_end: true })
    world.now += 62 * 86_400_000
    expect((await world.client.subscriptions.list({ customer })).data).toEqual([])
    expect((await world.client.subscriptions.list({ customer, status: 'all' })).data).toMatchObject([
      { status: 'canceled' },
    ])
    await world.double.deliver()
    expect(world.types()).toContain('invoice.payment_failed')
    expect(world.types().slice(-2)).toEqual([
      'customer.subscription.deleted',
      'entitlements.active_entitlement_summary.updated',
    ])
  })

  it('is active while a bank debit is on its way, and past due or incomplete where that fails', async () => {
    const { id, subscription } = await subscribe('sepa_debit')
    expect(subscription.status).toBe('active')
    world.double.settle(id, 'failed')
    expect(await world.client.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'incomplete' })
  })

  it('is found by its customer’s email, and ends with the customer', async () => {
    const { customer } = await subscribe()
    const { data } = await world.client.customers.list({ email: 'ada@example.com', expand: ['data.subscriptions'] })
    expect(data).toMatchObject([{ id: customer, subscriptions: { data: [{ status: 'active' }] } }])
    const portal = await world.client.billingPortal.sessions.create({ customer, return_url: 'https://news.test/' })
    expect(portal).toMatchObject({ customer, url: `https://checkout.stripe.com/p/session/${portal.id}` })
    await world.client.customers.del(customer)
    expect(await world.client.customers.retrieve(customer)).toMatchObject({
      id: customer,
      object: 'customer',
      deleted: true,
    })
    await world.double.deliver()
    expect(world.types().slice(-3)[0]).toBe('customer.subscription.deleted')
    expect(world.types().at(-1)).toBe('customer.deleted')
  })
})
