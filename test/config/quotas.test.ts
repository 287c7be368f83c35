import { describe, expect, it } from 'vitest'
import type { Terms } from '../../src/access/offer.ts'
import { bearer, receipt, type RouteOptions, type ZoneOptions } from '../../src/index.ts'
import { ZONE, zoneFaults, zoneOf } from '../support/compiled.ts'

const zone = {
  issuers: [
    ...ZONE.issuers,
    { issuer: 'https://id.test', jwks: { url: 'https://id.test/jwks' }, types: { entitlement: 'at+jwt' } },
  ],
  operators: ZONE.issuers,
}

const compiled = (change: Partial<ZoneOptions>) => zoneOf({ ...zone, ...change })
const faults = (change: Record<string, unknown>) => zoneFaults({ ...zone, ...change })

function termsOf(route: Partial<RouteOptions>, change: Partial<ZoneOptions> = {}): Terms {
  const routes = [{ path: '/x', requires: 'premium', ...route }]
  const [entry] = compiled({ ...change, routes }).routes.entries
  if (entry === undefined) throw new Error('no route')
  return entry.route.terms
}

const hourly = { name: 'requests', quota: 100, window: 3600 }
const limit = { name: 'requests', quota: 100n, unit: 'requests', window: 3600, kind: 'fixed', anchor: undefined }

describe('how a route counts', () => {
  it('is one request each, and no quotas, where nothing is said', () => {
    expect(termsOf({})).toMatchObject({ metering: { counts: { requests: 1n }, quotas: [] } })
  })

  it('prices what it counts, and nothing else', () => {
    const price = { amount: '0.25', currency: 'USD', per: 'pages' }
    const terms = termsOf({ price, counts: { pages: 3 } })
    expect(terms).toMatchObject({ offer: { price: { units: 750_000_000n, currency: 'USD' } } })
    const routes = [{ path: '/x', price }]
    expect(faults({ routes })).toEqual([{ path: 'zones[0].routes[0]', message: expect.stringContaining('"per"') }])
  })

  it('counts something under each of its own quotas', () => {
    const message = expect.stringContaining('"quotas"')
    const stories = { ...hourly, name: 'stories', unit: 'stories' }
    for (const counts of [undefined, { storys: 1 }, { requests: 1, stories: 0 }, { requests: 0, stories: 1 }]) {
      const routes = [{ path: '/x', requires: 'premium', quotas: [hourly, stories], ...(counts && { counts }) }]
      expect(faults({ routes })).toEqual([{ path: 'zones[0].routes[0]', message }])
    }
    expect(faults({ unmatched: { requires: 'premium', quotas: [stories] } })).toEqual([
      { path: 'zones[0].unmatched', message },
    ])
    const routes = [{ path: '/x', requires: 'premium', quotas: [{ ...stories, unit: 'requests' }] }]
    expect(faults({ routes })).toEqual([])
  })

  it('is as it says', () => {
    const quotas = [
      hourly,
      { ...hourly, window: 'P1M' as const, kind: 'sliding' as const, anchor: '2026-01-01T00:00:00Z' },
    ]
    expect(termsOf({ counts: { reports: 0, requests: 3 }, quotas })).toMatchObject({
      metering: {
        counts: { reports: 0n, requests: 3n },
        quotas: [limit, { ...limit, window: 'P1M', kind: 'sliding', anchor: 1_767_225_600 }],
      },
    })
  })

  it('has the quotas of the zone, unless it has its own', () => {
    expect(termsOf({}, { quotas: [hourly] })).toMatchObject({ metering: { quotas: [limit] } })
    expect(termsOf({ quotas: [] }, { quotas: [hourly] })).toMatchObject({ metering: { quotas: [] } })
    expect(compiled({ quotas: [hourly], unmatched: { requires: 'x' } }).routes.unmatched.terms).toMatchObject({
      metering: { quotas: [limit] },
    })
  })

  const wrong: [name: string, route: Record<string, unknown>, path: string][] = [
    ['a quota without a name', { quotas: [{ quota: 1, window: 1 }] }, 'quotas[0].name'],
    ['a name that no header can say', { quotas: [{ ...hourly, name: 'é' }] }, 'quotas[0].name'],
    ['half a quota', { quotas: [{ ...hourly, quota: 0.5 }] }, 'quotas[0].quota'],
    ['a quota of nothing', { quotas: [{ ...hourly, quota: 0 }] }, 'quotas[0].quota'],
    ['less than nothing', { quotas: [{ ...hourly, quota: -1 }] }, 'quotas[0].quota'],
    ['a week', { quotas: [{ ...hourly, window: 'P1W' }] }, 'quotas[0].window'],
    ['no window', { quotas: [{ name: 'x', quota: 1 }] }, 'quotas[0].window'],
    ['a window of nothing', { quotas: [{ ...hourly, window: 0 }] }, 'quotas[0].window'],
    ['another kind', { quotas: [{ ...hourly, kind: 'rolling' }] }, 'quotas[0].kind'],
    ['an anchor that is no time', { quotas: [{ ...hourly, anchor: 'monday' }] }, 'quotas[0].anchor'],
    ['a member that is none', { quotas: [{ ...hourly, burst: 1 }] }, 'quotas[0].burst'],
    ['seventeen quotas', { quotas: Array.from({ length: 17 }, () => hourly) }, 'quotas'],
    ['a count that floats', { counts: { requests: 0.5 } }, 'counts.requests'],
    ['a count below zero', { counts: { requests: -1 } }, 'counts.requests'],
    ['a count of words', { counts: { requests: '1' } }, 'counts.requests'],
    ['counts that are a list', { counts: ['requests'] }, 'counts'],
  ]
  it.each(wrong)('with %s has that one fault', (_name, route, path) => {
    const [found, ...more] = faults({ routes: [{ path: '/x', requires: 'premium', ...route }] })
    expect(more).toEqual([])
    expect(found?.path).toBe(`zones[0].routes[0].${path}`)
  })

  it('is a fault where nothing is paid', () => {
    for (const metered of [{ counts: { requests: 1 } }, { quotas: [hourly] }]) {
      for (const terms of [{ free: true }, { closed: true }]) {
        expect(faults({ routes: [{ path: '/x', ...terms, ...metered }] })).toMatchObject([
          { path: 'zones[0].routes[0]' },
        ])
      }
    }
    expect(faults({ quotas: [{ ...hourly, quota: 'x' }] })).toMatchObject([{ path: 'zones[0].quotas[0].quota' }])
  })
})

describe('with the rail of receipts', () => {
  it('an issuer may sign them, but not one that is mapped for entitlements, and never an operator', () => {
    const { issuers, operators } = compiled({ rails: [bearer(), receipt()] })
    expect(issuers.map(({ types }) => types.payment)).toEqual([['payment+jwt'], undefined])
    expect(operators.map(({ types }) => types)).toEqual([{ operator: ['operator+jwt'] }])
  })

  it('and not without', () => {
    for (const change of [{}, { rails: [bearer()] }]) {
      expect(compiled(change).issuers.some(({ types }) => 'payment' in types)).toBe(false)
    }
  })

  it('typ payment+jwt cannot stand for entitlements', () => {
    const types = { entitlement: 'Payment+JWT' }
    const issuers = [{ issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' }, types }]
    expect(faults({ issuers })).toMatchObject([{ path: 'zones[0].issuers[0].types.entitlement' }])
  })
})
