import { describe, expect, it } from 'vitest'
import { nextTick } from '../../../src/ledger/rules/verbs.ts'
import { DAY, MINUTE, SECOND } from './pureledger.ts'
import { charged, FAILED, heardBy, Payer, PRICE, SETTLED, UNKNOWN } from './payer.ts'

describe('a settlement', () => {
  it('is begun once, however often the request says so, and by no other meanwhile', () => {
    const payer = new Payer()
    const made = charged(payer.bring())
    expect([payer.begin(made), payer.begin(made)]).toEqual([
      { kind: 'begun', tries: 1 },
      { kind: 'begun', tries: 1 },
    ])
    expect(payer.begin({ ...made, request: 'other' })).toEqual({ kind: 'refused', reason: 'charge-unknown' })
    expect(payer.begin({ ...made, charge: 'other' })).toEqual({ kind: 'refused', reason: 'charge-unknown' })
  })

  it.each([
    [SETTLED, { kind: 'settled', reference: '0xabc' }],
    [FAILED, { kind: 'refused', reason: 'payment-failed' }],
  ])('that ended as %o is not begun again', (settlement, answer) => {
    const payer = new Payer()
    expect(payer.begin(payer.pay(settlement))).toEqual(answer)
  })

  it('that failed gives back what was reserved, and ends the request', () => {
    const payer = new Payer()
    const made = payer.pay(FAILED)
    expect(payer.records().at(-1)).toBe('c1/amend none 0 failed -')
    expect(payer.ledger.amend(made, 'none')).toMatchObject({ isRepeat: true })
    expect(payer.ledger.amend(made, 'complete')).toMatchObject({ reason: 'already-amended' })
  })

  it('keeps the price once the money has moved, whatever is delivered for it', () => {
    const payer = new Payer()
    payer.ledger.amend(payer.pay(SETTLED), 'none')
    payer.ledger.amend(payer.bring(), 'complete')
    expect(payer.records()).toEqual([
      'c1/charge - 10 claimed -',
      'c1/amend none 10 settled 0xabc',
      'c2/charge - 0 settled 0xabc',
      'c2/amend complete 0 settled 0xabc',
    ])
  })

  it('is believed to have moved the money, though it was taken for failed', () => {
    const payer = new Payer()
    const made = payer.pay(FAILED)
    expect(payer.end(made, SETTLED)).toEqual({ kind: 'ended', settlement: SETTLED })
    expect(payer.records().at(-1)).toBe('c1/settled none 10 settled 0xabc')
    expect(payer.ledger.records().at(-1)).toMatchObject({ corrects: 'c1/amend', change: { price: PRICE } })
    expect(payer.ledger.read().totals.money).toMatchObject([{ units: 10n }])
    expect(heardBy(payer.bring())).toBe('settled')
  })

  it('that another request has claimed meanwhile is heard of by that one', () => {
    const payer = new Payer()
    const made = payer.pay(FAILED)
    const other = charged(payer.bring('GET /b'))
    payer.end(made, SETTLED)
    expect(payer.begin(other)).toEqual({ kind: 'settled', reference: '0xabc' })
  })

  it.each([SETTLED, FAILED])('that ended as %o is not unknown again, nor the other', (settlement) => {
    const payer = new Payer()
    const made = payer.pay(settlement)
    expect(payer.end(made, UNKNOWN)).toEqual({ kind: 'ended', settlement })
    if (settlement.kind === 'settled') expect(payer.end(made, FAILED)).toEqual({ kind: 'ended', settlement })
  })

  it('is told to be unknown by the one who asks alone', () => {
    const payer = new Payer()
    const made = payer.pay(UNKNOWN)
    payer.ledger.now += 5 * SECOND
    payer.ledger.tick()
    payer.end(made, { kind: 'unknown', reference: '0xother' })
    expect(heardBy(payer.bring())).toBe('settlement-unknown')
    expect(payer.ring()).toEqual([])
  })
})

describe('the alarm', () => {
  it('asks for what is unknown after 5, 15 and 60 seconds, and then every five minutes', () => {
    const payer = new Payer()
    const made = payer.pay(UNKNOWN)
    payer.ledger.amend(made, 'none')
    const waits: number[] = []
    for (let tries = 2; tries <= 6; tries++) {
      const before = payer.ledger.now
      payer.ledger.now = nextTick(payer.ledger.book) ?? Infinity
      waits.push((payer.ledger.now - before) / SECOND)
      expect(payer.ring()).toMatchObject([{ charge: 'c1', request: 'alarm', tries, payment: { rail: 'x402' } }])
      payer.ledger.tick()
      expect(payer.ring()).toEqual([])
      payer.end({ ...made, request: 'alarm' }, { kind: 'unknown' })
    }
    expect(waits).toEqual([5, 15, 60, 300, 300])
  })

  it.each([
    [SETTLED, 'c1/amend none 10 settled 0xabc'],
    [FAILED, 'c1/amend none 0 failed -'],
  ])('closes the charge of which nothing was delivered when it hears %o', (settlement, record) => {
    const payer = new Payer()
    const made = payer.pay(UNKNOWN)
    payer.ledger.amend(made, 'none')
    payer.ledger.now += 5 * SECOND
    payer.ledger.tick()
    payer.end({ ...made, request: 'alarm' }, settlement)
    expect(payer.records()).toEqual(['c1/charge - 10 claimed -', record])
  })

  it('asks in the place of whoever began and was not heard of again', () => {
    const payer = new Payer()
    payer.begin(charged(payer.bring()))
    payer.ledger.now += 30 * SECOND
    expect(payer.ring()).toMatchObject([{ tries: 2 }])
  })

  it('leaves it to a retry that comes first', () => {
    const payer = new Payer()
    payer.begin(charged(payer.bring()))
    payer.ledger.now += 30 * SECOND
    expect(heardBy(payer.bring())).toBe('settling')
    expect(payer.ring()).toEqual([])
  })

  it('asks no more when there can be no evidence, and leaves the charge unsettled for the operator; a retry still asks', () => {
    const payer = new Payer()
    const made = payer.pay(UNKNOWN)
    payer.ledger.amend(made, 'none')
    payer.ledger.now = payer.expires + 2 * MINUTE
    payer.ledger.tick()
    payer.end({ ...made, request: 'alarm' }, { kind: 'unknown' })
    payer.ledger.advance(DAY)
    expect(payer.records()).toEqual(['c1/charge - 10 claimed -', 'c1/unsettled none 10 unknown 0xabc'])
    expect(payer.ledger.read()).toMatchObject({ unsettled: [{ id: 'c1' }], totals: { unsettled: 1 } })
    const again = charged(payer.bring())
    payer.end(again, FAILED)
    expect(payer.records().at(-1)).toBe('c1/amend none 0 failed -')
    expect(payer.ledger.read()).toMatchObject({ unsettled: [], totals: { unsettled: 0, money: [{ units: 0n }] } })
  })

  it('marks what was settled and of whose delivery nobody said anything', () => {
    const payer = new Payer()
    payer.pay(SETTLED)
    payer.ledger.advance(10 * MINUTE)
    expect(payer.records().at(-1)).toBe('c1/unsettled - 10 settled 0xabc')
  })
})
