import { describe, expect, it } from 'vitest'
import { orders } from '../../../src/ledger/rules/orders.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import { DAY, EUR, reasonOf } from './pureledger.ts'
import { NamedLedger } from './namedledger.ts'

const taken = (units: bigint, credit: bigint, isRepeat = false) => ({
  kind: 'taken',
  isRepeat,
  taken: EUR(units),
  credit: EUR(credit),
})

describe('credit that is taken back', () => {
  it('is not there any more, and a debt if it was spent', () => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    ledger.amend(ledger.charge({ price: EUR(60n) }))
    expect(ledger.take(30n)).toEqual(taken(30n, 10n))
    expect(ledger.take(30n, undefined, { id: 't2' })).toEqual(taken(30n, -20n))
    expect(ledger.read().credit).toEqual([EUR(-20n)])
  })

  it('is taken once for each id, and nothing else under that id', () => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    ledger.take(30n, 'g1')
    expect(ledger.take(30n, 'g1')).toEqual(taken(30n, 70n, true))
    for (const other of [ledger.take(31n, 'g1'), ledger.take(30n), ledger.take(30n, 'g2')])
      expect(other).toEqual({ kind: 'refused', reason: 'taking-differs' })
    expect(ledger.take(30n, 'g1', { currency: 'USD' })).toMatchObject({ reason: 'taking-differs' })
    ledger.advance(399 * DAY)
    expect(ledger.take(30n, 'g1')).toEqual(taken(30n, 70n, true))
    expect(ledger.left()).toBe(70n)
  })

  it.each([
    ['nothing', 0n, {}, 'taking-not-positive'],
    ['less than nothing', -5n, {}, 'taking-not-positive'],
    ['another currency than its grant', 5n, { currency: 'USD', of: ['g1'] as const }, 'currency-differs'],
  ])('is refused as %s', (_what, units, more, reason) => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    expect(ledger.take(units, undefined, more)).toEqual({ kind: 'refused', reason })
    expect(ledger.left()).toBe(100n)
  })

  it('is never more of one grant than it gave, however many takings there are', () => {
    const ledger = new NamedLedger()
    ledger.grant(100n, 'other')
    ledger.grant(50n)
    expect(ledger.take(30n, 'g1')).toEqual(taken(30n, 120n))
    expect(ledger.take(30n, 'g1', { id: 't2' })).toEqual(taken(20n, 100n))
    expect(ledger.take(30n, 'g1', { id: 't3' })).toEqual(taken(0n, 100n))
    expect(ledger.take(30n, 'g1', { id: 't2' })).toEqual(taken(20n, 100n, true))
  })

  it('waits for a grant that it names, and is taken when that comes', () => {
    const ledger = new NamedLedger()
    expect(ledger.take(30n, 'g1')).toEqual({ kind: 'awaiting', isRepeat: false })
    expect(ledger.take(30n, 'g1', { id: 't2' })).toEqual({ kind: 'awaiting', isRepeat: false })
    expect(ledger.take(30n, 'g1')).toEqual({ kind: 'awaiting', isRepeat: true })
    expect(ledger.left()).toBe(0n)
    expect(ledger.grant(50n)).toEqual({ kind: 'granted', isRepeat: false, credit: EUR(0n) })
    expect(ledger.take(30n, 'g1', { id: 't2' })).toEqual(taken(20n, 0n, true))
    expect(ledger.grant(50n)).toEqual({ kind: 'granted', isRepeat: true, credit: EUR(0n) })
    expect(ledger.take(5n, 'g1', { id: 't3' })).toEqual(taken(0n, 0n))
  })

  it('that waits for a grant of another currency takes nothing of it', () => {
    const ledger = new NamedLedger()
    ledger.take(30n, 'g1')
    expect(ledger.take(30n, 'g1', { id: 't2', currency: 'USD' })).toMatchObject({ reason: 'currency-differs' })
    ledger.grant(50n, 'g1', 'USD')
    expect([ledger.left(), ledger.left('USD')]).toEqual([0n, 50n])
    expect(ledger.take(30n, 'g1')).toEqual(taken(0n, 0n, true))
  })

  it('waits for one grant a hundred times at most', () => {
    const ledger = new NamedLedger()
    for (let n = 0; n < 100; n++) expect(ledger.take(1n, 'g1', { id: `n${n}` }).kind).toBe('awaiting')
    expect(ledger.take(1n, 'g1')).toEqual({ kind: 'refused', reason: 'too-many-takings' })
    ledger.grant(101n)
    expect(ledger.left()).toBe(1n)
  })

  it('is of the grant that is known, of those that are named', () => {
    const ledger = new NamedLedger()
    ledger.grant(10n, 'order')
    expect(ledger.take(30n, undefined, { of: ['event 0 order', 'order'] })).toEqual(taken(10n, 0n))
    expect(ledger.take(30n, undefined, { of: ['event 0 order', 'order'] })).toEqual(taken(10n, 0n, true))
  })

  it('and a grant are never one thing, whatever their ids are', () => {
    const ledger = new NamedLedger()
    ledger.grant(10n, 'taken t1')
    expect(ledger.take(5n)).toEqual({ kind: 'refused', reason: 'taking-differs' })
    ledger.take(5n, undefined, { id: 't2' })
    expect(ledger.grant(10n, 'taken t2')).toEqual({ kind: 'refused', reason: 'grant-differs' })
    expect(ledger.take(5n, 'taken t2', { id: 't3' })).toEqual({ kind: 'refused', reason: 'taking-differs' })
    expect(ledger.left()).toBe(5n)
  })

  it('is neither taken nor spent again when an emergency undoes its grant', () => {
    const ledger = new NamedLedger()
    ledger.apply(verbs.grant, { id: 'g1', ...EUR(100n), act: { action: 'event', by: 'b', signedBy: 'k' } })
    ledger.amend(ledger.charge({ price: EUR(20n) }))
    ledger.take(50n, 'g1')
    const undone = ledger.apply(orders.undoGrant, { id: 'g1', signedBy: 'k' })
    expect(undone).toMatchObject({ taken: EUR(30n), spent: EUR(20n) })
    expect(ledger.take(100n, 'g1', { id: 't2' })).toEqual(taken(20n, -20n))
    expect(ledger.apply(orders.undoGrant, { id: 'g1', signedBy: 'k' })).toMatchObject({
      isRepeat: true,
      spent: EUR(0n),
    })
  })
})

