import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { limitOfKey, limitOfMoney } from '../../../src/access/limit.ts'
import { orders } from '../../../src/ledger/rules/orders.ts'
import { additionOf, type LedgerRecord } from '../../../src/ledger/rules/record.ts'
import { watchLimits } from '../../../src/ledger/rules/thresholds.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import { DAY, EUR, HOUR, limit, MINUTE, PureLedger, units } from './pureledger.ts'

const THRESHOLDS = [50, 75, 90, 100]
const METERED = { route: '/llm', meter: 'tokens', account: 'ann' }

let ledger: PureLedger
beforeEach(() => void (ledger = new PureLedger(watchLimits(THRESHOLDS))))

const told = (of = ledger): LedgerRecord[] => of.records().filter(({ kind }) => kind === 'threshold')
const shares = (of = ledger) => told(of).map((record) => record.limit?.threshold)
const MONTH = limit(100n, 'P1M')
const use = (count: bigint, more = {}) => ledger.charge({ counts: units(count), limits: [MONTH], ...more })

describe('a share of a limit', () => {
  it('is told once, with what is used, in the place of the charge that used it', () => {
    use(49n)
    expect(told()).toEqual([])
    ledger.charge({ counts: units(26n), limits: [MONTH], facts: { zone: 'news', account: 'ann' } })
    expect(ledger.records().map(({ id }) => id)).toEqual(['c1/charge', 'c2/charge', 'c2/threshold/3', 'c2/threshold/4'])
    expect(told().map(({ charge, limit, facts }) => ({ charge, facts, ...limit }))).toEqual(
      [50, 75].map((threshold) => ({
        charge: 'c2',
        facts: { zone: 'news', account: 'ann' },
        threshold,
        name: 'requests',
        quota: 100n,
        used: 75n,
        window: 'P1M',
        kind: 'fixed',
        from: Date.UTC(2030, 0, 1),
        resetsAt: Date.UTC(2030, 1, 1),
      })),
    )
    use(10n)
    expect(told()).toHaveLength(2)
  })

  it('changes no amount', () => {
    use(100n)
    expect(told().map((record) => [additionOf(record), record.change.counts, record.kept.counts])).toEqual(
      THRESHOLDS.map(() => [undefined, [], []]),
    )
  })

  it('that is given back and used again is not told again', () => {
    const first = use(60n)
    ledger.amend(first, 'none')
    use(60n)
    expect(shares()).toEqual([50])
  })

  it('is told anew in the next window', () => {
    use(60n)
    ledger.advance(31 * DAY)
    use(60n)
    expect(shares()).toEqual([50, 50])
  })

  it('of a larger quota is another one', () => {
    use(90n)
    const larger = { limits: [limit(1000n, 'P1M')] }
    use(10n, larger)
    expect(shares()).toEqual([50, 75, 90])
    use(400n, larger)
    expect(told().at(-1)?.limit).toMatchObject({ threshold: 50, quota: 1000n, used: 500n })
  })

  it('is told once, however often two plans take turns', () => {
    for (const quota of [100n, 200n, 100n, 200n, 100n, 200n]) use(10n, { limits: [limit(quota, 'P1M')] })
    for (const quota of [100n, 200n, 100n, 200n]) use(10n, { limits: [limit(quota, 'P1M')] })
    expect(told().map(({ limit }) => [limit?.quota, limit?.threshold])).toEqual([
      [100n, 50],
      [100n, 75],
      [100n, 90],
      [200n, 50],
    ])
  })

  it('of the twentieth plan in one window is not told, rather than told twice', () => {
    for (let round = 0; round < 3; round++)
      for (let plan = 0n; plan < 20n; plan++) use(1n, { limits: [limit(60n + plan, 'P1M')] })
    const each = told().map(({ limit }) => `${limit?.quota} ${limit?.threshold}`)
    expect(new Set(each).size).toBe(each.length)
    expect(each.length).toBeGreaterThanOrEqual(8)
  })

  it('is not told of the window of a plan that nobody asks for any more', () => {
    use(40n, { limits: [limit(100n, 'P1D')] })
    ledger.now += MINUTE
    use(40n, { limits: [limit(1000n, 'P1M')] })
    expect(told()).toEqual([])
  })

  it('is told of each window of a name by itself', () => {
    const limits = [limit(10n, 'P1D'), limit(20n, 'P1M')]
    use(10n, { limits })
    expect(told().map(({ limit }) => [limit?.window, limit?.threshold])).toEqual([
      ['P1D', 50],
      ['P1D', 75],
      ['P1D', 90],
      ['P1D', 100],
      ['P1M', 50],
    ])
  })

  it('of a rate, which is no more than a minute long, is nobody’s business', () => {
    use(10n, { limits: [limit(10n, 60)] })
    expect(told()).toEqual([])
  })

  it('of a limit of a key says whose it is', () => {
    use(5n, { counts: [{ name: limitOfKey(MONTH, 'k1').name, units: 50n }], limits: [limitOfKey(MONTH, 'k1')] })
    expect(told().map(({ limit }) => limit)).toMatchObject([{ name: 'requests', key: 'k1', threshold: 50 }])
  })

  it('of what may be spent says in which currency', () => {
    const spending = limitOfMoney(EUR(1000n), 'P1M')
    ledger.grant(1000n)
    ledger.charge({ price: EUR(750n), counts: [{ name: spending.name, units: 750n }], limits: [spending] })
    expect(told().at(-1)?.limit).toMatchObject({ name: 'spending', currency: 'EUR', threshold: 75, used: 750n })
  })
})

