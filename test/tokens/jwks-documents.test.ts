import { describe, expect, it } from 'vitest'
import { makeKeys, makeKey, secretKey } from '../support/issuer.ts'
import { createEndpoint, type Endpoint, advanceTime, POLICY, jwksResponse } from './endpoint.ts'

const [key, other] = await makeKeys('key', 'other')

const text = (body: string, init?: ResponseInit): Response => new Response(body, init)
const redirect = (location: string, status = 302): Response => text('', { status, headers: { location } })
const KILO = 1024

/** A body without end, which counts what was read of it. */
function endless(): { response: Response; read: () => number; isCancelled: () => boolean } {
  let read = 0
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      read += 16 * KILO
      controller.enqueue(new Uint8Array(16 * KILO).fill(0x20))
    },
    cancel: () => {
      cancelled = true
    },
  })
  return { response: new Response(body), read: () => read, isCancelled: () => cancelled }
}

const wrong: [name: string, answer: Endpoint['answer']][] = [
  ['no answer', () => Promise.reject(new Error('no route'))],
  ['204', () => new Response(null, { status: 204 })],
  ['404 with a good set', () => Response.json({ keys: [key.jwk] }, { status: 404 })],
  ['500 with a good set', () => Response.json({ keys: [key.jwk] }, { status: 500 })],
  ['201 with a good set', () => Response.json({ keys: [key.jwk] }, { status: 201 })],
  ['nothing', () => text('')],
  ['a page', () => text('<!doctype html><title>Sign in</title>', { headers: { 'content-type': 'text/html' } })],
  ['half a set', () => text(JSON.stringify({ keys: [key.jwk] }).slice(0, -2))],
  ['null', () => text('null')],
  ['a list of keys', () => Response.json([key.jwk])],
  ['a key alone', () => Response.json(key.jwk)],
  ['keys that are no list', () => Response.json({ keys: { 0: key.jwk } })],
  ['more keys than anyone has', () => jwksResponse(...Array.from({ length: 101 }, () => key.jwk))],
  ['more bytes than anyone needs', () => text(`${JSON.stringify({ keys: [key.jwk] })}${' '.repeat(256 * KILO)}`)],
  ['bytes without end', () => endless().response],
  ['a redirect to another host', () => redirect('https://evil.example/jwks.json')],
  ['a redirect to a host that begins like it', () => redirect('https://billing.example.evil.example/jwks.json')],
  ['a redirect to another port', () => redirect('https://billing.example:8443/jwks.json')],
  ['a redirect to plain http', () => redirect('http://billing.example/jwks.json')],
  ['a redirect without a scheme to another host', () => redirect('//evil.example/jwks.json')],
  ['a redirect to data', () => redirect(`data:application/json,{"keys":[]}`)],
  ['a redirect to a file', () => redirect('file:///jwks.json')],
  ['a redirect to nowhere', () => text('', { status: 302 })],
  ['a redirect to what is no URL', () => redirect('https://')],
  ['a redirect to itself', (url) => redirect(url)],
]

