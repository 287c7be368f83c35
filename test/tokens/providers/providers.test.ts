import { presenting } from '../../support/proofs.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { decide, type Decision } from '../../../src/access/decide.ts'
import { DEFAULT_METERING } from '../../../src/access/limit.ts'
import type { Terms } from '../../../src/access/offer.ts'
import type { Zone } from '../../../src/zone.ts'
import { createKeys } from '../../../src/tokens/jwks.ts'
import { createVerifiers } from '../../../src/tokens/verify.ts'
import { entra, supabase } from '../../../src/config/providers.ts'
import { zoneFaults, zoneOf } from '../../support/compiled.ts'
import { makeKey, secretKey, sign, type TestKey } from '../../support/issuer.ts'
import { CLAIMS, DERIVED, HEADERS, hostileCount, ID_CLAIMS, misshapen } from './hostile.ts'
import { PROVIDERS } from './presets.ts'
import { ACCOUNT, claimsOf, NOW, type Provider, TENANT } from './provider.ts'
import { lateFetch } from '../../support/fetch.ts'

const words = { title: undefined, description: undefined, resource: '/' }
const offer = { entitlements: ['premium'], price: undefined, onSale: true, ...words }
const terms: Terms = { kind: 'paid', offer, metering: DEFAULT_METERING, observedUntilMs: undefined }
const asked = { method: 'GET', target: { path: '/', query: '', interpretations: [] }, now: NOW * 1000 }

const keys: Partial<Record<string, TestKey>> = {}
const forgers: Partial<Record<string, TestKey>> = {}
let shared: TestKey

beforeAll(async () => {
  for (const algorithm of ['RS256', 'ES256'] as const) {
    keys[algorithm] = await makeKey(algorithm, 'k')
    forgers[algorithm] = await makeKey(algorithm, 'k')
  }
  shared = await secretKey('a secret of thirty-two bytes or so')
})

function keyOf(from: typeof keys, { algorithm }: Provider): TestKey {
  const key = from[algorithm]
  if (key === undefined) throw new Error(`no key for ${algorithm}`)
  return key
}

function providerOf(name: string): Provider {
  const provider = PROVIDERS[name]
  if (provider === undefined) throw new Error(`no provider ${name}`)
  return provider
}

function zoneFor(provider: Provider): Zone {
  return zoneOf({ issuers: provider.issuers([keyOf(keys, provider).jwk]) })
}

async function decideOn(token: string, zone: Zone): Promise<Decision> {
  const call = { now: NOW * 1000, waitUntil: () => undefined }
  const found = createKeys({ clock: () => call.now, fetch: lateFetch }, () => undefined)
  const { verify } = createVerifiers(found, undefined)
  return decide(terms, presenting({ entitlement: await verify(token, zone, call) }), asked)
}

describe.each(Object.entries(PROVIDERS))('a token of %s', (_name, provider) => {
  it('opens what its provider says of its account', async () => {
    const token = await sign(keyOf(keys, provider), claimsOf(provider), provider.header)
    const decision = await decideOn(token, zoneFor(provider))
    expect(decision).toMatchObject({
      action: 'serve',
      proof: { account: provider.account, entitlements: expect.arrayContaining(['premium']) as unknown },
    })
    if (provider.plan !== undefined) expect(decision).toMatchObject({ proof: { plan: provider.plan } })
  })

  const ofIdTokens = provider.issuers([])[0]?.idTokens === true ? {} : ID_CLAIMS
  const derived = Object.entries(DERIVED).map(([name, over]) => [name, over(claimsOf(provider))] as const)
  it.each(Object.entries({ ...provider.others, ...CLAIMS, ...ofIdTokens, ...Object.fromEntries(derived) }))(
    'opens nothing: %s',
    async (_kind, over) => {
      const token = await sign(keyOf(keys, provider), { ...claimsOf(provider), ...over }, provider.header)
      expect(await decideOn(token, zoneFor(provider))).toMatchObject({ action: 'refuse' })
    },
  )

  it.each(Object.entries(misshapen(provider)))('opens nothing where its entitlements are %s', async (_kind, claims) => {
    const token = await sign(keyOf(keys, provider), claims, provider.header)
    expect(await decideOn(token, zoneFor(provider))).toMatchObject({ action: 'refuse' })
  })

  it('opens nothing in sixty other shapes at least, and says where its own was found', () => {
    expect(hostileCount(provider)).toBeGreaterThanOrEqual(60)
    expect(URL.canParse(provider.source)).toBe(true)
  })

  it('opens nothing where a part of it is another token’s, or is cut', async () => {
    const good = await sign(keyOf(keys, provider), claimsOf(provider), provider.header)
    const other = await sign(
      keyOf(keys, provider),
      { ...claimsOf(provider), sub: 'other', oid: 'other' },
      provider.header,
    )
    const [[head, body, mac], [, otherBody, otherMac]] = [good.split('.'), other.split('.')]
    for (const token of [
      `${head}.${otherBody}.${mac}`,
      `${head}.${body}.${otherMac}`,
      `${head}.${body}.${mac?.slice(0, -4)}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${good}.`,
      ` ${good}`,
    ])
      expect(await decideOn(token, zoneFor(provider))).toMatchObject({ action: 'refuse' })
  })

  it.each(Object.entries(HEADERS))('opens nothing with the type or header %s', async (_kind, over) => {
    const token = await sign(keyOf(keys, provider), claimsOf(provider), { ...provider.header, ...over })
    expect(await decideOn(token, zoneFor(provider))).toMatchObject({ action: 'refuse' })
  })

  it('opens nothing where another key of the same name signed it, or a secret', async () => {
    const forged = await sign(keyOf(forgers, provider), claimsOf(provider), provider.header)
    const mac = await sign(shared, claimsOf(provider), { ...provider.header, kid: 'k' })
    for (const token of [forged, mac])
      expect(await decideOn(token, zoneFor(provider))).toMatchObject({
        action: 'refuse',
        refusal: { reason: 'credential-invalid' },
      })
  })
})

