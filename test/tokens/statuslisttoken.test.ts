import { calculateJwkThumbprint } from 'jose'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { OWN_MAPPING } from '../../src/access/ownclaims.ts'
import type { Issuer, StatusListPolicy } from '../../src/access/issuer.ts'
import { valueAt } from '../../src/access/statuslist.ts'
import { createKeys } from '../../src/tokens/jwks.ts'
import { MAX_LIST_TOKEN_BYTES, readStatusList, verifyStatusList } from '../../src/tokens/statuslisttoken.ts'
import { encode, makeKey, secretKey, sign, signEncoded, type TestKey } from '../support/issuer.ts'
import { packed, zipped } from '../support/statuslist.ts'
import { VECTORS } from './statuslist-vectors.ts'
import { lateFetch } from '../support/fetch.ts'

const NOW = 1_800_000_000
const URI = 'https://billing.example/status/1'
const MIB = 1024 * 1024

let es: TestKey
let forger: TestKey
let issuer: Issuer

beforeAll(async () => {
  es = await makeKey('ES256', 'es')
  forger = await makeKey('ES256', 'es')
  const policy: StatusListPolicy = { allow: [URI], staleMs: 0, cooldownMs: 30_000, timeoutMs: 3000 }
  issuer = {
    issuer: 'https://billing.example',
    audience: 'https://news.example',
    algorithms: ['ES256'],
    keys: { kind: 'inline', keys: [es.jwk] },
    types: { entitlement: ['entitlement+jwt'], statuslist: ['statuslist+jwt'] },
    allowsAbsentType: false,
    claims: OWN_MAPPING,
    clockToleranceSeconds: 5,
    maxLifetimeSeconds: 3600,
    statusLists: policy,
  }
})

const keys = createKeys({ clock: () => NOW * 1000, fetch: lateFetch }, () => undefined)
const call = { now: NOW * 1000, waitUntil: () => undefined }
const verify = (token: string) => verifyStatusList(token, { issuer, uri: URI }, keys, call)

type Members = Record<string, unknown>

async function good(over: Members = {}, header: Members = {}, key: TestKey = es): Promise<string> {
  const claims = { sub: URI, iat: NOW - 60, status_list: await packed(2, [0, 1, 2, 3]), ...over }
  return sign(key, claims, { typ: 'statuslist+jwt', ...header })
}

describe('the vectors of the specification', () => {
  it.each(VECTORS)('$name', async ({ bits, lst, bytes, values }) => {
    const read = await readStatusList({ bits, lst })
    if (!read.ok) throw new Error(read.error)
    expect(read.value.bytes.byteLength).toBe(bytes)
    const found: (readonly [number, number])[] = []
    for (let idx = 0; idx < (bytes * 8) / bits; idx++) {
      const value = valueAt(read.value, idx)
      if (value !== 0) found.push([idx, value ?? -1])
    }
    expect(found).toEqual(values.toSorted(([a], [b]) => a - b))
    expect(valueAt(read.value, (bytes * 8) / bits)).toBeUndefined()
  })
})

describe('a status list token', () => {
  it('is read as it stands', async () => {
    expect(await verify(await good({ exp: NOW + 60, ttl: 0.5, iss: issuer.issuer, other: 1 }))).toEqual({
      ok: true,
      value: {
        list: { bits: 2, bytes: new Uint8Array([0b11100100]) },
        issuedAt: NOW - 60,
        expires: NOW + 65,
        ttlSeconds: 0.5,
        signedBy: await calculateJwkThumbprint(es.jwk),
      },
    })
  })

  const fine: [name: string, over: Members, header?: Members][] = [
    ['neither exp nor ttl', {}],
    ['null for all that need not be there', { exp: null, nbf: null, ttl: null, iss: null, aud: null }],
    ['its type written in full', {}, { typ: 'application/StatusList+JWT' }],
    ['this site for its audience', { aud: ['https://other.example', 'https://news.example'] }],
    ['an end that the tolerance of the clock covers', { exp: NOW - 4 }],
    ['an end that it covers by a millisecond', { exp: NOW - 4.999 }],
    ['a beginning that it covers', { iat: NOW + 5, nbf: NOW + 5 }],
    ['a beginning that it covers, between two seconds', { iat: NOW + 4.5, nbf: NOW + 4.25 }],
  ]
  it.each(fine)('may have %s', async (_name, over, header) =>
    expect(await verify(await good(over, header))).toMatchObject({ ok: true }),
  )

  it('of a whole megabyte is read', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(65_536))
    const random = Array.from({ length: 8 }, () => bytes)
    const lst = await zipped(new Uint8Array(random.flatMap((part) => [...part])).map((byte, at) => byte ^ (at >> 16)))
    const token = await good({ status_list: { bits: 8, lst } })
    expect(token.length).toBeGreaterThan(600_000)
    expect(await verify(token)).toMatchObject({ ok: true, value: { issuedAt: NOW - 60 } })
  })
})

