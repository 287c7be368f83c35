import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CLICK, linksOf } from '../login/reader.ts'
import { DAY } from '../login/world.ts'
import { createShop, type ShopWorld } from './shopworld.ts'

let shop: ShopWorld

beforeEach(() => {
  shop = createShop()
})
afterEach(() => void vi.restoreAllMocks())

describe('a reader who buys a subscription of a seller with Stripe alone', () => {
  it('goes from the refused page to Stripe and back, and reads', async () => {
    const refused = await shop.reader.open('/articles/1')
    expect(refused.status).toBe(402)
    expect(Object.values(await linksOf(refused)).some((href) => href.includes('/__faregate/checkout'))).toBe(true)
    const location = await shop.buy('monthly')
    expect(location).toMatch(/^https:\/\/checkout\.stripe\.com\//)
    const done = await shop.pay(location)
    expect(done.status).toBe(200)
    expect(await done.text()).toContain('url=/articles/1')
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
    expect((await shop.reader.open('/basic/1')).status).toBe(200)
    await shop.deliverAll()
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
  })
})

const customers = (): string[] => [...shop.double.state.customers.keys()]
const customer = (): string => customers().at(-1) ?? ''
const sessions = () => [...shop.double.state.sessions.values()]

describe('the page of offers', () => {
  it('has titles and prices of Stripe’s or of the options, and asks Stripe for them once an hour', async () => {
    shop.double.addPrice({ id: 'price_basic', amount: 500, every: 'year', currency: 'jpy', name: 'A little' })
    const links = Object.keys(await linksOf(await shop.reader.open('/__faregate/checkout?to=/')))
    expect(links).toEqual(
      expect.arrayContaining([
        'Everything · €5.00 a month',
        'A little · ¥500 a year',
        'One article · €1.99',
        'Ten euros · €10.00',
      ]),
    )
    const calls = shop.double.calls.length
    await shop.reader.open('/__faregate/checkout?to=/')
    expect(shop.double.calls).toHaveLength(calls)
    shop.trips.now += 3_600_000
    shop.double.faults.call = () => 'down'
    expect(await (await shop.reader.open('/__faregate/checkout?to=/')).text()).toContain('monthly')
  })
})

describe('what Stripe is asked for', () => {
  it('is a Checkout Session in the reader’s language that says for what it is, and for whom by a hash alone', async () => {
    await shop.reader.open('/__faregate/checkout?offer=article&to=/single/1', {
      ...CLICK,
      'accept-language': 'xx, de-CH;q=0.9, en;q=0.8',
    })
    const { body } = shop.double.calls.find(({ method }) => method === 'POST') ?? { body: '' }
    const sent = Object.fromEntries(new URLSearchParams(body))
    expect(sent).toMatchObject({
      mode: 'payment',
      'line_items[0][price]': 'price_article',
      'line_items[0][quantity]': '1',
      customer_creation: 'always',
      locale: 'de',
      'metadata[faregate_zone]': 'news',
      'metadata[faregate_offer]': 'article',
      'metadata[faregate_resource]': '/single/1',
      'payment_intent_data[metadata][faregate_offer]': 'article',
    })
    const back = new URL(sent['success_url'] ?? '')
    expect(`${back.origin}${back.pathname}`).toBe('https://www.news.example/__faregate/return/stripe')
    expect(sent['success_url']).toContain('&session_id={CHECKOUT_SESSION_ID}')
    const state = back.searchParams.get('state') ?? ''
    expect(state.length).toBeGreaterThan(20)
    expect(sent['metadata[faregate_trip]']).not.toContain(state)
    expect(sent['cancel_url']).toBe(`https://www.news.example/__faregate/return/stripe?state=${state}&cancelled=1`)
    expect(body).not.toContain('client_reference_id')
  })

  it('is for the account that is signed in, and for a new one if Stripe has deleted that', async () => {
    await shop.pay(await shop.buy('monthly'))
    const known = customer()
    await shop.pay(await shop.buy('topUp'))
    expect(customers()).toEqual([known])
    expect(await shop.credit(known)).toBe('10 EUR')
    shop.double.deleteCustomer(known)
    await shop.pay(await shop.buy('topUp', '/articles/2'))
    expect(customers()).toHaveLength(1)
    expect(customer()).not.toBe(known)
  })

  it.each(['lost', 'timeout', 'down', '500', '429'] as const)(
    'is asked again if the answer is %s, and made once',
    async (fault) => {
      vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort())
      let faults = 1
      shop.double.faults.call = ({ method }) => (method === 'POST' && faults-- > 0 ? fault : undefined)
      expect(await shop.buy('monthly')).toContain('https://checkout.stripe.com/')
      expect(sessions()).toHaveLength(1)
    },
  )

  it('is the same Checkout Session if the same is begun again while it is open', async () => {
    const first = await shop.buy('monthly')
    expect(await shop.buy('monthly')).toBe(first)
    expect(await shop.buy('monthly', '/articles/1', shop.newReader())).not.toBe(first)
    shop.trips.now += 25 * 3_600_000
    const later = await shop.buy('monthly')
    expect(later).not.toBe(first)
    expect((await shop.pay(later)).status).toBe(200)
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
  })

  it('leads a buyer who begins again after paying to what was paid for', async () => {
    const location = await shop.buy('monthly')
    shop.double.pay(shop.double.sessionAt(location))
    const back = await shop.buy('monthly')
    expect(back).toContain('/__faregate/return/stripe?state=')
    expect((await shop.comeBack(back)).status).toBe(200)
    expect(sessions()).toHaveLength(1)
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
  })
})