describe('a debt', () => {
  /** A ledger that owes 50. */
  const indebted = (): NamedLedger => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    ledger.amend(ledger.charge({ price: EUR(50n) }))
    ledger.take(100n, 'g1')
    return ledger
  }

  it('refuses every price in its currency, says what is left, and is paid by the next grant', () => {
    const ledger = indebted()
    expect(ledger.charge({ price: EUR(1n) })).toMatchObject({ reason: 'credit-insufficient', credit: EUR(-50n) })
    expect(ledger.grant(60n, 'g2')).toMatchObject({ credit: EUR(10n) })
    expect(reasonOf(ledger.charge({ price: EUR(11n) }))).toBe('credit-insufficient')
    expect(reasonOf(ledger.charge({ price: EUR(10n) }))).toBe('charged')
  })

  it('is of one currency', () => {
    const ledger = indebted()
    ledger.grant(5n, 'g2', 'USD')
    expect(reasonOf(ledger.charge({ price: { units: 5n, currency: 'USD' } }))).toBe('charged')
    expect(ledger.left()).toBe(-50n)
  })

  it('refuses nothing that costs nothing', () => {
    expect(reasonOf(indebted().charge({ price: EUR(0n) }))).toBe('charged')
    expect(reasonOf(indebted().charge())).toBe('charged')
  })

  it('breaks no reservation, and what comes back of one pays it', () => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    const made = ledger.charge({ price: EUR(90n), facts: { meter: 'tokens' } })
    ledger.take(100n, 'g1')
    expect(ledger.left()).toBe(-90n)
    expect(ledger.charge({ price: EUR(1n) })).toMatchObject({
      reason: 'credit-insufficient',
      held: { price: EUR(90n) },
    })
    ledger.amend(made, 'complete', { price: 20n })
    expect(ledger.left()).toBe(-20n)
  })

  it('that is only what others have reserved is worth waiting for', () => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    ledger.charge({ price: EUR(90n), facts: { meter: 'tokens' } })
    ledger.take(20n, 'g1')
    expect(ledger.charge({ price: EUR(5n) })).toMatchObject({ reason: 'too-many-requests', check: 'reserved' })
  })

  it('is less by what an operator gives back of a charge', () => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    const made = ledger.charge({ price: EUR(100n) })
    ledger.amend(made)
    ledger.take(100n, 'g1')
    ledger.apply(orders.reverseCharge, { charge: 'c1' })
    expect(ledger.left()).toBe(0n)
  })

  it('does not keep a request from its further try, which was paid before', () => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    const idempotency = { key: 'k', digest: 'd' }
    ledger.amend(ledger.charge({ price: EUR(60n), idempotency }), 'none', { isUnsent: true })
    const shared = { continuation: 'page', confirmation: 'yes' }
    ledger.amend(ledger.charge({ price: EUR(60n), ...shared }))
    ledger.take(100n, 'g1')
    expect(reasonOf(ledger.charge({ price: EUR(60n), ...shared }))).toBe('again:2')
    expect(reasonOf(ledger.charge({ price: EUR(60n), idempotency }))).toBe('credit-insufficient')
  })
})

