import { beforeAll, describe, expect, it } from 'vitest'
import { checkToken, keysIn, type TokenQuestion, type TokenReport, tokenIn } from '../../cli/check/check-token.ts'
import { tokenText, tokenView } from '../../cli/check/tokentext.ts'
import type { IssuerOptions, RouteOptions } from '../../src/config/options.ts'
import { receipt } from '../../src/rails/receipt.ts'
import { bearer } from '../../src/rails/bearer.ts'
import { type Members, type Shape, SHAPES, shape, SITE } from './shapes.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { makeKey, sign, type TestKey } from '../support/issuer.ts'

const NOW = 1_800_000_000
const down: typeof fetch = () => Promise.reject(new TypeError('no network'))

let rsa: TestKey
let es: TestKey

beforeAll(async () => {
  ;[rsa, es] = await Promise.all([makeKey('RS256', 'k'), makeKey('ES256', 'k')])
})

const ROUTES: RouteOptions[] = [
  { path: '/articles/*', requires: 'premium' },
  { path: '/staff/*', requires: 'staff', methods: ['GET', 'POST'] },
  { path: '/api/*', requires: 'premium', quotas: [{ name: 'calls', quota: 10, window: 'P1D' }] },
  { path: '/closed', closed: true },
]

async function check(token: string, issuers: IssuerOptions[], over: Partial<TokenQuestion> = {}): Promise<TokenReport> {
  const zone = { ...ZONE, audience: SITE, issuers, rails: [bearer(), receipt()], routes: ROUTES }
  const { sites } = compiled({ zones: [zone] }, { SECRET: 'x'.repeat(32) }, false)
  const platform = { clock: () => NOW * 1000, fetch: down }
  const reports = await checkToken(sites.values(), { token, jwks: [rsa.jwk, { ...es.jwk }], platform, ...over })
  const [report] = reports
  if (report === undefined) throw new Error('no report')
  const shown = `${tokenText(report)}${JSON.stringify(tokenView(report))}`
  for (const part of token.split('.')) expect(shown).not.toContain(part)
  return report
}

const TIMES = { iat: NOW - 30, exp: NOW + 600 }

function tokenOf({ claims, header, alg }: Shape, over: Members = {}): Promise<string> {
  return sign(alg === 'ES256' ? es : rsa, { ...TIMES, ...claims, ...over }, header)
}

describe('a token of a provider', () => {
  it.each(Object.keys(SHAPES))('of the shape of %s is taken by its preset, and opens what it says', async (name) => {
    const found = shape(name)
    const report = await check(await tokenOf(found), [found.preset])
    expect(report).toMatchObject({ outcome: 'taken', isSignatureChecked: true, proof: { issuer: found.claims['iss'] } })
    expect(report.checks.filter(({ outcome }) => outcome !== 'pass')).toEqual([])
    expect(report.routes.filter(({ opens }) => opens).map(({ route }) => route)).toEqual([
      '/articles/*',
      '/api/*',
      'anything else',
    ])
    expect(report.routes.find(({ route }) => route === '/staff/* (GET, POST)')?.why).toContain(
      'entitlement-insufficient',
    )
  })

  it.each([
    ['okta access', 'type', undefined, {}],
    ['cognito access', 'audience', 'It has no "aud"', {}],
    ['keycloak', undefined, undefined, { roles: ['realm_access.roles', 'resource_access.web.roles'] }],
    ['clerk session', 'audience', 'It has no "aud"', {}],
    ['supabase', undefined, undefined, { plan: ['app_metadata.plan'] }],
    ['cloudflare access', 'claims', undefined, {}],
    ['firebase', 'issuer', undefined, {}],
    ['auth0', 'issuer', 'slash', {}],
  ])(
    'of the shape of %s, under what a newcomer writes, is told where that is wrong',
    async (name, failed, hint, similar) => {
      const found = shape(name)
      const report = await check(await tokenOf(found), [found.plain])
      expect(report.checks.find(({ outcome }) => outcome === 'fail')?.check).toBe(failed)
      if (hint === undefined) expect(report.hint).toBeUndefined()
      else expect(report.hint).toContain(hint)
      for (const [path, places] of Object.entries(similar))
        expect(report.emptyPlaces.find((place) => place.path === path)?.similar).toEqual(places)
      expect(report.routes.filter(({ opens }) => opens).map(({ route }) => route)).not.toContain('/articles/*')
    },
  )
})

