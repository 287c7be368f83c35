import { describe, expect, it } from 'vitest'
import { DAY, PureLedger, EUR, limit, MINUTE, ONE, reasonOf } from './pureledger.ts'

const PAGE = { confirmation: 'page-1 of-ann', price: EUR(60n), counts: ONE, limits: [limit(9n, 'P1D')] }

function rich(): PureLedger {
  const ledger = new PureLedger()
  ledger.grant(100n)
  return ledger
}

const credit = (ledger: PureLedger) => ledger.read().credit

describe('what was confirmed once', () => {
  it('is charged once, however often it is opened within five minutes', () => {
    const ledger = rich()
    ledger.amend(ledger.charge(PAGE))
    for (let n = 0; n < 3; n += 1) {
      ledger.advance(MINUTE)
      const again = ledger.charge(PAGE)
      expect(again).toMatchObject({ kind: 'charged', isRepeat: true, credit: EUR(40n), limits: [{ remaining: 8n }] })
      ledger.amend(again, 'complete', { representation: `"v${n}"` })
    }
    ledger.advance(2 * MINUTE)
    expect(reasonOf(ledger.charge(PAGE))).toBe('credit-insufficient')
    expect(ledger.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/amend'])
  })

  it('is one charge where the button is pressed twice, whichever answer is thrown away', () => {
    for (const ends of [
      ['none', 'complete'],
      ['broken', 'complete'],
      ['complete', 'none'],
    ] as const) {
      const ledger = rich()
      const both = [ledger.charge(PAGE), ledger.charge(PAGE)]
      expect(both.map(reasonOf)).toEqual(['charged', 'again:2'])
      both.forEach((made, index) => ledger.amend(made, ends[index]))
      expect(credit(ledger)).toEqual([EUR(40n)])
    }
  })

  it('costs nothing while nothing is delivered, and then once', () => {
    const ledger = rich()
    for (let n = 0; n < 3; n += 1) {
      ledger.amend(ledger.charge(PAGE), 'none')
      expect(credit(ledger)).toEqual([EUR(100n)])
    }
    ledger.amend(ledger.charge(PAGE))
    ledger.amend(ledger.charge(PAGE), 'none')
    expect(credit(ledger)).toEqual([EUR(40n)])
  })

  it('is opened five times, in flight or one after the other', () => {
    const [inFlight, inTurn] = [rich(), rich()]
    const made = Array.from({ length: 7 }, () => inFlight.charge(PAGE))
    expect(made.map(reasonOf).filter((reason) => reason === 'too-many-tries')).toHaveLength(2)
    const opened = Array.from({ length: 7 }, () => {
      const one = inTurn.charge(PAGE)
      if (one.kind === 'charged') inTurn.amend(one)
      return reasonOf(one)
    })
    expect(opened.filter((reason) => reason === 'too-many-tries')).toHaveLength(2)
    expect(credit(inTurn)).toEqual([EUR(40n)])
  })

  it('is read in parts of one thing as often as it takes, in flight or one after the other', () => {
    const [ledger, part] = [rich(), { ...PAGE, isPart: true }]
    ledger.amend(ledger.charge(PAGE), 'complete', { representation: '"v1"' })
    for (let n = 0; n < 20; n += 1)
      expect(ledger.amend(ledger.charge(part), 'complete', { representation: '"v1"' })).toMatchObject({
        kind: 'amended',
      })
    const inFlight = Array.from({ length: 20 }, () => ledger.charge(part))
    expect(inFlight.map(reasonOf)).toEqual(inFlight.map(() => 'again:1'))
    // What turned out to be something else, or is asked for anew, opens it.
    const more = [{ ...part, representation: '"v2"' }, PAGE, part, PAGE, { ...part, representation: '"v3"' }, PAGE]
    const reasons = more.map((one) => reasonOf(ledger.charge(one)))
    expect(reasons).toEqual(['again:2', 'again:3', 'again:3', 'again:4', 'again:5', 'too-many-tries'])
    expect(credit(ledger)).toEqual([EUR(40n)])
  })

  it('is opened by each part while nobody has told what it is part of', () => {
    const [ledger, part] = [rich(), { ...PAGE, isPart: true }]
    const reasons = Array.from({ length: 6 }, () => {
      const made = ledger.charge(part)
      if (made.kind === 'charged') ledger.amend(made)
      return reasonOf(made)
    })
    expect(reasons).toEqual(['charged', 'again:2', 'again:3', 'again:4', 'again:5', 'too-many-tries'])
  })

  it('is one charge for all of the five minutes, whatever else is charged in between', () => {
    const ledger = rich()
    ledger.amend(ledger.charge(PAGE))
    for (let other = 0; other < 30; other += 1) ledger.amend(ledger.charge({ counts: ONE }))
    ledger.advance(4 * MINUTE)
    expect(reasonOf(ledger.charge(PAGE))).toBe('again:2')
    expect(credit(ledger)).toEqual([EUR(40n)])
  })

  it('is not what else was confirmed, nor what a Range or a key goes on with', () => {
    const ledger = rich()
    ledger.grant(1000n, 'g2')
    for (const other of [
      PAGE,
      { ...PAGE, confirmation: 'page-2 of-ann' },
      { ...PAGE, confirmation: undefined, continuation: '/page-1 of-ann', isPart: true },
    ]) {
      const { confirmation, ...rest } = other
      const made = ledger.charge(confirmation === undefined ? rest : { ...rest, confirmation })
      ledger.amend(made, 'complete', { representation: '"v1"' })
    }
    expect(ledger.read().totals.charges).toBe(3)
    expect(credit(ledger)).toEqual([EUR(1100n - 3n * 60n)])
  })

  it('is looked at before a key: no key has one confirmation pay twice, or two pay once', () => {
    const ledger = rich()
    const idempotency = { key: 'k', digest: 'd' }
    ledger.amend(ledger.charge({ ...PAGE, idempotency }))
    expect(reasonOf(ledger.charge({ ...PAGE, idempotency: { key: 'other', digest: 'd' } }))).toMatch(/^again/)
    ledger.advance(DAY)
    expect(reasonOf(ledger.charge({ ...PAGE, idempotency }))).toBe('credit-insufficient')
  })
})
