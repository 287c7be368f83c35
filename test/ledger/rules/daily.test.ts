import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOTHING } from '../../../src/ledger/rules/amount.ts'
import {
  addToDay,
  countDay,
  type DailySum,
  foldedDay,
  MOST_DAY_SUMS,
  MOST_DAYS,
  MOST_SUMS,
} from '../../../src/ledger/rules/daily.ts'
import { UnitOfWork } from '../../../src/ledger/rules/unitofwork.ts'
import { MapBook } from './mapbook.ts'
import { charged } from './payer.ts'
import { DAY, EUR, HOUR, MINUTE, ONE, PureLedger, units } from './pureledger.ts'

const TODAY = 20_000
const NOW = TODAY * DAY + HOUR

/** Counts one charge for each route of each day, in order. */
function counted(days: readonly { readonly day: number; readonly routes: readonly string[] }[]): MapBook {
  const book = new MapBook()
  for (const { day, routes } of days) {
    for (const route of routes) {
      const work = new UnitOfWork(book)
      countDay(work, { at: day * DAY, facts: { route } }, { ...NOTHING, counts: ONE }, day * DAY, 1)
      book.write(work.changes())
    }
  }
  return book
}

const routes = (count: number, name = ''): string[] => Array.from({ length: count }, (_, index) => `/${name}${index}`)
const sumsOf = ({ days }: MapBook): DailySum[] => [...days.values()]
const total = (sums: readonly DailySum[]): number => sums.reduce((sum, { charges }) => sum + charges, 0)

describe('the sums of a day', () => {
  it('are those of its charges, by route, meter and model', () => {
    const ledger = new PureLedger()
    ledger.grant(100n)
    const chat = { route: '/chat', meter: 'openai', model: 'large' }
    for (const facts of [chat, chat, { ...chat, model: 'small' }, { route: '/chat' }])
      ledger.charge({ price: EUR(3n), counts: units(2n, 'tokens'), facts })
    const sum = { charges: 1, counts: units(2n, 'tokens'), money: units(3n, 'EUR') }
    const day = Math.floor(ledger.now / DAY)
    expect(sumsOf(ledger.book)).toEqual([
      { day, ...chat, charges: 2, counts: units(4n, 'tokens'), money: units(6n, 'EUR') },
      { day, ...chat, model: 'small', ...sum },
      { day, route: '/chat', ...sum },
    ])
  })

  it('are lowered on the day of the charge if a request that began before midnight costs less', () => {
    const ledger = new PureLedger()
    ledger.now = TODAY * DAY - MINUTE
    const made = charged(ledger.charge({ counts: units(5n) }))
    ledger.now = TODAY * DAY + MINUTE
    ledger.amend(made, 'complete', { counts: units(2n) })
    expect(sumsOf(ledger.book)).toMatchObject([{ day: TODAY - 1, charges: 1, counts: units(2n) }])
  })

  it('are none in the ledger of a receipt, which ends with it', () => {
    const ledger = new PureLedger()
    ledger.charge({ receipt: { uses: 2 }, expires: ledger.now + HOUR })
    expect(sumsOf(ledger.book)).toEqual([])
  })

  it('are at most 64, and one for all the rest', () => {
    const book = counted([{ day: TODAY, routes: [...routes(100), ...routes(100)] }])
    const sums = sumsOf(book)
    expect(sums).toHaveLength(MOST_DAY_SUMS + 1)
    expect(sums.at(-1)).toMatchObject({ route: 'other', charges: 2 * (100 - MOST_DAY_SUMS) })
    expect(total(sums)).toBe(200)
  })

  it.each([
    ['a route', { route: `/${'a'.repeat(256)}` }],
    ['a model', { route: '/a', model: 'm'.repeat(257) }],
    ['a meter', { route: '/a', meter: 'm'.repeat(257) }],
  ])('count %s with a name of more than 256 characters with the rest', (_what, facts) => {
    const work = new UnitOfWork(new MapBook())
    countDay(work, { at: NOW, facts }, { ...NOTHING, counts: ONE }, NOW, 1)
    expect([...work.days().values()]).toEqual([{ day: TODAY, route: 'other', charges: 1, counts: ONE, money: [] }])
  })

  it('are kept for thirteen months', () => {
    const days = [TODAY - MOST_DAYS, TODAY - MOST_DAYS + 1, TODAY].map((day) => ({ day, routes: ['/a'] }))
    expect(sumsOf(counted(days)).map(({ day }) => day)).toEqual([TODAY - MOST_DAYS + 1, TODAY])
  })

  it('take nothing of a charge that is older than that', () => {
    const work = new UnitOfWork(new MapBook())
    countDay(work, { at: NOW - MOST_DAYS * DAY, facts: { route: '/a' } }, { ...NOTHING, counts: ONE }, NOW, 1)
    expect(work.changes()).toEqual([])
  })

  it('are summed up under one name, the oldest day first, if all days have too many', () => {
    const count = Math.ceil(MOST_SUMS / MOST_DAY_SUMS) + 2
    const all = Array.from({ length: count }, (_, index) => ({ day: TODAY + index, routes: routes(MOST_DAY_SUMS) }))
    const sums = sumsOf(counted(all))
    expect(sums.length).toBeLessThanOrEqual(MOST_SUMS)
    expect(sums.filter(({ day }) => day === TODAY)).toMatchObject([{ route: 'other', charges: MOST_DAY_SUMS }])
    expect(total(sums)).toBe(count * MOST_DAY_SUMS)
  })

  it('lose nothing, whatever is counted and summed up', () => {
    const names = fc.constantFrom(...routes(70))
    const added = fc.array(fc.record({ day: fc.nat(3), route: names, units: fc.bigInt(-5n, 9n) }), { maxLength: 300 })
    fc.assert(
      fc.property(added, (all) => {
        const work = new UnitOfWork(new MapBook())
        for (const { day, route, units: of } of all) {
          const counts = units(of)
          addToDay(work, { day: TODAY + day, route, charges: 1, counts, money: [] }, NOW)
        }
        const sums = [...work.days().values()]
        for (const some of [sums, foldedDay(sums)]) {
          expect(total(some)).toBe(all.length)
          const found = some.flatMap(({ counts }) => counts).reduce((sum, one) => sum + one.units, 0n)
          expect(found).toBe(all.reduce((sum, one) => sum + one.units, 0n))
        }
      }),
    )
  })
})