describe('a reader who buys one page', () => {
  it('reads that page and no other', async () => {
    expect((await shop.pay(await shop.buy('article', '/single/1'))).status).toBe(200)
    expect(shop.reader.names().some((name) => name.startsWith('__Host-faregate-receipt-'))).toBe(true)
    expect((await shop.reader.open('/single/1')).status).toBe(200)
    expect((await shop.reader.open('/single/2')).status).toBe(402)
    expect((await shop.reader.open('/articles/1')).status).toBe(402)
  })

  it.each([
    ['a page that costs more', '/dear/1'],
    ['a page that has no price', '/articles/1'],
    ['a free page', '/about'],
    ['a pattern', '/single/*'],
    ['a page with too long a path', `/single/${'a'.repeat(500)}`],
  ])('is not sold %s: nothing is made at Stripe', async (_what, to) => {
    expect(await shop.buy('article', to)).toMatch(/^4\d\d /)
    expect(sessions()).toEqual([])
  })

  it('may buy many pages under a pattern, at what the receipt is worth', async () => {
    expect((await shop.pay(await shop.buy('reports', '/reports/1'))).status).toBe(200)
    expect((await shop.reader.open('/reports/1')).status).toBe(200)
    const page = await shop.reader.open('/reports/2')
    expect(page.status).toBe(402)
    const confirmed = await shop.reader.press(page)
    expect(confirmed.status).toBeLessThan(400)
  })
})

describe('a reader who buys credit', () => {
  it('has it once, by the return and by the webhook, however often each comes', async () => {
    const location = await shop.buy('topUp')
    shop.double.faults.delivery = (_, attempt) => (attempt === 1 ? 'doubled' : undefined)
    const back = shop.double.pay(shop.double.sessionAt(location))
    await shop.deliver()
    expect(await shop.credit(customer())).toBe('10 EUR')
    expect((await shop.comeBack(back)).status).toBe(200)
    expect((await shop.comeBack(back)).status).not.toBe(500)
    await shop.deliverAll()
    expect(await shop.credit(customer())).toBe('10 EUR')
    expect((await shop.reader.open('/articles/1')).status).toBe(402)
  })
})

describe('a payment that takes days', () => {
  it.each(['topUp', 'article'])('waits for %s, and is given when the bank has paid', async (offer) => {
    const location = await shop.buy(offer, '/single/1')
    const id = shop.double.sessionAt(location)
    const back = shop.double.pay(id, { method: 'sepa_debit' })
    const waiting = await shop.comeBack(back)
    expect([waiting.status, waiting.headers.has('refresh')]).toEqual([200, true])
    await shop.deliver()
    expect(await shop.credit(customer())).toBe('')
    shop.trips.now += 2 * DAY
    shop.double.settle(id, 'paid')
    await shop.deliver()
    expect(await shop.credit(customer())).toBe(offer === 'topUp' ? '10 EUR' : '')
    expect((await shop.comeBack(back)).status).toBe(200)
    expect(await shop.credit(customer())).toBe(offer === 'topUp' ? '10 EUR' : '')
    if (offer === 'article') expect((await shop.reader.open('/single/1')).status).toBe(200)
  })

  it('gives nothing if the bank does not pay', async () => {
    const location = await shop.buy('topUp')
    const id = shop.double.sessionAt(location)
    const back = shop.double.pay(id, { method: 'sepa_debit' })
    shop.double.settle(id, 'failed')
    await shop.deliverAll()
    await shop.comeBack(back)
    expect(await shop.credit(customer())).toBe('')
  })
})

