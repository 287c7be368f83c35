import * as fc from 'fast-check'
import { decodeProtectedHeader } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { createIssuer, generateKeys, InvalidClaimsError, type IssuerKey, rotateKeys } from '../../src/billing/index.ts'
import { publishedAt, signingKeyAt } from '../../src/billing/rules/schedule.ts'

const DAY = 86_400
const WEEK = 7 * DAY
const START = 1_800_000_000
const ISSUER = 'https://billing.test'
const AUDIENCE = 'https://news.test'

let [old, next]: readonly IssuerKey[] = []
beforeAll(async () => {
  ;[[old], [next]] = await Promise.all([generateKeys('ES256'), generateKeys()])
})

/** An issuer with these keys, whose clock stands at so many seconds after the start. */
function issuerAt(seconds: number, keys: readonly IssuerKey[]): ReturnType<typeof createIssuer> {
  return createIssuer({ issuer: ISSUER, audience: AUDIENCE, keys, clock: () => (START + seconds) * 1000 })
}

const kidOf = (key: IssuerKey | undefined): unknown => key?.jwk['kid']
const pair = (): readonly IssuerKey[] => {
  if (old === undefined || next === undefined) throw new Error('no keys')
  return rotateKeys([old], [next], { now: START * 1000 })
}

describe('a rotated key', () => {
  const moments: readonly (readonly [seconds: number, signer: 'old' | 'next', published: number])[] = [
    [0, 'old', 2],
    [3599, 'old', 2],
    [3600, 'next', 2],
    [3600 + WEEK + 3599, 'next', 2],
    [3600 + WEEK + 3600, 'next', 1],
  ]
  it.each(moments)('%i s after the rotation: the %s key signs, and %i are published', async (at, signer, published) => {
    const issuer = issuerAt(at, pair())
    const token = await issuer.signEntitlement({ account: 'a', entitlements: [] })
    expect(decodeProtectedHeader(token).kid).toBe(kidOf(signer === 'old' ? old : next))
    expect(issuer.jwks().keys.length).toBe(published)
  })

  it('is left out of the list by the first rotation after it has retired', async () => {
    const later = { now: (START + 3600 + WEEK + 3600) * 1000 }
    expect(rotateKeys(pair(), await generateKeys(), later).map(kidOf)).toEqual([kidOf(next), expect.any(String)])
  })

  it('is published for as long as a gate may be shown what it signed, with a copy of the set as old as a gate keeps one', () => {
    const times = fc.record({
      rotations: fc.array(fc.integer({ min: 3600, max: 20 * DAY }), { maxLength: 5 }),
      maxLifetimeSeconds: fc.integer({ min: 60, max: 30 * DAY }),
      signedAt: fc.integer({ min: 0, max: 60 * DAY }),
      shownAfter: fc.double({ min: 0, max: 1, noNaN: true }),
      copyAge: fc.integer({ min: 0, max: 1800 }),
    })
    fc.assert(
      fc.property(times, ({ rotations, maxLifetimeSeconds, signedAt, shownAfter, copyAge }) => {
        const deployed: { since: number; keys: readonly IssuerKey[] }[] = [
          { since: -Infinity, keys: [{ jwk: { kid: '0' } }] },
        ]
        let at = 0
        for (const [index, pause] of rotations.entries()) {
          at += pause
          const keys = deployed.at(-1)?.keys ?? []
          const added = [{ jwk: { kid: String(index + 1) } }]
          deployed.push({ since: at, keys: rotateKeys(keys, added, { now: at * 1000, maxLifetimeSeconds }) })
        }
        const timesAt = (time: number) =>
          (deployed.findLast(({ since }) => since <= time)?.keys ?? []).map(({ jwk, notBefore = 0 }) => ({
            kid: String(jwk['kid']),
            notBefore,
            retireAt: undefined,
          }))
        const signer = signingKeyAt(timesAt(signedAt), signedAt)
        const shownAt = signedAt + shownAfter * Math.max(maxLifetimeSeconds, WEEK)
        const copyAt = shownAt - copyAge
        const kids = publishedAt(timesAt(copyAt), copyAt, maxLifetimeSeconds).map(({ kid }) => kid)
        expect(kids).toContain(signer?.kid)
      }),
      { numRuns: 2000 },
    )
  })

  it('signs nothing that would outlast it', async () => {
    const retiring = issuerAt(0, [{ jwk: old?.jwk ?? {}, retireAt: START + 1800 }])
    await expect(
      retiring.signEntitlement({ account: 'a', entitlements: [], lifetimeSeconds: 1800 }),
    ).resolves.toBeTruthy()
    await expect(retiring.signEntitlement({ account: 'a', entitlements: [], lifetimeSeconds: 1801 })).rejects.toThrow(
      /retires before this would end/,
    )
  })
})

