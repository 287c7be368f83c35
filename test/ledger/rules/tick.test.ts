import { describe, expect, it } from 'vitest'
import { nextTick, verbs } from '../../../src/ledger/rules/verbs.ts'
import { unitsOf, withAllMore } from '../../../src/ledger/rules/amount.ts'
import type { Units } from '../../../src/ledger/rules/commands.ts'
import { DAY, PureLedger, EUR, HOUR, limit, MINUTE, ONE, reasonOf, units } from './pureledger.ts'

/** What billing would have added up. */
function summed(ledger: PureLedger): { counts: readonly Units[]; money: bigint } {
  const records = ledger.records(10_000)
  const counts = records.reduce<readonly Units[]>((sums, { change }) => withAllMore(sums, change.counts), [])
  return { counts, money: records.reduce((sum, { change }) => sum + (change.price?.units ?? 0n), 0n) }
}

describe('the alarm', () => {
  it('is set for the first charge to be settled, and for nothing when there is none', () => {
    const ledger = new PureLedger()
    expect(nextTick(ledger.book)).toBeUndefined()
    ledger.charge({ settleByMs: ledger.now + 3 * MINUTE })
    ledger.charge({ settleByMs: ledger.now + 2 * MINUTE })
    expect(nextTick(ledger.book)).toBe(ledger.now + 2 * MINUTE)
  })

  it('leaves an account with its last twenty charges, its sums, and no further alarm', () => {
    const ledger = new PureLedger()
    ledger.grant(10_000n)
    const limits = [limit(10_000n, 'P1M')]
    for (let n = 0; n < 300; n += 1) {
      const made = ledger.charge({ counts: units(3n), limits, price: EUR(2n) })
      if (n % 3 === 0) ledger.amend(made)
      if (n % 3 === 1) ledger.amend(made, 'none')
      ledger.advance(1000)
    }
    const before = ledger.read(limits)
    expect(summed(ledger)).toEqual({ counts: units(200n * 3n), money: 200n * 2n })
    ledger.advance(2 * DAY)
    const after = ledger.read(limits)
    expect(after.recent).toHaveLength(20)
    expect(after.recent[0]?.id).toBe('c300')
    expect(after.totals).toEqual({ ...before.totals, unsettled: 100 })
    expect(after.totals).toMatchObject({ charges: 300, counts: units(600n), money: [{ name: 'EUR', units: 400n }] })
    expect(after.limits.map(({ remaining }) => remaining)).toEqual([9400n])
    expect(nextTick(ledger.book)).toBeUndefined()
  })

  it('is not set for a closed charge: it is known for a minute, and then not', () => {
    const ledger = new PureLedger()
    const made = ledger.charge()
    ledger.amend(made)
    expect(nextTick(ledger.book)).toBeUndefined()
    ledger.now += MINUTE - 1
    expect(ledger.amend(made)).toMatchObject({ kind: 'amended', isRepeat: true })
    ledger.now += 1
    expect(ledger.amend(made)).toEqual({ kind: 'refused', reason: 'charge-unknown' })
  })

  it('handles a thousand forgotten charges in as many turns as it needs', () => {
    const ledger = new PureLedger()
    for (let n = 0; n < 1000; n += 1) ledger.charge({ counts: ONE })
    ledger.now += HOUR
    expect(ledger.tick()).toEqual({ closed: 500, hasMore: true })
    expect(ledger.tick()).toEqual({ closed: 500, hasMore: true })
    expect(ledger.tick()).toEqual({ closed: 0, hasMore: false })
    expect(ledger.read().totals.unsettled).toBe(1000)
    expect(ledger.read().unsettled).toHaveLength(20)
  })

  it('closes nothing that is settled in time', () => {
    const ledger = new PureLedger()
    ledger.amend(ledger.charge())
    ledger.advance(HOUR)
    expect(ledger.records().map(({ kind }) => kind)).toEqual(['charge', 'amend'])
  })

  it('does not forget a grant in a year', () => {
    const ledger = new PureLedger()
    ledger.grant(5n)
    ledger.advance(365 * DAY)
    ledger.amend(ledger.charge())
    ledger.advance(HOUR)
    expect(ledger.grant(5n)).toMatchObject({ isRepeat: true })
  })
})

