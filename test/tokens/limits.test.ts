import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OWN_MAPPING } from '../../src/access/ownclaims.ts'
import { compileMapping } from '../../src/config/mapping.ts'
import type { Issuer } from '../../src/access/issuer.ts'
import { isWindow, type Limit, windowSecondsOf } from '../../src/access/limit.ts'
import { readEntitlement } from '../../src/tokens/entitlement.ts'
import { readLimits } from '../../src/tokens/limits.ts'

function limitsOf(claim: unknown): readonly Limit[] | undefined {
  const read = readLimits(claim)
  return read.ok ? read.value : undefined
}

const one = { name: 'requests', quota: 100, window: 3600 }

describe('the claim "limits"', () => {
  it('is read with what is left out at its default', () => {
    expect(limitsOf(undefined)).toEqual([])
    expect(limitsOf([])).toEqual([])
    expect(limitsOf([one])).toEqual([
      { name: 'requests', quota: 100n, unit: 'requests', window: 3600, kind: 'fixed', anchor: undefined },
    ])
  })

  it.each([
    ['a day', { window: 'P1D' }, { window: 'P1D' }],
    [
      'a month from a day on',
      { window: 'P1M', anchor: '2026-01-31T09:00:00+01:00' },
      { window: 'P1M', anchor: 1_769_846_400 },
    ],
    ['seconds from a second on', { window: 90, anchor: 7 }, { window: 90, anchor: 7 }],
    ['a window that slides', { kind: 'sliding' }, { kind: 'sliding' }],
    ['a month that slides', { kind: 'sliding', window: 'P1M' }, { kind: 'sliding', window: 'P1M' }],
    ['nothing at all', { quota: 0 }, { quota: 0n }],
    ['as much as JSON can say', { quota: Number.MAX_SAFE_INTEGER }, { quota: 9_007_199_254_740_991n }],
    ['a unit', { unit: 'content-bytes' }, { unit: 'content-bytes' }],
    ['the shortest window', { window: 1 }, { window: 1 }],
    ['the longest window', { window: 366 * 86_400 }, { window: 366 * 86_400 }],
    ['a member that nobody knows', { burst: true }, { name: 'requests' }],
    [
      'null for a unit, a kind and an anchor',
      { unit: null, kind: null, anchor: null },
      { unit: 'requests', kind: 'fixed' },
    ],
  ])('may be of %s', (_name, over, expected) => {
    expect(limitsOf([{ ...one, ...over }])).toMatchObject([expected])
  })

  it('may have several windows of one name, and sixteen limits', () => {
    expect(limitsOf([one, { ...one, window: 'P1D', quota: 1000 }])).toHaveLength(2)
    expect(limitsOf(Array.from({ length: 16 }, (_, index) => ({ ...one, name: `limit-${index}` })))).toHaveLength(16)
  })

  const malformed: [string, unknown][] = [
    ...['', 'requests=100', 7, true, {}, one, [null], ['requests'], [[one]], [[]]].map((claim): [string, unknown] => [
      JSON.stringify(claim),
      claim,
    ]),
    ['seventeen limits', Array.from({ length: 17 }, () => one)],
    ['a good limit and a bad one', [one, { ...one, quota: -1 }]],
    ...Object.entries({
      name: [undefined, null, '', 7, [], 'é', 'a\u0000', 'x'.repeat(65)],
      quota: [undefined, null, -1, 0.5, '100', 2 ** 53, true, [100]],
      unit: ['', 7, [], 'bytes\n'],
      window: [undefined, null, 0, -1, 1.5, '3600', 'P1W', 'P1Y', 'p1d', 'P2M', 366 * 86_400 + 1, true, [3600]],
      kind: ['', 'Fixed', 'rolling', true, ['fixed']],
      anchor: ['', 'yesterday', '2026-01-01', '2026-02-30T00:00:00Z', -1, 0.5, true, 1e15],
    }).flatMap(([member, values]) =>
      values.map((value): [string, unknown] => [`${member} ${JSON.stringify(value)}`, [{ ...one, [member]: value }]]),
    ),
  ]
  it.each(malformed)('is malformed with %s, and so is the token', (_name, claim) => {
    expect(limitsOf(claim)).toBeUndefined()
    expect(readEntitlement({ sub: 'ann', iat: 1, exp: 2, limits: claim }, issuer)).toMatchObject({
      error: { reason: 'credential-invalid', check: 'claims' },
    })
  })

  it.each<[unknown, string]>([
    ['requests=100', 'The token\'s "limits" is not a list of at most 16.'],
    [[one, 'requests'], 'The token\'s "limits[1]" is not an object.'],
    [[{ quota: 1, window: 60 }], 'The token\'s "limits[0].name" is not 1 to 64 characters of printable ASCII.'],
    [[{ ...one, quota: '100' }], 'The token\'s "limits[0].quota" is not a whole number.'],
    [
      [one, { ...one, window: 'P1W' }],
      'The token\'s "limits[1].window" is not whole seconds from 1 to 366 days, "P1D" or "P1M".',
    ],
    [[{ ...one, kind: 'rolling' }], 'The token\'s "limits[0].kind" is not "fixed" or "sliding".'],
  ])('%j is refused with the place of the fault', (limits, detail) => {
    expect(readEntitlement({ sub: 'ann', iat: 1, exp: 2, limits }, issuer)).toMatchObject({ error: { detail } })
  })

  it('of another maker counts where it has our form, or where it is mapped', () => {
    const readFrom = (over: Partial<Issuer>, limits: unknown) =>
      readEntitlement({ sub: 'ann', iat: 1, exp: 2, limits }, { ...issuer, ...over })
    const foreign = { claims: compileMapping({ isForeign: true }) }
    const named = { claims: compileMapping({ isForeign: true, claims: { limits: 'limits' } }) }
    for (const over of [foreign, named])
      expect(readFrom(over, [one])).toMatchObject({ ok: true, value: { limits: [{ name: 'requests', quota: 100n }] } })
    for (const own of [{ seats: 5 }, 'none', 5, [5], [{ seats: 5 }], [null]]) {
      expect(readFrom(foreign, own)).toMatchObject({ ok: true, value: { limits: [] } })
      expect(readFrom(named, own)).toMatchObject({ ok: false, error: { reason: 'credential-invalid' } })
      expect(readFrom({}, own)).toMatchObject({ ok: false, error: { reason: 'credential-invalid' } })
    }
    // A slip in what is meant as ours takes no limit away.
    expect(readFrom(foreign, [one, { ...one, quota: '100' }])).toMatchObject({ ok: false })
    expect(readFrom(foreign, [one, { seats: 5 }])).toMatchObject({ ok: false })
  })

  it('whatever it is, gives limits of the right shape or none, and never throws', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.record({ ...constants, extra: fc.jsonValue() }, { requiredKeys: [] })),
    )
    fc.assert(
      fc.property(value, (claim) => {
        for (const { name, quota, unit, window, kind, anchor } of limitsOf(claim) ?? []) {
          expect(`${name}${unit}`).toMatch(/^[\x20-\x7e]+$/)
          expect(quota >= 0n && isWindow(window) && windowSecondsOf(window) > 0).toBe(true)
          expect(['fixed', 'sliding']).toContain(kind)
          expect(anchor === undefined || Number.isSafeInteger(anchor)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

const constants = {
  name: fc.constantFrom('requests', '', 7, null),
  quota: fc.constantFrom(0, 1, -1, 1.5, '1'),
  window: fc.constantFrom(60, 'P1D', 'P1M', 0, null),
  kind: fc.constantFrom('fixed', 'sliding', 'other'),
  anchor: fc.constantFrom(0, '2026-01-01T00:00:00Z', 'x'),
}

const issuer: Issuer = {
  issuer: 'https://billing.example',
  audience: 'https://news.example',
  algorithms: ['ES256'],
  keys: { kind: 'inline', keys: [] },
  types: { entitlement: ['entitlement+jwt'] },
  allowsAbsentType: false,
  claims: OWN_MAPPING,
  clockToleranceSeconds: 5,
  maxLifetimeSeconds: 3600,
}
