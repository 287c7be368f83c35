import { describe, expect, it } from 'vitest'
import { ledgerName } from '../../../src/ledger/rules/name.ts'
import { DAY, EUR, HOUR, MINUTE } from './pureledger.ts'
import { charged, FAILED, heardBy, Payer, PRICE, SETTLED, UNKNOWN } from './payer.ts'

/** How it stands, and what is heard of it then: as the same request brings it once more, and as another does. */
const STANDS: readonly (readonly [string, (payer: Payer) => void, string, string])[] = [
  ['nothing', () => undefined, 'claimed', 'claimed'],
  ['claimed', (payer) => void payer.bring(), 'in-flight', 'payment-spent'],
  ['settling', (payer) => void payer.begin(charged(payer.bring())), 'in-flight', 'payment-spent'],
  ['settled, and still being delivered', (payer) => void payer.pay(SETTLED), 'in-flight', 'payment-spent'],
  [
    'settled, and nothing delivered',
    (payer) => void payer.ledger.amend(payer.pay(SETTLED), 'none'),
    'settled',
    'payment-spent',
  ],
  [
    'settled, and broken off',
    (payer) => void payer.ledger.amend(payer.pay(SETTLED), 'broken'),
    'settled',
    'payment-spent',
  ],
  ['settled and delivered', (payer) => void payer.ledger.amend(payer.pay(SETTLED)), 'payment-spent', 'payment-spent'],
  ['failed', (payer) => void payer.pay(FAILED), 'claimed', 'claimed'],
  ['released, for the origin failed', (payer) => void payer.ledger.amend(payer.bring(), 'none'), 'claimed', 'claimed'],
  ['unknown', (payer) => void payer.pay(UNKNOWN), 'settling', 'settlement-unknown'],
]

describe('a payment that is brought once more', () => {
  it.each(STANDS)('of which is known: %s', (_known, prepare, same, other) => {
    const [one, two] = [new Payer(), new Payer()]
    prepare(one)
    prepare(two)
    expect([heardBy(one.bring()), heardBy(two.bring('GET /b'))]).toEqual([same, other])
  })

  it('by another site is another request, whatever its digest', () => {
    const payer = new Payer()
    payer.bring()
    const payment = { zone: 'sport', rail: 'x402', payload: { nonce: '0x1' }, requirements: { payTo: '0x2' } }
    expect(heardBy(payer.bring('GET /a', { payment }))).toBe('payment-spent')
  })

  it.each([
    ['v1', {}],
    ['x402', { nonce: '0x1', signature: '0xother' }],
  ] as const)(
    'in other words (%s) is not asked for while it is unknown, and is one payment once it has settled',
    (rail, payload) => {
      const payer = new Payer()
      const made = payer.pay(UNKNOWN)
      const payment = { zone: 'news', rail, payload, requirements: { payTo: '0x2' } }
      expect(heardBy(payer.bring('GET /a', { payment }))).toBe('settlement-unknown')
      payer.end(made, SETTLED)
      payer.ledger.amend(made, 'none')
      expect(heardBy(payer.bring('GET /a', { payment }))).toBe('settled')
    },
  )

  it('is one of many, of which one asks and all others hear that nobody knows', () => {
    const payer = new Payer()
    payer.ledger.amend(payer.pay(UNKNOWN), 'none')
    const heard = Array.from({ length: 5 }, () => payer.bring())
    expect(heard.map(heardBy)).toEqual(['settling', ...Array.from({ length: 4 }, () => 'settlement-unknown')])
    expect(heard[1]).toMatchObject({ retryAfterSeconds: 2, payment: { state: 'settling', tries: 2 } })
    const [asker] = heard.map((outcome, index) => (index === 0 ? charged(outcome) : undefined))
    expect(asker && payer.begin(asker)).toMatchObject({ kind: 'begun', tries: 2 })
  })

  it('is told what was delivered, and how it was settled, so that a stored copy can be had again', () => {
    const payer = new Payer()
    payer.ledger.amend(payer.pay(SETTLED), 'complete', { representation: '"v1"' })
    expect(payer.bring()).toMatchObject({
      reason: 'payment-spent',
      representation: '"v1"',
      payment: { state: 'settled', reference: '0xabc' },
    })
  })

  it('is delivered in three tries at most, and paid for once', () => {
    const payer = new Payer()
    payer.ledger.amend(payer.pay(SETTLED), 'broken')
    for (const tries of [2, 3]) {
      const again = payer.bring()
      expect(again).toMatchObject({ tries, reserved: { price: EUR(0n) }, payment: { state: 'settled' } })
      payer.ledger.amend(again, 'broken')
    }
    expect(heardBy(payer.bring())).toBe('payment-spent')
    expect(payer.ledger.read().totals).toMatchObject({ money: [{ units: 10n }], charges: 3 })
  })

  it('that could not be verified twice has all tries of a delivery once it has settled', () => {
    const payer = new Payer()
    for (let tries = 0; tries < 2; tries++) payer.ledger.amend(payer.bring(), 'none')
    payer.ledger.amend(payer.pay(SETTLED), 'none')
    for (const tries of [2, 3]) {
      const again = payer.bring()
      expect(again).toMatchObject({ tries, payment: { state: 'settled' } })
      payer.ledger.amend(again, 'none')
    }
    expect(heardBy(payer.bring())).toBe('payment-spent')
  })

  it('is tried three times at most where nothing settles, and is good for another request then', () => {
    const payer = new Payer()
    for (let tries = 0; tries < 3; tries++) payer.pay(FAILED)
    expect([heardBy(payer.bring()), heardBy(payer.bring('GET /b'))]).toEqual(['payment-spent', 'claimed'])
  })

  it('is refused once it has expired, but not where it settled before', () => {
    const [late, paid] = [new Payer(), new Payer()]
    paid.ledger.amend(paid.pay(SETTLED), 'none')
    for (const { ledger } of [late, paid]) ledger.now += HOUR
    expect([heardBy(late.bring()), heardBy(paid.bring())]).toEqual(['credential-expired', 'settled'])
  })

  it('is known for as long as it could be presented, and then forgotten', () => {
    const payer = new Payer()
    payer.ledger.amend(payer.pay(SETTLED))
    payer.ledger.flushAll()
    payer.ledger.advance(DAY + HOUR - 1)
    expect(heardBy(payer.bring())).toBe('payment-spent')
    payer.ledger.advance(1)
    expect(payer.ledger.read().totals.charges).toBe(0)
  })

  it('is known for good where nothing tells when it expires', () => {
    const payer = new Payer(false)
    payer.ledger.amend(payer.pay(SETTLED))
    payer.ledger.flushAll()
    payer.ledger.advance(400 * DAY)
    expect(heardBy(payer.bring())).toBe('payment-spent')
  })
})

