import { describe, expect, it } from 'vitest'
import { type Meter, reported } from '../../src/index.ts'
import { ok } from '../../src/core/result.ts'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const rows = reported({ most: { rows: 1000 } })
const METERED = { path: '/query/*', requires: 'api', cache: 'off', meter: rows }
const quotas = [{ name: 'monthly', unit: 'rows', quota: 10_000, window: 'P1M' }]

/** What is wrong with a metered route once this is laid over it. */
const ofRoute = (change: object) => zoneFaults({ routes: [{ ...METERED, ...change }] })
/** A factory as one without types calls it. */
const ofOptions = (options: unknown) => ofRoute({ meter: reported(options as never) })

/** A meter that takes money. */
const dear: Meter = {
  name: 'dear',
  counted: [],
  currency: 'USD',
  classify: () => 'metered',
  bound: () => ok({ amount: { counts: [] } }),
  measure: (response) => ok({ response, used: () => undefined }),
}

describe('the meter of a route', () => {
  it('is the route’s, or that of all that no route matches', () => {
    const { cache, meter, requires } = { ...METERED, cache: 'off' }
    const { routes } = zoneOf({ routes: [METERED], unmatched: { requires, cache, meter } })
    const all = [...routes.entries.map(({ route }) => route), routes.unmatched]
    expect(all.map((route) => route.meter)).toEqual([rows, rows])
    expect(all.map(({ terms }) => terms.kind === 'paid' && terms.metered?.counted)).toEqual([['rows'], ['rows']])
  })

  it('that adds a key of the operator’s is watched for the credentialed alone', () => {
    const adding = { ...rows, addsCredential: true }
    const until = '2100-01-01T00:00:00Z'
    expect(ofRoute({ meter: adding, observe: { until } })).toMatchObject([
      { path: 'zones[0].routes[0]', message: expect.stringContaining('credentialed: true') },
    ])
    expect(ofRoute({ meter: adding, observe: { until, credentialed: true } })).toEqual([])
  })

  it('may bring its servers, and then its zone needs no others', () => {
    const bringing = { ...rows, servers: ['https://provider.test'] }
    expect(zoneFaults({ routes: [{ ...METERED, meter: bringing }], origin: undefined })).toEqual([])
    expect(zoneFaults({ routes: [METERED], origin: undefined })).toMatchObject([{ path: 'zones[0].origin' }])
  })

  it('keeps no copies by default', () => {
    expect(ofRoute({ cache: undefined })).toEqual([])
  })

  it('counts for quotas that name what it counts, or have that as their unit', () => {
    expect(ofRoute({ quotas })).toEqual([])
    expect(ofRoute({ quotas: [{ ...quotas[0], name: 'rows', unit: 'requests' }] })).toEqual([])
    const [fault] = ofRoute({ quotas: [{ ...quotas[0], unit: 'words' }] })
    expect(fault).toMatchObject({ path: 'zones[0].routes[0]', message: expect.stringContaining('or of the meter') })
  })

  it.each([
    ['a free route', { free: true, requires: undefined }, '', /"meter", "idempotency" and "observe" only beside/],
    ['a closed route', { closed: true, requires: undefined }, '', /"meter", "idempotency" and "observe" only beside/],
    ['what is stored', { cache: 'shared' }, '', /"cache" to be "off"/],
    ['a copy for each account', { cache: { key: 'account' } }, '', /"cache" to be "off"/],
    ['a price in another currency', { price: { amount: '1', currency: 'EUR' }, meter: dear }, '', /currency/],
    ['a factory that was not called', { meter: reported }, '.meter', /expected a meter, such as reported\(/],
    ['its name', { meter: 'reported' }, '.meter', /expected a meter, such as reported\(/],
  ])('of %s is a fault', (_what, change, path, message) => {
    const faults = ofRoute(change)
    expect(faults).toEqual([{ path: `zones[0].routes[0]${path}`, message: expect.stringMatching(message) }])
  })

  it.each<[what: string, options: unknown, path: string]>([
    ['no options', undefined, ''],
    ['nothing to count', {}, '.most'],
    ['an empty object', { most: {} }, '.most'],
    ['a list', { most: [1000] }, '.most'],
    ['a half', { most: { rows: 0.5 } }, '.most.rows'],
    ['less than nothing', { most: { rows: -1 } }, '.most.rows'],
    ['a text', { most: { rows: '1000' } }, '.most.rows'],
    ['a name that no limit may have', { most: { räume: 1 } }, '.most.räume'],
    ['no field name', { most: { rows: 1 }, field: 'Usage: rows' }, '.field'],
    ['another option', { most: { rows: 1 }, least: { rows: 1 } }, '.least'],
    ...FIELDS().map(
      (field) => [`the field ${field}`, { most: { rows: 1 }, field }, '.field'] satisfies [string, unknown, string],
    ),
  ])('that is given %s is a fault there', (_what, options, path) => {
    expect(ofOptions(options)).toEqual([{ path: `zones[0].routes[0].meter${path}`, message: expect.any(String) }])
  })

  it.each(['Faregate-Usage', 'X-Usage', 'usage', 'X-DB-Rows'])('may be told in the field %s', (field) => {
    expect(ofOptions({ field, most: { rows: 0, 'API calls': Number.MAX_SAFE_INTEGER } })).toEqual([])
  })

  it('has its faults told for what no route matches, too', () => {
    const meter = reported({ most: {} })
    const [fault] = zoneFaults({ unmatched: { requires: 'api', cache: 'off', meter } })
    expect(fault?.path).toBe('zones[0].unmatched.meter.most')
  })
})

function FIELDS(): readonly string[] {
  return [
    'ETag',
    'set-cookie',
    'Content-Length',
    'Content-Anything',
    'Cache-Control',
    'Access-Control-Allow-Origin',
    'Location',
    'Vary',
    'WWW-Authenticate',
    'Server-Timing',
    'RateLimit',
    'Connection',
    'Trailer',
    'Payment',
    'traceparent',
    'CDN-Cache-Control',
    'Cache-Tag',
    'Faregate-Failure',
    'Faregate-Age',
    'faregate-subject',
    'Sec-WebSocket-Protocol',
    'X_Usage',
  ]
}
