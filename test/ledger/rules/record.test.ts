import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unitsOf } from '../../../src/ledger/rules/amount.ts'
import { leaveAloneMs } from '../../../src/ledger/rules/backoff.ts'
import { additionOf } from '../../../src/ledger/rules/record.ts'
import { PureLedger, EUR, MINUTE, units } from './pureledger.ts'

const added = (ledger: PureLedger) =>
  ledger.records().flatMap((record) => {
    const addition = additionOf(record)
    return addition === undefined ? [] : [{ id: record.id, requests: unitsOf(addition.counts, 'requests') }]
  })

describe('what a sink adds that takes nothing back', () => {
  it('is nothing while a charge is open, and then what is kept of it', () => {
    const ledger = new PureLedger()
    const made = ledger.charge({ counts: units(10n) })
    expect(added(ledger)).toEqual([])
    ledger.amend(made, 'broken', { counts: units(4n) })
    expect(added(ledger)).toEqual([{ id: 'c1/amend', requests: 4n }])
  })

  it('is nothing for a charge that was given back', () => {
    const ledger = new PureLedger()
    ledger.grant(100n)
    ledger.amend(ledger.charge({ counts: units(10n), price: EUR(5n) }), 'none')
    expect(added(ledger)).toEqual([])
  })

  it('is lowered by an amendment that comes after nobody said', () => {
    const ledger = new PureLedger()
    const made = ledger.charge({ counts: units(10n) })
    ledger.advance(2 * MINUTE)
    expect(added(ledger)).toEqual([{ id: 'c1/unsettled', requests: 10n }])
    ledger.amend(made, 'broken', { counts: units(4n) })
    expect(added(ledger).at(-1)).toEqual({ id: 'c1/amend', requests: -6n })
    expect(ledger.records().map(({ corrects }) => corrects)).toEqual([undefined, undefined, 'c1/unsettled'])
  })

  it('sums up to what is kept, whatever happened', () => {
    const fate = fc.record({
      reserved: fc.bigInt(0n, 20n),
      used: fc.bigInt(0n, 25n),
      end: fc.constantFrom('complete', 'broken', 'none', 'never'),
      isLate: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(fate, { maxLength: 12 }), (fates) => {
        const ledger = new PureLedger()
        for (const { reserved, used, end, isLate } of fates) {
          const made = ledger.charge({ counts: units(reserved) })
          if (isLate) ledger.advance(3 * MINUTE)
          if (end !== 'never') ledger.amend(made, end, { counts: units(used) })
        }
        ledger.advance(3 * MINUTE)
        const sum = added(ledger).reduce((total, { requests }) => total + requests, 0n)
        expect(sum).toBe(unitsOf(ledger.read().totals.counts, 'requests'))
      }),
    )
  })
})

describe('billing that fails', () => {
  it.each([
    [0, 30],
    [1, 30],
    [2, 60],
    [3, 120],
    [5, 480],
    [6, 600],
    [7, 600],
    [100_000, 600],
  ])('%i times in a row is left alone for %i s', (failures, seconds) => {
    expect(leaveAloneMs(failures)).toBe(seconds * 1000)
  })
})
