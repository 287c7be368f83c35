import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ageMs,
  assess,
  type Freshness,
  judgeFreshness,
  outlives,
  type Received,
  wishesOf,
} from '../../../src/cache/rules/freshness.ts'
import { AS_RECEIVED, type CachePolicy, type FreshnessPolicy } from '../../../src/access/route.ts'

const NOW = Date.UTC(2026, 9, 25, 12)
const date = (seconds: number): string => new Date(NOW + seconds * 1000).toUTCString()
const reader = (fields: Record<string, string>) => (name: string) => fields[name] ?? null

function received(fields: Record<string, string>, changes: Partial<Received> = {}): Received {
  return { status: 200, read: reader(fields), requestedAt: NOW, respondedAt: NOW, ...changes }
}

function policy(freshness: Partial<FreshnessPolicy>, changes: Partial<CachePolicy> = {}): CachePolicy {
  return { ...AS_RECEIVED, ...changes, freshness: { ...AS_RECEIVED.freshness, ...freshness } }
}

const wishes = (field: string | undefined, pragma?: string) =>
  wishesOf(reader({ ...(field === undefined ? {} : { 'cache-control': field }), ...(pragma ? { pragma } : {}) }))

describe('the age of a response that has come', () => {
  it.each([
    ['nothing', {}, 0, 0],
    ['its Age', { age: '30' }, 0, 30_000],
    ['its Date', { date: date(-20) }, 0, 20_000],
    ['the greater of both', { age: '30', date: date(-20) }, 0, 30_000],
    ['a Date to come', { date: date(20) }, 0, 0],
    ['how long it took', {}, 1500, 1500],
    ['Age, and how long it took', { age: '30' }, 1500, 31_500],
    ['the first of two ages', { age: '30, 60' }, 0, 30_000],
    ['an Age that is no number', { age: 'old' }, 0, 0],
    ['an Age below zero', { age: '-30' }, 0, 0],
    ['an Age with a fraction', { age: '1.5' }, 0, 0],
  ])('by %s', (_by, fields, tookMs, expected) => {
    const found = assess(
      received({ 'cache-control': 'max-age=60', ...fields }, { requestedAt: NOW - tookMs }),
      AS_RECEIVED,
    )
    expect(found?.initialAgeMs).toBe(expected)
  })
})

describe('what may be stored', () => {
  it.each([
    ['public', {}, 200, undefined],
    ['max-age=60', {}, 100, undefined],
    ['max-age=60', {}, 304, undefined],
    ['max-age=60', {}, 416, undefined],
    ['max-age=60', {}, 418, 60],
    ['max-age=60, must-understand, no-store', {}, 200, 60],
    ['max-age=60, must-understand, no-store', {}, 418, undefined],
    ['max-age=60, must-understand, private', {}, 200, undefined],
    ['max-age=60, no-cache', {}, 200, 60],
    ['no-cache', {}, 200, 0],
  ])('%s, status %4$i', (control, fields, status, seconds) => {
    const found = assess(received({ 'cache-control': control, ...fields }, { status }), AS_RECEIVED)
    expect(found?.lifetimeMs).toBe(seconds === undefined ? undefined : seconds * 1000)
  })

  it('is nothing that a policy says of a failure or of an error page', () => {
    const generous = policy({ alwaysSeconds: 60, defaultSeconds: 60 })
    for (const status of [302, 404, 410, 500, 503]) expect(assess(received({}, { status }), generous)).toBeUndefined()
    for (const status of [200, 203, 204, 300, 301, 308])
      expect(assess(received({}, { status }), generous)?.lifetimeMs).toBe(60_000)
  })

  const barred = fc.constantFrom(
    { 'cache-control': 'private' },
    { 'cache-control': 'no-store' },
    { 'cache-control': 'max-age=60, Private="x"' },
    { 'cache-control': 'No-Store, max-age=60' },
    { 'cdn-cache-control': 'private, max-age=60', 'cache-control': 'max-age=60' },
    { vary: '*', 'cache-control': 'max-age=60' },
    { 'set-cookie': 'a=1', 'cache-control': 'public, max-age=60' },
  )
  const seconds = fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined })
  const anyPolicy = fc.record({
    defaultSeconds: seconds,
    mostSeconds: seconds,
    alwaysSeconds: seconds,
    heuristicSeconds: seconds,
    staleWhileRevalidateSeconds: fc.nat(),
    staleIfErrorSeconds: fc.nat(),
  })

  it('is never what is private, whatever the policy and the status', () => {
    fc.assert(
      fc.property(barred, anyPolicy, fc.integer({ min: 100, max: 599 }), (fields, freshness, status) => {
        const response = received({ expires: date(99), 'last-modified': date(-99), ...fields }, { status })
        expect(assess(response, policy(freshness))).toBeUndefined()
      }),
    )
  })

  it('is never longer fresh than the most that a policy grants', () => {
    fc.assert(
      fc.property(anyPolicy, fc.nat(), (freshness, says) => {
        const found = assess(received({ 'cache-control': `max-age=${says}` }), policy(freshness))
        expect(found?.lifetimeMs ?? 0).toBeLessThanOrEqual((freshness.mostSeconds ?? Infinity) * 1000)
      }),
    )
  })
})

