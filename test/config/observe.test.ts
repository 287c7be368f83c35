import { describe, expect, it } from 'vitest'
import { compile, type Fault } from '../../src/config.ts'

const UNTIL = '2026-12-31T00:00:00Z'
const zone = {
  name: 'a',
  hosts: ['a.test'],
  audience: 'https://a.test',
  issuers: [{ issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' } }],
  origin: { servers: [{ url: 'https://o.test' }] },
  routes: [],
  unmatched: 'free' as const,
  remedies: { documentation: 'https://d.test/' },
}

/** What is wrong with options that the types may not even allow. */
function faults(change: Record<string, unknown>): readonly Fault[] {
  const compiled = compile({ zones: [{ ...zone, ...change }] }, {}, { needsOrigin: true })
  return compiled.ok ? [] : compiled.error
}

const ofTerms = (terms: Record<string, unknown>): readonly Fault[] => faults({ routes: [{ path: '/b', ...terms }] })

describe('the end of an observation', () => {
  it('is a date and time, on routes and where none matches', () => {
    const observe = { until: '2026-12-31T01:00:00.9+01:00' }
    const unmatched = { price: { amount: '1', currency: 'USD' }, observe }
    const given = { ...zone, routes: [{ path: '/a', requires: 'x', observe }], unmatched }
    const compiled = compile({ zones: [given] }, {}, { needsOrigin: true })
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
    const table = compiled.value.sites.get('a.test')?.zone.routes
    for (const route of [table?.entries[0]?.route, table?.unmatched])
      expect(route?.terms).toMatchObject({ kind: 'paid', observedUntilMs: Date.parse(UNTIL) })
  })

  it('that is past is no fault: the route is enforced', () => {
    expect(ofTerms({ requires: 'x', observe: { until: '2020-01-01T00:00:00Z' } })).toEqual([])
  })

  const bad = ['2026-12-31', '2026-02-30T00:00:00Z', '2026-12-31T00:00:00', 'soon', '', 1_800_000_000, null, undefined]
  it.each(bad)('is not %j', (until) => {
    const [fault, ...rest] = ofTerms({ requires: 'x', observe: { until } })
    expect(fault?.path).toBe('zones[0].routes[0].observe.until')
    expect(fault?.message).toContain('expected an RFC 3339 time such as "2026-12-31T00:00:00Z"')
    expect(rest).toEqual([])
  })

  it('cannot be left out', () => {
    expect(ofTerms({ requires: 'x', observe: {} }).map(({ path }) => path)).toEqual([
      'zones[0].routes[0].observe.until',
    ])
    expect(ofTerms({ requires: 'x', observe: true }).map(({ path }) => path)).toEqual(['zones[0].routes[0].observe'])
    const unmatched = { requires: 'x', observe: {} }
    expect(faults({ unmatched }).map(({ path }) => path)).toEqual(['zones[0].unmatched.observe.until'])
  })

  it('has nothing beside it', () => {
    const found = ofTerms({ requires: 'x', observe: { until: UNTIL, from: UNTIL } })
    expect(found.map(({ path }) => path)).toEqual(['zones[0].routes[0].observe.from'])
  })

  it.each(['free', 'closed'])('is not for what is %s', (kind) => {
    const found = ofTerms({ [kind]: true, observe: { until: UNTIL } })
    expect(found.map(({ path }) => path)).toEqual(['zones[0].routes[0]'])
  })
})
