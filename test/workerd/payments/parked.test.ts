import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createShop, LATER, MINUTE, receiptIn, SECOND, type Shop, toldBy } from './shop.ts'

let shop: Shop

beforeEach(async () => {
  shop = await createShop()
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  let runs = 0
  shop.world.origin = () => new Response(`answer ${++runs}`, { headers: { 'x-run': String(runs) } })
})
afterEach(() => shop.end())

const long = (): Response => new Response(new Uint8Array(1024 * 1024 + 1))
const POST = { method: 'POST', body: 'an order' }

describe('an answer whose payment is in doubt', () => {
  it.each([
    ['a page', {}],
    ['an order', POST],
  ])('to %s waits for it, and is what the same payment gets: the origin is asked once', async (_what, init) => {
    shop.bank.mood = 'loses'
    const payment = await shop.sign()
    const first = await shop.send(payment, '/fresh/1', init)
    expect([await toldBy(first), first.headers.get('toy-required')]).toEqual(['503 settlement-unknown', null])
    shop.bank.mood = 'settles'
    const second = await shop.send(payment, '/fresh/1', init)
    expect([second.status, await second.text(), second.headers.get('x-run')]).toEqual([200, 'answer 1', '1'])
    expect(receiptIn(second)).toEqual({ kind: 'settled', reference: 'transaction-1', payer: 'ann' })
    const third = await shop.send(payment, '/fresh/1', init)
    expect([third.status, await third.text()]).toEqual([200, 'answer 1'])
    expect([shop.world.received.length, shop.bank.moved.size, shop.bank.asked.length]).toEqual([1, 1, 2])
  })

  it.each([{}, POST])('is delivered also if the alarm learns that the payment has settled (%j)', async (init) => {
    shop.bank.mood = 'pends'
    const payment = await shop.sign()
    expect(await toldBy(await shop.send(payment, '/fresh/1', init))).toBe('503 settlement-unknown')
    shop.bank.mood = 'settles'
    expect(await shop.ring(payment, 6 * SECOND)).toBe(true)
    const answer = await shop.send(payment, '/fresh/1', init)
    expect([answer.status, await answer.text(), shop.world.received.length]).toEqual([200, 'answer 1', 1])
  })

  it('is given to nobody while that is in doubt, or if the payment has failed', async () => {
    shop.bank.mood = 'pends'
    const payment = await shop.sign()
    for (let time = 0; time < 2; time++)
      expect(await toldBy(await shop.send(payment, '/fresh/1', POST))).toBe('503 settlement-unknown')
    shop.bank.mood = 'fails'
    expect(await toldBy(await shop.send(payment, '/fresh/1', POST))).toBe('402 payment-declined')
    expect(shop.bank.moved.size).toBe(0)
  })

  it('is forgotten after an hour, and a page is then asked for again', async () => {
    shop.bank.mood = 'pends'
    const payment = await shop.sign()
    await shop.send(payment, '/fresh/1')
    shop.bank.mood = 'settles'
    await shop.ring(payment, 6 * SECOND)
    vi.setSystemTime(LATER + 61 * MINUTE)
    const answer = await shop.send(payment, '/fresh/1')
    expect([await answer.text(), shop.world.received.length]).toEqual(['answer 2', 2])
  })
})

describe('an answer that is not kept, of a payment that has settled', () => {
  it('is asked for again if that changes nothing', async () => {
    shop.bank.mood = 'loses'
    shop.world.origin = long
    const payment = await shop.sign()
    expect(await toldBy(await shop.send(payment, '/fresh/1'))).toBe('503 settlement-unknown')
    shop.bank.mood = 'settles'
    expect(await toldBy(await shop.send(payment, '/fresh/1'))).toBe('served')
    expect([shop.world.received.length, shop.bank.moved.size]).toEqual([2, 1])
  })

  it.each(['/fresh/1', '/unkept/1'])('is lost for an order at %s, and nobody is asked to pay again', async (path) => {
    shop.bank.mood = 'loses'
    shop.world.origin = long
    const payment = await shop.sign()
    expect(await toldBy(await shop.send(payment, path, POST))).toBe('503 settlement-unknown')
    shop.bank.mood = 'settles'
    for (let time = 0; time < 3; time++) {
      const answer = await shop.send(payment, path, POST)
      expect([await toldBy(answer), answer.headers.get('toy-required')]).toEqual(['409 idempotency-conflict', null])
    }
    expect([shop.world.received.length, shop.bank.moved.size]).toEqual([1, 1])
  })

  it('is lost for an order that broke off, and is kept by the seller for billing to see', async () => {
    shop.world.origin = () => new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(1024)) }))
    const payment = await shop.sign()
    const broken = await shop.begin(payment, '/fresh/1', POST)
    await broken.body?.cancel()
    await shop.gate.settled()
    expect(await toldBy(await shop.send(payment, '/fresh/1', POST))).toBe('409 idempotency-conflict')
    expect([shop.world.received.length, shop.bank.asked.length]).toEqual([1, 1])
  })
})

describe('where a payment is settled before the origin is asked', () => {
  it('nobody checks it first, and the origin is asked for a settled one alone', async () => {
    const payment = await shop.sign()
    shop.bank.mood = 'fails'
    expect(await toldBy(await shop.send(payment, '/dear/1', POST))).toBe('402 payment-declined')
    expect([shop.bank.verified, shop.world.received]).toEqual([[], []])
    shop.bank.mood = 'settles'
    expect(await toldBy(await shop.send(payment, '/dear/1', POST))).toBe('served')
  })

  it('an unknown outcome keeps the origin from being asked until it is known', async () => {
    const payment = await shop.sign()
    shop.bank.mood = 'loses'
    expect(await toldBy(await shop.send(payment, '/dear/1', POST))).toBe('503 settlement-unknown')
    expect(shop.world.received).toEqual([])
    shop.bank.mood = 'settles'
    expect(await (await shop.send(payment, '/dear/1', POST)).text()).toBe('answer 1')
    expect([shop.world.received.length, shop.bank.moved.size]).toEqual([1, 1])
  })

  it('a payment whose origin fails is good for two more tries', async () => {
    const payment = await shop.sign()
    const told: string[] = []
    shop.world.origin = () => new Response('no', { status: 500 })
    for (let time = 0; time < 4; time++) {
      const answer = await shop.send(payment, '/dear/1', POST)
      told.push(answer.status === 500 ? 'failed' : await toldBy(answer))
    }
    expect(told).toEqual(['failed', 'failed', 'failed', '402 payment-spent'])
    expect([shop.world.received.length, shop.bank.asked.length]).toEqual([3, 1])
  })
})
