import { describe, expect, it } from 'vitest'
import { readGoods, writeGoods } from '../../src/stripe/goods.ts'

const worth = { units: 20_000_000_000n, currency: 'EUR' }
const receipt = { kind: 'receipt', resource: undefined, validSeconds: 7_776_000, worth: undefined } as const

describe('what was sold', () => {
  it.each([
    [{ faregate_credit: '10 EUR' }, { kind: 'credit', money: { units: 10_000_000_000n, currency: 'EUR' } } as const],
    [{ faregate_credit: '0.000000001 JPY' }, { kind: 'credit', money: { units: 1n, currency: 'JPY' } } as const],
    [{ faregate_receipt: 'uses 10 7776000 20 EUR' }, { ...receipt, grant: { kind: 'uses', uses: 10 }, worth } as const],
    [
      { faregate_receipt: 'pass 2592000 7776000' },
      { ...receipt, grant: { kind: 'pass', passSeconds: 2_592_000 } } as const,
    ],
  ])('is written into metadata as %j, and read back', (metadata, gives) => {
    expect(writeGoods(gives)).toEqual(metadata)
    expect(readGoods(new Map(Object.entries(metadata)))).toEqual(gives)
  })

  it('is the subscription’s own matter', () => {
    expect(writeGoods({ kind: 'subscription', names: ['premium'] })).toEqual({})
  })

  it.each([
    {},
    { faregate_credit: '10' },
    { faregate_credit: '-10 EUR' },
    { faregate_credit: '0 EUR' },
    { faregate_credit: '10 EUR EUR' },
    { faregate_credit: 10 },
    { faregate_receipt: 'uses 0 60' },
    { faregate_receipt: 'uses 1' },
    { faregate_receipt: 'uses 1 60 20' },
    { faregate_receipt: 'uses 1 60 20 eur' },
    { faregate_receipt: 'all 1 60' },
    { faregate_receipt: 'uses 9999999999 60' },
  ])('is not read from %j', (metadata) => {
    expect(readGoods(new Map(Object.entries(metadata)))).toBeUndefined()
  })
})
