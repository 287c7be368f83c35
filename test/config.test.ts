import { afterEach, describe, expect, it, vi } from 'vitest'
import { compile, type Fault } from '../src/config.ts'
import type { IssuerOptions, Options, RouteOptions, ZoneOptions } from '../src/index.ts'
import good from './support/config.ts'

const env = { ACCOUNT_HASH_KEY: 'a key for the tests', HS_SECRET: '0123456789abcdef0123456789abcdef', SHORT: 'short' }

const zone: ZoneOptions = {
  name: 'a',
  hosts: ['a.test'],
  audience: 'https://a.test',
  issuers: [{ issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' } }],
  origin: { servers: [{ url: 'https://o.test' }] },
  routes: [{ path: '/a', requires: 'x' }],
  unmatched: 'free',
  remedies: { documentation: 'https://d.test/' },
}

/** What is wrong with options that the types may not even allow. */
function faults(options: unknown): readonly Fault[] {
  const compiled = compile(options as Options, env, { needsOrigin: true })
  return compiled.ok ? [] : compiled.error
}

const ofZone = (change: Record<string, unknown>): readonly Fault[] => faults({ zones: [{ ...zone, ...change }] })
const ofRoute = (route: Record<string, unknown>): readonly Fault[] => ofZone({ routes: [{ path: '/b', ...route }] })
const ofIssuer = (issuer: Record<string, unknown>): readonly Fault[] =>
  ofZone({ issuers: [{ issuer: 'https://i.test', ...issuer }] })

afterEach(() => vi.restoreAllMocks())

describe('a configuration', () => {
  it('without faults compiles', () => {
    expect(compile(good, env, { needsOrigin: true })).toMatchObject({ ok: true })
    expect(faults({ zones: [zone] })).toEqual([])
  })

  it('has all its faults reported together, each with its path', () => {
    const found = faults({
      zones: [
        {
          ...zone,
          hosts: ['A.test'],
          routes: [
            { path: 'a', free: true },
            { path: '/b', price: { amount: '1e3', currency: 'USD' } },
            { path: '/B', free: true },
            { path: '/b/', free: true },
          ],
        },
      ],
      log: { accountKey: 'ABSENT' },
      extra: 1,
    })
    expect(found.map(({ path }) => path).toSorted()).toEqual(
      [
        'extra',
        'log.accountKey',
        'zones[0].hosts[0]',
        'zones[0].routes[0].path',
        'zones[0].routes[1].price',
        'zones[0].routes[2].path',
        'zones[0].routes[3].path',
      ].toSorted(),
    )
  })

  it('that is a function gets the variables of the environment, and may throw', () => {
    expect(
      compile((given) => ({ zones: [{ ...zone, audience: given['HS_SECRET'] ?? '' }] }), env, { needsOrigin: true }).ok,
    ).toBe(true)
    const thrown = compile(
      () => {
        throw new TypeError('with a secret in it')
      },
      env,
      { needsOrigin: true },
    )
    expect(thrown).toEqual({ ok: false, error: [{ path: '(config)', message: 'the function threw TypeError' }] })
  })

  const one: [name: string, found: () => readonly Fault[], path: string][] = [
    ['no zones', () => faults({ zones: [] }), 'zones'],
    ['nothing', () => faults(undefined), '(config)'],
    ['a zone without unmatched', () => ofZone({ unmatched: undefined }), 'zones[0].unmatched'],
    ['a zone without an origin', () => ofZone({ origin: undefined }), 'zones[0].origin'],
    [
      'two servers',
      () => ofZone({ origin: { servers: [{ url: 'https://a.test' }, { url: 'https://b.test' }] } }),
      'zones[0].origin.servers',
    ],
    [
      'a binding that is not there',
      () => ofZone({ origin: { servers: [{ binding: 'ABSENT' }] } }),
      'zones[0].origin.servers[0].binding',
    ],
    ['the same host twice', () => faults({ zones: [zone, { ...zone, name: 'b' }] }), 'zones[1].hosts[0]'],
    ['the same name twice', () => faults({ zones: [zone, { ...zone, hosts: ['b.test'] }] }), 'zones[1].name'],
    [
      'the same issuer twice',
      () => ofZone({ issuers: [...zone.issuers, ...zone.issuers] }),
      'zones[0].issuers[1].issuer',
    ],
    [
      'a documentation URL with a fragment',
      () => ofZone({ remedies: { documentation: 'https://d.test/#a' } }),
      'zones[0].remedies.documentation',
    ],
    [
      'a remedy that is a script',
      () => ofZone({ remedies: { ...zone.remedies, checkout: 'javascript:alert(1)' } }),
      'zones[0].remedies.checkout',
    ],
    ['no terms', () => ofRoute({}), 'zones[0].routes[0]'],
    ['two kinds of terms', () => ofRoute({ free: true, requires: 'x' }), 'zones[0].routes[0]'],
    ['a dot segment', () => ofRoute({ path: '/a/../b', free: true }), 'zones[0].routes[0].path'],
    ['an encoded slash', () => ofRoute({ path: '/a%2fb', free: true }), 'zones[0].routes[0].path'],
    ['half a wildcard', () => ofRoute({ path: '/a*', free: true }), 'zones[0].routes[0].path'],
    ['a path of the gate’s own', () => ofRoute({ path: '/__faregate/x', free: true }), 'zones[0].routes[0].path'],
    ['a method in lower case', () => ofRoute({ methods: ['get'], free: true }), 'zones[0].routes[0].methods[0]'],
    [
      'a price that floats',
      () => ofRoute({ price: { amount: 0.25, currency: 'USD' } }),
      'zones[0].routes[0].price.amount',
    ],
    [
      'a max-age beyond the revocation bound',
      () => ofRoute({ requires: 'x', cache: { maxAgeSeconds: 60 } }),
      'zones[0].routes[0].cache.maxAgeSeconds',
    ],
    [
      'private keys alone',
      () =>
        ofIssuer({
          keys: [
            { kty: 'EC', d: 'x' },
            { kty: 'oct', k: 'x' },
          ],
        }),
      'zones[0].issuers[0].keys',
    ],
    ['an empty list of keys', () => ofIssuer({ keys: [] }), 'zones[0].issuers[0].keys'],
    ['no keys', () => ofIssuer({}), 'zones[0].issuers[0]'],
    ['keys over plain http', () => ofIssuer({ jwks: { url: 'http://i.test/' } }), 'zones[0].issuers[0].jwks.url'],
    [
      'a cool-down longer than the refresh',
      () => ofIssuer({ jwks: { url: 'https://i.test/', refreshSeconds: 10 } }),
      'zones[0].issuers[0].jwks',
    ],
    [
      'HS256 beside public keys',
      () => ofIssuer({ jwks: { url: 'https://i.test/' }, algorithms: ['ES256', 'HS256'] }),
      'zones[0].issuers[0]',
    ],
    [
      'a public algorithm with a secret',
      () => ofIssuer({ secret: 'HS_SECRET', algorithms: ['ES256'] }),
      'zones[0].issuers[0]',
    ],
    [
      'alg none',
      () => ofIssuer({ jwks: { url: 'https://i.test/' }, algorithms: ['none'] }),
      'zones[0].issuers[0].algorithms[0]',
    ],
    ['a secret that is too short', () => ofIssuer({ secret: 'SHORT' }), 'zones[0].issuers[0].secret'],
    [
      'a typ of another kind',
      () => ofIssuer({ jwks: { url: 'https://i.test/' }, types: { entitlement: ['JWT', 'application/Payment+JWT'] } }),
      'zones[0].issuers[0].types.entitlement',
    ],
  ]

  it.each(one)('with %s has that one fault', (_name, found, path) => {
    expect(found().map((fault) => fault.path)).toEqual([path])
  })

  it('never has a secret in a fault', () => {
    const text = JSON.stringify([
      ...ofIssuer({ secret: 'SHORT' }),
      ...faults({ zones: [], log: { accountKey: 'SHORT' } }),
    ])
    expect(text).not.toContain('"short"')
    expect(text).not.toContain(env.HS_SECRET)
  })

  it('maps an issuer that signs at+jwt to entitlements', () => {
    const issuer: IssuerOptions = {
      issuer: 'https://i.test',
      secret: 'HS_SECRET',
      types: { entitlement: 'application/at+jwt' },
      claims: { entitlements: 'scope' },
    }
    const routes: RouteOptions[] = [{ path: '/', free: true }]
    const compiled = compile({ zones: [{ ...zone, issuers: [issuer], routes }] }, env, { needsOrigin: true })
    expect(compiled.ok && compiled.value.sites.get('a.test')?.zone.issuers[0]).toMatchObject({
      types: { entitlement: ['at+jwt'] },
      claims: { entitlements: 'scope' },
      algorithms: ['HS256'],
    })
  })
})
