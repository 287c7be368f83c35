import { describe, expect, it } from 'vitest'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const UNTIL = '2026-12-31T00:00:00Z'
const ofTerms = (terms: Record<string, unknown>) => zoneFaults({ routes: [{ path: '/b', ...terms }] })

describe('the end of an observation', () => {
  it('is a date and time, on routes and where none matches', () => {
    const observe = { until: '2026-12-31T01:00:00.9+01:00' }
    const unmatched = { price: { amount: '1', currency: 'USD' }, observe }
    const table = zoneOf({ routes: [{ path: '/a', requires: 'x', observe }], unmatched }).routes
    for (const route of [table.entries[0]?.route, table.unmatched])
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
    expect(zoneFaults({ unmatched }).map(({ path }) => path)).toEqual(['zones[0].unmatched.observe.until'])
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
