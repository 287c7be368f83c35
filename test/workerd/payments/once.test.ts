import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { linesOf } from '../../support/world.ts'
import { createShop, LATER, MINUTE, receiptIn, type Shop, toldBy } from './shop.ts'

let shop: Shop

beforeEach(async () => {
  shop = await createShop()
})
afterEach(() => shop.end())

const settled = (reference: string): object => ({ kind: 'settled', reference, payer: 'ann' })

describe('a payment', () => {
  it('opens what it pays for, and is settled once', async () => {
    const payment = await shop.sign()
    const response = await shop.send(payment)
    expect([response.status, await response.text()]).toEqual([200, 'the paid page'])
    expect(receiptIn(response)).toEqual(settled('transaction-1'))
    expect([shop.bank.verified.length, shop.bank.asked]).toEqual([1, [`${payment.nonce} 1`]])
  })

  it('shows its receipt to a page of any site, as the field of a refusal that says how to pay', async () => {
    const headers = { origin: 'https://elsewhere.test' }
    const refused = await shop.send(undefined, '/reports/1', { headers })
    const served = await shop.send(await shop.sign(), '/reports/1', { headers })
    for (const response of [refused, served])
      expect(response.headers.get('access-control-expose-headers')).toContain('Toy-Required, Toy-Receipt')
    expect(refused.headers.get('toy-required')).not.toBeNull()
    expect(await refused.json()).toMatchObject({ toy: { method: 'GET', target: '/reports/1', amount: '0.25' } })
    expect([served.headers.get('toy-required'), receiptIn(refused)]).toEqual([null, undefined])
  })

  it('reaches neither the origin nor the log', async () => {
    const payment = await shop.sign({ payer: 'a-very-telling-payer' })
    await shop.send(payment)
    await shop.send(payment, '/reports/2')
    expect(shop.world.received.map(({ headers }) => headers.get('toy-payment'))).toEqual([null])
    expect(linesOf(shop.world)[0]).toMatchObject({ charged: { price: { amount: '0.25', currency: 'USD' } } })
    const lines = JSON.stringify(linesOf(shop.world))
    for (const part of [payment.credential, payment.nonce, payment.payer]) expect(lines).not.toContain(part)
  })

  it.each(['/reports/1', '/fresh/1'])(
    'that comes ten times at once at %s is settled once, and one is served',
    async (path) => {
      const payment = await shop.sign()
      const answers = await Promise.all(Array.from({ length: 10 }, () => shop.begin(payment, path)))
      const told = await Promise.all(answers.map(toldBy))
      await Promise.all(answers.map((answer) => answer.text()))
      await shop.gate.settled()
      expect(told.sort()).toEqual([...Array<string>(9).fill('409 idempotency-conflict'), 'served'])
      expect(
        answers.filter(({ status }) => status === 409).map(({ headers }) => headers.get('retry-after')),
      ).not.toContain(null)
      expect([shop.world.received.length, shop.bank.asked.length, shop.bank.moved.size]).toEqual([1, 1, 1])
    },
  )

  it.each<[string, string, RequestInit]>([
    ['another target', '/fresh/2', {}],
    ['another query', '/fresh/1?page=2', {}],
    ['another method', '/fresh/1', { method: 'POST' }],
    ['other content', '/fresh/1', { method: 'POST', body: 'other' }],
  ])('that was settled pays for nothing of %s', async (_what, path, init) => {
    const payment = await shop.sign()
    expect(await toldBy(await shop.send(payment, '/fresh/1', init.body ? { method: 'POST', body: 'one' } : {}))).toBe(
      'served',
    )
    expect(await toldBy(await shop.send(payment, path, init))).toBe('402 payment-spent')
    expect([shop.world.received.length, shop.bank.asked.length]).toEqual([1, 1])
  })

  it('that was settled pays for nothing of another site', async () => {
    const payment = await shop.sign()
    expect(await toldBy(await shop.send(payment))).toBe('served')
    expect(await toldBy(await shop.send(payment, '/reports/1', { host: 'https://films.test' }))).toBe(
      '402 payment-spent',
    )
    expect(shop.otherBank.asked).toEqual([])
  })

  it('is settled by whom its own zone names', async () => {
    const payment = await shop.sign()
    expect(await toldBy(await shop.send(payment, '/reports/1', { host: 'https://films.test' }))).toBe('served')
    expect([shop.bank.asked.length, shop.otherBank.asked.length]).toEqual([0, 1])
  })

  it.each([
    ['short', { amount: '0.249999999' }],
    ['of another currency', { currency: 'EUR', amount: '100' }],
  ])('that is %s is refused before anybody is asked', async (_what, over) => {
    expect(await toldBy(await shop.send(await shop.sign(over)))).toBe('402 payment-insufficient')
    expect([shop.bank.verified, shop.bank.asked, shop.world.received]).toEqual([[], [], []])
  })

  it('that has expired is refused before anybody is asked', async () => {
    expect(await toldBy(await shop.send(await shop.sign({ validUntil: 1 })))).toBe('402 credential-expired')
    expect([shop.bank.verified, shop.bank.asked, shop.world.received]).toEqual([[], [], []])
  })
})

