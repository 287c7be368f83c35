import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createShop, type ShopWorld } from './shopworld.ts'

let shop: ShopWorld

beforeEach(() => {
  shop = createShop()
})
afterEach(() => void vi.restoreAllMocks())

const customer = (): string => [...shop.double.state.customers.keys()].at(-1) ?? ''
const payment = (): string => [...shop.double.state.intents.keys()].at(-1) ?? ''

/** Buys as if the offer had been another one then. Returns where the buyer is sent back to. */
async function soldAs(offer: string, metadata: Readonly<Record<string, string>>, to?: string): Promise<string> {
  const id = shop.double.sessionAt(await shop.buy(offer, to))
  const { sessions, plans } = shop.double.state
  for (const kept of [sessions.get(id)?.metadata, plans.get(id)?.metadata]) Object.assign(kept ?? {}, metadata)
  return shop.double.pay(id)
}

it('what is sold is written into the Checkout Session and into its payment', async () => {
  for (const offer of ['topUp', 'article', 'monthly']) await shop.buy(offer, '/single/1')
  const kept = [...shop.double.state.sessions.values()].map(({ id, metadata }) => [
    metadata,
    shop.double.state.plans.get(id)?.metadata,
  ])
  const sold = [{ faregate_credit: '10 EUR' }, { faregate_receipt: 'pass 2592000 7776000' }, {}]
  expect(kept).toMatchObject(sold.map((one) => [one, one]))
})

describe('a configuration that was changed after the sale', () => {
  it('changes nothing about the credit that was sold, nor about what is taken back of it', async () => {
    const back = await soldAs('topUp', { faregate_credit: '4 USD' })
    await shop.comeBack(back)
    await shop.deliverAll()
    expect(await shop.credit(customer())).toBe('4 USD')
    shop.double.refund(payment(), 500)
    await shop.deliverAll()
    expect(await shop.credit(customer())).toBe('2 USD')
    shop.double.refund(payment())
    await shop.deliverAll()
    expect(await shop.credit(customer())).toBe('0 USD')
  })

  it('and has the offer no more gives what was sold all the same, and takes it back', async () => {
    await soldAs('topUp', { faregate_offer: 'former' })
    await shop.deliverAll()
    expect(await shop.credit(customer())).toBe('10 EUR')
    shop.double.refund(payment())
    await shop.deliverAll()
    expect(await shop.credit(customer())).toBe('0 EUR')
  })

  it('leaves a receipt with the uses that were sold', async () => {
    const back = await soldAs('reports', { faregate_receipt: 'uses 2 7776000 4 EUR' }, '/reports/1')
    await shop.comeBack(back)
    const statuses: number[] = []
    for (const path of ['/reports/1', '/reports/2', '/reports/3']) {
      const page = await shop.reader.open(path)
      statuses.push(page.status === 402 && path !== '/reports/3' ? (await confirmed(page, path)).status : page.status)
    }
    expect(statuses).toEqual([200, 200, 402])
  })

  it('leaves a receipt of a path with the path that was sold', async () => {
    await shop.comeBack(await soldAs('reports', { faregate_resource: '/reports/old/*' }, '/reports/old/1'))
    expect((await shop.reader.open('/reports/old/1')).status).toBe(200)
    expect((await (await shop.reader.open('/reports/2')).text()).includes('confirm')).toBe(false)
  })
})

async function confirmed(page: Response, path: string): Promise<Response> {
  await shop.reader.press(page)
  return shop.reader.open(path)
}
