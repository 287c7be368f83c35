import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInstant, parseInstant } from '../../src/core/instant.ts'

describe('an instant of RFC 3339', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2026-11-22T15:25:37Z', Date.UTC(2026, 10, 22, 15, 25, 37) / 1000],
    ['2024-02-29t23:59:59.999z', Date.UTC(2024, 1, 29, 23, 59, 59) / 1000],
    ['2000-02-29T00:00:00+01:00', Date.UTC(2000, 1, 28, 23) / 1000],
    ['1970-01-01T00:00:00-05:30', 19_800],
    ['9999-12-31T23:59:59Z', 253_402_300_799],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseInstant(text)).toBe(seconds)
  })

  it.each([
    '',
    '2026-11-22',
    '2026-11-22T15:25Z',
    '2026-11-22T15:25:37',
    '2026-11-22 15:25:37Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+0100',
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+00:01',
    ' 2026-01-01T00:00:00Z',
    '+002026-01-01T00:00:00Z',
  ])('%j is none', (text) => {
    expect(parseInstant(text)).toBeUndefined()
  })

  it('is the one that the runtime reads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(parseInstant(new Date(seconds * 1000).toISOString())).toBe(seconds)
        expect(isInstant(seconds)).toBe(true)
      }),
    )
  })
})
