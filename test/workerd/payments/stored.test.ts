import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IMPLEMENTATIONS } from '../origin/gate.ts'
import { createShop, receiptIn, type Shop, toldBy } from './shop.ts'

describe.each(IMPLEMENTATIONS)('what is stored by the %s cache', (implementation) => {
  let shop: Shop

  beforeEach(async () => {
    shop = await createShop(implementation)
    shop.world.origin = () => new Response('the report', { headers: { 'cache-control': 'max-age=60', etag: '"1"' } })
    await shop.send(await shop.sign())
  })
  afterEach(() => shop.end())

  const asked = (): readonly number[] => [shop.bank.verified.length, shop.bank.asked.length, shop.world.received.length]

  it.each([
    ['from memory', {}, 'the report'],
    ['from the store', { range: 'bytes=4-9' }, 'report'],
  ])('is paid %s by one call of the bank, which settles', async (_where, headers, text) => {
    expect(asked()).toEqual([1, 1, 1])
    const response = await shop.send(await shop.sign(), '/reports/1', { headers })
    expect([await response.text(), receiptIn(response)]).toMatchObject([text, { kind: 'settled' }])
    expect(asked()).toEqual([1, 2, 1])
  })

  it('is not had for a payment that does not settle, whatever of it is asked for', async () => {
    for (const mood of ['fails', 'throws', 'pends'] as const) {
      shop.bank.mood = mood
      for (const headers of [
        {},
        { range: 'bytes=0-2' },
        { 'cache-control': 'only-if-cached' },
        { accept: 'text/plain' },
      ]) {
        const response = await shop.send(await shop.sign(), '/reports/1', { headers })
        expect([402, 503]).toContain(response.status)
        expect(await response.text()).not.toMatch(/^the/)
      }
    }
    expect(shop.world.received.length).toBe(1)
  })

  it('is checked before the origin is asked for more than the copy', async () => {
    shop.bank.check = 'empty'
    const headers = { 'cache-control': 'no-cache' }
    expect(await toldBy(await shop.send(await shop.sign(), '/reports/1', { headers }))).toBe('402 payment-declined')
    expect(await toldBy(await shop.send(await shop.sign(), '/reports/2'))).toBe('402 payment-declined')
    expect(shop.world.received.length).toBe(1)
  })

  it('holds no receipt of who paid first', async () => {
    const token = await shop.world.receipt({
      aud: 'https://news.test',
      jti: crypto.randomUUID(),
      amount: '0.25',
      currency: 'USD',
      resource: '/reports/*',
    })
    const response = await shop.send(undefined, '/reports/1', { headers: { 'faregate-receipt': token } })
    expect([response.status, receiptIn(response)]).toEqual([200, undefined])
  })
})