describe('the key set', () => {
  it('has nothing private in it', async () => {
    for (const alg of ['EdDSA', 'ES256', 'RS256', 'PS256'] as const) {
      const [key] = issuerAt(0, await generateKeys(alg)).jwks().keys
      expect(Object.keys(key ?? {}).toSorted()).toEqual(
        { EdDSA: ['alg', 'crv', 'kid', 'kty', 'use', 'x'], ES256: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'] }[
          alg as string
        ] ?? ['alg', 'e', 'kid', 'kty', 'n', 'use'],
      )
    }
  })

  it('is a response that may be cached, and is not sent again to who has it', async () => {
    const issuer = issuerAt(0, pair())
    const response = await issuer.jwksResponse()
    const etag = response.headers.get('etag') ?? ''
    expect(await response.json()).toEqual(issuer.jwks())
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'public, max-age=300',
      'content-type': 'application/json',
    })
    const asked = (tag: string): Request =>
      new Request('https://b.test/jwks.json', { headers: { 'if-none-match': tag } })
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`])
      expect((await issuer.jwksResponse(asked(tag))).status, tag).toBe(304)
    expect((await issuer.jwksResponse(asked('"x"'))).status).toBe(200)
  })
})

describe('an issuer is not made', () => {
  const key = (over: object): { keys: readonly IssuerKey[] } => ({ keys: [{ jwk: { ...old?.jwk, ...over } }] })
  const faults: readonly (readonly [name: string, options: () => object, message: RegExp])[] = [
    ['without a name', () => ({ issuer: '', ...key({}) }), /^issuer: /],
    ['without keys', () => ({}), /^keys, secret: /],
    ['with an empty list of keys', () => ({ keys: [] }), /^keys: /],
    ['with keys and a secret', () => ({ ...key({}), secret: 'x'.repeat(32) }), /^keys, secret: /],
    ['with a short secret', () => ({ secret: 'x'.repeat(31) }), /^secret: /],
    ['with a key without a name', () => key({ kid: undefined }), /^keys\[0\]\.jwk\.kid: /],
    ['with a key without an algorithm', () => key({ alg: undefined }), /^keys\[0\]\.jwk\.alg: /],
    ['with a public key', () => key({ d: undefined }), /^keys\[0\]\.jwk\.d: /],
    ['with a secret as a key', () => key({ kty: 'oct', k: 'AAAA' }), /^keys\[0\]\.jwk\.kty: /],
    ['with two keys of one name', () => ({ keys: [old, old] }), /^keys\[1\]\.jwk\.kid: /],
    ['with a time that is none', () => ({ keys: [{ ...old, notBefore: Number.NaN }] }), /^keys\[0\]\.notBefore: /],
    [
      'with a key that retires before it signs',
      () => ({ keys: [{ ...old, notBefore: 5, retireAt: 5 }] }),
      /^keys\[0\]\.ret/,
    ],
    [
      'with a key that retires while its tokens go on',
      () => ({
        keys: [
          { ...old, retireAt: START + DAY - 1 },
          { ...next, notBefore: START },
        ],
      }),
      /^keys\[0\]\.retireAt: /,
    ],
  ]
  it.each(faults)('%s', (_name, options, message) => {
    const make = (): unknown => createIssuer({ issuer: ISSUER, ...options() })
    expect(make).toThrow(InvalidClaimsError)
    expect(make).toThrow(message)
  })
})

describe('nothing is signed', () => {
  it('before the first key begins', async () => {
    const early = issuerAt(-1, [{ jwk: old?.jwk ?? {}, notBefore: START }])
    await expect(early.signEntitlement({ account: 'a', entitlements: [] })).rejects.toThrow(/none signs yet/)
  })

  const refused: readonly (readonly [
    name: string,
    sign: (by: ReturnType<typeof createIssuer>) => Promise<string>,
    message: RegExp,
  ])[] = [
    [
      'that JSON cannot say',
      (by) =>
        by.signEntitlement({ account: 'a', entitlements: [], limits: [{ name: 'n', quota: Number.NaN, window: 1 }] }),
      /"quota" is NaN/,
    ],
    [
      'with a misspelt member',
      (by) => by.signEntitlement({ account: 'a', entitlements: [], standings: 'inactive' } as never),
      /^standings: signEntitlement knows no such member/,
    ],
    [
      'too long for the gate',
      (by) => by.signEntitlement({ account: 'a', entitlements: ['x'.repeat(8000)] }),
      /longer than 8192 bytes/,
    ],
    [
      'with a malformed limit',
      (by) => by.signEntitlement({ account: 'a', entitlements: [], limits: [{ name: 'n', quota: 1, window: 0 }] }),
      /"limits\[0\]\.window" is not whole seconds/,
    ],
    [
      'with an amount that is no decimal',
      (by) => by.signReceipt({ amount: '1,5', currency: 'USD', resource: '/' }),
      /"amount" and "currency"/,
    ],
    [
      'of an unknown type of event',
      (by) => by.signEvent({ account: 'a', events: { paid: {} } as never }),
      /"urn:faregate:event:paid" is not known/,
    ],
    ['about nobody', (by) => by.signEvent({ events: { 'hold-placed': {} } }), /does not say of whom/],
    [
      'in a status list of statuses that do not fit',
      (by) => by.statusList({ uri: `${ISSUER}/status/1`, statuses: [2], bits: 1 }),
      /^statuses\[0\]: /,
    ],
  ]
  it.each(refused)('%s', async (_name, sign, message) => {
    const signing = sign(issuerAt(0, pair()))
    await expect(signing).rejects.toThrow(InvalidClaimsError)
    await expect(signing).rejects.toThrow(message)
  })
})