describe('a copy', () => {
  const nat = fc.nat({ max: 100_000_000 })
  const anyFreshness: fc.Arbitrary<Freshness> = fc.record({
    initialAgeMs: nat,
    lifetimeMs: nat,
    isUnproven: fc.boolean(),
    staleWhileRevalidateMs: nat,
    staleIfErrorMs: nat,
    coversServerErrors: fc.boolean(),
  })
  const time = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 })
  const asked = fc.constantFrom(undefined, 'no-cache', 'max-age=10', 'min-fresh=10', 'max-stale', 'max-stale=99', 'x')

  it('has an age that is never negative and grows with time', () => {
    fc.assert(
      fc.property(anyFreshness, time, time, fc.nat(), (freshness, respondedAt, now, later) => {
        const age = ageMs(freshness, respondedAt, now)
        expect(age).toBeGreaterThanOrEqual(0)
        expect(ageMs(freshness, respondedAt, now + later)).toBeGreaterThanOrEqual(age)
      }),
    )
  })

  it('is never fresh after its lifetime, and never served stale after its grace', () => {
    fc.assert(
      fc.property(anyFreshness, nat, asked, (freshness, age, field) => {
        const verdict = judgeFreshness(freshness, age, wishes(field))
        if (age >= freshness.lifetimeMs) expect(verdict).not.toBe('fresh')
        if (age >= freshness.lifetimeMs + freshness.staleWhileRevalidateMs) expect(verdict).toBe('unproven')
        if (freshness.isUnproven) expect(verdict).toBe('unproven')
      }),
    )
  })

  it('once it is not fresh does not become so again', () => {
    fc.assert(
      fc.property(anyFreshness, nat, fc.nat(), asked, (freshness, age, later, field) => {
        if (judgeFreshness(freshness, age, wishes(field)) === 'fresh') return
        expect(judgeFreshness(freshness, age + later, wishes(field))).not.toBe('fresh')
      }),
    )
  })

  const sixty: Freshness = {
    initialAgeMs: 0,
    lifetimeMs: 60_000,
    isUnproven: false,
    staleWhileRevalidateMs: 10_000,
    staleIfErrorMs: 30_000,
    coversServerErrors: false,
  }

  it.each([
    [0, undefined, undefined, 'fresh'],
    [59_999, undefined, undefined, 'fresh'],
    [60_000, undefined, undefined, 'stale'],
    [69_999, undefined, undefined, 'stale'],
    [70_000, undefined, undefined, 'unproven'],
    [0, 'no-cache', undefined, 'unproven'],
    [0, undefined, 'no-cache', 'unproven'],
    [0, 'max-age=60', 'no-cache', 'fresh'],
    [10_000, 'max-age=10', undefined, 'fresh'],
    [10_001, 'max-age=10', undefined, 'unproven'],
    [0, 'max-age=x', undefined, 'fresh'],
    [1, 'max-age=x', undefined, 'unproven'],
    [49_999, 'min-fresh=10', undefined, 'fresh'],
    [50_000, 'min-fresh=10', undefined, 'unproven'],
    [65_000, 'min-fresh=0', undefined, 'unproven'],
    [99_000, 'max-stale=60', undefined, 'unproven'],
  ] as const)('of %i ms, asked for with %s and Pragma %s, is %s', (age, field, pragma, verdict) => {
    expect(judgeFreshness(sixty, age, wishes(field, pragma))).toBe(verdict)
  })

  it.each([
    [undefined, 89_999, true],
    [undefined, 90_000, false],
    [502, 89_999, true],
    [503, 89_999, true],
    [504, 89_999, true],
    [500, 0, false],
    [501, 0, false],
    [404, 0, false],
    [200, 0, false],
  ])('for a failure of status %s at %i ms stands in: %s', (status, age, expected) => {
    expect(outlives(sixty, age, status)).toBe(expected)
    expect(outlives({ ...sixty, coversServerErrors: true }, age, status)).toBe(expected || status === 500)
  })
})
