import * as fc from 'fast-check'

/** Mostly what is good, and now and then what is not. */
export function mostly<T>(good: fc.Arbitrary<T>, ...bad: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: good, weight: 12 }, { arbitrary: fc.constantFrom(...bad), weight: 1 })
}

export function maybe<T>(good: fc.Arbitrary<T>, ...bad: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 6 }, { arbitrary: mostly(good, ...bad), weight: 6 })
}

export const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
export const NO_NAMES = ['', '\ud800', 7, {}, ['a'], true] as const
export const NO_NUMBERS = [Number.NaN, Infinity, -1, '60', {}, 2 ** 60] as const
export const name = mostly(text, ...NO_NAMES)
