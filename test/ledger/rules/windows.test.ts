import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countsUntil, spanKey, windowSpanOf, startOf } from '../../../src/ledger/rules/window.ts'
import type { Limit } from '../../../src/access/limit.ts'
import { DAY, PureLedger, HOUR, limit, MINUTE, ONE, reasonOf, SECOND, units } from './pureledger.ts'

const at = (text: string): number => Date.parse(`${text.includes('T') ? text : `${text}T00:00`}Z`)
const anchor = (text: string): number => at(text) / 1000

function boundsOf(limit: Limit, time: string): string[] {
  const span = windowSpanOf(limit)
  const start = startOf(span, at(time))
  return [start, countsUntil(span, start)].map((ms) => new Date(ms).toISOString().slice(0, 16))
}

describe('a fixed window', () => {
  it.each<[Limit['window'], string | undefined, string, string, string]>([
    [3600, undefined, '2030-01-15T12:34', '2030-01-15T12:00', '2030-01-15T13:00'],
    [3600, '2020-05-05T00:20', '2030-01-15T12:10', '2030-01-15T11:20', '2030-01-15T12:20'],
    ['P1D', undefined, '2030-01-15T23:59', '2030-01-15T00:00', '2030-01-16T00:00'],
    ['P1D', '2020-05-05T06:00', '2030-01-15T05:59', '2030-01-14T06:00', '2030-01-15T06:00'],
    ['P1D', '2020-05-05T06:00', '2030-01-15T06:00', '2030-01-15T06:00', '2030-01-16T06:00'],
    // The night in which Europe's clocks go forward has as many hours as any other.
    ['P1D', undefined, '2030-03-31T12:00', '2030-03-31T00:00', '2030-04-01T00:00'],
    ['P1M', undefined, '2030-02-28T23:59', '2030-02-01T00:00', '2030-03-01T00:00'],
    ['P1M', undefined, '2029-12-31T23:59', '2029-12-01T00:00', '2030-01-01T00:00'],
    ['P1M', '2024-03-15T09:30', '2030-01-15T09:29', '2029-12-15T09:30', '2030-01-15T09:30'],
    ['P1M', '2024-03-15T09:30', '2030-01-15T09:30', '2030-01-15T09:30', '2030-02-15T09:30'],
    // Short months: the last day, and then the anchor's own again.
    ['P1M', '2024-01-31', '2030-02-27T12:00', '2030-01-31T00:00', '2030-02-28T00:00'],
    ['P1M', '2024-01-31', '2030-02-28T00:00', '2030-02-28T00:00', '2030-03-31T00:00'],
    ['P1M', '2024-01-31', '2030-04-29T00:00', '2030-03-31T00:00', '2030-04-30T00:00'],
    ['P1M', '2024-01-31', '2030-04-30T00:00', '2030-04-30T00:00', '2030-05-31T00:00'],
    // Leap years, and a century that is none.
    ['P1M', '2024-01-30', '2032-02-29T00:00', '2032-02-29T00:00', '2032-03-30T00:00'],
    ['P1M', '2024-01-31', '2100-02-28T00:00', '2100-02-28T00:00', '2100-03-31T00:00'],
    ['P1M', undefined, '2000-02-29T00:00', '2000-02-01T00:00', '2000-03-01T00:00'],
  ])('of %s from %s is, at %s, from %s to %s', (window, from, time, start, end) => {
    const fixed = limit(1n, window, { anchor: from === undefined ? undefined : anchor(from) })
    expect(boundsOf(fixed, time)).toEqual([start, end])
  })

  it('of a month has the same bounds as JavaScript has months', () => {
    const month = windowSpanOf(limit(1n, 'P1M'))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: at('2400-01-01') }), (time) => {
        const date = new Date(time)
        const start = startOf(month, time)
        expect(start).toBe(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1))
        expect(countsUntil(month, start)).toBe(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1))
      }),
    )
  })

  it('ends where the next one starts, whatever the anchor', () => {
    const windows = fc.constantFrom<Limit['window']>('P1D', 'P1M', 60, 3600, 86_400 * 7)
    const instants = fc.integer({ min: 0, max: 4_000_000_000 })
    fc.assert(
      fc.property(windows, instants, instants, (window, anchor, seconds) => {
        const span = windowSpanOf(limit(1n, window, { anchor }))
        const start = startOf(span, seconds * 1000)
        const end = countsUntil(span, start)
        expect(start <= seconds * 1000 && seconds * 1000 < end).toBe(true)
        expect(startOf(span, end - 1)).toBe(start)
        expect(startOf(span, end)).toBe(end)
      }),
    )
  })

  it('of a day and of 86400 seconds is the same', () => {
    expect(spanKey(windowSpanOf(limit(1n, 'P1D')))).toBe(spanKey(windowSpanOf(limit(9n, 86_400))))
  })

  it('lets its quota through and says when there is more', () => {
    const ledger = new PureLedger()
    const limits = [limit(2n, 3600)]
    ledger.now = at('2030-01-15T12:59')
    expect(ledger.charge({ counts: ONE, limits })).toMatchObject({ limits: [{ remaining: 1n, resetSeconds: 60 }] })
    expect(ledger.charge({ counts: ONE, limits })).toMatchObject({ limits: [{ remaining: 0n, resetSeconds: 60 }] })
    expect(ledger.charge({ counts: ONE, limits })).toMatchObject({
      reason: 'usage-limit-reached',
      retryAfterSeconds: 60,
      limits: [{ remaining: 0n }],
    })
    ledger.now = at('2030-01-15T13:00')
    expect(ledger.charge({ counts: ONE, limits })).toMatchObject({ kind: 'charged', limits: [{ remaining: 1n }] })
  })

  it('is not emptied by a clock that runs back a little', () => {
    const ledger = new PureLedger()
    const limits = [limit(1n, 3600)]
    ledger.now = at('2030-01-15T12:59') + 59 * SECOND
    ledger.charge({ counts: ONE, limits })
    ledger.now += 2 * SECOND
    ledger.charge({ counts: ONE, limits })
    ledger.now -= 2 * SECOND
    expect(reasonOf(ledger.charge({ counts: ONE, limits }))).toBe('usage-limit-reached')
  })
})

