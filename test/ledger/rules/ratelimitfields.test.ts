import * as fc from 'fast-check'
import { parseList } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import { type LimitStanding, rateLimitFields } from '../../../src/ledger/rules/ratelimitfields.ts'

function standing(over: Partial<LimitStanding>): LimitStanding {
  return {
    name: 'default',
    quota: 100n,
    unit: 'requests',
    windowSeconds: 60,
    remaining: 50n,
    resetSeconds: 30,
    ...over,
  }
}

describe('the RateLimit fields', () => {
  it('are as the draft has them', () => {
    const burst = standing({ name: 'burst', quota: 100n, windowSeconds: 60, remaining: 100n })
    const daily = standing({ name: 'daily', quota: 1000n, windowSeconds: 86_400 })
    expect(rateLimitFields([burst, daily])?.policy).toBe('"burst";q=100;w=60, "daily";q=1000;w=86400')
    expect(rateLimitFields([standing({})])?.limit).toBe('"default";r=50;t=30')
    const bytes = standing({ name: 'peruser', quota: 65_535n, unit: 'content-bytes', windowSeconds: 10 })
    expect(rateLimitFields([bytes])?.policy).toBe('"peruser";q=65535;qu="content-bytes";w=10')
  })

  it('are none where nothing is limited', () => {
    expect(rateLimitFields([])).toBeUndefined()
  })

  it.each([
    ['requests', '"default";q=100;w=60'],
    ['content-bytes', '"default";q=100;qu="content-bytes";w=60'],
    ['concurrent-requests', '"default";q=100;qu="concurrent-requests";w=60'],
    ['tokens', '"default";q=100;w=60'],
    ['Content-Bytes', '"default";q=100;w=60'],
    ['', '"default";q=100;w=60'],
  ])('name the unit %j only where the draft has one', (unit, policy) => {
    expect(rateLimitFields([standing({ unit })])?.policy).toBe(policy)
  })

  it.each([
    ['nothing left', { remaining: 0n, resetSeconds: 7 }, '"default";r=0;t=7'],
    ['less than nothing', { remaining: -3n }, '"default";r=0;t=30'],
    ['part of a second', { resetSeconds: 0.2 }, '"default";r=50;t=1'],
    ['a reset beyond its window', { resetSeconds: 61 }, '"default";r=50;t=60'],
    ['a reset that is past', { resetSeconds: -4 }, '"default";r=50;t=0'],
    ['more than a header can say', { remaining: 10n ** 18n }, '"default";r=999999999999999;t=30'],
    ['a name in quotes', { name: 'a "b" \\c' }, '"a \\"b\\" \\\\c";r=50;t=30'],
  ])('say of %s', (_name, over, expected) => {
    expect(rateLimitFields([standing(over)])?.limit).toBe(expected)
  })

  it('tell windows of one name apart', () => {
    const fields = rateLimitFields([standing({}), standing({ windowSeconds: 86_400, remaining: 9n })])
    expect(fields).toEqual({
      policy: '"default-60";q=100;w=60, "default-86400";q=100;w=86400',
      limit: '"default-60";r=50;t=30, "default-86400";r=9;t=30',
    })
  })

  it('tell all policies apart, windows of one length and names that look like others included', () => {
    const day = standing({ windowSeconds: 86_400 })
    const fields = rateLimitFields([standing({}), standing({}), day, standing({ name: 'default-60' })])
    const names = parseList(fields?.limit ?? '').map(([name]) => name)
    expect(names).toEqual(['default-60-2', 'default-60-3', 'default-86400', 'default-60'])
  })

  it('whatever the limits, can be parsed, agree with each other, stay short, tell of the tightest, and of no reset after a window', () => {
    const one = fc.record({
      name: fc.stringMatching(/^[\x20-\x7e]{1,64}$/),
      quota: fc.bigInt({ min: 0n, max: 2n ** 53n }),
      unit: fc.constantFrom('requests', 'content-bytes', 'tokens'),
      windowSeconds: fc.integer({ min: 1, max: 366 * 86_400 }),
      remaining: fc.bigInt({ min: -5n, max: 2n ** 53n }),
      resetSeconds: fc.integer({ min: -10, max: 366 * 86_400 }),
    })
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 32 }), (standings) => {
        const fields = rateLimitFields(standings)
        const [policies, limits] = [parseList(fields?.policy ?? ''), parseList(fields?.limit ?? '')]
        expect(policies.map(([name]) => name)).toEqual(limits.map(([name]) => name))
        expect(policies.length).toBeGreaterThan(0)
        expect(new Set(policies.map(([name]) => name)).size).toBe(policies.length)
        expect(Math.max(fields?.policy.length ?? 0, fields?.limit.length ?? 0)).toBeLessThanOrEqual(1024)
        for (const [index, [, limit]] of limits.entries())
          expect(limit.get('t')).toBeLessThanOrEqual(Number(policies[index]?.[1].get('w')))
        const least = standings.some(({ remaining }) => remaining <= 0n)
        if (least) expect(limits.some(([, parameters]) => parameters.get('r') === 0)).toBe(true)
      }),
    )
  })
})