describe('a preset', () => {
  it.each(['common', 'organizations', 'consumers', 'example.onmicrosoft.com'])(
    'takes tenants of Entra by their ids, not as %s',
    (tenant) => {
      const issuers = entra({ tenants: [tenant], audience: 'a' })
      expect(zoneFaults({ issuers }).map(({ path }) => path)).toEqual(['zones[0].issuers[0].issuer'])
    },
  )

  it('tells two tenants apart whose users have one "sub" and one object id', async () => {
    const { claims } = providerOf('entra')
    const other = '00000000-7e10-44d1-8fc6-9cf2ba1f2d5c'
    const tenants = [TENANT, other]
    const issuers = entra({ tenants, audience: String(claims['aud']), keys: [keyOf(keys, providerOf('entra')).jwk] })
    const accounts = tenants.map(async (tid) => {
      const iss = `https://login.microsoftonline.com/${tid}/v2.0`
      const token = await sign(
        keyOf(keys, providerOf('entra')),
        { ...claimsOf(providerOf('entra')), tid, iss },
        { typ: 'JWT' },
      )
      return decideOn(token, zoneOf({ issuers }))
    })
    expect(await Promise.all(accounts)).toMatchObject(
      tenants.map((tid) => ({ action: 'serve', proof: { account: `${tid}/${ACCOUNT}` } })),
    )
  })

  it('takes what Clerk writes of the user and the organisation both, and not what the latter has alone', async () => {
    const provider = providerOf('clerk')
    const decided = async (fea: string): Promise<Decision> =>
      decideOn(
        await sign(keyOf(keys, provider), { ...claimsOf(provider), pla: 'o:team', fea }, provider.header),
        zoneFor(provider),
      )
    for (const fea of ['u:premium', 'uo:premium', 'o:x, ou:premium'])
      expect(await decided(fea)).toMatchObject({ action: 'serve' })
    for (const fea of ['o:premium', 'o:u:premium', 'x:premium'])
      expect(await decided(fea)).toMatchObject({ action: 'refuse' })
  })

  it('takes HS256 alone where it is given a secret in place of public keys', () => {
    const issuers = [supabase({ project: 'ref', secret: 'SECRET' })]
    expect(zoneOf({ issuers }, { SECRET: 'x'.repeat(32) }).issuers[0]?.algorithms).toEqual(['HS256'])
  })
})

describe('a mapping', () => {
  it.each([
    ['an account that is named by what a person can change', { account: '{email}' }],
    ['an account that is nobody’s', { account: 'reader' }],
    ['one with another slot beside', { account: '{sub}{upn}' }],
    ['one in which two claims run into each other', { account: '{tid}{oid}' }],
    ['one in which two claims may run into each other', { account: '{tid}-{oid}' }],
    ['a stand-in that a person can change', { emptySub: { claim: 'email', prefix: 'mail:' } }],
    ['a stand-in without a prefix', { emptySub: { claim: 'common_name', prefix: '' } }],
    ['another separator', { separator: ';' }],
    ['a claim that is to be an object', { requires: { a: {} } }],
    ['a misspelt member', { entitlement: 'roles' }],
  ])('may not have %s', (_name, claims) => {
    const issuer = { issuer: 'https://id.example', keys: [{ kty: 'RSA' }], types: { entitlement: 'JWT' }, claims }
    expect(zoneFaults({ issuers: [issuer] }).map(({ path }) => path)).toEqual([
      expect.stringMatching(/^zones\[0\]\.issuers\[0\]\.claims/),
    ])
  })
})
