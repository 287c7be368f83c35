import { describe, expect, it } from 'vitest'
import { minorOf, readMinor } from '../../../src/stripe/rules/minor.ts'

describe('an amount of Stripe’s', () => {
  it.each([
    [199, 'eur', { units: 1_990_000_000n, currency: 'EUR' }],
    [500, 'jpy', { units: 500_000_000_000n, currency: 'JPY' }],
    [1230, 'kwd', { units: 1_230_000_000n, currency: 'KWD' }],
  ])('%d %s is money, and back', (amount, currency, money) => {
    expect(readMinor(amount, currency)).toEqual(money)
    expect(minorOf(money)).toBe(amount)
  })

  it.each([
    [1.5, 'eur'],
    [-1, 'eur'],
    ['1', 'eur'],
    [1, 'EUR'],
    [1, 'euro'],
    [2 ** 60, 'eur'],
  ])('is not %j %j', (amount, currency) => {
    expect(readMinor(amount, currency)).toBeUndefined()
  })

  it('is not written where it is finer than the smallest unit', () => {
    expect(minorOf({ units: 1_990_000_001n, currency: 'EUR' })).toBeUndefined()
    expect(minorOf({ units: 1_500_000_000n, currency: 'JPY' })).toBeUndefined()
  })
})