describe('a sliding window', () => {
  it('counts each unit for a window, and at most a sixtieth of it longer', () => {
    const ledger = new PureLedger()
    const limits = [limit(2n, 3600, { kind: 'sliding' })]
    ledger.charge({ counts: ONE, limits })
    ledger.now += 30 * MINUTE
    ledger.charge({ counts: ONE, limits })
    ledger.now += 30 * MINUTE
    expect(ledger.charge({ counts: ONE, limits })).toMatchObject({ kind: 'refused', retryAfterSeconds: 60 })
    ledger.now += MINUTE
    expect(ledger.charge({ counts: ONE, limits })).toMatchObject({
      kind: 'charged',
      limits: [{ remaining: 0n, resetSeconds: 30 * 60 }],
    })
  })

  it('says when enough is free for what is asked, and nothing where that is never', () => {
    const ledger = new PureLedger()
    const limits = [limit(10n, 600, { kind: 'sliding' })]
    for (const count of [4n, 3n, 2n]) {
      ledger.charge({ counts: units(count), limits })
      ledger.now += MINUTE
    }
    expect(ledger.charge({ counts: units(2n), limits })).toMatchObject({ retryAfterSeconds: 430 })
    expect(ledger.charge({ counts: units(6n), limits })).toMatchObject({ retryAfterSeconds: 490 })
    expect(ledger.charge({ counts: units(10n), limits })).toMatchObject({ retryAfterSeconds: 550 })
    expect(ledger.charge({ counts: units(11n), limits })).not.toHaveProperty('retryAfterSeconds')
  })

  it('never lets more than its quota through in any window, in bounded space', () => {
    const steps = fc.array(fc.tuple(fc.nat(40 * SECOND), fc.bigInt(1n, 4n)), { minLength: 50, maxLength: 200 })
    fc.assert(
      fc.property(steps, fc.constantFrom(60, 90, 100, 600), (steps, window) => {
        const ledger = new PureLedger()
        const limits = [limit(7n, window, { kind: 'sliding' })]
        const passed: { at: number; units: bigint }[] = []
        for (const [ms, count] of steps) {
          ledger.now += ms
          const outcome = ledger.charge({ counts: units(count), limits })
          if (outcome.kind === 'charged') passed.push({ at: ledger.now, units: count })
          const inside = passed.filter(({ at }) => at > ledger.now - window * SECOND)
          expect(inside.reduce((sum, { units }) => sum + units, 0n)).toBeLessThanOrEqual(7n)
        }
        for (const series of ledger.book.series.values()) expect(series.parts.length).toBeLessThan(130)
      }),
      { numRuns: 50 },
    )
  })

  it('of a second takes no more space than another, however often it is asked', () => {
    const ledger = new PureLedger()
    const limits = [limit(100n, 1, { kind: 'sliding' })]
    for (let n = 0; n < 1000; n += 1) {
      ledger.charge({ counts: ONE, limits })
      ledger.now += 20
    }
    for (const series of ledger.book.series.values()) expect(series.parts.length).toBeLessThan(130)
  })

  it('of a month is as long as the longest one', () => {
    expect(windowSpanOf(limit(1n, 'P1M', { kind: 'sliding' }))).toMatchObject({ lengthMs: 31 * DAY })
  })
})