describe('what a metered request has reserved', () => {
  it('is no share that is used, and what it keeps is, once it is closed', () => {
    const first = use(90n, { facts: METERED })
    expect(told()).toEqual([])
    ledger.amend(first, 'complete', { counts: units(55n) })
    expect(told().map(({ charge, limit }) => [charge, limit?.threshold, limit?.used])).toEqual([['c1', 50, 55n]])
  })

  it('does not hide what others have used', () => {
    use(40n, { facts: METERED })
    use(50n)
    expect(told().map(({ charge, limit }) => [charge, limit?.used])).toEqual([['c2', 50n]])
  })

  it('is told of as used once nobody has reported it in time', () => {
    use(60n, { facts: METERED })
    ledger.advance(3 * MINUTE)
    expect(told().map(({ charge, limit }) => [charge, limit?.threshold])).toEqual([['c1', 50]])
  })

  it('in a window that is over is told in none', () => {
    ledger.now = Date.UTC(2030, 0, 31, 23, 59, 30)
    const first = use(60n, { facts: METERED })
    ledger.now += MINUTE
    ledger.amend(first)
    expect(told()).toEqual([])
  })
})

describe('a sliding window', () => {
  const hour = limit(100n, 3600, { kind: 'sliding' })

  it('has a share told once in its length, while that is used', () => {
    use(60n, { limits: [hour] })
    for (let minutes = 0; minutes < 50; minutes += 10) {
      ledger.advance(10 * MINUTE)
      use(1n, { limits: [hour] })
    }
    expect(shares()).toEqual([50])
    ledger.advance(HOUR)
    use(60n, { limits: [hour] })
    expect(shares()).toEqual([50, 50])
  })
})

describe('a charge given back', () => {
  it('leaves what was told told', () => {
    const made = use(60n)
    ledger.amend(made)
    ledger.apply(orders.reverseCharge, { charge: 'c1' })
    use(60n)
    expect(shares()).toEqual([50])
  })
})

/** What a test knows of one charge. */
interface Known {
  readonly at: number
  readonly isMetered: boolean
  isOpen: boolean
  units: bigint
}

const asked = fc.record({
  units: fc.bigInt(1n, 25n),
  hourly: fc.constantFrom(20n, 50n, 80n),
  isMetered: fc.boolean(),
})
const steps = fc.oneof(
  { weight: 6, arbitrary: asked.map((charge) => ({ kind: 'charge' as const, ...charge })) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('amend' as const), of: fc.nat(5), kept: fc.bigInt(0n, 25n) }),
  },
  { weight: 2, arbitrary: fc.constantFrom(1, 5, 20, 90).map((minutes) => ({ kind: 'pass' as const, minutes })) },
)

describe('whatever is charged and given back', () => {
  it('each share is told once in each window in which it was kept, and in no other', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 10, maxLength: 80 }), (all) => {
        const one = new PureLedger(watchLimits(THRESHOLDS))
        const known = new Map<string, Known>()
        const expected = new Set<string>()
        let hourly = 0n
        /** Adds what is used enough by the test's own sums. */
        const look = (): void => {
          for (const [length, quota] of [
            [HOUR, hourly],
            [DAY, 200n],
          ] as const) {
            const from = one.now - (one.now % length)
            let kept = 0n
            for (const { at, isMetered, isOpen, units: count } of known.values())
              if (at >= from && !(isMetered && isOpen)) kept += count
            for (const share of THRESHOLDS)
              if (quota > 0n && kept * 100n >= quota * BigInt(share))
                expected.add(`${length} ${quota} ${from} ${share}`)
          }
        }
        for (const step of all) {
          if (step.kind === 'pass') {
            for (let minute = 0; minute < step.minutes; minute++) {
              one.advance(MINUTE)
              // What nobody reported in two minutes is kept.
              for (const charge of known.values()) if (charge.at + 2 * MINUTE <= one.now) charge.isOpen = false
              look()
            }
          } else if (step.kind === 'charge') {
            const limits = [limit(step.hourly, 3600), limit(200n, 'P1D')]
            const facts = { route: '/', ...(step.isMetered && { meter: 'm' }) }
            const made = one.charge({ counts: units(step.units), limits, facts })
            if (made.kind !== 'charged') continue
            ;({ hourly } = step)
            known.set(made.charge, { at: one.now, isMetered: step.isMetered, isOpen: true, units: step.units })
          } else {
            const [id, charge] = [...known].at(-1 - step.of) ?? []
            if (id === undefined || charge?.isOpen !== true) continue
            const kept = step.kept < charge.units ? step.kept : charge.units
            const command = { charge: id, request: id, delivery: 'complete' as const, counts: units(kept) }
            one.apply(verbs.amend, command)
            Object.assign(charge, { isOpen: false, units: kept })
          }
          look()
        }
        const found = one.records().flatMap(({ limit: of }) => (of === undefined ? [] : [of]))
        const names = found.map(({ window, quota, from, threshold }) =>
          [window === 'P1D' ? DAY : HOUR, quota, from, threshold].join(' '),
        )
        expect(new Set(names)).toEqual(expected)
        expect(names).toHaveLength(expected.size)
        for (const { used, quota, threshold } of found) expect(used * 100n >= quota * BigInt(threshold)).toBe(true)
        const ids = one.records().map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
      }),
      { numRuns: 300 },
    )
  })
})
