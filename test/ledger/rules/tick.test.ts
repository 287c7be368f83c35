import { describe, expect, it } from 'vitest'
import { nextTick, verbs } from '../../../src/ledger/rules/verbs.ts'
import { unitsOf, withAllMore } from '../../../src/ledger/rules/amount.ts'
import type { Units } from '../../../src/ledger/rules/commands.ts'
import { DAY, Desk, EUR, HOUR, limit, MINUTE, ONE, reasonOf, units } from './desk.ts'

/** What billing would have added up. */
function summed(desk: Desk): { counts: readonly Units[]; money: bigint } {
  const records = desk.records(10_000)
  const counts = records.reduce<readonly Units[]>((sums, { change }) => withAllMore(sums, change.counts), [])
  return { counts, money: records.reduce((sum, { change }) => sum + (change.price?.units ?? 0n), 0n) }
}

describe('the alarm', () => {
  it('is set for the first charge to be settled, and for nothing when there is none', () => {
    const desk = new Desk()
    expect(nextTick(desk.book)).toBeUndefined()
    desk.charge({ settleByMs: desk.now + 3 * MINUTE })
    desk.charge({ settleByMs: desk.now + 2 * MINUTE })
    expect(nextTick(desk.book)).toBe(desk.now + 2 * MINUTE)
  })

  it('leaves an account with its last twenty charges, its sums, and no further alarm', () => {
    const desk = new Desk()
    desk.grant(10_000n)
    const limits = [limit(10_000n, 'P1M')]
    for (let n = 0; n < 300; n += 1) {
      const made = desk.charge({ counts: units(3n), limits, price: EUR(2n) })
      if (n % 3 === 0) desk.amend(made)
      if (n % 3 === 1) desk.amend(made, 'none')
      desk.pass(1000)
    }
    const before = desk.read(limits)
    expect(summed(desk)).toEqual({ counts: units(200n * 3n), money: 200n * 2n })
    desk.pass(2 * DAY)
    const after = desk.read(limits)
    expect(after.recent).toHaveLength(20)
    expect(after.recent[0]?.id).toBe('c300')
    expect(desk.book.restingCharges()).toHaveLength(20)
    expect(after.totals).toEqual({ ...before.totals, unsettled: 100 })
    expect(after.totals).toMatchObject({ charges: 300, counts: units(600n), money: [{ name: 'EUR', units: 400n }] })
    expect(after.limits.map(({ remaining }) => remaining)).toEqual([9400n])
    expect(nextTick(desk.book)).toBeUndefined()
  })

  it('forgets resting charges when later ones have come', () => {
    const desk = new Desk()
    for (let round = 0; round < 5; round += 1) {
      for (let n = 0; n < 15; n += 1) desk.amend(desk.charge())
      desk.pass(HOUR)
      expect(desk.book.recentCharges(1000).length).toBeLessThanOrEqual(20)
    }
  })

  it('handles a thousand forgotten charges in as many turns as it needs', () => {
    const desk = new Desk()
    for (let n = 0; n < 1000; n += 1) desk.charge()
    desk.now += HOUR
    expect(desk.tick()).toEqual({ closed: 500, forgotten: 0, hasMore: true })
    expect(desk.tick()).toEqual({ closed: 500, forgotten: 0, hasMore: true })
    expect(desk.tick()).toEqual({ closed: 0, forgotten: 0, hasMore: false })
    expect(desk.read().totals.unsettled).toBe(1000)
    expect(desk.read().unsettled).toHaveLength(20)
  })

  it('closes nothing that is settled in time', () => {
    const desk = new Desk()
    desk.amend(desk.charge())
    desk.pass(HOUR)
    expect(desk.records().map(({ kind }) => kind)).toEqual(['charge', 'amend'])
  })

  it('does not forget a grant in a year', () => {
    const desk = new Desk()
    desk.grant(5n)
    desk.pass(365 * DAY)
    desk.amend(desk.charge())
    desk.pass(HOUR)
    expect(desk.grant(5n)).toMatchObject({ isRepeat: true })
  })
})

