import { calculateJwkThumbprint } from 'jose'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Check, type Reason, refusal } from '../../src/core/problem.ts'
import { err } from '../../src/core/result.ts'
import type { Zone } from '../../src/zone.ts'
import { createKeys } from '../../src/tokens/jwks.ts'
import type { Call } from '../../src/ports.ts'
import { createEventVerifier } from '../../src/standing/eventtoken.ts'
import { createVerifiers } from '../../src/tokens/verify.ts'
import { siteAt } from '../support/compiled.ts'
import { encode, secretKey, sign, signParts } from '../support/issuer.ts'
import {
  ACCOUNT,
  BILLING,
  claims,
  compiledFor,
  IDENTITY,
  makeParties,
  NEWS,
  NOW,
  options,
  type Parties,
  SECRET,
  SHARED,
  SHOP,
} from '../tokens/hostile/parties.ts'
import { lateFetch } from '../support/fetch.ts'
import { createDistrustReader } from '../../src/standing/bulletin.ts'

const DAY = 86_400
const call: Call = { now: NOW * 1000, waitUntil: () => undefined }
const keys = createKeys({ clock: () => call.now, fetch: lateFetch }, () => undefined)
const readDistrust = createDistrustReader(undefined)
const verifyEvent = createEventVerifier({ keys, readDistrust })
const verifyEntitlement = createVerifiers(keys, undefined).verify

let parties: Parties
let news: Zone

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(() => {
  news = siteAt(compiledFor(options(parties)), 'news.example').zone
})

type Members = Record<string, unknown>

const OURS = 'urn:faregate:event:'
const PAST_DUE = { [`${OURS}standing-changed`]: { standing: 'past-due' } }
const GOOD = { iss: BILLING, aud: NEWS, iat: NOW, jti: 'event-1', toe: NOW, sub: ACCOUNT, events: PAST_DUE }

/** An event of BILLING, and what makes it bad. Undefined removes a member. */
function event(over: Members = {}, header: Members = {}, key = parties.es): Promise<string> {
  return sign(key, { ...GOOD, ...over }, { typ: 'secevent+jwt', ...header })
}

const times = (iat: number, toe = iat): Members => ({ iat: NOW + iat, toe: NOW + toe })

