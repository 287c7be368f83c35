import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base64url } from 'jose'
import { describe, expect, it } from 'vitest'
import { readFeedToken, secretOf, signFeedToken } from '../../src/feeds/token.ts'
import { type GateKeys, newestGateKey } from '../../src/secrets/gatekeys.ts'
import type { Zone } from '../../src/zone.ts'

const ISSUER = 'https://billing.example.com'
const FACTS = { issuer: ISSUER, account: 'account-7', id: 'AAAAAAAA', nonce: 'BBBBBB', route: '/feeds/*' }
const zone = { id: 'www', issuers: [{ issuer: 'https://other.example' }, { issuer: ISSUER }] } as unknown as Zone

function keysOf(...generations: number[]): GateKeys {
  const [newest = 1, ...older] = generations
  const secretFor = (generation: number) => ({ generation, bytes: new Uint8Array(32).fill(generation) })
  return { secrets: [secretFor(newest), ...older.map(secretFor)], derived: new Map() }
}

const signed = (keys = keysOf(1), zoneId = zone.id): string =>
  signFeedToken(newestGateKey(keys, 'feeds', zoneId), FACTS)

function reasonOf(token: string, keys: GateKeys | undefined = keysOf(1), of: Zone = zone): string {
  const read = readFeedToken(token, keys, of)
  return read.ok ? 'good' : `${read.error.reason} ${read.error.check}`
}

/** Signed with this zone's own key, whatever is in it. */
function forged(header: object, payload: object): string {
  const parts = [header, payload].map((part) => base64url.encode(JSON.stringify(part))).join('.')
  const { bytes } = newestGateKey(keysOf(1), 'feeds', zone.id)
  return `${parts}.${base64url.encode(hmac(sha256, bytes, new TextEncoder().encode(parts)))}`
}

const HEADER = { alg: 'HS256', typ: 'feed+jwt', kid: '1' }

describe('a feed token', () => {
  it('says whose it is, of which feed and for which route, and fits into 250 characters with its URL', () => {
    const token = signed()
    expect(readFeedToken(token, keysOf(1), zone)).toEqual({ ok: true, value: FACTS })
    expect(`https://www.example.com/feeds/daily.xml?token=${token}`.length).toBeLessThanOrEqual(250)
    expect(token).toBe(signed())
    expect(secretOf(token)).toMatch(/^[\w-]{43}$/)
  })

  it('is good under an older generation for as long as that is configured', () => {
    const old = signed(keysOf(1))
    expect(reasonOf(old, keysOf(2, 1))).toBe('good')
    expect(reasonOf(old, keysOf(2))).toBe('credential-invalid key')
    expect(JSON.parse(atob(signed(keysOf(2, 1)).split('.')[0] ?? ''))).toEqual({ ...HEADER, kid: '2' })
  })

  it.each([
    ['of another zone', () => signed(keysOf(1), 'shop'), 'credential-invalid signature'],
    [
      'of another secret under this generation',
      () => signed(keysOf(7)).replace(/^[^.]+/, signed().split('.')[0] ?? ''),
      'credential-invalid signature',
    ],
    ['without a signature', () => signed().replace(/[^.]+$/, ''), 'credential-malformed spelling'],
    ['with padding', () => `${signed()}=`, 'credential-malformed spelling'],
    [
      'of another kind, under our key',
      () => forged({ ...HEADER, typ: 'entitlement+jwt' }, {}),
      'credential-invalid type',
    ],
    ['without a kind', () => forged({ alg: 'HS256', kid: '1' }, {}), 'credential-invalid type'],
    ['by no algorithm', () => forged({ ...HEADER, alg: 'none' }, {}), 'credential-invalid type'],
    ['by a public key', () => forged({ ...HEADER, alg: 'ES256' }, {}), 'credential-invalid type'],
    ['of no generation', () => forged({ alg: 'HS256', typ: 'feed+jwt' }, {}), 'credential-invalid key'],
    ['of a generation in words', () => forged({ ...HEADER, kid: 'x' }, {}), 'credential-invalid key'],
    [
      'of an issuer that is not trusted any more',
      () => forged(HEADER, { iss: 'x', sub: 'a', jti: 'b', aud: '/c' }),
      'credential-invalid issuer',
    ],
    ['of nobody', () => forged(HEADER, {}), 'credential-invalid issuer'],
  ])('%s opens nothing', (_what, token, reason) => {
    expect(reasonOf(token())).toBe(reason)
  })

  it('opens nothing in any character that was changed, and nothing without a secret of the gate', () => {
    const token = signed()
    for (let at = 0; at < token.length; at += 1) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
      if (changed !== token) expect(reasonOf(changed), String(at)).not.toBe('good')
    }
    expect(reasonOf(token, { secrets: [{ generation: 3, bytes: new Uint8Array(32) }], derived: new Map() })).toBe(
      'credential-invalid key',
    )
    const read = readFeedToken(token, undefined, zone)
    expect(read.ok).toBe(false)
  })

  it('of an account whose issuer is removed from the zone opens nothing', () => {
    expect(reasonOf(signed(), keysOf(1), { ...zone, issuers: zone.issuers.slice(0, 1) })).toBe(
      'credential-invalid issuer',
    )
  })
})
