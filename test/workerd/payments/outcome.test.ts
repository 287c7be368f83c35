import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Ledger } from '../../../src/ports.ts'
import type { Mood } from './bank.ts'
import { createShop, LATER, MINUTE, receiptIn, SECOND, type Shop, toldBy } from './shop.ts'

let shop: Shop

beforeEach(async () => {
  shop = await createShop()
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => shop.end())

const outcome = (kind: string, more: object = {}): object => ({ kind, payer: 'ann', ...more })

describe('a payment that is declined', () => {
  it('delivers nothing of what the origin answered, and is kept by nobody', async () => {
    shop.bank.mood = 'fails'
    const payment = await shop.sign()
    const response = await shop.send(payment, '/fresh/1')
    expect([response.status, receiptIn(response)]).toEqual([402, outcome('failed', { reason: 'insufficient_funds' })])
    expect(response.headers.get('toy-required')).not.toBeNull()
    expect(await response.text()).not.toContain('the paid page')
    expect(shop.world.received.length).toBe(1)
    shop.bank.mood = 'settles'
    expect(await toldBy(await shop.send(payment, '/fresh/2'))).toBe('served')
    expect(shop.bank.moved.size).toBe(1)
  })

  it.each(['empty', 'throws'] as const)('as %s before the origin is asked costs that nothing', async (check) => {
    shop.bank.check = check
    const payment = await shop.sign()
    const told = check === 'empty' ? '402 payment-declined' : '503 payments-unavailable'
    expect(await toldBy(await shop.send(payment))).toBe(told)
    expect([shop.world.received, shop.bank.asked]).toEqual([[], []])
    shop.bank.check = 'valid'
    expect(await toldBy(await shop.send(payment))).toBe('served')
  })
})

describe('a client whose payments are declined', () => {
  const from = (address: string): object => ({
    host: 'https://films.test',
    headers: { 'cf-connecting-ip': address },
    cf: { colo: 'FRA' },
  })

  it('is heard no more for the rest of the minute, and nobody else is kept waiting', async () => {
    shop.otherBank.mood = 'fails'
    const told: string[] = []
    for (let time = 0; time < 3; time++)
      told.push(await toldBy(await shop.send(await shop.sign(), '/fresh/1', from('192.0.2.1'))))
    expect(told).toEqual(['402 payment-declined', '402 payment-declined', '429 too-many-requests'])
    expect(shop.otherBank.asked.length).toBe(2)
    shop.otherBank.mood = 'settles'
    const good = await shop.sign()
    const limited = await shop.send(good, '/fresh/1', from('192.0.2.1'))
    expect([limited.headers.get('retry-after'), limited.headers.get('toy-required')]).toEqual(['60', null])
    expect(await toldBy(await shop.send(await shop.sign(), '/fresh/1', from('192.0.2.2')))).toBe('served')
    vi.setSystemTime(LATER + MINUTE)
    const { nonce } = good
    const later = await shop.sign({ nonce, validUntil: LATER / 1000 + 120 })
    expect(await toldBy(await shop.send(later, '/fresh/1', from('192.0.2.1')))).toBe('served')
  })
})

describe('a WebSocket', () => {
  /** An origin that opens one, and what it hears of its end. */
  function opening(): Promise<CloseEvent> {
    return new Promise((resolve) => {
      shop.world.origin = () => {
        const { 0: client, 1: server } = new WebSocketPair()
        server.accept()
        server.addEventListener('close', resolve)
        return new Response(null, { status: 101, webSocket: client })
      }
    })
  }
  const init = { headers: { upgrade: 'websocket', connection: 'upgrade' } }

  it('is paid for before it opens', async () => {
    void opening()
    expect((await shop.begin(await shop.sign(), '/fresh/socket', init)).status).toBe(101)
    expect(shop.bank.moved.size).toBe(1)
  })

  it('does not open for what is not settled, and is closed at its other end', async () => {
    const closed = opening()
    shop.bank.mood = 'fails'
    expect((await shop.begin(await shop.sign(), '/fresh/socket', init)).status).toBe(402)
    expect((await closed).type).toBe('close')
  })
})

describe('nothing is settled', () => {
  it.each<[string, number, RequestInit]>([
    ['a failure', 500, {}],
    ['a redirect', 302, {}],
    ['what is not there', 404, {}],
    ['what has not changed', 304, { headers: { 'if-none-match': '"1"' } }],
    ['a head', 200, { method: 'HEAD' }],
    ['what may be asked for', 204, { method: 'OPTIONS' }],
  ])('for %s, and the same payment is good again', async (_what, status, init) => {
    const payment = await shop.sign()
    shop.world.origin = () => new Response(null, { status, headers: { etag: '"1"', location: '/free' } })
    expect((await shop.send(payment, '/fresh/1', init)).status).toBe(status)
    expect([shop.bank.asked, shop.world.received.length]).toEqual([[], 1])
    shop.world.origin = () => new Response('the paid page')
    const served = await shop.send(payment, '/fresh/1')
    expect([served.status, shop.bank.asked.length]).toEqual([200, 1])
  })

  it('for whoever asks what would be decided, or fetches ahead', async () => {
    const payment = await shop.sign()
    const explained = await shop.send(payment, '/__faregate/explain?target=/fresh/1')
    expect(await explained.json()).toMatchObject({
      decision: { action: 'serve', charges: { payment: { amount: '0.25', currency: 'USD' } } },
    })
    const ahead = await shop.send(payment, '/fresh/1', { headers: { 'sec-purpose': 'prefetch' } })
    expect(await toldBy(ahead)).toBe('503 prefetch-declined')
    expect([shop.bank.verified, shop.bank.asked, shop.world.received]).toEqual([[], [], []])
  })

  it('if no origin answers, and the same payment is good again', async () => {
    const payment = await shop.sign()
    shop.world.origin = () => Promise.reject(new TypeError('no connection'))
    expect(await toldBy(await shop.send(payment, '/fresh/1'))).toBe('502 origin-unreachable')
    expect(shop.bank.asked).toEqual([])
    shop.world.origin = () => new Response('the paid page')
    expect(await toldBy(await shop.send(payment, '/fresh/1'))).toBe('served')
  })

  it('for a head of what is stored, which is checked all the same', async () => {
    shop.world.origin = () => new Response('the report', { headers: { 'cache-control': 'max-age=60' } })
    await shop.send(await shop.sign())
    shop.bank.check = 'empty'
    expect((await shop.send(await shop.sign(), '/reports/1', { method: 'HEAD' })).status).toBe(402)
    shop.bank.check = 'valid'
    expect((await shop.send(await shop.sign(), '/reports/1', { method: 'HEAD' })).status).toBe(200)
    expect([shop.bank.asked.length, shop.world.received.length]).toEqual([1, 1])
  })
})

const LOST: readonly Mood[] = ['loses', 'pends', 'throws']

describe('a payment of which nobody knows', () => {
  it.each(LOST)('as the bank %s it is answered by 503, and nothing asks for another', async (mood) => {
    shop.bank.mood = mood
    const response = await shop.send(await shop.sign())
    expect([await toldBy(response), response.headers.get('retry-after')]).toEqual(['503 settlement-unknown', '2'])
    for (const field of ['toy-required', 'www-authenticate']) expect(response.headers.get(field)).toBeNull()
    expect(response.headers.get('link')).not.toContain('rel="payment"')
    expect(receiptIn(response)).toEqual(outcome('unknown', mood === 'pends' ? { reference: 'pending-1' } : {}))
    expect(await response.json()).not.toHaveProperty('toy')
  })

  it.each(LOST)('as the bank %s is asked for once more when it comes again, and served', async (mood) => {
    shop.bank.mood = mood
    const payment = await shop.sign()
    await shop.send(payment, '/fresh/1')
    shop.bank.mood = 'settles'
    const again = await shop.send(payment, '/fresh/1')
    expect([await again.text(), receiptIn(again)]).toEqual([
      'the paid page',
      outcome('settled', { reference: 'transaction-1' }),
    ])
    expect(shop.bank.asked).toEqual([`${payment.nonce} 1`, `${payment.nonce} 2`])
    expect(shop.bank.moved.size).toBe(1)
  })

  it('is asked for by one of many that bring it again, and runs the origin for that one', async () => {
    shop.bank.mood = 'pends'
    const payment = await shop.sign()
    await shop.send(payment, '/fresh/1')
    shop.world.received.length = 0
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.send(payment, '/fresh/1')))
    expect(await Promise.all(answers.map(toldBy))).toEqual(Array<string>(10).fill('503 settlement-unknown'))
    expect(answers.map(receiptIn)).toContainEqual(outcome('unknown', { reference: 'pending-1' }))
    expect([shop.bank.asked.length, shop.world.received.length]).toEqual([2, 0])
  })

  it.each([
    ['another target', '/fresh/2', undefined],
    ['another site', '/fresh/1', 'https://films.test'],
  ])('pays for nothing of %s, which is told to wait', async (_what, path, host) => {
    shop.bank.mood = 'loses'
    const payment = await shop.sign()
    await shop.send(payment, '/fresh/1')
    const other = await shop.send(payment, path, host === undefined ? {} : { host })
    expect(await toldBy(other)).toBe('503 settlement-unknown')
    expect([shop.bank.asked.length, shop.otherBank.asked.length]).toEqual([1, 0])
  })

  it('is never answered by a demand for another, though it has expired meanwhile', async () => {
    shop.bank.mood = 'loses'
    const payment = await shop.sign()
    await shop.send(payment, '/fresh/1')
    vi.setSystemTime(LATER + 2 * MINUTE)
    shop.bank.mood = 'pends'
    expect(await toldBy(await shop.send(payment, '/fresh/1'))).toBe('503 settlement-unknown')
    shop.bank.mood = 'settles'
    expect(await toldBy(await shop.send(payment, '/fresh/1'))).toBe('served')
  })

  it('is asked for by the alarm alone if nobody comes, and is settled once', async () => {
    shop.bank.mood = 'loses'
    const payment = await shop.sign()
    await shop.send(payment, '/fresh/1')
    shop.bank.mood = 'settles'
    await shop.evict(payment)
    expect(await shop.ring(payment, 5 * SECOND)).toBe(true)
    expect([shop.bank.asked.length, shop.bank.moved.size]).toEqual([2, 1])
    expect(await toldBy(await shop.send(payment, '/fresh/1'))).toBe('served')
    expect(shop.bank.asked.length).toBe(2)
  })

  it('is asked of the bank of its own zone by the alarm', async () => {
    shop.otherBank.mood = 'loses'
    const payment = await shop.sign()
    await shop.send(payment, '/fresh/1', { host: 'https://films.test' })
    shop.otherBank.mood = 'settles'
    await shop.ring(payment, 5 * SECOND)
    expect([shop.bank.asked.length, shop.otherBank.asked.length]).toEqual([0, 2])
  })
})

