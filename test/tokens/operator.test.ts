import { calculateJwkThumbprint } from 'jose'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Check, Reason } from '../../src/core/problem.ts'
import { refusal } from '../../src/core/problem.ts'
import { err } from '../../src/core/result.ts'
import type { Zone } from '../../src/zone.ts'
import { createKeys } from '../../src/tokens/jwks.ts'
import type { Call } from '../../src/ports.ts'
import { createOperatorVerifier } from '../../src/tokens/operator.ts'
import { createVerifiers } from '../../src/tokens/verify.ts'
import { siteAt } from '../support/compiled.ts'
import { secretKey, sign } from '../support/issuer.ts'
import {
  BILLING,
  claims,
  compiledFor,
  makeParties,
  NEWS,
  NOW,
  options,
  type Parties,
  SECRET,
  SHARED,
  SHOP,
} from './hostile/parties.ts'
import { lateFetch } from '../support/fetch.ts'
import { createDistrustReader } from '../../src/standing/bulletin.ts'

const OPS = 'https://ops.example'
const call: Call = { now: NOW * 1000, waitUntil: () => undefined }
const keys = createKeys({ clock: () => call.now, fetch: lateFetch }, () => undefined)
const readDistrust = createDistrustReader(undefined)
const verifyOperator = createOperatorVerifier({ keys, readDistrust })
const verifyEntitlement = createVerifiers(keys, undefined).verify

let parties: Parties
let news: Zone
let shop: Zone

beforeAll(async () => {
  parties = await makeParties()
})

/** The news zone has operators, BILLING among them, whose keys are those of its entitlements. The shop has none. */
beforeEach(() => {
  const given = options(parties)
  const operators = [
    { issuer: BILLING, keys: [parties.es.jwk] },
    { issuer: OPS, audience: 'ops', keys: [parties.ed.jwk], algorithms: ['EdDSA'], maxLifetimeSeconds: 600 },
    { issuer: SHARED, secret: 'SHARED_SECRET' },
  ]
  const zones = given.zones.map((zone) => (zone.name === 'news' ? { ...zone, operators } : zone))
  const compiled = compiledFor({ ...given, zones })
  news = siteAt(compiled, 'news.example').zone
  shop = siteAt(compiled, 'shop.example').zone
})

type Members = Record<string, unknown>

/** An operator token of BILLING, and what makes it bad. Undefined removes a member. */
function token(over: Members = {}, header: Members = {}, key = parties.es): Promise<string> {
  const good = { iss: BILLING, aud: NEWS, iat: NOW - 60, exp: NOW + 3000, scope: 'purge' }
  return sign(key, { ...good, ...over }, { typ: 'operator+jwt', ...header })
}

