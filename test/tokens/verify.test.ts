import { presenting } from '../support/proofs.ts'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { decide } from '../../src/access/decide.ts'
import { DEFAULT_METERING } from '../../src/access/limit.ts'
import { refusal } from '../../src/core/problem.ts'
import { err, ok } from '../../src/core/result.ts'
import type { Terms } from '../../src/access/offer.ts'
import type { Zone } from '../../src/zone.ts'
import { createKeys } from '../../src/tokens/jwks.ts'
import type { Call, Keys } from '../../src/ports.ts'
import { createVerifiers, type Verify } from '../../src/tokens/verify.ts'
import { siteAt } from '../support/compiled.ts'
import { sign } from '../support/issuer.ts'
import {
  ACCOUNT,
  claims,
  compiledFor,
  goodToken,
  IDENTITY,
  makeParties,
  NEWS,
  NOW,
  options,
  type Parties,
  SHARED,
  SHOP,
} from './hostile/parties.ts'
import { lateFetch } from '../support/fetch.ts'

let parties: Parties
let news: Zone
let shop: Zone
let call: Call
const cryptography = vi.spyOn(crypto.subtle, 'verify')

beforeAll(async () => {
  parties = await makeParties()
})

beforeEach(() => {
  const compiled = compiledFor(options(parties))
  news = siteAt(compiled, 'news.example').zone
  shop = siteAt(compiled, 'shop.example').zone
  call = { now: NOW * 1000, waitUntil: () => undefined }
})
afterEach(() => cryptography.mockClear())

function verifier(): Verify {
  const keys = createKeys({ clock: () => call.now, fetch: lateFetch }, () => undefined)
  return createVerifiers(keys, async (_zone, _issuer, account) => `hash of ${account}`).verify
}

/** Keys as an issuer has them at the moment: a test changes them, and counts what is asked. */
function changingKeys(): Keys & {
  current: { key: CryptoKey | undefined; generation: number | undefined }
  finds: number
} {
  const current: { key: CryptoKey | undefined; generation: number | undefined } = { key: undefined, generation: 1 }
  const keys = {
    current,
    finds: 0,
    generation: () => current.generation,
    find: async () => {
      keys.finds++
      return current.key === undefined
        ? err(refusal('credential-invalid', 'no such key', { check: 'key' }))
        : ok({ keys: [{ key: current.key, thumbprint: 'a' }], generation: current.generation ?? 0 })
    },
  }
  return keys
}

async function publicKey(jwk: Record<string, unknown>): Promise<CryptoKey> {
  const imported = { kty: 'EC', ...jwk }
  return crypto.subtle.importKey('jwk', imported, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])
}