describe('an event', () => {
  it('is signed by the issuers whose types are the gate’s own, and by no others', () => {
    const own = { entitlement: ['entitlement+jwt'], event: ['secevent+jwt'] }
    expect(news.issuers.map(({ types }) => types)).toEqual([own, own, { entitlement: ['at+jwt', 'jwt'] }])
  })

  it('is read as it stands', async () => {
    const statement = { at: NOW - 60, kind: 'standing', standing: 'past-due' }
    const signedBy = await calculateJwkThumbprint(parties.es.jwk)
    const changes = [{ kind: 'statement', statement }]
    expect(await verifyEvent(await event({ toe: NOW - 60 }), news, call)).toEqual({
      ok: true,
      value: { id: 'event-1', issuer: BILLING, account: ACCOUNT, signer: BILLING, changes, signedBy },
    })
  })

  const good: [string, () => Promise<string>][] = [
    ['for several audiences', () => event({ aud: [SHOP, NEWS] })],
    ['for one audience twice', () => event({ aud: [NEWS, NEWS] })],
    ['with half a second in "toe"', () => event({ toe: NOW - 0.5 })],
    ['with fractions in its other times', () => event({ iat: NOW - 0.5, nbf: NOW - 0.25, exp: NOW + 0.125 })],
    [
      'from a clock that is ahead by the tolerance, to the millisecond',
      () => event({ iat: NOW + 4.999, toe: NOW + 5 }),
    ],
    ['in the last millisecond of the tolerance', () => event({ exp: NOW - 4.999 })],
    ['with its type written out', () => event({}, { typ: 'application/SecEvent+JWT' })],
    ['delayed three days', () => event(times(-3 * DAY))],
    ['delayed seven days', () => event(times(-7 * DAY))],
    ['of what was so long before it was said', () => event(times(0, -30 * DAY))],
    ['of what was so after it was said', () => event(times(-10, 5))],
    ['from a clock that is a little ahead', () => event(times(5))],
    ['that ends later', () => event({ exp: NOW + 60 })],
    ['in the last second of the tolerance', () => event({ exp: NOW - 4 })],
    ['longer than a token may be', () => event({ pad: 'x'.repeat(40_000) })],
    ['with null for what need not be there', () => event({ exp: null, nbf: null, sub_id: null, cnf: null })],
    ['with claims that are not known', () => event({ txn: 'order-1', act: {} })],
    ['signed with a secret', async () => event({ iss: SHARED }, { kid: undefined }, await secretKey(SECRET))],
  ]
  it.each(good)('is taken %s', async (_name, make) => {
    expect(await verifyEvent(await make(), news, call)).toMatchObject({ ok: true })
  })

  const bad: [string, () => Promise<string>, Check | undefined, Reason?][] = [
    ['of a foreign issuer', () => event({ iss: 'https://evil.example' }), 'issuer'],
    ['of no issuer', () => event({ iss: undefined }), 'issuer'],
    ['of an issuer whose types are mapped', identity, 'issuer', 'entitlement-insufficient'],
    ['for another zone', () => event({ aud: SHOP }), 'audience'],
    ['for a zone below', () => event({ aud: `${NEWS}/` }), 'audience'],
    ['for no one', () => event({ aud: undefined }), 'audience'],
    ['for one zone, and then in the same breath for another', twoAudiences, 'audience'],
    ['not signed', () => event({}, { alg: 'none' }), 'algorithm'],
    ['signed with HS256 by a public key’s name', () => event({}, { alg: 'HS256' }), 'algorithm'],
    ['typed as an entitlement', () => event({}, { typ: 'entitlement+jwt' }), 'type'],
    ['typed as any JWT', () => event({}, { typ: 'JWT' }), 'type'],
    ['not typed', () => event({}, { typ: undefined }), 'type'],
    ['an entitlement', () => sign(parties.es, claims()), 'type'],
    ['critical', () => event({}, { crit: ['exp'] }), 'header'],
    ['signed with a key that is not there', () => event({}, { kid: 'x' }), 'key'],
    ['forged', () => event({}, {}, parties.forger), 'signature'],
    ['compressed', compressed, 'spelling', 'credential-malformed'],
    ['too long', () => event({ pad: 'x'.repeat(65_536) }), 'spelling', 'credential-malformed'],
    ['without "iat"', () => event({ iat: undefined }), 'lifetime'],
    ['without "toe"', () => event({ toe: undefined }), 'lifetime'],
    ['with "toe" before 1970', () => event({ toe: -1 }), 'lifetime'],
    ['with "toe" past the end of numbers', () => event({ toe: 2 ** 53 }), 'lifetime'],
    ['with "toe" in words', () => event({ toe: 'now' }), 'lifetime'],
    ['with half an end', () => event({ exp: 'soon' }), 'lifetime'],
    ['with null for its "toe"', () => event({ toe: null }), 'lifetime'],
    ['with null for its "jti"', () => event({ jti: null }), 'claims'],
    ['without "jti"', () => event({ jti: undefined }), 'claims'],
    ['with an empty "jti"', () => event({ jti: '' }), 'claims'],
    ['with a "jti" of half a character', () => event({ jti: '\ud800' }), 'claims'],
    ['with an endless "jti"', () => event({ jti: 'x'.repeat(256) }), 'claims'],
    ['bound to a key', () => event({ cnf: { jkt: 'x' } }), 'claims'],
    ['of nobody', () => event({ sub: undefined }), 'claims'],
    ['of two', () => event({ sub_id: { format: 'opaque', id: 'another' } }), 'claims'],
    ['without events', () => event({ events: undefined }), 'claims'],
    ['of no events', () => event({ events: {} }), 'claims'],
    ['of an unknown type', () => event({ events: { ...PAST_DUE, [`${OURS}renamed`]: {} } }), 'claims'],
    ['delayed eight days', () => event(times(-8 * DAY)), 'time', 'credential-expired'],
    ['delayed seven days and a second', () => event(times(-7 * DAY - 1)), 'time', 'credential-expired'],
    ['over by a millisecond', () => event({ exp: NOW - 5.001 }), 'time', 'credential-expired'],
    ['of a millisecond too far ahead', () => event({ toe: NOW + 5.001 }), 'time', 'credential-not-yet-valid'],
    ['over', () => event({ exp: NOW - 5 }), 'time', 'credential-expired'],
    ['issued in the future', () => event(times(6, 0)), 'time', 'credential-not-yet-valid'],
    ['of the future', () => event(times(0, 6)), 'time', 'credential-not-yet-valid'],
    ['not valid yet', () => event({ nbf: NOW + 60 }), 'time', 'credential-not-yet-valid'],
  ]
  it.each(bad)('is refused when it is %s', async (_name, make, check, reason = 'credential-invalid') => {
    const read = await verifyEvent(await make(), news, call)
    expect(read).toMatchObject({ ok: false, error: { reason, check } })
    expect(JSON.stringify(read)).not.toContain(ACCOUNT)
  })

  function identity(): Promise<string> {
    return event({ iss: IDENTITY }, {}, parties.identity)
  }

  function twoAudiences(): Promise<string> {
    const header = JSON.stringify({ alg: 'ES256', typ: 'secevent+jwt', kid: 'es' })
    return signParts(parties.es, header, JSON.stringify(GOOD).replace(/\}$/, `,"aud":"${SHOP}"}`))
  }

  /** RFC 7516 has `zip`, and a JWS has not. */
  async function compressed(): Promise<string> {
    const stream = new Blob([JSON.stringify(GOOD)]).stream().pipeThrough(new CompressionStream('deflate-raw'))
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
    const header = JSON.stringify({ alg: 'ES256', typ: 'secevent+jwt', kid: 'es', zip: 'DEF' })
    return signParts(parties.es, header, bytes)
  }

  it('names the type that is not known', async () => {
    const read = await verifyEvent(await event({ events: { 'urn:x:renamed': {} } }), news, call)
    expect(read).toMatchObject({ error: { detail: 'The event type "urn:x:renamed" is not known here.' } })
  })

  it('cannot be judged while the keys are not there, and says so', async () => {
    const unavailable = err(refusal('keys-unavailable', 'The keys could not be fetched.'))
    const verify = createEventVerifier({ keys: { generation: () => undefined, find: () => unavailable }, readDistrust })
    expect(await verify(await event(), news, call)).toEqual(unavailable)
  })

  it('is no bearer token, whatever it claims', async () => {
    const all = { ...claims(), ...GOOD, exp: NOW + 3600 }
    const [token, told] = [await sign(parties.es, all), await event(all)]
    expect(await verifyEntitlement(token, news, call)).toMatchObject({ ok: true })
    expect(await verifyEvent(told, news, call)).toMatchObject({ ok: true })
    for (let round = 0; round < 2; round++) {
      expect(await verifyEvent(token, news, call)).toMatchObject({ error: { check: 'type' } })
      expect(await verifyEntitlement(told, news, call)).toMatchObject({ error: { check: 'type' } })
    }
  })
})

describe('the spelling of an event', () => {
  it('is as strict as that of a token', async () => {
    const token = await event()
    for (const spelt of [`${token}=`, `${token}\n`, ` ${token}`, '', `${encode('{}')}.${encode('{}')}.`]) {
      expect(await verifyEvent(spelt, news, call)).toMatchObject({ error: { reason: 'credential-malformed' } })
    }
  })
})