describe('a claim', () => {
  it('takes no credit, and is told to billing as any charge', () => {
    const payer = new Payer()
    expect(payer.bring()).toMatchObject({ kind: 'charged', reserved: { price: PRICE } })
    expect(payer.ledger.read()).toMatchObject({ credit: [], totals: { charges: 1, money: [{ units: 10n }] } })
    expect(payer.records()).toEqual(['c1/charge - 10 claimed -'])
  })

  it('that nobody begins to settle is released when the origin should have answered, and nobody is called', () => {
    const payer = new Payer()
    const made = charged(payer.bring())
    payer.ledger.now += MINUTE
    expect(payer.ring()).toEqual([])
    payer.ledger.tick()
    expect(payer.records()).toEqual(['c1/charge - 10 claimed -', 'c1/amend none 0 failed -'])
    expect(payer.begin(made)).toEqual({ kind: 'refused', reason: 'claim-expired' })
    expect(payer.ledger.amend(made, 'none')).toMatchObject({ kind: 'amended', isRepeat: true })
  })

  it('is released in time though the alarm is late', () => {
    const [begun, brought] = [new Payer(), new Payer()]
    const made = charged(begun.bring())
    brought.bring()
    for (const { ledger } of [begun, brought]) ledger.now += MINUTE
    expect(begun.begin(made)).toEqual({ kind: 'refused', reason: 'claim-expired' })
    expect(heardBy(brought.bring('GET /b'))).toBe('claimed')
  })

  it('costs nothing where something is delivered that was never settled', () => {
    const payer = new Payer()
    payer.ledger.amend(payer.bring(), 'complete')
    expect(payer.ledger.read().totals.money).toMatchObject([{ units: 0n }])
  })
})

describe('the name of a payment', () => {
  it('is the same for every site', () => {
    const payment = '["eip155:84532","0xasset","0xfrom","0xnonce"]'
    const names = ['news', 'sport'].map((id) => ledgerName({ id }, { from: 'payment', payment }))
    expect(names).toEqual([`payment ${payment}`, `payment ${payment}`])
  })
})