describe('a token that was verified before', () => {
  it('costs no cryptography, and nothing to wait for', async () => {
    const verify = verifier()
    const token = await goodToken(parties)
    const first = verify(token, news, call)
    expect(first).toBeInstanceOf(Promise)
    expect(await first).toMatchObject({ ok: true, value: { account: ACCOUNT, accountHash: `hash of ${ACCOUNT}` } })
    expect(cryptography).toHaveBeenCalledTimes(1)
    const second = verify(token, news, call)
    expect(second).not.toBeInstanceOf(Promise)
    expect(second).toEqual(await first)
    expect(cryptography).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['forged', (p: Parties) => sign(p.forger, claims())],
    ['genuine but not good', (p: Parties) => goodToken(p, { sub: '' })],
  ])('and was %s costs none either', async (_name, make) => {
    const verify = verifier()
    const token = await make(parties)
    const first = await verify(token, news, call)
    expect(first).toMatchObject({ ok: false, error: { reason: 'credential-invalid' } })
    expect(verify(token, news, call)).toEqual(first)
    expect(cryptography).toHaveBeenCalledTimes(1)
  })

  it('is not taken for another of the same claims', async () => {
    const verify = verifier()
    const token = await goodToken(parties)
    await verify(token, news, call)
    const forged = `${token.slice(0, -8)}AAAAAAAA`
    expect(await verify(forged, news, call)).toMatchObject({ ok: false, error: { check: 'signature' } })
    expect(await verify(`${token}=`, news, call)).toMatchObject({
      ok: false,
      error: { reason: 'credential-malformed' },
    })
  })

  it('is refused once it has expired, and not before it is valid', async () => {
    const verify = verifier()
    const token = await goodToken(parties, { nbf: NOW + 100, exp: NOW + 200 })
    const words = { title: undefined, description: undefined, resource: '/' }
    const offer = { entitlements: ['premium'], price: undefined, onSale: true, ...words }
    const terms: Terms = { kind: 'paid', offer, metering: DEFAULT_METERING, observedUntilMs: undefined }
    const outcomeAt = async (second: number): Promise<string> => {
      const now = (NOW + second) * 1000
      call = { ...call, now }
      const asked = { method: 'GET', target: { path: '/', query: '', interpretations: [] }, now }
      const decision = decide(terms, presenting({ entitlement: await verify(token, news, call) }), asked)
      return decision.action === 'serve' ? 'served' : decision.refusal.reason
    }
    expect(await outcomeAt(0)).toBe('credential-not-yet-valid')
    expect(await outcomeAt(94.999)).toBe('credential-not-yet-valid')
    expect(await outcomeAt(95)).toBe('served')
    expect(await outcomeAt(204.999)).toBe('served')
    expect(await outcomeAt(205)).toBe('credential-expired')
    expect(await outcomeAt(95)).toBe('served')
    expect(cryptography).toHaveBeenCalledTimes(1)
  })

  it('and came back malformed, of no issuer or with a bad header costs no cryptography at all', async () => {
    const verify = verifier()
    const bad = [
      goodToken(parties, { iss: 'x' }),
      goodToken(parties, { aud: 'x' }),
      goodToken(parties, {}, { alg: 'none' }),
    ]
    for (const token of [...(await Promise.all(bad)), 'x.y.z', ''])
      expect((await verify(token, news, call)).ok).toBe(false)
    expect(cryptography).not.toHaveBeenCalled()
  })
})

describe('forged tokens', () => {
  it('do not push out genuine ones, however many they are', async () => {
    const keys = changingKeys()
    keys.current.key = await publicKey(parties.es.jwk)
    const verify = createVerifiers(keys, undefined).verify
    const genuine = await Promise.all(['1', '2', '3'].map((jti) => goodToken(parties, { jti })))
    for (const token of genuine) await verify(token, news, call)
    const [header, payload] = (await goodToken(parties, { x: 'x'.repeat(5000) })).split('.')
    // Each weighs some fifteen kilobytes, and all of them more than both memories hold.
    for (let index = 0; index < 1500; index++) {
      const forged = `${header}.${payload}.${String(index).padStart(84, '0')}AA`
      expect((await verify(forged, news, call)).ok).toBe(false)
    }
    cryptography.mockClear()
    for (const token of genuine) expect(verify(token, news, call)).toMatchObject({ ok: true })
    expect(cryptography).not.toHaveBeenCalled()
  })
})