describe('a receipt that is over', () => {
  it('leaves nothing behind a day later, and stays spent until then', () => {
    const ledger = new PureLedger()
    const command = { receipt: { uses: 1 }, expires: ledger.now + HOUR }
    ledger.amend(ledger.charge(command))
    ledger.flushAll()
    ledger.advance(HOUR + DAY - 1)
    expect(ledger.book.head.receipt.used).toBe(1)
    ledger.advance(1)
    expect(ledger.book.head.sequence).toBe(0)
    expect(ledger.book.recentCharges()).toEqual([])
    expect(nextTick(ledger.book)).toBeUndefined()
    expect(reasonOf(ledger.charge(command))).toBe('credential-expired')
  })

  it('waits without a further alarm for a charge that nobody settled and somebody still may', () => {
    const ledger = new PureLedger()
    ledger.charge({ receipt: { uses: 1 }, expires: ledger.now + MINUTE, settleByMs: ledger.now + HOUR })
    ledger.advance(HOUR)
    ledger.flushAll()
    ledger.now += DAY - MINUTE
    ledger.tick()
    expect(nextTick(ledger.book)).toBe(ledger.now + MINUTE)
    ledger.advance(MINUTE)
    expect([ledger.book.head.sequence, nextTick(ledger.book)]).toEqual([0, undefined])
  })

  it.each([
    ['was refused as spent', {}, 'payment-spent'],
    ['went on with a Range in flight', { continuation: '/film', isPart: true }, 'again:1'],
  ])('is over with the last of its tokens, though that %s', (_what, more, told) => {
    const ledger = new PureLedger()
    const short = { receipt: { uses: 1 }, expires: ledger.now + DAY, ...more }
    const long = { ...short, expires: ledger.now + 30 * DAY }
    const made = ledger.charge(short)
    expect(reasonOf(ledger.charge(long))).toBe(told)
    ledger.amend(made)
    ledger.advance(HOUR)
    ledger.flushAll()
    ledger.advance(3 * DAY)
    expect(reasonOf(ledger.charge({ ...long, continuation: '/another', isPart: true }))).toBe('payment-spent')
  })

  it('is over with the last of its tokens', () => {
    const ledger = new PureLedger()
    const long = { receipt: { uses: 2 }, expires: ledger.now + 30 * DAY }
    ledger.amend(ledger.charge(long))
    ledger.amend(ledger.charge({ ...long, expires: ledger.now + DAY }))
    ledger.flushAll()
    ledger.advance(3 * DAY)
    expect(reasonOf(ledger.charge(long))).toBe('payment-spent')
  })

  it('waits for billing to have its records', () => {
    const ledger = new PureLedger()
    ledger.amend(ledger.charge({ receipt: { uses: 1 }, expires: ledger.now + HOUR }))
    ledger.advance(10 * DAY)
    expect(ledger.records()).toHaveLength(2)
    ledger.flushAll()
    ledger.advance(0)
    expect(ledger.book.head.sequence).toBe(0)
  })
})

describe('the outbox', () => {
  it('keeps the order, has every record once, and forgets what is flushed', () => {
    const ledger = new PureLedger()
    ledger.grant(100n)
    const made = [1n, 2n, 3n].map((units) => ledger.charge({ counts: ONE, price: EUR(units) }))
    for (const outcome of made.toReversed()) ledger.amend(outcome)
    const ids = ['c1/charge', 'c2/charge', 'c3/charge', 'c3/amend', 'c2/amend', 'c1/amend']
    expect(ledger.records().map(({ id }) => id)).toEqual(ids)
    expect(ledger.records(2).map(({ position }) => position)).toEqual([1, 2])
    ledger.apply(verbs.flushed, { positions: [1, 2, 99] })
    expect(ledger.records().map(({ id }) => id)).toEqual(ids.slice(2))
  })

  it('never gives a position twice, so that a late flush takes nothing that is new', () => {
    const ledger = new PureLedger()
    ledger.amend(ledger.charge())
    const positions = ledger.records().map(({ position }) => position)
    ledger.flushAll()
    ledger.amend(ledger.charge())
    expect(ledger.records().map(({ position }) => position)).toEqual([3, 4])
    expect(positions).toEqual([1, 2])
  })

  it('tells of each charge what it took and what it gave back', () => {
    const ledger = new PureLedger()
    ledger.grant(100n)
    const facts = { zone: 'news', route: '/api/*', account: 'a1b2', n: 7, ok: true, none: null }
    const made = ledger.charge({ counts: units(9n), price: EUR(8n), facts })
    ledger.now += MINUTE
    ledger.amend(made, 'broken', { counts: units(4n), price: 3n })
    expect(ledger.records()).toMatchObject([
      { id: 'c1/charge', at: ledger.now - MINUTE, facts, kept: { price: EUR(8n) }, change: { price: EUR(8n) } },
      { id: 'c1/amend', delivery: 'broken', facts, kept: { price: EUR(3n) }, change: { price: EUR(-5n) } },
    ])
    expect(unitsOf(ledger.records()[1]?.change.counts ?? [], 'requests')).toBe(-5n)
  })
})