describe('a token', () => {
  const auth0Shape = shape('auth0')

  it('is judged without its signature where there are no keys, and the report says so', async () => {
    const report = await check(await tokenOf(auth0Shape), [auth0Shape.preset], { jwks: undefined })
    expect(report).toMatchObject({ outcome: 'taken', isSignatureChecked: false })
    expect(tokenText(report)).toContain('THE SIGNATURE WAS NOT CHECKED')
    const states = report.checks.filter(({ check: name }) => name === 'key' || name === 'signature')
    expect(states.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped'])
  })

  it('is not judged by a secret that only stands for the one that is deployed', async () => {
    const issuer = { issuer: 'https://i.test', secret: 'SECRET' }
    const token = await sign(
      rsa,
      { ...TIMES, iss: 'https://i.test', aud: SITE, sub: 'u' },
      { alg: 'HS256', kid: undefined },
    )
    const isStandIn = (): boolean => true
    expect(await check(token, [issuer], { isStandIn })).toMatchObject({ outcome: 'taken', isSignatureChecked: false })
    expect(await check(token, [issuer])).toMatchObject({ outcome: 'credential-invalid', isSignatureChecked: true })
  })

  it('that is forged is refused for its signature', async () => {
    const forged = await sign(await makeKey('RS256', 'k'), { ...TIMES, ...auth0Shape.claims }, auth0Shape.header)
    const report = await check(forged, [auth0Shape.preset])
    expect(report).toMatchObject({ outcome: 'credential-invalid', routes: [] })
    expect(report.checks.find(({ outcome }) => outcome === 'fail')?.check).toBe('signature')
  })

  it('that has expired says what it opened when it was issued', async () => {
    const token = await tokenOf(auth0Shape, { iat: NOW - 7200, exp: NOW - 3600 })
    const report = await check(token, [auth0Shape.preset])
    expect(report).toMatchObject({ outcome: 'credential-expired', proof: { account: 'auth0|1' } })
    expect(report.routes.find(({ route }) => route === '/articles/*')?.opens).toBe(true)
    expect(tokenText(report)).toContain('as of when it was issued:')
  })

  it.each<[string, string]>([
    ['an ID token', 'ID token'],
    ['no JWT at all', 'no JWT'],
  ])('that is %s is told so', async (what, hint) => {
    const token =
      what === 'no JWT at all' ? 'v1_opaque_AAAAAAAAAAAAAAAA' : await tokenOf(auth0Shape, { aud: 'c', nonce: 'n' })
    expect((await check(token, [auth0Shape.preset])).hint).toContain(hint)
  })

  it('of an account that billing speaks for is told so', async () => {
    const billing = {
      issuer: 'https://billing.test',
      jwks: { url: 'https://billing.test/jwks' },
      speaksFor: ['https://t.eu.auth0.com/'],
    }
    const report = await check(await tokenOf(auth0Shape), [auth0Shape.preset, billing])
    expect(report.isSpokenFor).toBe(true)
    expect(tokenText(report)).toContain('billing’s word in its place')
  })

  it('may be a receipt', async () => {
    const claims = {
      ...TIMES,
      iss: 'https://i.test',
      aud: SITE,
      jti: 'r',
      amount: '1.00',
      currency: 'EUR',
      resource: '/articles/*',
    }
    const token = await sign(es, claims, { typ: 'payment+jwt' })
    const issuer = { issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' } }
    const report = await check(token, [issuer])
    expect(report).toMatchObject({ outcome: 'taken', proof: { kind: 'receipt' } })
    expect(tokenText(report)).toContain('1 EUR for GET, HEAD /articles/*')
  })
})

describe('the files', () => {
  it.each([
    ['abc', 'abc'],
    [' Bearer abc\n', 'abc'],
    ['Authorization: Bearer abc', 'abc'],
  ])('may hold the token as %j', (text, token) => {
    expect(tokenIn(text)).toEqual({ ok: true, value: token })
  })

  it.each(['', ' \n', 'abc def'])('must hold one token: not %j', (text) => {
    expect(tokenIn(text)).toMatchObject({ ok: false })
  })

  it.each(['', '[]', '{}', '{"keys":[]}', '{"keys":[7]}', '{"keys":[{}]}', '{"alg":"x"}'])(
    'must hold keys: not %j',
    (text) => {
      expect(keysIn(text)).toMatchObject({ ok: false })
    },
  )

  it('may hold a set of keys, or one', () => {
    expect(keysIn('{"keys":[{"kty":"RSA"}]}')).toEqual({ ok: true, value: [{ kty: 'RSA' }] })
    expect(keysIn('{"kty":"RSA"}')).toEqual({ ok: true, value: [{ kty: 'RSA' }] })
  })
})
