import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beginMs, endMs, isLonger, judgeLifetime } from '../../../src/access/lifetime.ts'

const NOW = 1_800_000_000
/** Written in decimals, as an issuer writes it, which a double holds not quite. */
const inSeconds = (ms: number): number => Number(`${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`)
const anyMs = fc.integer({ min: 1, max: 4_000_000_000_000 })

describe('a time in seconds', () => {
  it('is exactly the millisecond that it says, whatever a double makes of it', () => {
    fc.assert(
      fc.property(anyMs, (ms) => {
        expect([beginMs(inSeconds(ms)), endMs(inSeconds(ms))]).toEqual([ms, ms])
      }),
      { numRuns: 10_000 },
    )
  })

  it('between two milliseconds begins with the later, and ends with the earlier', () => {
    expect([beginMs(NOW + 0.0004), endMs(NOW + 0.0004)]).toEqual([NOW * 1000 + 1, NOW * 1000])
    fc.assert(
      fc.property(anyMs, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (ms, part) => {
        const seconds = (ms + part) / 1000
        expect([beginMs(seconds), endMs(seconds)]).toEqual([ms + 1, ms])
      }),
      { numRuns: 10_000 },
    )
  })

  it('may be none', () => expect(endMs(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY))
})

describe('a lifetime', () => {
  it('begins and ends on the millisecond', () => {
    fc.assert(
      fc.property(anyMs, fc.integer({ min: 1, max: 1_000_000 }), fc.nat(300), (from, forMs, toleranceSeconds) => {
        const to = from + forMs
        const [begin, end] = [inSeconds(from), inSeconds(to)]
        const lifetime = { issuedAt: begin, notBefore: begin, expires: end, toleranceSeconds }
        const reasonAt = (ms: number): string | undefined => judgeLifetime(lifetime, ms)?.reason
        const toleranceMs = toleranceSeconds * 1000
        expect(reasonAt(from - toleranceMs - 1)).toBe('credential-not-yet-valid')
        expect(reasonAt(from - toleranceMs)).toBeUndefined()
        expect(reasonAt(to + toleranceMs - 1)).toBeUndefined()
        expect(reasonAt(to + toleranceMs)).toBe('credential-expired')
      }),
      { numRuns: 10_000 },
    )
  })

  it('is as long as it says, and one millisecond more is longer', () => {
    fc.assert(
      fc.property(anyMs, fc.integer({ min: 1, max: 86_400 }), (from, seconds) => {
        const to = from + seconds * 1000
        expect(isLonger(inSeconds(from), inSeconds(to), seconds)).toBe(false)
        expect(isLonger(inSeconds(from), inSeconds(to + 1), seconds)).toBe(true)
      }),
      { numRuns: 10_000 },
    )
  })

  it('that has not begun says when to come again, in whole seconds', () => {
    const lifetime = { issuedAt: NOW + 1.5, notBefore: NOW, expires: NOW + 60, toleranceSeconds: 0 }
    expect(judgeLifetime(lifetime, NOW * 1000)).toMatchObject({ retryAfterSeconds: 2 })
    expect(judgeLifetime(lifetime, NOW * 1000 + 1499)).toMatchObject({ retryAfterSeconds: 1 })
  })
})