describe('an operator token', () => {
  it('is read as it stands', async () => {
    expect(await verifyOperator(await token({ sub: 'deploys', scope: 'purge read:all' }), news, call)).toEqual({
      ok: true,
      value: {
        issuer: BILLING,
        subject: 'deploys',
        scopes: ['purge', 'read:all'],
        issuedAt: NOW - 60,
        notBefore: NOW - 60,
        expires: NOW + 3000,
        toleranceSeconds: 5,
        signedBy: await calculateJwkThumbprint(parties.es.jwk),
      },
    })
  })

  const good: [string, () => Promise<string>][] = [
    ['for several audiences', () => token({ aud: [SHOP, NEWS] })],
    ['with its type written out', () => token({}, { typ: 'application/Operator+JWT' })],
    ['without a scope, which may then do nothing', () => token({ scope: undefined })],
    ['of the longest life', () => token({ iat: NOW, exp: NOW + 3600 })],
    [
      'with null for what need not be there',
      () => token({ nbf: null, sub: null, scope: null, cnf: null, status: null }),
    ],
    ['with fractions in its times', () => token({ iat: NOW - 0.5, exp: NOW + 0.5 })],
    ['in the last second of the tolerance', () => token({ iat: NOW - 100, exp: NOW - 4 })],
    ['of another entry, with its own audience', () => token({ iss: OPS, aud: 'ops', exp: NOW + 500 }, {}, parties.ed)],
    ['signed with a secret', async () => token({ iss: SHARED }, { kid: undefined }, await secretKey(SECRET))],
  ]
  it.each(good)('is good %s', async (_name, make) => {
    expect(await verifyOperator(await make(), news, call)).toMatchObject({ ok: true })
  })

  const bad: [string, () => Promise<string>, Check | undefined, Reason?][] = [
    ['nobody’s', () => token({ iss: 'https://evil.example' }), 'issuer'],
    ['of an issuer that signs entitlements alone', () => token({ iss: 'https://identity.example' }), 'issuer'],
    ['of no issuer', () => token({ iss: undefined }), 'issuer'],
    ['of a list of issuers', () => token({ iss: [BILLING] }), 'issuer'],
    ['for another zone', () => token({ aud: SHOP }), 'audience'],
    ['for a zone below', () => token({ aud: `${NEWS}/` }), 'audience'],
    ['for no one', () => token({ aud: undefined }), 'audience'],
    ['for the zone, from an entry that has its own audience', () => token({ iss: OPS }, {}, parties.ed), 'audience'],
    ['not signed', () => token({}, { alg: 'none' }), 'algorithm'],
    ['signed with HS256 by a public key’s name', () => token({}, { alg: 'HS256' }), 'algorithm'],
    ['signed with what its entry may not use', () => token({ iss: OPS, aud: 'ops' }), 'algorithm'],
    ['typed as an entitlement', () => token({}, { typ: 'entitlement+jwt' }), 'type'],
    ['typed as any JWT', () => token({}, { typ: 'JWT' }), 'type'],
    ['not typed', () => token({}, { typ: undefined }), 'type'],
    ['critical', () => token({}, { crit: ['exp'] }), 'header'],
    ['signed with a key that is not there', () => token({}, { kid: 'x' }), 'key'],
    ['signed with a key of entitlements alone', () => token({}, {}, parties.p384), 'algorithm'],
    ['forged', () => token({}, {}, parties.forger), 'signature'],
    ['without an end', () => token({ exp: undefined }), 'lifetime'],
    ['without a beginning', () => token({ iat: undefined }), 'lifetime'],
    ['with an end before time', () => token({ exp: -0.5 }), 'lifetime'],
    ['over by a millisecond', () => token({ exp: NOW - 5.001 }), 'time', 'credential-expired'],
    ['with an end in words', () => token({ exp: `${NOW + 60}` }), 'lifetime'],
    ['with half a beginning', () => token({ nbf: 'now' }), 'lifetime'],
    ['with null for its beginning', () => token({ iat: null }), 'lifetime'],
    ['ended before it began', () => token({ exp: NOW - 60 }), 'lifetime'],
    ['of too long a life', () => token({ iat: NOW, exp: NOW + 3601 }), 'lifetime'],
    ['of too long a life for its entry', () => token({ iss: OPS, aud: 'ops' }, {}, parties.ed), 'lifetime'],
    ['of an account that is no name', () => token({ sub: 7 }), 'claims'],
    ['of an account without a name', () => token({ sub: '' }), 'claims'],
    ['bound to a key', () => token({ cnf: { jkt: 'x' } }), 'claims'],
    ['revocable', () => token({ status: { status_list: { idx: 0, uri: 'https://x.example' } } }), 'claims'],
    ['with scopes in a list', () => token({ scope: ['purge'] }), 'claims'],
    ['with scopes a comma apart', () => token({ scope: 'read, purge\t' }), 'claims'],
    ['with two spaces', () => token({ scope: 'read  purge' }), 'claims'],
    ['with a quoted scope', () => token({ scope: '"purge"' }), 'claims'],
    ['with an empty scope', () => token({ scope: '' }), 'claims'],
    ['of tomorrow', () => token({ iat: NOW + 60 }), 'time', 'credential-not-yet-valid'],
    ['not valid yet', () => token({ nbf: NOW + 60 }), 'time', 'credential-not-yet-valid'],
    ['expired', () => token({ iat: NOW - 100, exp: NOW - 5 }), 'time', 'credential-expired'],
    ['padded', async () => `${await token()}=`, 'spelling', 'credential-malformed'],
    ['too long', () => token({ pad: 'x'.repeat(8192) }), 'spelling', 'credential-malformed'],
  ]
  it.each(bad)('is refused when it is %s', async (_name, make, check, reason = 'credential-invalid') => {
    expect(await verifyOperator(await make(), news, call)).toMatchObject({ ok: false, error: { reason, check } })
  })

  it('is nobody’s in a zone without operators', async () => {
    expect(await verifyOperator(await token({ aud: SHOP }), shop, call)).toMatchObject({ error: { check: 'issuer' } })
  })

  it('cannot be judged while the keys are not there, and says so', async () => {
    const unavailable = err(refusal('keys-unavailable', 'The keys could not be fetched.'))
    const verify = createOperatorVerifier({
      keys: { generation: () => undefined, find: () => unavailable },
      readDistrust,
    })
    expect(await verify(await token(), news, call)).toEqual(unavailable)
  })
})

describe('two kinds of token of one issuer and one key', () => {
  it('are never taken for each other, whatever they claim', async () => {
    const all = { ...claims({ sub: 'account' }), scope: 'purge', exp: NOW + 3000 }
    const entitlement = await token(all, { typ: 'entitlement+jwt' })
    const operator = await token(all)
    expect(await verifyEntitlement(entitlement, news, call)).toMatchObject({ ok: true })
    expect(await verifyOperator(operator, news, call)).toMatchObject({ ok: true })
    for (let round = 0; round < 2; round++) {
      expect(await verifyOperator(entitlement, news, call)).toMatchObject({ error: { check: 'type' } })
      expect(await verifyEntitlement(operator, news, call)).toMatchObject({ error: { check: 'type' } })
    }
  })
})
