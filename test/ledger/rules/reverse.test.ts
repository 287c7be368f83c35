import { describe, expect, it } from 'vitest'
import type { ChargeCommand } from '../../../src/ledger/rules/commands.ts'
import { orders } from '../../../src/ledger/rules/orders.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import { DAY, EUR, HOUR, limit, MINUTE, PureLedger, reasonOf, units } from './pureledger.ts'

const LIMITS = [limit(100n, 'P1D')]
const COMMAND = { counts: units(10n), limits: LIMITS, price: EUR(50n) }

function closed(command: Partial<ChargeCommand> = COMMAND) {
  const ledger = new PureLedger()
  ledger.grant(80n)
  const made = ledger.charge(command)
  ledger.amend(made)
  return { ledger, made, reverse: (charge = 'c1') => ledger.apply(orders.reverseCharge, { charge }) }
}

/** The sum of what billing was told. */
function toldOf(ledger: PureLedger): bigint {
  return ledger.records().reduce((sum, { change }) => sum + (change.price?.units ?? 0n), 0n)
}

describe('a charge that is given back', () => {
  it('keeps nothing: its credit and its units are there again, and billing is told', () => {
    const { ledger, reverse } = closed()
    expect(reverse()).toMatchObject({
      kind: 'reversed',
      isRepeat: false,
      given: { counts: units(10n), price: EUR(50n) },
      charge: { state: 'reversed', delivery: 'complete', kept: { counts: units(0n), price: EUR(0n) } },
    })
    expect(ledger.read(LIMITS)).toMatchObject({
      credit: [EUR(80n)],
      limits: [{ used: 0n }],
      totals: { charges: 1, counts: units(0n), money: [{ name: 'EUR', units: 0n }] },
      recent: [{ id: 'c1', state: 'reversed' }],
    })
    expect(ledger.records().at(-1)).toMatchObject({
      id: 'c1/reversed',
      kind: 'reversed',
      corrects: 'c1/amend',
      change: { price: EUR(-50n) },
    })
    expect(toldOf(ledger)).toBe(0n)
    expect([...ledger.book.days.values()]).toMatchObject([{ charges: 1, counts: units(0n) }])
  })

  it('is given back once, however often that is asked, at once or days later', () => {
    const { ledger, reverse } = closed()
    reverse()
    for (const ms of [0, MINUTE, DAY]) {
      ledger.advance(ms)
      expect(reverse()).toMatchObject({ kind: 'reversed', isRepeat: true, given: undefined })
    }
    expect(ledger.read().credit).toEqual([EUR(80n)])
    expect(ledger.records()).toHaveLength(3)
  })

  it('gives back what is kept, which may be less than was reserved', () => {
    const ledger = new PureLedger()
    ledger.grant(80n)
    ledger.amend(ledger.charge(COMMAND), 'broken', { counts: units(3n), price: 20n })
    expect(ledger.apply(orders.reverseCharge, { charge: 'c1' })).toMatchObject({
      given: { counts: units(3n), price: EUR(20n) },
    })
    expect(ledger.read()).toMatchObject({ credit: [EUR(80n)] })
  })

  it('may be one that nobody closed: a late report then changes nothing', () => {
    const ledger = new PureLedger()
    ledger.grant(80n)
    const made = ledger.charge(COMMAND)
    ledger.advance(2 * MINUTE)
    expect(ledger.apply(orders.reverseCharge, { charge: 'c1' })).toMatchObject({ kind: 'reversed', isRepeat: false })
    expect(ledger.records().at(-1)).toMatchObject({ corrects: 'c1/unsettled' })
    expect(ledger.amend(made, 'complete')).toEqual({ kind: 'refused', reason: 'already-amended' })
    expect(ledger.read()).toMatchObject({ credit: [EUR(80n)], totals: { unsettled: 0 }, unsettled: [] })
  })

  it('gives units back to the day that they were taken from, and not to a later one', () => {
    const { ledger, reverse } = closed()
    ledger.advance(DAY)
    ledger.charge({ counts: units(5n), limits: LIMITS })
    expect(reverse()).toMatchObject({ kind: 'reversed' })
    expect(ledger.read(LIMITS).limits).toMatchObject([{ used: 5n }])
  })

  it('gives a receipt its use back', () => {
    const ledger = new PureLedger()
    const receipt = { uses: 1 }
    const command = { receipt, expires: ledger.now + DAY }
    ledger.amend(ledger.charge(command))
    expect(reasonOf(ledger.charge(command))).toBe('payment-spent')
    expect(ledger.apply(orders.reverseCharge, { charge: 'c1' })).toMatchObject({ given: { uses: 1 } })
    expect(reasonOf(ledger.charge(command))).toBe('charged')
  })

  it('pays for no further Range', () => {
    const range = { continuation: 'a', isPart: true, representation: '"v1"' }
    const { ledger, reverse } = closed({ ...COMMAND, ...range })
    const again = ledger.charge({ ...COMMAND, ...range })
    expect(reasonOf(again)).toMatch(/^again/)
    ledger.amend(again)
    const other = closed({ ...COMMAND, ...range })
    other.reverse()
    expect(reasonOf(other.ledger.charge({ ...COMMAND, ...range }))).toBe('charged')
    expect(reverse()).toMatchObject({ kind: 'reversed' })
  })
})