describe('an account that is erased', () => {
  it('owes what it owed, and loses no credit twice', async () => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    ledger.amend(ledger.charge({ price: EUR(70n) }))
    ledger.take(20n, 'g1')
    ledger.take(15n, undefined, { id: 't2' })
    expect(await ledger.erase()).toMatchObject({ value: { kind: 'erased', forfeited: [], owed: [EUR(5n)] } })
    expect(ledger.read().credit).toEqual([EUR(-5n)])
    ledger.apply(verbs.endErase, 'order')
    ledger.advance(500 * DAY)
    expect(ledger.left()).toBe(-5n)
  })

  it('has nothing taken of the credit that it lost', async () => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    ledger.now += 1
    ledger.grant(50n, 'g2')
    ledger.amend(ledger.charge({ price: EUR(90n) }))
    expect(await ledger.erase()).toMatchObject({ value: { forfeited: [EUR(60n)] } })
    expect(ledger.take(100n, 'g1')).toEqual(taken(90n, -90n))
    expect(ledger.take(50n, 'g2', { id: 't2' })).toEqual(taken(0n, -90n))
  })

  it('is known by hashes: what was taken is not taken again, and what waited still waits', async () => {
    const ledger = new NamedLedger()
    ledger.grant(100n)
    ledger.take(30n, 'g1')
    ledger.take(40n, 'late', { id: 't2' })
    await ledger.erase()
    const names = ledger.book.grantsBefore(Infinity, 100)
    expect(names.every((name) => name.startsWith('#'))).toBe(true)
    expect(JSON.stringify(names.map((name) => ledger.book.taking(name)?.of ?? ''))).not.toMatch(/g1|late/)
    expect(ledger.take(30n, 'g1')).toMatchObject({ kind: 'taken', isRepeat: true })
    expect(ledger.take(40n, 'late', { id: 't2' })).toEqual({ kind: 'awaiting', isRepeat: true })
    expect(ledger.take(5n, 'late', { id: 't3' })).toEqual({ kind: 'awaiting', isRepeat: false })
    expect(ledger.grant(50n, 'late')).toMatchObject({ isRepeat: false, credit: EUR(5n) })
    expect(ledger.grant(50n, 'late')).toMatchObject({ isRepeat: true, credit: EUR(5n) })
  })
})
