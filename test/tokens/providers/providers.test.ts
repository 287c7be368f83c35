import { presenting } from '../../support/proofs.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { decide, type Decision } from '../../../src/access/decide.ts'
import { DEFAULT_METERING } from '../../../src/access/limit.ts'
import type { Terms } from '../../../src/access/offer.ts'
import type { Zone } from '../../../src/zone.ts'
import { createKeys } from '../../../src/tokens/jwks.ts'
import { createVerifiers } from '../../../src/tokens/verify.ts'
import { zoneFaults, zoneOf } from '../../support/compiled.ts'
import { makeKey, secretKey, sign, type TestKey } from '../../support/issuer.ts'
import { PROVIDERS } from './presets.ts'
import { claimsOf, NOW, type Provider } from './provider.ts'
import { lateFetch } from '../../support/fetch.ts'

type Members = Readonly<Record<string, unknown>>

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

function zoneFor(provider: Provider): Zone {
  return zoneOf({ issuers: provider.issuers([keyOf(keys, provider).jwk]) })
}

async function decideOn(token: string, zone: Zone): Promise<Decision> {
  const call = { now: NOW * 1000, waitUntil: () => undefined }
  const found = createKeys({ clock: () => call.now, fetch: lateFetch }, () => undefined)
  const { verify } = createVerifiers(found, undefined)
  return decide(terms, presenting({ entitlement: await verify(token, zone, call) }), asked)
}

/** What is wrong with a token whoever its maker is. */
const CLAIMS: Readonly<Record<string, Members>> = {
  'of another issuer': { iss: 'https://evil.example' },
  'of no issuer': { iss: undefined },
  'of an issuer in a list': { iss: ['https://evil.example'] },
  'for another site': { aud: 'https://other.example', azp: 'x', client_id: 'x' },
  'for a list of others': { aud: ['https://other.example', 'https://third.example'], azp: 'x', client_id: 'x' },
  'for no one': { aud: undefined, azp: undefined, client_id: undefined },
  'for an object': { aud: { id: 1 }, azp: undefined, client_id: undefined },
  expired: { iat: NOW - 7200, exp: NOW - 3600 },
  'without an end': { exp: undefined },
  'with an end in words': { exp: 'tomorrow' },
  'without a beginning': { iat: undefined },
  'of tomorrow': { iat: NOW + 3000, exp: NOW + 6000 },
  'not valid yet': { nbf: NOW + 300 },
  'good for a year': { exp: NOW + 31_536_000 },
  'that ends before it begins': { exp: NOW - 60 },
  'that is an event (RFC 8417)': { events: { 'urn:x': {} } },
  'bound to a key': { cnf: { jkt: 'x' } },
  'without an account': { sub: undefined, oid: undefined, common_name: undefined },
  'whose account is a number': { sub: 7, oid: 7 },
  'whose account is a list': { sub: ['a'], oid: ['a'] },
  'whose account is not Unicode': { sub: '\ud800', oid: '\ud800', common_name: '\ud800' },
}
const ID_CLAIMS: Readonly<Record<string, Members>> = {
  'with the nonce of an ID token': { nonce: 'n-0S6_WzA2Mj' },
  'with the hash of an ID token': { at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' },
  'with the code hash of an ID token': { c_hash: 'LDktKdoQak3Pk0cnXxCltA' },
}
const HEADERS: Readonly<Record<string, Members>> = {
  'of our own receipts': { typ: 'payment+jwt' },
  'of our own events': { typ: 'secevent+jwt' },
  'of our own lists': { typ: 'statuslist+jwt' },
  'of our own operators': { typ: 'operator+jwt' },
  'of our own assertions': { typ: 'faregate-assertion+jwt' },
  'of our own entitlements': { typ: 'entitlement+jwt' },
  'of our own receipts, in full': { typ: 'application/payment+jwt' },
  'of a logout': { typ: 'logout+jwt' },
  'of a proof of possession': { typ: 'dpop+jwt' },
  'of an introspection': { typ: 'token-introspection+jwt' },
  'that is empty': { typ: '' },
  'that is null': { typ: null },
  'that is a list': { typ: ['JWT'] },
  'with a critical parameter': { crit: ['x'], x: 1 },
  'with an unencoded payload': { b64: false },
  'of an unknown key': { kid: 'other' },
  'of a key that is a number': { kid: 1 },
  'of the algorithm none': { alg: 'none' },
  'of an algorithm that its issuer does not use': { alg: 'ES512' },
  'of an algorithm in lower case': { alg: 'rs256' },
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
  it.each(Object.entries({ ...provider.others, ...CLAIMS, ...ofIdTokens }))(
    'opens nothing: %s',
    async (_kind, over) => {
      const token = await sign(keyOf(keys, provider), { ...claimsOf(provider), ...over }, provider.header)
      expect(await decideOn(token, zoneFor(provider))).toMatchObject({ action: 'refuse' })
    },
  )

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
