import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Confirmation,
  confirmationOf,
  confirmationsIn,
  isConfirmable,
  withConfirmation,
} from '../../src/access/confirmation.ts'

const NOW = 1_800_000_000
const USD = (units: bigint) => ({ units, currency: 'USD' })
const one: Confirmation = { id: 'page-1', price: USD(250_000_000n), at: NOW, binding: 'of-ann_1' }

const read = (cookie: string): readonly Confirmation[] => confirmationsIn(new Headers({ cookie }))

describe('the cookie of what was confirmed', () => {
  it('says what it was given, the latest first and eight at most', () => {
    const confirmation = fc.record({
      id: fc.uuid(),
      price: fc.record({ units: fc.bigInt(0n, 10n ** 20n), currency: fc.constantFrom('USD', 'EUR', 'JPY') }),
      at: fc.integer({ min: NOW - 299, max: NOW }),
      binding: fc.stringMatching(/^[\w-]{24}$/),
    })
    fc.assert(
      fc.property(fc.array(confirmation, { maxLength: 12 }), (given) => {
        let known: readonly Confirmation[] = []
        for (const next of given) {
          const value = withConfirmation(known, { ...next, at: NOW })
          if (value === undefined) continue
          expect(value).toMatch(/^[\w~.|-]+$/)
          known = read(`a=1; __Host-faregate=x.y.z; __Host-faregate-confirm=${value}`)
          expect(known[0]).toEqual({ ...next, at: NOW })
        }
        expect(known.length).toBeLessThanOrEqual(8)
      }),
    )
  })

  it('keeps the first where the same page is confirmed twice, so that two tabs pay once', () => {
    expect(withConfirmation([one], { ...one, id: 'page-2', at: NOW + 60 })).toBeUndefined()
    expect(withConfirmation([one], { ...one, id: 'page-2', at: NOW + 300 })).toMatch(/^page-2~/)
    expect(withConfirmation([one], { ...one, id: 'page-2', price: USD(1n) })).toMatch(/^page-2~.*\|page-1~/)
  })

  it.each([
    '',
    '__Host-faregate=x',
    '__Host-faregate-confirm=',
    'x__Host-faregate-confirm=page-1~1800000000~0.25~USD~b',
    '__Host-faregate-confirm=page-1~1800000000~0.25~USD',
    '__Host-faregate-confirm=~1800000000~0.25~USD~b',
    '__Host-faregate-confirm=page 1~1800000000~0.25~USD~b',
    '__Host-faregate-confirm=page-1~now~0.25~USD~b',
    '__Host-faregate-confirm=page-1~1800000000~-1~USD~b',
    '__Host-faregate-confirm=page-1~1800000000~1e9~USD~b',
    '__Host-faregate-confirm=page-1~1800000000~0.25~usd~b',
    `__Host-faregate-confirm=${'|'.repeat(3000)}`,
    'a=1, __Host-faregate-confirm=page-1~1800000000~0.25~USD~b',
  ])('is none in %j', (cookie) => {
    expect(read(cookie)).toEqual([])
  })

  it('pays the price that was confirmed, and no other, for five minutes', () => {
    const at = (second: number, price = one.price) => confirmationOf([one], price, (NOW + second) * 1000)
    expect([at(0), at(299), at(-299)]).toEqual([one, one, one])
    expect([at(300), at(86_400), at(-300)]).toEqual([undefined, undefined, undefined])
    expect([at(0, USD(250_000_001n)), at(0, { ...one.price, currency: 'EUR' })]).toEqual([undefined, undefined])
  })

  it('takes no form’s fields that would break it', () => {
    for (const bad of ['', 'a~b', 'a|b', 'a;b', 'a b', 'a\r\nb', 'x'.repeat(65)]) {
      expect([isConfirmable(bad, 'b'), isConfirmable('a', bad)]).toEqual([false, false])
    }
    expect(isConfirmable(crypto.randomUUID(), 'of-ann_1')).toBe(true)
  })
})