const unsigned = (): string =>
  `${encode('{"alg":"none","typ":"statuslist+jwt"}')}.${encode(JSON.stringify({ sub: URI, iat: NOW }))}.AAAA`

const hostile: [name: string, token: () => Promise<string> | string, why: RegExp][] = [
  ['is an entitlement', () => good({}, { typ: 'entitlement+jwt' }), /"typ"/],
  ['has no type', () => good({}, { typ: undefined }), /"typ"/],
  ['has the type of the CBOR form', () => good({}, { typ: 'statuslist+cwt' }), /"typ"/],
  ['is signed with another key', () => good({}, {}, forger), /signature/],
  ['names a key that its issuer lacks', () => good({}, { kid: 'other' }), /key/],
  ['brings its own key', () => good({}, { jwk: forger.jwk }, forger), /signature/],
  ['is not signed', unsigned, /algorithm/],
  [
    'is signed with a public key as if it were a secret',
    async () => good({}, {}, await secretKey(es.jwk['x'] as string)),
    /algorithm/,
  ],
  ['has a critical header', () => good({}, { crit: ['x'], x: 1 }), /crit/],
  ['has no subject', () => good({ sub: undefined }), /"sub"/],
  ['is another list', () => good({ sub: 'https://billing.example/status/2' }), /"sub"/],
  ['is several lists', () => good({ sub: [URI] }), /"sub"/],
  ['is of another issuer', () => good({ iss: 'https://evil.example' }), /"iss"/],
  ['is for another site', () => good({ aud: 'https://shop.example' }), /"aud"/],
  ['was never issued', () => good({ iat: undefined }), /"iat"/],
  ['was issued in words', () => good({ iat: `${NOW}` }), /"iat"/],
  ['is from the future by a millisecond', () => good({ iat: NOW + 5.001 }), /not valid yet/],
  ['expired a millisecond ago', () => good({ exp: NOW - 5.001 }), /expired/],
  ['was issued before time', () => good({ iat: -0.5 }), /"iat"/],
  ['lives longer than numbers go', () => good({ ttl: 2 ** 53 }), /"ttl"/],
  ['is from the future', () => good({ iat: NOW + 6 }), /not valid yet/],
  ['begins later', () => good({ nbf: NOW + 6 }), /not valid yet/],
  ['begins at no time', () => good({ nbf: 'now' }), /"nbf"/],
  ['has expired', () => good({ exp: NOW - 5 }), /expired/],
  ['expires at no time', () => good({ exp: 'never' }), /"exp"/],
  ['lives no time', () => good({ ttl: 0 }), /"ttl"/],
  ['lives less than that', () => good({ ttl: -1 }), /"ttl"/],
  ['lives in words', () => good({ ttl: '300' }), /"ttl"/],
  ['has no list', () => good({ status_list: undefined }), /status_list/],
  ['has a list of lists', () => good({ status_list: [] }), /status_list/],
  ['has a dot too many', async () => `${await good()}.`, /three parts/],
  ['is JSON', () => JSON.stringify({ sub: URI }), /three parts/],
  ['is nothing', () => '', /three parts/],
  ['is padded', async () => (await good()).replace(/\.([\w-]+)$/, '.$1='), /base64url/],
  ['has a payload that is no JSON', () => signEncoded(es, encode('{"alg":"ES256"}'), encode('{')), /payload/],
  ['is too long', async () => `${'A'.repeat(MAX_LIST_TOKEN_BYTES)}${await good()}`, /longer than/],
]

describe('a status list token is refused that', () => {
  it.each(hostile)('%s', async (_name, token, why) => {
    const read = await verify(await token())
    expect(read.ok).toBe(false)
    expect(read.ok ? '' : read.error).toMatch(why)
  })

  it('has no issuer that may sign one', async () => {
    const { statuslist: _dropped, ...types } = issuer.types
    const read = await verifyStatusList(await good(), { issuer: { ...issuer, types }, uri: URI }, keys, call)
    expect(read).toMatchObject({ ok: false })
  })
})

