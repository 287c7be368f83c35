import { beforeEach, describe, expect, it } from 'vitest'
import type { Breakdown } from '../../../src/access/meter.ts'
import { exportLines } from '../../../src/endpoints/exportview.ts'
import {
  decodeCharge,
  decodeRecord,
  encodeCharge,
  encodeRecord,
  FactsTable,
} from '../../../src/ledger/journal/codec.ts'
import type { AmendCommand } from '../../../src/ledger/rules/commands.ts'
import { eraseState } from '../../../src/ledger/rules/erase.ts'
import { orders } from '../../../src/ledger/rules/orders.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import { eventOf } from '../../../src/usage/cloudevents.ts'
import { readUsageBatch } from '../../../src/billing/rules/usagerecord.ts'
import { charged } from './payer.ts'
import { DAY, EUR, HOUR, PureLedger, units } from './pureledger.ts'

const FACTS = { route: '/chat', meter: 'openai', model: 'large' }
const MEASURED: Breakdown = {
  of: 'large',
  basis: 'measured',
  lines: [
    { name: 'input', units: 25n, rate: '3' },
    { name: 'output', units: 2n ** 60n, rate: '15' },
  ],
  rates: 'configured',
  tier: 'default',
}

let ledger: PureLedger

beforeEach(() => {
  ledger = new PureLedger()
  ledger.grant(1000n)
})

const make = (facts: Record<string, string> = FACTS) =>
  charged(ledger.charge({ counts: units(40n, 'tokens'), price: EUR(100n), facts }))

function ended(more: Partial<AmendCommand>, delivery: AmendCommand['delivery'] = 'complete'): Breakdown | undefined {
  ledger.amend(make(), delivery, more)
  return ledger.read().recent[0]?.breakdown
}

describe('the breakdown of a charge', () => {
  it.each([
    ['is what its meter said', { price: 7n, breakdown: MEASURED }, 'complete', MEASURED],
    ['is dropped with what was not delivered', { breakdown: MEASURED }, 'none', undefined],
    ['says that nothing was measured', {}, 'broken', { of: 'large', basis: 'reserved', lines: [] }],
    ['is none if its meter said none', { price: 7n }, 'complete', undefined],
    [
      'is dropped if it is longer than 2 kB',
      { price: 7n, breakdown: { ...MEASURED, of: 'x'.repeat(2048) } },
      'complete',
      undefined,
    ],
    [
      'is dropped if it counts less than nothing',
      { price: 7n, breakdown: { ...MEASURED, lines: [{ name: 'input', units: -1n }] } },
      'complete',
      undefined,
    ],
  ] as const)('%s', (_what, more, delivery, expected) => {
    expect(ended(more, delivery)).toEqual(expected)
    expect(ledger.read().recent[0]?.kept.price?.units).toBe(delivery === 'none' ? 0n : 'price' in more ? 7n : 100n)
  })

  it('says `reserved` of a charge that nobody reported on, until a late report says more', () => {
    const made = make()
    ledger.advance(HOUR)
    const [forgotten] = ledger.read().recent
    expect([forgotten?.state, forgotten?.breakdown?.basis]).toEqual(['unsettled', 'reserved'])
    ledger.amend(made, 'complete', { price: 7n, breakdown: MEASURED })
    expect(ledger.read().recent[0]).toMatchObject({ state: 'settled', breakdown: MEASURED })
    expect(ledger.records().map(({ kind, breakdown }) => [kind, breakdown?.basis])).toEqual([
      ['charge', undefined],
      ['unsettled', 'reserved'],
      ['amend', 'measured'],
    ])
  })

  it('is told to billing and in an export with units as strings, and billing reads it', () => {
    ended({ price: 7n, breakdown: MEASURED })
    const [, amended] = ledger.records().map(eventOf)
    const told = {
      ...MEASURED,
      lines: [
        { name: 'input', units: '25', rate: '3' },
        { name: 'output', units: String(2n ** 60n), rate: '15' },
      ],
    }
    expect(amended?.data).toMatchObject({ breakdown: told, request: { model: 'large', meter: 'openai' } })
    expect(readUsageBatch(JSON.stringify([amended]))?.[0]?.breakdown).toEqual(told)
    expect(readUsageBatch(JSON.stringify([{ ...amended, data: { ...amended?.data, breakdown: 1 } }]))).toBeUndefined()
    const page = ledger.apply(verbs.history, { most: 10 })
    const lines = exportLines({ zone: 'news' }, { ...page, issued: [], audit: [] })
      .trim()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ kind: 'charge', breakdown: told }),
    )
  })

  it('comes back from the journal; a row from before there were any reads as it did', () => {
    ended({ price: 7n, breakdown: MEASURED })
    const [charge] = ledger.book.recentCharges()
    const [, record] = ledger.records()
    if (charge === undefined || record === undefined) throw new Error('nothing was kept')
    const facts = new FactsTable()
    const text = JSON.stringify([encodeCharge(charge, facts), encodeRecord(record, facts)])
    const [plain, plainRecord] = JSON.parse(text) as [ReturnType<typeof encodeCharge>, ReturnType<typeof encodeRecord>]
    expect([decodeCharge(plain, facts.all), decodeRecord(plainRecord, facts.all)]).toEqual([charge, record])
    const { breakdown: _none, ...before } = plain
    expect(decodeCharge(before, facts.all).breakdown).toBeUndefined()
  })

  it('goes with the account', () => {
    ended({ price: 7n, breakdown: MEASURED })
    ledger.flushAll()
    const [hashes, revokedAt] = [new Map([['g1', '#0123456789abcdefghijkl']]), ledger.now / 1000]
    const order = { id: 'e1', ledger: 'account', revokedAt, longestTokenSeconds: 60, mayForfeit: true }
    ledger.apply(eraseState, { ...order, hashes, mayDropRecords: true })
    expect(
      JSON.stringify(ledger.read(), (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('large')
  })
})

describe('a charge that another model served than was asked for', () => {
  const day = Math.floor(Date.UTC(2030, 0, 15, 12) / DAY)
  const sums = () =>
    [...ledger.book.days.values()].map(({ model, charges, money }) => [model, charges, money[0]?.units])

  it('is counted under the model that served, as an operator’s reversal of it is', () => {
    const other = make()
    const made = make()
    expect(sums()).toEqual([['large', 2, 200n]])
    ledger.amend(made, 'complete', { price: 7n, breakdown: { ...MEASURED, of: 'small' } })
    expect(sums()).toEqual([
      ['large', 1, 100n],
      ['small', 1, 7n],
    ])
    ledger.amend(other, 'complete', { price: 30n, breakdown: { ...MEASURED, of: 'small' } })
    expect(sums()).toEqual([['small', 2, 37n]])
    expect(ledger.records().at(-1)?.facts).toEqual({ ...FACTS, model: 'small' })
    ledger.apply(orders.reverseCharge, { charge: made.charge })
    expect([...sums(), day]).toEqual([['small', 2, 30n], day])
  })
})