describe('a receipt that is over', () => {
  it('leaves nothing behind a day later, and stays spent until then', () => {
    const desk = new Desk()
    const command = { receipt: { uses: 1 }, expires: desk.now + HOUR }
    desk.amend(desk.charge(command))
    desk.flushAll()
    desk.pass(HOUR + DAY - 1)
    expect(desk.book.head.receipt.used).toBe(1)
    desk.pass(1)
    expect(desk.book.head.sequence).toBe(0)
    expect(desk.book.recentCharges(1)).toEqual([])
    expect(nextTick(desk.book)).toBeUndefined()
    expect(reasonOf(desk.charge(command))).toBe('credential-expired')
  })

  it('waits without a further alarm for a charge that nobody settled and somebody still may', () => {
    const desk = new Desk()
    desk.charge({ receipt: { uses: 1 }, expires: desk.now + MINUTE, settleByMs: desk.now + HOUR })
    desk.pass(HOUR)
    desk.flushAll()
    desk.now += DAY - MINUTE
    desk.tick()
    expect(nextTick(desk.book)).toBe(desk.now + MINUTE)
    desk.pass(MINUTE)
    expect([desk.book.head.sequence, nextTick(desk.book)]).toEqual([0, undefined])
  })

  it.each([
    ['was refused as spent', {}, 'payment-spent'],
    ['went on with a Range in flight', { continuation: '/film', isPart: true }, 'again:1'],
  ])('is over with the last of its tokens, though that %s', (_what, more, told) => {
    const desk = new Desk()
    const short = { receipt: { uses: 1 }, expires: desk.now + DAY, ...more }
    const long = { ...short, expires: desk.now + 30 * DAY }
    const made = desk.charge(short)
    expect(reasonOf(desk.charge(long))).toBe(told)
    desk.amend(made)
    desk.pass(HOUR)
    desk.flushAll()
    desk.pass(3 * DAY)
    expect(reasonOf(desk.charge({ ...long, continuation: '/another', isPart: true }))).toBe('payment-spent')
  })

  it('is over with the last of its tokens', () => {
    const desk = new Desk()
    const long = { receipt: { uses: 2 }, expires: desk.now + 30 * DAY }
    desk.amend(desk.charge(long))
    desk.amend(desk.charge({ ...long, expires: desk.now + DAY }))
    desk.flushAll()
    desk.pass(3 * DAY)
    expect(reasonOf(desk.charge(long))).toBe('payment-spent')
  })

  it('waits for billing to have its records', () => {
    const desk = new Desk()
    desk.amend(desk.charge({ receipt: { uses: 1 }, expires: desk.now + HOUR }))
    desk.pass(10 * DAY)
    expect(desk.records()).toHaveLength(2)
    desk.flushAll()
    desk.pass(0)
    expect(desk.book.head.sequence).toBe(0)
  })
})

describe('the outbox', () => {
  it('keeps the order, has every record once, and forgets what is flushed', () => {
    const desk = new Desk()
    desk.grant(100n)
    const made = [1n, 2n, 3n].map((units) => desk.charge({ counts: ONE, price: EUR(units) }))
    for (const outcome of made.toReversed()) desk.amend(outcome)
    const ids = ['c1/charge', 'c2/charge', 'c3/charge', 'c3/amend', 'c2/amend', 'c1/amend']
    expect(desk.records().map(({ id }) => id)).toEqual(ids)
    expect(desk.records(2).map(({ position }) => position)).toEqual([1, 2])
    desk.apply(verbs.flushed, { positions: [1, 2, 99] })
    expect(desk.records().map(({ id }) => id)).toEqual(ids.slice(2))
  })

  it('never gives a position twice, so that a late flush takes nothing that is new', () => {
    const desk = new Desk()
    desk.amend(desk.charge())
    const positions = desk.records().map(({ position }) => position)
    desk.flushAll()
    desk.amend(desk.charge())
    expect(desk.records().map(({ position }) => position)).toEqual([3, 4])
    expect(positions).toEqual([1, 2])
  })

  it('tells of each charge what it took and what it gave back', () => {
    const desk = new Desk()
    desk.grant(100n)
    const facts = { zone: 'news', route: '/api/*', account: 'a1b2', n: 7, ok: true, none: null }
    const made = desk.charge({ counts: units(9n), price: EUR(8n), facts })
    desk.now += MINUTE
    desk.amend(made, 'broken', { counts: units(4n), price: 3n })
    expect(desk.records()).toMatchObject([
      { id: 'c1/charge', at: desk.now - MINUTE, facts, kept: { price: EUR(8n) }, change: { price: EUR(8n) } },
      { id: 'c1/amend', delivery: 'broken', facts, kept: { price: EUR(3n) }, change: { price: EUR(-5n) } },
    ])
    expect(unitsOf(desk.records()[1]?.change.counts ?? [], 'requests')).toBe(-5n)
  })
})