describe('a charge that others followed for nothing', () => {
  const range = { continuation: 'a', isPart: true, representation: '"v1"' }
  const idempotency = { key: 'k', digest: 'd' }

  it('was given back, and further Ranges were free', () => {
    const { ledger, reverse } = closed({ ...COMMAND, ...range })
    for (let times = 0; times < 2; times += 1) ledger.amend(ledger.charge({ ...COMMAND, ...range }))
    expect(ledger.read().credit).toEqual([EUR(30n)])
    expect(reverse()).toMatchObject({ kind: 'reversed' })
    expect(reasonOf(ledger.charge({ ...COMMAND, ...range }))).toBe('charged')
    expect(ledger.read().credit).toEqual([EUR(30n)])
  })

  it('was given back, and the next try was free', () => {
    const ledger = new PureLedger()
    ledger.grant(80n)
    const tried = () => ledger.charge({ ...COMMAND, idempotency })
    for (let times = 0; times < 2; times += 1) ledger.amend(tried(), 'broken', { isUnsent: true })
    expect(ledger.read().credit).toEqual([EUR(30n)])
    ledger.apply(orders.reverseCharge, { charge: 'c1' })
    ledger.amend(tried())
    expect(ledger.read().credit).toEqual([EUR(30n)])
  })

  it('was given back while one that followed was still open, which then was free', () => {
    const { ledger, reverse } = closed({ ...COMMAND, ...range })
    const follower = ledger.charge({ ...COMMAND, ...range })
    expect(reverse()).toEqual({ kind: 'refused', reason: 'charge-open' })
    ledger.amend(follower)
    expect(reverse()).toMatchObject({ kind: 'reversed' })
  })
})

describe('under an idempotency key', () => {
  const idempotency = { key: 'k', digest: 'd' }

  it('the answer of a charge that was given back is still the answer', () => {
    const { ledger, reverse } = closed({ ...COMMAND, idempotency })
    reverse()
    expect(reasonOf(ledger.charge({ ...COMMAND, idempotency }))).toBe('delivered')
  })

  it('a try that follows one that was given back pays for itself', () => {
    const ledger = new PureLedger()
    ledger.grant(80n)
    ledger.amend(ledger.charge({ ...COMMAND, idempotency }), 'broken', { isUnsent: true })
    ledger.apply(orders.reverseCharge, { charge: 'c1' })
    expect(ledger.read().credit).toEqual([EUR(80n)])
    expect(reasonOf(ledger.charge({ ...COMMAND, idempotency }))).toBe('again:2')
    expect(ledger.read().credit).toEqual([EUR(30n)])
  })

  it('an earlier try that is given back does not take the place of the latest', () => {
    const ledger = new PureLedger()
    ledger.grant(100n)
    ledger.amend(ledger.charge({ ...COMMAND, idempotency }), 'broken')
    ledger.amend(ledger.charge({ ...COMMAND, idempotency }))
    expect(ledger.apply(orders.reverseCharge, { charge: 'c1' })).toMatchObject({ kind: 'reversed', isRepeat: false })
    expect(ledger.read().credit).toEqual([EUR(50n)])
    expect(reasonOf(ledger.charge({ ...COMMAND, idempotency }))).toBe('delivered')
    expect(ledger.apply(orders.reverseCharge, { charge: 'c1' })).toMatchObject({ isRepeat: true })
  })
})

describe('not given back', () => {
  it.each([
    ['charge-unknown', 'c9', () => closed()],
    [
      'charge-open',
      'c2',
      () => {
        const world = closed()
        world.ledger.charge({ counts: units(1n) })
        return world
      },
    ],
    [
      'charge-free',
      'c1',
      () => {
        const world = closed({})
        world.ledger.now += HOUR
        return world
      },
    ],
  ])('is, as %s, %s', (reason, charge, create) => {
    const { ledger, reverse } = create()
    const before = ledger.records().length
    expect(reverse(charge)).toEqual({ kind: 'refused', reason })
    expect(ledger.records()).toHaveLength(before)
  })

  it('is what a machine payment paid for: only its rail can', () => {
    const ledger = new PureLedger()
    const payment = { zone: 'news', rail: 'toy', payload: { nonce: 'n' }, requirements: [] }
    const times = { claimByMs: ledger.now + MINUTE, expires: ledger.now + HOUR }
    const made = ledger.charge({ payment, price: EUR(5n), idempotency: { key: 'payment', digest: 'd' }, ...times })
    if (made.kind !== 'charged') throw new Error(made.reason)
    const named = { charge: made.charge, request: made.request }
    ledger.apply(verbs.beginSettlement, named)
    ledger.apply(verbs.endSettlement, { ...named, settlement: { kind: 'settled', reference: 'r' } })
    ledger.amend(made)
    expect(ledger.apply(orders.reverseCharge, { charge: 'c1' })).toEqual({
      kind: 'refused',
      reason: 'charge-paid-outside',
    })
  })
})
