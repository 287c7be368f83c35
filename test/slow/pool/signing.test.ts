import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import { request } from 'undici'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type GuardedOptions, startGuardedOrigin } from '../../../demo/guarded-origin.ts'
import type { Listening } from '../../../demo/listen.ts'
import { behaviours, startUnruly, type Unruly } from '../../../demo/unruly.ts'
import { type PoolGate, startPoolGate } from './gate.ts'

/** The shape of a key, and no point of its curve. */
const nowhere = 'A'.repeat(43)
const BROKEN_KEY = JSON.stringify({ kty: 'EC', crv: 'P-256', x: nowhere, y: nowhere, d: nowhere })

const secret = 'fedcba9876543210fedcba9876543210'

let gate: PoolGate
let guarded: Record<'ES256' | 'Ed25519' | 'HS256', Listening>
let plain: Unruly
/** The assertions that the plain server got. */
const assertions: string[] = []

async function keys(algorithm: 'ES256' | 'Ed25519'): Promise<{ publicKey: CryptoKey; secret: string }> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  return { publicKey, secret: JSON.stringify({ ...(await exportJWK(privateKey)), kid: `of ${algorithm}` }) }
}

beforeAll(async () => {
  const [es256, ed25519] = await Promise.all([keys('ES256'), keys('Ed25519')])
  const start = (key: GuardedOptions['key'], algorithm: GuardedOptions['algorithm']) =>
    startGuardedOrigin({ key, algorithm })
  guarded = {
    ES256: await start(es256.publicKey, 'ES256'),
    Ed25519: await start(ed25519.publicKey, 'Ed25519'),
    HS256: await start(new TextEncoder().encode(secret), 'HS256'),
  }
  plain = await startUnruly()
  const servers = [{ url: plain.url }]
  gate = await startPoolGate(
    {
      es256: { servers: [{ url: guarded.ES256.url }], sign: { key: 'ES256_KEY' } },
      ed25519: { servers: [{ url: guarded.Ed25519.url }], sign: { key: 'ED25519_KEY' } },
      hs256: { servers: [{ url: guarded.HS256.url }], sign: { key: 'SHARED_SECRET' } },
      unsigned: { servers: [{ url: guarded.ES256.url }] },
      wrong: { servers: [{ url: guarded.ES256.url }], sign: { key: 'ED25519_KEY' } },
      seen: { servers, sign: { key: 'ES256_KEY', keyId: 'mine', lifetimeSeconds: 10 } },
      pair: {
        servers: [{ url: plain.url, weight: 1_000_000 }, { url: guarded.ES256.url }],
        sign: { key: 'ES256_KEY' },
      },
      broken: { servers, sign: { key: 'BROKEN_KEY' } },
      bound: { servers: [{ binding: 'ECHO' }], sign: { key: 'ES256_KEY' } },
    },
    {
      vars: { BROKEN_KEY, ES256_KEY: es256.secret, ED25519_KEY: ed25519.secret, SHARED_SECRET: secret },
      services: { ECHO: 'echo' },
      workers: { echo: { module: `${import.meta.dirname}/backend.js` } },
    },
  )
})

beforeEach(async () => {
  assertions.length = 0
  plain.asked.length = 0
  await plain.behave((incoming, response) => {
    assertions.push(String(incoming.headers['faregate-assertion']))
    behaviours.serves(incoming, response)
  })
})

afterAll(async () => {
  await gate.stop()
  await Promise.all([plain, ...Object.values(guarded)].map((server) => server.close()))
})

async function direct(url: string, headers: Record<string, string> = {}): Promise<number> {
  const { statusCode, body } = await request(url, { headers })
  await body.dump()
  return statusCode
}

describe('an origin that takes signed requests alone', () => {
  it.each(['ES256', 'Ed25519', 'HS256'] as const)(
    'serves through the gate, and refuses whoever comes past it: %s',
    async (algorithm) => {
      expect(await gate.outcome(algorithm.toLowerCase(), '/articles/1?page=2')).toBe('200 the page')
      expect(await direct(`${guarded[algorithm].url}/articles/1`)).toBe(403)
    },
  )

  it('refuses what was signed for another server, or not at all, or with another key', async () => {
    await gate.outcome('seen', '/articles/1')
    expect(await direct(`${guarded.ES256.url}/articles/1`, { 'faregate-assertion': assertions[0] ?? '' })).toBe(403)
    expect(await gate.outcome('unsigned', '/articles/1')).toBe('403 Only through the gate.\n')
    expect(await gate.outcome('wrong', '/articles/1')).toBe('403 Only through the gate.\n')
  })

  it('is asked with an assertion of its own when another server has failed', async () => {
    await plain.behave(behaviours.sorry)
    expect(await gate.outcome('pair', '/articles/1')).toBe('200 the page')
  })
})

describe('an assertion', () => {
  it('that cannot be made leaves the request unsent', async () => {
    expect(await gate.outcome('broken', '/articles/1')).toBe('503 misconfigured')
    expect(plain.asked).toEqual([])
  })

  it('names the server, the zone, the route, the method and the path, and nothing of the reader', async () => {
    await gate.outcome('seen', '/api/a/%C3%A9?q=1', { method: 'POST', body: 'x', account: 'account-9' })
    const [assertion = ''] = assertions
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'ES256', typ: 'faregate-assertion+jwt', kid: 'mine' })
    const { iat = 0, exp, jti, ...claims } = decodeJwt(assertion)
    expect(claims).toEqual({
      iss: 'faregate',
      aud: plain.url,
      sub: 'seen',
      route: '/api/*',
      method: 'POST',
      path: '/api/a/%C3%A9',
    })
    expect([exp, typeof jti]).toEqual([iat + 10, 'string'])
  })

  it('is a new one for every request, with the kid of the key where none is configured', async () => {
    await gate.outcome('seen', '/articles/1')
    await gate.outcome('seen', '/articles/1')
    expect(assertions[0]).not.toBe(assertions[1])
    const echoed = (await gate.outcome('bound', '/articles/1')).slice('200 '.length)
    expect(decodeProtectedHeader(echoed)['kid']).toBe('of ES256')
    expect(decodeJwt(echoed).aud).toBe('ECHO')
  })
})