describe('a JWKS endpoint that answers with', () => {
  it.each(wrong)('%s leaves the keys unavailable', async (_name, answer) => {
    const endpoint = createEndpoint(answer)
    expect(await endpoint.find('key')).toMatchObject({ ok: false, error: { reason: 'keys-unavailable' } })
    expect(endpoint.failures).toHaveLength(1)
    expect(endpoint.fetched.every((url) => url.startsWith('https://billing.example/'))).toBe(true)
    expect(endpoint.fetched.length).toBeLessThanOrEqual(4)
  })

  it.each(wrong)('%s takes no keys away that were fetched before', async (_name, answer) => {
    const endpoint = createEndpoint(() => jwksResponse(key.jwk))
    await endpoint.find('key')
    await advanceTime(POLICY.refreshMs)
    endpoint.answer = answer
    expect(await endpoint.find('key')).toMatchObject({ ok: true, value: { generation: 1 } })
    expect(endpoint.failures).toHaveLength(1)
  })

  it('bytes without end is left after a few', async () => {
    const { response, read, isCancelled } = endless()
    const endpoint = createEndpoint(() => response)
    await endpoint.find('key')
    expect(read()).toBeLessThan(320 * KILO)
    expect(isCancelled()).toBe(true)
  })

  it('an empty set has no such key', async () => {
    const endpoint = createEndpoint(() => jwksResponse())
    expect(await endpoint.find('key')).toMatchObject({
      ok: false,
      error: { reason: 'credential-invalid', check: 'key' },
    })
    expect(endpoint.failures).toEqual([])
  })

  it('redirects within its origin is followed, three times', async () => {
    const endpoint = createEndpoint((url) => {
      if (url.endsWith('/jwks.json')) return redirect('/a', 301)
      if (url.endsWith('/a')) return redirect('https://billing.example/b', 307)
      return url.endsWith('/b') ? redirect('c/d?e', 308) : jwksResponse(key.jwk)
    })
    expect(await endpoint.find('key')).toMatchObject({ ok: true })
    expect(endpoint.fetched.at(-1)).toBe('https://billing.example/c/d?e')
  })

  it('anything is not followed by the runtime itself', async () => {
    const endpoint = createEndpoint(() => jwksResponse(key.jwk))
    await endpoint.find('key')
    expect(endpoint.fetch.mock.calls[0]?.[1]).toMatchObject({ redirect: 'manual' })
  })

  it('nothing in time is left', async () => {
    const endpoint = createEndpoint(
      (_url, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      { timeoutMs: 5 },
    )
    expect(await endpoint.find('key')).toMatchObject({ ok: false, error: { reason: 'keys-unavailable' } })
  })
})

describe('what is said of a failure', () => {
  const bodies: [name: string, body: (secret: string) => string][] = [
    ['a word', (secret) => secret],
    ['a private key that is not JSON', (secret) => `{"keys":[{"d":"${secret}",}]}`],
    ['a set that ends early', (secret) => `{"keys":["${secret}`],
  ]
  it.each(bodies)('holds nothing of an answer that is %s', async (_name, body) => {
    const secret = 'sesame-opens'
    const endpoint = createEndpoint(() => text(body(secret)))
    await endpoint.find('key')
    expect(endpoint.failures).toHaveLength(1)
    for (let at = 0; at + 4 <= secret.length; at++) expect(endpoint.failures[0]).not.toContain(secret.slice(at, at + 4))
  })
})

describe('a key in a set', () => {
  const unusable: [name: string, jwk: () => unknown][] = [
    ['with its private part', () => key.privateJwk],
    ['that is a shared secret', () => ({ kty: 'oct', kid: 'key', k: 'A'.repeat(43), alg: 'ES256' })],
    ['for encryption', () => ({ ...key.jwk, use: 'enc' })],
    ['for another algorithm', () => ({ ...key.jwk, alg: 'ES384' })],
    ['that may not verify', () => ({ ...key.jwk, key_ops: ['sign'] })],
    ['whose use is not a string', () => ({ ...key.jwk, use: ['sig'] })],
    ['whose kid is a number', () => ({ ...key.jwk, kid: 7 })],
    ['on another curve', () => ({ ...key.jwk, crv: 'P-384' })],
    ['that is not on its curve', () => ({ ...key.jwk, x: key.jwk['y'] })],
    ['without coordinates', () => ({ kty: 'EC', crv: 'P-256', kid: 'key' })],
    ['of no type', () => ({ ...key.jwk, kty: undefined })],
    ['of an unknown type', () => ({ ...key.jwk, kty: 'XYZ' })],
    ['that is null', () => null],
    ['that is a word', () => 'key'],
    ['that is a list', () => [key.jwk]],
  ]
  it.each(unusable)('%s is nobody’s to use, and harms no other', async (_name, jwk) => {
    const endpoint = createEndpoint(() => jwksResponse(jwk(), other.jwk))
    expect(await endpoint.find('key')).toMatchObject({
      ok: false,
      error: { reason: 'credential-invalid', check: 'key' },
    })
    expect(await endpoint.find('other')).toMatchObject({ ok: true })
    expect(endpoint.failures).toEqual([])
  })

  it.each([
    ['with members that nobody knows', () => ({ ...key.jwk, x5c: ['AAAA'], nbf: 1, 'urn:x': {} })],
    ['without alg', () => ({ ...key.jwk, alg: undefined })],
    ['without use', () => ({ ...key.jwk, use: undefined })],
    ['that may verify', () => ({ ...key.jwk, key_ops: ['verify'] })],
  ])('%s is used', async (_name, jwk) => {
    const endpoint = createEndpoint(() => jwksResponse(jwk()))
    expect(await endpoint.find('key')).toMatchObject({ ok: true })
  })

  it('is found without a kid where it is the only one that fits', async () => {
    const endpoint = createEndpoint(() => jwksResponse(key.jwk, { ...other.jwk, use: 'enc' }))
    expect(await endpoint.find(undefined)).toMatchObject({ ok: true })
    expect(await endpoint.find(undefined, 'EdDSA')).toMatchObject({ ok: false, error: { check: 'key' } })
  })

  it('is not guessed without a kid where two fit, and nothing is fetched to find that out', async () => {
    const endpoint = createEndpoint(() => jwksResponse(key.jwk, other.jwk))
    await endpoint.find('key')
    await advanceTime(POLICY.cooldownMs)
    const detail = 'The token has no "kid", and its issuer has several keys that fit.'
    const refused = { ok: false, error: { reason: 'credential-invalid', check: 'key', detail } }
    expect(await endpoint.find(undefined)).toMatchObject(refused)
    expect(endpoint.fetched).toHaveLength(1)
    expect(await endpoint.find('other')).toMatchObject({ ok: true })
    const inline = { ...endpoint.issuer, keys: { kind: 'inline' as const, keys: [key.jwk, other.jwk] } }
    const call = { now: Date.now(), waitUntil: () => undefined }
    expect(await endpoint.keys.find(inline, { alg: 'ES256', kid: undefined }, call)).toMatchObject(refused)
  })

  const twice: [name: string, again: () => Record<string, unknown>][] = [
    ['the same once more', () => key.jwk],
    ['with its members in another order', () => Object.fromEntries(Object.entries(key.jwk).toReversed())],
    ['with a certificate', () => ({ ...key.jwk, x5c: ['AAAA'], 'x5t#S256': 'AAAA', x5u: 'https://evil.example/' })],
    ['without alg', () => ({ ...key.jwk, alg: undefined })],
    ['with null for alg, use and key_ops', () => ({ ...key.jwk, alg: null, use: null, key_ops: null })],
    ['for encryption', () => ({ ...key.jwk, use: 'enc' })],
    ['for another algorithm', () => ({ ...key.jwk, alg: 'ES384' })],
    ['that may only sign', () => ({ ...key.jwk, key_ops: ['sign'] })],
    ['under a kid of its own', () => ({ ...key.jwk, kid: 'again' })],
    ['without a kid', () => ({ ...key.jwk, kid: undefined })],
  ]
  it.each(twice)('is one key though it is published a second time, %s', async (_name, again) => {
    for (const set of [
      [key.jwk, again()],
      [again(), key.jwk],
    ]) {
      const endpoint = createEndpoint(() => jwksResponse(...set))
      for (const kid of ['key', undefined])
        expect(await endpoint.find(kid)).toMatchObject({ ok: true, value: { keys: [{ key: expect.any(CryptoKey) }] } })
    }
  })

  it('is one of several that are tried where they share a kid, and those that do not fit are left out', async () => {
    const namesake = { ...other.jwk, kid: 'key' }
    const unfit = [
      { ...other.jwk, kid: 'key', use: 'enc' },
      { kty: 'EC', crv: 'P-256', kid: 'key' },
      { ...other.jwk, kid: 'key', x: other.jwk['y'] },
      { kty: 'RSA', kid: 'key', n: 'AQAB', e: 'AQAB' },
    ]
    const endpoint = createEndpoint(() => jwksResponse(...unfit, key.jwk, namesake, key.jwk))
    const found = await endpoint.find('key')
    expect(found).toMatchObject({
      ok: true,
      value: { keys: [{ key: expect.any(CryptoKey) }, { key: expect.any(CryptoKey) }] },
    })
    expect(await endpoint.find('key')).toEqual(found)
    expect(await endpoint.find(undefined)).toMatchObject({ ok: false, error: { check: 'key' } })
  })

  it('is not looked for among more of one kid than are tried', async () => {
    const namesakes = await Promise.all(Array.from({ length: 5 }, () => makeKey('ES256', 'key')))
    const jwks = namesakes.map(({ jwk }) => jwk)
    const few = createEndpoint(() => jwksResponse(...jwks.slice(1)))
    expect(await few.find('key')).toMatchObject({ ok: true, value: { keys: { length: 4 } } })
    const many = createEndpoint(() => jwksResponse(...jwks))
    const detail = 'The issuer of the token has more than 4 keys of one "kid" that fit.'
    expect(await many.find('key')).toMatchObject({ ok: false, error: { reason: 'credential-invalid', detail } })
    expect(many.fetched).toHaveLength(1)
  })

  it.each([
    ['EdDSA', 'EdDSA'],
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
    [undefined, 'EdDSA'],
    [undefined, 'Ed25519'],
  ])('whose alg is %s is used for %s, which is one algorithm', async (alg, wanted) => {
    const ed = await makeKey('EdDSA', 'ed', { alg })
    const endpoint = createEndpoint(() => jwksResponse(ed.jwk, key.jwk))
    for (const kid of ['ed', undefined]) expect(await endpoint.find(kid, wanted)).toMatchObject({ ok: true })
  })

  it.each([
    ['on another curve', { crv: 'Ed448' }],
    ['for another algorithm', { alg: 'Ed448' }],
    ['for key agreement', { crv: 'X25519' }],
  ])('%s is of no use to EdDSA and Ed25519', async (_name, facts) => {
    const ed = await makeKey('EdDSA', 'ed', facts)
    const endpoint = createEndpoint(() => jwksResponse(ed.jwk))
    for (const alg of ['EdDSA', 'Ed25519'])
      expect(await endpoint.find('ed', alg)).toMatchObject({ ok: false, error: { check: 'key' } })
  })

  it('is of no use to HS256, whatever it is', async () => {
    const { jwk } = await secretKey('x'.repeat(32))
    const endpoint = createEndpoint(() => jwksResponse(jwk, key.jwk))
    expect(await endpoint.find('secret', 'HS256')).toMatchObject({ ok: false, error: { check: 'key' } })
    expect(await endpoint.find('key', 'HS256')).toMatchObject({ ok: false, error: { check: 'key' } })
  })
})
