import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Limit } from '../../../src/access/limit.ts'
import type { ChargeCommand } from '../../../src/ledger/rules/commands.ts'
import { charged } from './payer.ts'
import { DAY, EUR, HOUR, limit, PureLedger, SECOND, units } from './pureledger.ts'

const METERED = { route: '/chat', meter: 'openai' }
const tokens = (quota: bigint, window: Limit['window'] = 'P1D', more: Partial<Limit> = {}): Limit =>
  limit(quota, window, { name: 'tokens', unit: 'tokens', ...more })

let ledger: PureLedger

beforeEach(() => {
  ledger = new PureLedger()
})

const ask = (more: Partial<ChargeCommand>) => ledger.charge({ facts: METERED, ...more })

/** The reason of a refusal, and what was checked. */
function told(more: Partial<ChargeCommand>): unknown {
  const outcome = ask(more)
  return outcome.kind === 'charged' ? 'charged' : [outcome.reason, outcome.check, outcome.retryAfterSeconds]
}

const RESERVED = ['too-many-requests', 'reserved', expect.toSatisfy((wait: number) => wait >= 1 && wait <= 5)]

describe('a balance that would do but for open reservations', () => {
  it.each([
    ['exactly', 100n, RESERVED],
    ['one unit short', 101n, ['credit-insufficient', undefined, undefined]],
  ])('is told to wait if credit and reservations are enough: %s', (_what, units, expected) => {
    ledger.grant(100n)
    charged(ask({ price: EUR(60n) }))
    charged(ask({ price: EUR(30n) }))
    expect(told({ price: EUR(units) })).toEqual(expected)
    expect(told({ price: EUR(10n) })).toBe('charged')
  })

  it('waits for no reservation that is kept: one of a fixed price, or one that was reported', () => {
    ledger.grant(100n)
    charged(ledger.charge({ price: EUR(60n) }))
    ledger.amend(ask({ price: EUR(30n) }), 'complete', { price: 20n })
    expect(told({ price: EUR(21n) })).toEqual(['credit-insufficient', undefined, undefined])
    expect(told({ price: EUR(20n) })).toBe('charged')
  })

  it.each([
    ['a quota', [tokens(100n)], 41n, RESERVED],
    ['a quota that is too small altogether', [tokens(100n)], 101n, ['usage-limit-reached', undefined, undefined]],
    [
      'a quota and one that was used before',
      [tokens(100n), tokens(130n, 3600)],
      90n,
      ['usage-limit-reached', undefined, HOUR / SECOND],
    ],
    ['two windows of one name', [tokens(100n), tokens(200n, 3600)], 90n, RESERVED],
  ])('holds for units: %s', (_what, limits, asked, expected) => {
    // Used for good before, within the hour and not today.
    ledger.now = Math.floor(ledger.now / DAY) * DAY - SECOND
    ledger.amend(ask({ counts: units(50n, 'tokens'), limits: [tokens(1000n, 3600, { kind: 'sliding' })] }))
    ledger.now += SECOND
    const all = limits.map((one) => (one.window === 3600 ? { ...one, kind: 'sliding' as const } : one))
    charged(ask({ counts: units(60n, 'tokens'), limits: all }))
    const outcome = told({ counts: units(asked, 'tokens'), limits: all })
    expect(outcome).toEqual(
      expected[2] === HOUR / SECOND
        ? [...expected.slice(0, 2), expect.toSatisfy((wait: number) => wait > 3500)]
        : expected,
    )
  })

  it('tells a real lack before one that waiting cures', () => {
    ledger.grant(100n)
    const limits = [tokens(50n)]
    charged(ask({ price: EUR(90n), counts: units(10n, 'tokens'), limits }))
    expect(told({ price: EUR(50n), counts: units(51n, 'tokens'), limits })).toEqual([
      'usage-limit-reached',
      undefined,
      undefined,
    ])
    expect(told({ price: EUR(101n), counts: units(45n, 'tokens'), limits })).toEqual([
      'credit-insufficient',
      undefined,
      undefined,
    ])
    expect(told({ price: EUR(50n), counts: units(45n, 'tokens'), limits })).toEqual(RESERVED)
  })

  it('does not count what a window has left behind', () => {
    const limits = [tokens(100n, 3600)]
    charged(ask({ counts: units(60n, 'tokens'), limits, settleByMs: ledger.now + 3 * HOUR }))
    ledger.now += 2 * HOUR
    charged(ask({ counts: units(70n, 'tokens'), limits, settleByMs: ledger.now + 3 * HOUR }))
    expect(told({ counts: units(31n, 'tokens'), limits })).toEqual(RESERVED)
    const outcome = ask({ counts: units(101n, 'tokens'), limits })
    expect(outcome).toMatchObject({ reason: 'usage-limit-reached', held: { units: [70n] } })
  })

  it('is never overspent: whatever is reserved and given back, exactly what would fit is told to wait', () => {
    const step = fc.record({ price: fc.bigInt(1n, 60n), kept: fc.bigInt(0n, 60n), isOver: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        ledger = new PureLedger()
        ledger.grant(100n)
        let kept = 0n
        const open: bigint[] = []
        for (const { price, kept: cost, isOver } of steps) {
          const left = 100n - kept - open.reduce((sum, one) => sum + one, 0n)
          const made = ask({ price: EUR(price) })
          const expected = price <= left ? 'charged' : price <= 100n - kept ? 'reserved' : 'credit-insufficient'
          expect(made.kind === 'charged' ? 'charged' : (made.check ?? made.reason)).toBe(expected)
          if (made.kind === 'refused') continue
          if (isOver) {
            ledger.amend(made, 'complete', { price: cost })
            kept += cost < price ? cost : price
          } else open.push(price)
          expect(ledger.read().credit.every(({ units: credit }) => credit >= 0n)).toBe(true)
        }
        const spent = kept + open.reduce((sum, one) => sum + one, 0n)
        expect(ledger.read().totals.money[0]?.units ?? 0n).toBe(spent)
      }),
    )
  })
})

describe('a limit of a minute or less', () => {
  it.each([
    [60, 10n, 'too-many-requests'],
    [61, 10n, 'usage-limit-reached'],
    [60, 11n, 'usage-limit-reached'],
  ])('of %i seconds is a rate, unless the request could never fit', (window, asked, reason) => {
    const limits = [tokens(10n, window)]
    ledger.amend(ledger.charge({ counts: units(9n, 'tokens'), limits }))
    const outcome = ledger.charge({ counts: units(asked, 'tokens'), limits })
    expect(outcome).toMatchObject({ kind: 'refused', reason })
    expect('retryAfterSeconds' in outcome).toBe(asked === 10n)
  })

  it('is a quota together with one for longer', () => {
    const limits = [tokens(10n, 60), tokens(10n)]
    ledger.amend(ledger.charge({ counts: units(10n, 'tokens'), limits }))
    expect(ledger.charge({ counts: units(1n, 'tokens'), limits })).toMatchObject({ reason: 'usage-limit-reached' })
  })
})
