import { calculateJwkThumbprint } from 'jose'
import { assert, constantFrom, dictionary, nat, property, record, type Arbitrary } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Distrust,
  includesDistrust,
  isDistrust,
  joinDistrust,
  MOST_DISTRUSTED,
  NO_DISTRUST,
  voidedBy,
} from '../../src/access/distrust.ts'
import { isThumbprint, requiredMembers, secretThumbprint, thumbprintOf } from '../../src/access/thumbprint.ts'

const I = 'https://i.test'
const token = { issuer: I, issuedAt: 100, signedBy: 'a' }
const keys = (...names: string[]): Distrust => ({ ...NO_DISTRUST, keys: Object.fromEntries(names.map((n) => [n, 1])) })
const before = (at: number, issuer = I): Distrust => ({ ...NO_DISTRUST, revokedBefore: { [issuer]: at } })

describe('a token', () => {
  it.each([
    ['of a key that nobody distrusts', keys('b'), token, undefined],
    ['of a distrusted key', keys('b', 'a'), token, 'key'],
    ['of a distrusted key from the future', keys('a'), { ...token, issuedAt: 1e9 }, 'key'],
    ['that no key signed', keys('a'), { ...token, signedBy: undefined }, undefined],
    ['of a key named as a member of every object', NO_DISTRUST, { ...token, signedBy: 'constructor' }, undefined],
    ['of an issuer named as a member of every object', NO_DISTRUST, { ...token, issuer: '__proto__' }, undefined],
    ['from before the time', before(101), token, 'lifetime'],
    ['from that time', before(100), token, undefined],
    ['from half a second before', before(100), { ...token, issuedAt: 99.5 }, 'lifetime'],
    ['of another issuer', before(101, 'https://j.test'), token, undefined],
  ])('%s is judged', (_what, distrust, facts, check) => {
    expect(voidedBy(distrust, facts)?.check).toBe(check)
  })
})

describe('orders that are joined', () => {
  const names = dictionary(constantFrom('a', 'b', 'c', 'd'), nat(9))
  const order: Arbitrary<Distrust> = record({ keys: names, revokedBefore: names })

  it('are the same in any order, any number of times, and void all that each does', () => {
    assert(
      property(order, order, order, (a, b, c) => {
        const joined = joinDistrust(joinDistrust(a, b), c)
        expect(joinDistrust(c, joinDistrust(b, a))).toEqual(joined)
        expect(joinDistrust(joined, b)).toEqual(joined)
        for (const one of [a, b, c]) expect(includesDistrust(joined, one)).toBe(true)
        expect(isDistrust(structuredClone(joined))).toBe(true)
      }),
    )
  })

  it('have a bound, beyond which the earlier ones stay', () => {
    const many = keys(...Array.from({ length: MOST_DISTRUSTED }, (_, n) => `k${n}`))
    expect(joinDistrust(many, keys('late'))).toEqual(many)
    expect(includesDistrust(joinDistrust(many, keys('k7')), keys('late'))).toBe(false)
  })

  it.each([undefined, null, [], {}, { keys: {} }, { keys: { a: 'b' }, revokedBefore: {} }])('are not %j', (value) => {
    expect(isDistrust(value)).toBe(false)
  })
})

describe('a thumbprint', () => {
  it('is that of RFC 7638 §3.1', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    const members = requiredMembers({ kid: '2011-04-29', alg: 'RS256', n, e: 'AQAB', kty: 'RSA' })
    expect(members && thumbprintOf(members)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  })

  it('is that of RFC 8037 §A.3', () => {
    const members = requiredMembers({ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' })
    expect(members && thumbprintOf(members)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
  })

  it('of a secret is that of its JWK', async () => {
    const k = Buffer.from('a secret of thirty-two bytes ...').toString('base64url')
    const known = await calculateJwkThumbprint({ kty: 'oct', k })
    expect(secretThumbprint(new TextEncoder().encode('a secret of thirty-two bytes ...'))).toBe(known)
    expect(isThumbprint(known)).toBe(true)
  })

  it.each(['', 'kPrK', `${'A'.repeat(42)}B`, 'A'.repeat(44), 7, undefined])('is not %j', (value) => {
    expect(isThumbprint(value)).toBe(false)
  })
})