describe('a payment that was delivered', () => {
  it('is good for the stored copy once more, with its receipt', async () => {
    shop.world.origin = () => new Response('the report', { headers: { 'cache-control': 'max-age=60', etag: '"1"' } })
    const payment = await shop.sign()
    for (let time = 0; time < 3; time++) {
      const response = await shop.send(payment)
      expect([await response.text(), receiptIn(response)]).toEqual(['the report', settled('transaction-1')])
    }
    expect([shop.world.received.length, shop.bank.asked.length]).toEqual([1, 1])
  })

  it('is spent where nothing is stored', async () => {
    const payment = await shop.sign()
    expect(await toldBy(await shop.send(payment, '/unkept/1'))).toBe('served')
    expect(await toldBy(await shop.send(payment, '/unkept/1'))).toBe('402 payment-spent')
    expect([shop.world.received.length, shop.bank.asked.length]).toEqual([1, 1])
  })

  it('is good for the answer that was kept with it, with its receipt, whatever the method', async () => {
    for (const method of ['GET', 'POST']) {
      const payment = await shop.sign()
      for (const replayed of [null, 'true']) {
        const response = await shop.send(payment, '/fresh/1', { method })
        expect([await response.text(), response.headers.get('idempotency-replayed')]).toEqual([
          'the paid page',
          replayed,
        ])
        expect(receiptIn(response)).toMatchObject({ kind: 'settled', payer: 'ann' })
      }
    }
    expect([shop.world.received.length, shop.bank.asked.length]).toEqual([2, 2])
  })

  it('pays for a further Range of the same representation, for five minutes', async () => {
    const part = (tag: string) => () =>
      new Response('part', { status: 206, headers: { etag: tag, 'content-range': 'bytes 0-3/9' } })
    const payment = await shop.sign()
    const ask = () => shop.send(payment, '/fresh/1', { headers: { range: 'bytes=0-3' } })
    shop.world.origin = part('"1"')
    expect([(await ask()).status, (await ask()).status]).toEqual([206, 206])
    shop.world.origin = part('"2"')
    expect(await toldBy(await ask())).toBe('402 payment-spent')
    shop.world.origin = part('"1"')
    vi.setSystemTime(LATER + 6 * MINUTE)
    expect(await toldBy(await ask())).toBe('402 payment-spent')
    expect(shop.bank.asked.length).toBe(1)
  })

  it('in part is delivered again, and settled no more', async () => {
    const payment = await shop.sign()
    shop.world.origin = () => new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(1024)) }))
    const broken = await shop.begin(payment, '/fresh/1')
    await broken.body?.cancel()
    await shop.gate.settled()
    shop.world.origin = () => new Response('all of it')
    const again = await shop.send(payment, '/fresh/1')
    expect([await again.text(), receiptIn(again)]).toEqual(['all of it', settled('transaction-1')])
    expect(shop.bank.asked.length).toBe(1)
  })
})

describe('beside an entitlement', () => {
  const both = async (headers = {}): Promise<RequestInit> => ({
    headers: { authorization: `Bearer ${await shop.world.token({ sub: crypto.randomUUID() })}`, ...headers },
  })

  it.each(['/both/1', '/counted/1'])('that covers %s a payment is not settled', async (path) => {
    expect(await toldBy(await shop.send(await shop.sign(), path, await both()))).toBe('served')
    expect([shop.bank.verified, shop.bank.asked]).toEqual([[], []])
  })

  it('that covers it a payment is not settled for an idempotency key either', async () => {
    const init = await both({ 'idempotency-key': 'once' })
    expect(await toldBy(await shop.send(await shop.sign(), '/counted/1', init))).toBe('served')
    expect([shop.bank.verified, shop.bank.asked]).toEqual([[], []])
  })

  it('whose plan is used up a payment pays, and a spent one does not stand in the way of the plan', async () => {
    const [payment, init] = [await shop.sign(), await both()]
    await shop.send(undefined, '/counted/1', init)
    expect(await toldBy(await shop.send(undefined, '/counted/1', init))).toBe('402 usage-limit-reached')
    const paid = await shop.send(payment, '/counted/1', init)
    expect([await toldBy(paid), receiptIn(paid)]).toEqual(['served', settled('transaction-1')])
    expect(await toldBy(await shop.send(payment, '/counted/2', await both()))).toBe('served')
    expect(shop.bank.asked.length).toBe(1)
  })
})

describe('the field of a payment', () => {
  it.each([
    ['https://plain.test', null],
    ['https://lenient.test', 'told'],
  ])('reaches the origin of a zone without its rail, %s, only if that lets it pass', async (host, expected) => {
    const headers = { 'toy-payment': 'told', toy_payment: 'told' }
    expect((await shop.send(undefined, '/free/1', { host, headers })).status).toBe(200)
    const [received] = shop.world.received
    expect(received?.headers.get('toy-payment')).toBe(expected)
    expect(received?.headers.get('toy_payment')).toBeNull()
  })
})