describe('a gate that is killed', () => {
  /** What its isolate says no more once it is gone. */
  const dead = (): Promise<never> => new Promise(() => undefined)
  type Step = readonly [step: string, asked: number, broken: (ledger: Ledger, killed: () => void) => Partial<Ledger>]
  const STEPS: readonly Step[] = [
    [
      'once it is written down that it asks',
      0,
      (ledger, killed) => ({
        async beginSettlement(command) {
          await ledger.beginSettlement(command)
          killed()
          return dead()
        },
      }),
    ],
    [
      'before it is written down what the bank has said',
      1,
      (_ledger, killed) => ({
        endSettlement() {
          killed()
          return dead()
        },
      }),
    ],
  ]

  it.each(STEPS)('%s leaves it to the alarm, which has the money moved once', async (_step, asked, broken) => {
    const payment = await shop.sign()
    await new Promise<void>((resolve) => {
      shop.broken = (ledger) => ({ amend: dead, ...broken(ledger, resolve) })
      void shop.begin(payment, '/fresh/1')
    })
    shop.broken = () => ({})
    shop.restart()
    await shop.evict(payment)
    expect(await toldBy(await shop.send(payment, '/fresh/1'))).toBe('409 idempotency-conflict')
    expect(await shop.ring(payment, 31 * SECOND)).toBe(true)
    expect([shop.bank.asked.length, shop.bank.moved.size]).toEqual([asked + 1, 1])
    expect(await toldBy(await shop.send(payment, '/fresh/1'))).toBe('served')
    expect([shop.bank.asked.length, shop.bank.moved.size]).toEqual([asked + 1, 1])
  })

  it('before anybody was asked leaves the payment good for whatever comes next', async () => {
    const payment = await shop.sign()
    await new Promise<void>((resolve) => {
      shop.broken = () => ({
        amend: dead,
        beginSettlement() {
          resolve()
          return dead()
        },
      })
      void shop.begin(payment, '/fresh/1')
    })
    shop.broken = () => ({})
    shop.restart()
    await shop.ring(payment, 11 * SECOND)
    expect(shop.bank.asked).toEqual([])
    expect(await toldBy(await shop.send(payment, '/fresh/2'))).toBe('served')
  })
})