describe("when an issuer's keys change", () => {
  it('a remembered token is verified anew, and refused if its key was withdrawn', async () => {
    const keys = changingKeys()
    keys.current.key = await publicKey(parties.es.jwk)
    const verify = createVerifiers(keys, undefined).verify
    const token = await goodToken(parties)
    expect(await verify(token, news, call)).toMatchObject({ ok: true })
    Object.assign(keys.current, { key: undefined, generation: 2 })
    expect(await verify(token, news, call)).toMatchObject({ ok: false, error: { check: 'key' } })
  })

  it('a remembered token is verified anew, and refused if its kid is the name of another key now', async () => {
    const keys = changingKeys()
    keys.current.key = await publicKey(parties.es.jwk)
    const verify = createVerifiers(keys, undefined).verify
    const token = await goodToken(parties)
    await verify(token, news, call)
    Object.assign(keys.current, { key: await publicKey(parties.forger.jwk), generation: 2 })
    expect(await verify(token, news, call)).toMatchObject({ ok: false, error: { check: 'signature' } })
    expect(verify(token, news, call)).not.toBeInstanceOf(Promise)
    expect(await verify(await sign(parties.forger, claims()), news, call)).toMatchObject({ ok: true })
  })

  it('a token that was taken for forged is verified anew, and served if its key is known now', async () => {
    const keys = changingKeys()
    keys.current.key = await publicKey(parties.forger.jwk)
    const verify = createVerifiers(keys, undefined).verify
    const token = await goodToken(parties)
    expect(await verify(token, news, call)).toMatchObject({ ok: false, error: { check: 'signature' } })
    Object.assign(keys.current, { key: await publicKey(parties.es.jwk), generation: 2 })
    expect(await verify(token, news, call)).toMatchObject({ ok: true })
    expect(verify(token, news, call)).toMatchObject({ ok: true })
  })

  it('a token is verified anew once for each set of keys, whoever looks', async () => {
    const keys = changingKeys()
    keys.current.key = await publicKey(parties.es.jwk)
    const verify = createVerifiers(keys, undefined).verify
    const token = await goodToken(parties)
    for (const generation of [1, 1, 2, 2, 2, 3]) {
      keys.current.generation = generation
      expect(await verify(token, news, call)).toMatchObject({ ok: true })
    }
    expect(cryptography).toHaveBeenCalledTimes(3)
  })

  it('a remembered token waits for the keys while no one knows whether they changed', async () => {
    const keys = changingKeys()
    keys.current.key = await publicKey(parties.es.jwk)
    const verify = createVerifiers(keys, undefined).verify
    const token = await goodToken(parties)
    await verify(token, news, call)
    keys.current.generation = undefined
    expect(verify(token, news, call)).toBeInstanceOf(Promise)
    expect(keys.finds).toBe(2)
  })
})

describe('two zones', () => {
  it('never share a memory: a token for one is refused in the other, before and after', async () => {
    const verify = verifier()
    const token = await goodToken(parties)
    for (let round = 0; round < 2; round++) {
      expect(await verify(token, shop, call)).toMatchObject({ ok: false, error: { check: 'audience' } })
      expect(await verify(token, news, call)).toMatchObject({ ok: true })
    }
  })

  it('each verify a token that is for both', async () => {
    const verify = verifier()
    const token = await goodToken(parties, { aud: [NEWS, SHOP] })
    for (let round = 0; round < 2; round++) {
      for (const zone of [news, shop]) expect(await verify(token, zone, call)).toMatchObject({ ok: true })
    }
    expect(cryptography).toHaveBeenCalledTimes(2)
  })

  it('of one name and one host, compiled twice, share nothing either', async () => {
    const verify = verifier()
    const token = await goodToken(parties)
    await verify(token, news, call)
    await verify(token, { ...news, issuers: [...news.issuers] }, call)
    expect(cryptography).toHaveBeenCalledTimes(2)
  })

  it('that differ in their routes alone are one site, and know what either has verified', async () => {
    const verify = verifier()
    const token = await goodToken(parties)
    await verify(token, news, call)
    await verify(token, { ...news, routes: shop.routes }, call)
    expect(cryptography).toHaveBeenCalledTimes(1)
  })
})

describe('the entry that judges a token', () => {
  it('is the one of its issuer and its audience, and lends it nothing of another', async () => {
    const verify = verifier()
    const mapped = { iss: IDENTITY, scope: 'premium', iat: NOW, exp: NOW + 60 }
    const tokens = [
      goodToken(parties),
      sign(parties.shared, claims({ iss: SHARED })),
      sign(parties.identity, claims(mapped), { typ: 'JWT' }),
    ]
    const issuers: unknown[] = []
    for (const token of await Promise.all(tokens)) {
      const verified = await verify(token, news, call)
      issuers.push(verified.ok && verified.value.issuer)
    }
    expect(issuers).toEqual(['https://billing.example', SHARED, IDENTITY])
  })

  it('is found by audience where an issuer has one entry for each', async () => {
    const [entry] = news.issuers
    if (entry === undefined) throw new Error('no issuer')
    const other = { ...entry, audience: 'urn:api', maxLifetimeSeconds: 10 }
    const verify = verifier()
    const zone = { ...news, issuers: [entry, other] }
    expect(await verify(await goodToken(parties, { aud: NEWS }), zone, call)).toMatchObject({ ok: true })
    const refused = await verify(await goodToken(parties, { aud: 'urn:api' }), zone, call)
    expect(refused).toMatchObject({ ok: false, error: { check: 'lifetime' } })
  })
})
