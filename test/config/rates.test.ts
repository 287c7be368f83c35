import { describe, expect, it } from 'vitest'
import type { Rates } from '../../src/access/ratelimit.ts'
import { bearer, type RateOptions, type RouteOptions, type ZoneOptions } from '../../src/index.ts'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const limiter = { limit: () => undefined }
const env = {
  API_RATE: limiter,
  SLOW_RATE: limiter,
  WORKER: { fetch: limiter.limit, ...limiter },
  WORDS: 'x',
  HALF: { limit: 1 },
}

/** The rates of the first route, or of what no route matches. */
function ratesOf(route: Partial<RouteOptions>, change: Partial<ZoneOptions> = {}): Rates | undefined {
  const routes = [{ path: '/x', requires: 'premium', ...route }]
  const table = zoneOf({ rails: [bearer()], routes, ...change }, env).routes
  const { terms } = table.entries[0]?.route ?? table.unmatched
  return terms.kind === 'paid' ? terms.rates : undefined
}

const faults = (change: Record<string, unknown>) => zoneFaults({ rails: [bearer()], ...change }, env)

const exact: RateOptions = { requests: 600, seconds: 60 }
const bound: RateOptions = { binding: 'API_RATE', seconds: 10 }

describe('the rates of a route', () => {
  it('are none where nothing is said', () => {
    expect(ratesOf({})).toBeUndefined()
    expect(ratesOf({ rates: [] })).toBeUndefined()
  })

  it('are those of the ledger and those of the platform', () => {
    expect(ratesOf({ rates: [exact, bound] })).toMatchObject({
      scope: '/x',
      exact: [{ quota: 600n, unit: 'requests', window: 60, kind: 'sliding' }],
      bound: [{ binding: 'API_RATE', seconds: 10 }],
    })
  })

  it('have a name that no limit can have', () => {
    expect(ratesOf({ rates: [exact] })?.exact[0]?.name).not.toMatch(/^[\x20-\x7e]*$/)
  })

  it('are those of the zone, counted for each route, unless it has its own', () => {
    expect(ratesOf({}, { rates: [exact] })).toMatchObject({ scope: '/x', exact: [{ quota: 600n }] })
    expect(ratesOf({ rates: [] }, { rates: [exact] })).toBeUndefined()
    expect(ratesOf({ rates: [bound] }, { rates: [exact] })).toMatchObject({ exact: [] })
    expect(ratesOf({}, { rates: [exact], routes: [], unmatched: { requires: 'x' } })).toMatchObject({ scope: '/*' })
  })

  it('are others for other methods of one path', () => {
    expect(ratesOf({ methods: ['GET', 'POST'], rates: [exact] })).toMatchObject({ scope: 'GET,POST /x' })
  })

  const wrong: [name: string, rates: unknown, path: string][] = [
    ['no requests', [{ ...exact, requests: 0 }], 'rates[0].requests'],
    ['half a request', [{ ...exact, requests: 1.5 }], 'rates[0].requests'],
    ['more requests than anyone asks', [{ ...exact, requests: 1_000_001 }], 'rates[0].requests'],
    ['no time', [{ ...exact, seconds: 0 }], 'rates[0].seconds'],
    ['a day', [{ ...exact, seconds: 86_400 }], 'rates[0].seconds'],
    ['requests alone', [{ requests: 1 }], 'rates[0].seconds'],
    ['seconds alone', [{ seconds: 60 }], 'rates[0].requests'],
    ['a member that is none', [{ ...exact, burst: 1 }], 'rates[0].burst'],
    ['a period that the platform has not', [{ ...bound, seconds: 30 }], 'rates[0].seconds'],
    ['a binding and requests', [{ ...bound, requests: 1 }], 'rates[0].requests'],
    ['a binding that is no name', [{ ...bound, binding: 7 }], 'rates[0].binding'],
    ['five rates', [1, 2, 3, 4, 5].map((seconds) => ({ requests: 1, seconds })), 'rates'],
    ['two rates for as many seconds', [exact, { ...exact, requests: 6 }], 'rates'],
    ['one binding twice', [bound, { ...bound, seconds: 60 }], 'rates'],
    ['one rate, and no list', exact, 'rates'],
  ]
  it.each(wrong)('with %s have that one fault', (_name, rates, path) => {
    const [found, ...more] = faults({ routes: [{ path: '/x', requires: 'premium', rates }] })
    expect(more).toEqual([])
    expect(found?.path).toBe(`zones[0].routes[0].${path}`)
  })

  it.each(['ABSENT', 'WORKER', 'WORDS', 'HALF', 'toString'])('cannot be bound to %s', (binding) => {
    const routes = [
      { path: '/', free: true },
      { path: '/x', requires: 'premium', rates: [{ binding, seconds: 60 }] },
    ]
    expect(faults({ routes })).toEqual([
      {
        path: 'zones[0].routes[1].rates[0].binding',
        message: `the environment has no rate limit of the name "${binding}"`,
      },
    ])
    expect(faults({ rates: [{ binding, seconds: 60 }] })).toMatchObject([{ path: 'zones[0].rates[0].binding' }])
  })

  it('may be four', () => {
    const rates = [bound, { ...bound, binding: 'SLOW_RATE' }, exact, { ...exact, seconds: 1 }]
    expect(faults({ routes: [{ path: '/x', requires: 'premium', rates }] })).toEqual([])
  })

  it('are a fault where nothing is paid', () => {
    for (const terms of [{ free: true }, { closed: true }]) {
      expect(faults({ routes: [{ path: '/x', ...terms, rates: [exact] }] })).toMatchObject([
        { path: 'zones[0].routes[0]' },
      ])
    }
  })
})