describe('whatever a status list token is', () => {
  const names = ['sub', 'iat', 'nbf', 'exp', 'ttl', 'iss', 'aud', 'status_list', '__proto__', 'other']

  it('it is a list with times or refused with a word, and nothing is thrown', async () => {
    const claims = fc.dictionary(fc.constantFrom(...names), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(claims, async (over) => {
        const read = await verify(await good(over))
        if (!read.ok) {
          expect(read.error).not.toBe('')
          return
        }
        expect(Number.isSafeInteger(read.value.issuedAt)).toBe(true)
        expect(read.value.ttlSeconds ?? 1).toBeGreaterThan(0)
        expect(read.value.expires ?? NOW + 1).toBeGreaterThan(NOW)
      }),
      { numRuns: 300 },
    )
  })

  it('text is refused', async () => {
    const part = fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => encode(JSON.stringify(value))),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 4 }), async (parts) => {
        expect(await verify(parts.join('.'))).toMatchObject({ ok: false })
      }),
      { numRuns: 500 },
    )
  })
})

describe('a list is refused whose', () => {
  const z = 'eNrbuRgAAhcBXQ'
  const bad: [name: string, list: () => Promise<Members> | Members][] = [
    ...[0, 3, 5, 16, -1, 1.5, '1', null, undefined, [1]].map((bits): [string, () => Members] => [
      `bits are ${JSON.stringify(bits)}`,
      () => ({ bits, lst: z }),
    ]),
    ['data are missing', () => ({ bits: 1 })],
    ['data are no string', () => ({ bits: 1, lst: [z] })],
    ['data are nothing', () => ({ bits: 1, lst: '' })],
    ['data are padded', () => ({ bits: 1, lst: `${z}==` })],
    ['data have unused bits set', () => ({ bits: 1, lst: `${z.slice(0, -1)}R` })],
    ['data are base64 of the other alphabet', () => ({ bits: 1, lst: 'eNrbuRg+/hcBXQ' })],
    ['data have a line break', () => ({ bits: 1, lst: `${z.slice(0, 4)}\n${z.slice(4)}` })],
    ['data are gzip', async () => ({ bits: 1, lst: await zipped(new Uint8Array(8), 'gzip') })],
    ['data are DEFLATE alone', async () => ({ bits: 1, lst: await zipped(new Uint8Array(8), 'deflate-raw') })],
    ['data are cut short', () => ({ bits: 1, lst: 'eNrbuRgAAhcB' })],
    ['data have a wrong checksum', () => ({ bits: 1, lst: 'eNrbuRgAAhcBXA' })],
    ['data go on after their end', () => ({ bits: 1, lst: `${z.slice(0, -2)}XQAA` })],
    ['data are random', () => ({ bits: 1, lst: encode(crypto.getRandomValues(new Uint8Array(64))) })],
    [
      'data come to more than eight megabytes',
      async () => ({ bits: 1, lst: await zipped(new Uint8Array(8 * MIB + 1)) }),
    ],
  ]
  it.each(bad)('%s', async (_name, list) => expect(await readStatusList(await list())).toMatchObject({ ok: false }))

  it('data are no list at all, whatever they are, and nothing is thrown', async () => {
    const bits = fc.constantFrom(1, 2, 4, 8)
    const lst = fc.oneof(
      fc.string(),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => encode(bytes)),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => encode(new Uint8Array([0x78, 0xda, ...bytes]))),
    )
    const claim = fc.oneof(fc.jsonValue(), fc.record({ bits: fc.oneof(bits, fc.jsonValue()), lst }))
    await fc.assert(
      fc.asyncProperty(claim, async (given) => {
        const read = await readStatusList(given)
        expect(read.ok ? read.value.bytes.byteLength : read.error.length).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 300 },
    )
  })

  it('data were changed anywhere, and nothing is thrown', async () => {
    const lst = await zipped(Uint8Array.from({ length: 4000 }, (_, at) => (at * at) >> 7))
    await fc.assert(
      fc.asyncProperty(fc.nat(lst.length - 2), fc.constantFrom('A', 'z', '_', '7'), async (at, letter) => {
        const changed = `${lst.slice(0, at)}${letter}${lst.slice(at + 1)}`
        const read = await readStatusList({ bits: 8, lst: changed })
        expect(read.ok).toBe(changed === lst)
      }),
      { numRuns: 200 },
    )
  })
})
