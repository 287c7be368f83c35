import { afterEach, describe, expect, it, vi } from 'vitest'
import { compile, type Fault } from '../../src/config/config.ts'
import type { Zone } from '../../src/zone.ts'
import { bearer, type IssuerOptions, type OriginOptions, type RouteOptions, type ZoneOptions } from '../../src/index.ts'
import { compiled, faultsOf, siteAt, ZONE } from '../support/compiled.ts'
import good from '../support/config.ts'

const coordinate = 'A'.repeat(43)
const privateJwk = { kty: 'EC', crv: 'P-256', x: coordinate, y: coordinate, d: coordinate }
const env = {
  ACCOUNT_HASH_KEY: 'a key for the tests',
  HS_SECRET: '0123456789abcdef0123456789abcdef',
  SHORT: 'short',
  PRIVATE_JWK: JSON.stringify({ ...privateJwk, kid: 'key-1' }),
  PUBLIC_JWK: JSON.stringify({ ...privateJwk, d: undefined }),
  HALF_JWK: JSON.stringify(privateJwk).slice(0, -5),
  RSA_JWK: JSON.stringify({ kty: 'RSA', n: 'x', e: 'AQAB', d: 'a private exponent' }),
}

const zone: typeof ZONE = { ...ZONE, routes: [{ path: '/a', requires: 'x' }] }

const faults = (options: unknown): readonly Fault[] => faultsOf(options, env)

const served = (change: Partial<ZoneOptions>): Zone =>
  siteAt(compiled({ zones: [{ ...zone, ...change }] }, env), 'a.test').zone
const ofZone = (change: Record<string, unknown>): readonly Fault[] => faults({ zones: [{ ...zone, ...change }] })
const ofRoute = (route: Record<string, unknown>): readonly Fault[] => ofZone({ routes: [{ path: '/b', ...route }] })
const ofOrigin = (origin: Record<string, unknown>): readonly Fault[] =>
  ofZone({ origin: { servers: [{ url: 'https://o.test' }], ...origin } })
const ofServer = (server: unknown): readonly Fault[] => ofOrigin({ servers: [server] })
const ofSigning = (sign: Record<string, unknown>): readonly Fault[] => ofOrigin({ sign })
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
    ['no servers', () => ofOrigin({ servers: [] }), 'zones[0].origin.servers'],
    ['a server that is no object', () => ofServer('https://a.test'), 'zones[0].origin.servers[0]'],
    ['a server without a URL', () => ofServer({ weight: 1 }), 'zones[0].origin.servers[0].url'],
    ['half a weight', () => ofServer({ url: 'https://a.test', weight: 0.5 }), 'zones[0].origin.servers[0].weight'],
    ['drained servers alone', () => ofServer({ url: 'https://a.test', weight: 0 }), 'zones[0].origin.servers'],
    [
      'a bound of nothing',
      () => ofServer({ url: 'https://a.test', maxConcurrent: 0 }),
      'zones[0].origin.servers[0].maxConcurrent',
    ],
    [
      'a session limit for one server',
      () => ofServer({ url: 'https://a.test', limits: { maxSessionSeconds: 9 } }),
      'zones[0].origin.servers[0].limits.maxSessionSeconds',
    ],
    [
      'the same server twice',
      () => ofOrigin({ servers: [{ url: 'https://a.test' }, { url: 'https://A.test:443/' }] }),
      'zones[0].origin.servers[1].url',
    ],
    ['a choice that there is not', () => ofOrigin({ choose: 'first' }), 'zones[0].origin.choose'],
    ['a hash of something else', () => ofOrigin({ choose: { hash: 'cookie' } }), 'zones[0].origin.choose'],
    ['a first ejection beyond the longest', () => ofOrigin({ health: { ejectSeconds: 61 } }), 'zones[0].origin.health'],
    ['half a retry', () => ofOrigin({ retries: { most: 0.5 } }), 'zones[0].origin.retries.most'],
    [
      'a budget beyond all requests',
      () => ofOrigin({ retries: { budgetPercent: 101 } }),
      'zones[0].origin.retries.budgetPercent',
    ],
    ['signing with a secret that is not there', () => ofSigning({ key: 'ABSENT' }), 'zones[0].origin.sign.key'],
    ['signing with a short secret', () => ofSigning({ key: 'SHORT' }), 'zones[0].origin.sign.key'],
    ['signing with a public key', () => ofSigning({ key: 'PUBLIC_JWK' }), 'zones[0].origin.sign.key'],
    ['signing with half a key', () => ofSigning({ key: 'HALF_JWK' }), 'zones[0].origin.sign.key'],
    ['signing with a key for RSA', () => ofSigning({ key: 'RSA_JWK' }), 'zones[0].origin.sign.key'],
    [
      'signing for a day',
      () => ofSigning({ key: 'HS_SECRET', lifetimeSeconds: 86_400 }),
      'zones[0].origin.sign.lifetimeSeconds',
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
    [
      'a remedy with another placeholder',
      () => ofZone({ remedies: { ...zone.remedies, signIn: 'https://d.test/in?back={retrun}' } }),
      'zones[0].remedies.signIn',
    ],
    ['the same rail twice', () => ofZone({ rails: [bearer(), bearer()] }), 'zones[0].rails[1]'],
    ['no terms', () => ofRoute({}), 'zones[0].routes[0]'],
    ['names of offers on a free route', () => ofRoute({ free: true, offers: ['monthly'] }), 'zones[0].routes[0]'],
    ['no name of an offer', () => ofRoute({ requires: 'x', offers: [] }), 'zones[0].routes[0].offers'],
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
    [
      'the typ of events',
      () => ofIssuer({ jwks: { url: 'https://i.test/' }, types: { entitlement: 'Application/SecEvent+jwt' } }),
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
      ...['SHORT', 'HALF_JWK', 'RSA_JWK'].flatMap((key) => ofSigning({ key })),
    ])
    expect(text).not.toMatch(/AAAA|exponent/)
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
    const [mapped] = served({ issuers: [issuer], routes }).issuers
    expect(mapped).toMatchObject({
      claims: { entitlements: [{ source: 'scope' }], foreignNames: ['plan', 'standing', 'limits', 'status'] },
      algorithms: ['HS256'],
    })
    expect(mapped?.types).toEqual({ entitlement: ['at+jwt'] })
  })

  it('has a pool with a default for all that is not said', () => {
    expect(served({})).toMatchObject({
      pool: {
        members: [
          { name: 'https://o.test', weight: 1, maxConcurrent: undefined, responseMs: Number.POSITIVE_INFINITY },
        ],
        choice: 'weight',
        health: { failures: 3, ejectMs: 5000, maxEjectMs: 60_000 },
        retries: { most: 2, budgetPercent: 20 },
      },
      signing: undefined,
    })
  })

  it('has a pool as it says', () => {
    const origin: OriginOptions = {
      servers: [{ url: 'https://o.test/base/', weight: 3, limits: { responseSeconds: 2 }, maxConcurrent: 9 }],
      choose: { hash: 'account' },
      health: { failures: 1, ejectSeconds: 0.5 },
      retries: false,
      sign: { key: 'PRIVATE_JWK' },
    }
    expect(served({ origin })).toMatchObject({
      pool: {
        members: [{ name: 'https://o.test/base', weight: 3, responseMs: 2000, maxConcurrent: 9 }],
        choice: 'account',
        health: { failures: 1, ejectMs: 500, maxEjectMs: 60_000 },
        retries: { most: 0 },
      },
      signing: { algorithm: 'ES256', key: privateJwk, keyId: 'key-1', lifetimeSeconds: 30 },
    })
  })
})
