import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAmount, parseMoney } from '../../src/core/money.ts'

describe('an amount of money', () => {
  it.each([
    ['0.25', 250_000_000n],
    ['1', 1_000_000_000n],
    ['0', 0n],
    ['0.000000001', 1n],
    ['999999999999.999999999', 999_999_999_999_999_999_999n],
  ])('%s is %d units', (amount, units) => {
    expect(parseMoney(amount, 'USD')).toEqual({ units, currency: 'USD' })
  })

  it.each(['', '.5', '5.', '-1', '+1', '1e3', '01', '1,5', ' 1', '0x1', '0.0000000001', 'NaN', '1234567890123'])(
    '%j is none',
    (amount) => {
      expect(parseMoney(amount, 'USD')).toBeUndefined()
    },
  )

  it.each(['usd', 'US', 'USDC', ''])('in %j is none', (currency) => {
    expect(parseMoney('1', currency)).toBeUndefined()
  })

  it('is read back from what is written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 21n - 1n }), (units) => {
        expect(parseMoney(formatAmount({ units, currency: 'USD' }), 'USD')?.units).toBe(units)
      }),
    )
  })
})