describe('several windows at once', () => {
  it('hold all or nothing: what one of them refuses is counted in none', () => {
    const ledger = new PureLedger()
    const limits = [limit(3n, 60), limit(5n, 3600, { kind: 'sliding' }), limit(100n, 'P1M')]
    for (let n = 0; n < 3; n += 1) expect(ledger.charge({ counts: ONE, limits }).kind).toBe('charged')
    for (let n = 0; n < 9; n += 1) expect(ledger.charge({ counts: ONE, limits }).kind).toBe('refused')
    expect(ledger.read(limits).limits.map(({ remaining }) => remaining)).toEqual([0n, 2n, 97n])
    ledger.now += MINUTE
    expect(ledger.charge({ counts: units(3n), limits })).toMatchObject({ kind: 'refused' })
    expect(ledger.read(limits).limits.map(({ remaining }) => remaining)).toEqual([3n, 2n, 97n])
  })

  it('wait for the slowest', () => {
    const ledger = new PureLedger()
    const limits = [limit(1n, 60), limit(1n, 'P1D')]
    ledger.charge({ counts: ONE, limits })
    expect(ledger.charge({ counts: ONE, limits })).toMatchObject({ retryAfterSeconds: 12 * 3600 })
  })

  it('count different names apart, and what has no limit not at all', () => {
    const ledger = new PureLedger()
    const limits = [limit(5n, 60), limit(100n, 60, { name: 'tokens' })]
    const counts = [...ONE, { name: 'tokens', units: 60n }, { name: 'images', units: 9n }]
    expect(ledger.charge({ counts, limits })).toMatchObject({ limits: [{ remaining: 4n }, { remaining: 40n }] })
    expect(reasonOf(ledger.charge({ counts, limits }))).toBe('too-many-requests')
    expect(ledger.charge({ counts: ONE, limits })).toMatchObject({ limits: [{ remaining: 3n }, { remaining: 40n }] })
  })
})

describe('a change of plan', () => {
  it('keeps what was used when the quota changes', () => {
    const ledger = new PureLedger()
    ledger.charge({ counts: units(80n), limits: [limit(100n, 'P1M')] })
    expect(reasonOf(ledger.charge({ counts: units(30n), limits: [limit(100n, 'P1M')] }))).toBe('usage-limit-reached')
    expect(ledger.charge({ counts: units(30n), limits: [limit(500n, 'P1M')] })).toMatchObject({
      limits: [{ remaining: 390n }],
    })
  })

  it('keeps what was used when the window changes, as far as the old one can tell', () => {
    const ledger = new PureLedger()
    for (let n = 0; n < 6; n += 1) {
      ledger.charge({ counts: units(10n), limits: [limit(1000n, 3600)] })
      ledger.now += 10 * MINUTE
    }
    expect(ledger.read([limit(100n, 'P1D')]).limits).toMatchObject([{ remaining: 40n }])
    expect(ledger.read([limit(100n, 'P1D', { kind: 'sliding' })]).limits).toMatchObject([{ remaining: 40n }])
  })

  it('counts in every window of a name, whichever token asks', () => {
    const ledger = new PureLedger()
    const [hour, month] = [limit(10n, 3600), limit(10n, 'P1M')]
    ledger.charge({ counts: units(1n), limits: [hour] })
    ledger.charge({ counts: units(2n), limits: [month] })
    ledger.charge({ counts: units(3n), limits: [hour] })
    expect(ledger.read([hour, month]).limits.map(({ remaining }) => remaining)).toEqual([4n, 4n])
  })

  it('forgets a window that no plan asked for during its length', () => {
    const ledger = new PureLedger()
    ledger.charge({ counts: ONE, limits: [limit(10n, 60)] })
    ledger.now += HOUR
    ledger.charge({ counts: ONE, limits: [limit(10n, 'P1M')] })
    ledger.advance(HOUR)
    expect([...ledger.book.series.keys()]).toEqual(['month:1+0 requests'])
  })
})