describe('a reader who turns back', () => {
  it('comes to the page, and what was begun cannot be paid any more', async () => {
    const location = await shop.buy('monthly')
    const cancel = sessions()[0]?.cancel_url ?? ''
    const back = await shop.comeBack(cancel)
    expect([back.status, back.headers.get('location')]).toEqual([303, '/articles/1'])
    expect(sessions()[0]?.status).toBe('expired')
    expect(await shop.buy('monthly')).not.toBe(location)
  })

  it('has what was paid in another tab, all the same', async () => {
    const location = await shop.buy('monthly')
    shop.double.pay(shop.double.sessionAt(location))
    expect((await shop.comeBack(sessions()[0]?.cancel_url ?? '')).status).toBe(200)
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
  })
})

describe('a subscription', () => {
  it('ends with the next renewal or webhook, and is asked about at Stripe', async () => {
    await shop.pay(await shop.buy('monthly'))
    const [id = ''] = shop.double.state.subscriptions.keys()
    shop.trips.now += 1000
    shop.double.cancel(id)
    await shop.deliver()
    shop.trips.now += 6000
    expect((await shop.reader.open('/articles/1')).status).toBe(402)
  })

  it('that has ended is the reason of the refusal, if no credit is sold that would be lost', async () => {
    shop = createShop({ stripe: { sell: { monthly: { price: 'price_month', grants: 'premium' } } } })
    await shop.pay(await shop.buy('monthly'))
    const [id = ''] = shop.double.state.subscriptions.keys()
    shop.double.cancel(id)
    shop.trips.now += 3_601_000
    const refused = await shop.reader.open('/articles/1', { ...CLICK, accept: 'application/json' })
    expect(await refused.json()).toMatchObject({ reason: 'subscription-inactive' })
  })

  it('ends without any webhook within an hour', async () => {
    shop.double.webhooks.length = 0
    await shop.pay(await shop.buy('monthly'))
    const [id = ''] = shop.double.state.subscriptions.keys()
    shop.double.cancel(id)
    shop.trips.now += 3_601_000
    expect((await shop.reader.open('/articles/1')).status).toBe(402)
  })

  it('goes on for a day of reading, and survives an hour in which Stripe is silent', async () => {
    await shop.pay(await shop.buy('monthly'))
    for (let hour = 0; hour < 30; hour++) {
      shop.trips.now += 3_600_000
      shop.double.faults.call = () => (hour % 5 === 4 ? 'down' : undefined)
      expect((await shop.reader.open('/articles/1')).status).toBe(200)
    }
  })

  it('that is not paid opens nothing by the side of another that is', async () => {
    await shop.pay(await shop.buy('basic'))
    shop.trips.now += 1000
    await shop.pay(await shop.buy('monthly'))
    const dear = [...shop.double.state.subscriptions.values()].find(
      ({ items }) => items.data[0]?.price.id === 'price_month',
    )
    expect((await shop.reader.open('/articles/1')).status).toBe(200)
    if (dear !== undefined) dear.status = 'past_due'
    shop.trips.now += 3_601_000
    expect((await shop.reader.open('/articles/1')).status).toBe(402)
    expect((await shop.reader.open('/basic/1')).status).toBe(200)
  })

  it('that was bought twice is told', async () => {
    const [one, two] = [await shop.buy('monthly'), await shop.buy('monthly', '/articles/2')]
    expect(await (await shop.pay(one)).text()).not.toContain('twice')
    expect(await (await shop.pay(two)).text()).toContain('You have this subscription twice now')
  })

  it('of a customer that was deleted is over', async () => {
    await shop.pay(await shop.buy('monthly'))
    shop.double.deleteCustomer(customer())
    shop.trips.now += 1000
    await shop.deliverAll()
    shop.trips.now += 6000
    expect((await shop.reader.open('/articles/1')).status).toBe(402)
  })
})

describe('the portal', () => {
  it('is opened for the account that is signed in, and leads back', async () => {
    await shop.pay(await shop.buy('monthly'))
    const opened = await shop.reader.open('/__faregate/portal?to=/articles/1')
    const asked = opened.status === 303 ? opened : await shop.reader.press(opened)
    expect(asked.headers.get('location')).toMatch(/\/p\/session\/bps_/)
    const [portal] = shop.double.state.portals.values()
    expect(portal).toMatchObject({ customer: customer(), return_url: 'https://www.news.example/articles/1' })
  })
})
