import { describe, expect, it } from 'vitest'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import { MemoryTallies } from '../../src/platform/memory/tallies.ts'
import { applyTally } from '../../src/tallies/rules/book.ts'
import { decodeTally } from '../../src/tallies/rules/encoding.ts'
import { BOUNDS_MS, type Histogram, observeMs, quantileMs } from '../../src/tallies/rules/histogram.ts'
import { payerOfRecord } from '../../src/tallies/rules/money.ts'
import { MONEY_DIMENSIONS } from '../../src/tallies/rules/tally.ts'
import { shardOf, SHARDS } from '../../src/tallies/zones.ts'
import { MINUTE, PureLedger } from '../ledger/rules/pureledger.ts'

const AT = Date.parse('2026-11-29T08:00:30Z')
const EUR = (units: bigint) => ({ counts: [], price: { currency: 'EUR', units }, uses: 0 })
const NOTHING = { counts: [], price: undefined, uses: 0 }

const record = (position: number, more: Partial<LedgerRecord> = {}): LedgerRecord => ({
  position,
  id: `${position}`,
  kind: 'amend',
  charge: `charge ${position}`,
  repeats: undefined,
  at: AT + position,
  delivery: 'complete',
  kept: EUR(5n),
  change: EUR(0n),
  facts: { zone: 'www', route: '/a/*', issuer: 'https://billing.test', account: 'ann' },
  ...more,
})

/** What is added up of these records, sent as these batches. */
function summed(...batches: readonly (readonly LedgerRecord[])[]) {
  const storage = new MemoryTallies()
  for (const records of batches)
    applyTally(storage, { kind: 'records', timeZone: 'UTC', payer: 'ann', records }, AT + 10_000)
  const query = { resolution: 'ever', from: 0, to: 1, by: [], moneyBy: MONEY_DIMENSIONS, isSeries: false } as const
  const answer = applyTally(storage, { ...query, kind: 'read', timeZone: 'UTC' }, AT)
  const [first] = (answer.ok && answer.value?.buckets) || []
  return first === undefined ? [] : [...decodeTally(first[1]).money]
}

describe('records of ledgers', () => {
  it('that come again are added once, in whatever batches', () => {
    const [one, two, three] = [record(1), record(2), record(3)]
    const cells = summed([one], [one, two], [one, two, three], [three], [two])
    expect(cells).toHaveLength(1)
    expect(cells[0]?.[1]).toMatchObject({ charges: 3, money: new Map([['EUR', 15n]]) })
  })

  it('of a ledger that was deleted and began again are new', () => {
    const cells = summed([record(1), record(2)], [record(1, { at: AT + 60_000 })])
    expect(cells[0]?.[1]).toMatchObject({ charges: 3, money: new Map([['EUR', 15n]]) })
  })

  it.each<[string, LedgerRecord[], bigint | undefined, object]>([
    ['a reservation', [record(1, { kind: 'charge' })], undefined, {}],
    ['one that was released', [record(1, { kept: NOTHING, change: EUR(-5n) })], undefined, {}],
    ['one that nobody reported', [record(1, { kind: 'unsettled' })], 5n, { unsettled: 1 }],
    [
      'one whose report came late',
      [record(1, { kind: 'unsettled' }), record(2, { corrects: '1', kept: EUR(3n), change: EUR(-2n) })],
      3n,
      { charges: 1, unsettled: 1 },
    ],
    [
      'one that was given back',
      [record(1), record(2, { kind: 'reversed', corrects: '1', kept: EUR(0n), change: EUR(-5n) })],
      0n,
      { charges: 1 },
    ],
    [
      'a machine payment without all of its answer',
      [record(1, { delivery: 'broken', payment: { rail: 'x402', state: 'settled' } })],
      5n,
      { undelivered: 1 },
    ],
  ])('add what is kept in the end: %s', (_, records, money, more) => {
    const cells = summed(records)
    expect(cells[0]?.[1].money.get('EUR')).toBe(money)
    if (money !== undefined) expect(cells[0]?.[1]).toMatchObject(more)
  })

  it('name the model that was used and the rail that paid, and nobody', () => {
    const made = record(1, {
      facts: { zone: 'www', route: '/v1', rail: 'x402', payment: '["eip155:1","0xa","0xb","0xc"]', model: 'asked' },
      payment: { rail: 'x402', state: 'settled' },
    })
    expect(summed([made])[0]?.[0]).toBe('/v1\n\nasked\nx402')
  })

  it('of one payer are in one of eight objects, and those of many in all', () => {
    const payers = Array.from({ length: 200 }, (_, account) =>
      payerOfRecord(record(1, { facts: { zone: 'www', issuer: 'i', account: `account-${account}` } })),
    )
    expect(new Set(payers.map(shardOf)).size).toBe(SHARDS)
    expect(payers.map(shardOf)).toEqual(payers.map(shardOf))
  })
})

it.each([
  [0, 1],
  [1, 1],
  [1.5, 2],
  [700, 800],
  [30_000, 30_000],
  [30_001, Infinity],
])('a time of %d ms is in the bin up to %d', (ms, bound) => {
  const histogram: Histogram = []
  observeMs(histogram, ms)
  expect(quantileMs(histogram, 0.95)).toBe(bound)
})

it('a quantile is the bound of the bin that holds it', () => {
  const histogram: Histogram = []
  expect(quantileMs(histogram, 0.95)).toBe(undefined)
  for (const bound of BOUNDS_MS) observeMs(histogram, bound)
  expect([0, 0.5, 0.95, 1].map((quantile) => quantileMs(histogram, quantile))).toEqual([1, 200, 20_000, 30_000])
})

describe('a further try for which nothing was reserved, and whose end nobody reported', () => {
  it('is unsettled neither in its ledger nor in the sums of what billing was told', () => {
    const ledger = new PureLedger()
    ledger.grant(100n)
    const keyed = { idempotency: { key: 'k', digest: 'GET /1' }, price: { currency: 'EUR', units: 10n } }
    ledger.amend(ledger.charge(keyed), 'broken', { isUnsent: true })
    const again = ledger.charge(keyed)
    expect(again).toMatchObject({ kind: 'charged', reserved: { price: { units: 0n } } })
    ledger.now += 2 * MINUTE
    ledger.tick()
    const { recent, totals } = ledger.read()
    expect(recent.map(({ state }) => state)).toEqual(['unsettled', 'settled'])
    const [cell] = summed(ledger.records())
    expect(cell?.[1]).toMatchObject({ charges: 1, unsettled: 0 })
    expect(totals.unsettled).toBe(0)
    // A report that comes late takes nothing off the count.
    ledger.amend(again)
    expect(ledger.read().totals.unsettled).toBe(0)
  })

  it('leaves the one before it, which somebody paid for, unsettled in both', () => {
    const ledger = new PureLedger()
    ledger.grant(100n)
    const keyed = { idempotency: { key: 'k', digest: 'GET /1' }, price: { currency: 'EUR', units: 10n } }
    ledger.charge(keyed)
    ledger.now += 2 * MINUTE
    ledger.charge(keyed)
    ledger.now += 2 * MINUTE
    ledger.tick()
    expect(ledger.read().totals.unsettled).toBe(1)
    expect(summed(ledger.records())[0]?.[1]).toMatchObject({ charges: 1, unsettled: 1 })
  })
})
