import { hkdfSync } from 'node:crypto'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { gateKey, type GateKeys, newestGateKey } from '../../src/secrets/gatekeys.ts'
import { faultsOf, ZONE, zoneOf } from '../support/compiled.ts'

/** The test cases of RFC 5869, appendix A, with SHA-256: input, salt, info, output. */
const RFC_5869: readonly (readonly [ikm: string, salt: string, info: string, okm: string])[] = [
  [
    '0b'.repeat(22),
    '000102030405060708090a0b0c',
    'f0f1f2f3f4f5f6f7f8f9',
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  ],
  [
    '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f',
    '606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf',
    'b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  ],
  ['0b'.repeat(22), '', '', '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'],
]

const ENV = { ONE: 'one'.repeat(16), TWO: 'two'.repeat(16), AGAIN: 'one'.repeat(16), SHORT: 'x'.repeat(31) }

/** The keys of a zone whose configuration has these secrets. */
function keysOf(gate: unknown): GateKeys {
  const { gateKeys } = zoneOfGate(gate)
  if (gateKeys === undefined) throw new Error('no keys')
  return gateKeys
}

function zoneOfGate(gate: unknown) {
  return zoneOf({}, ENV, { secrets: { gate } })
}

const BOTH = [
  { generation: 2, secret: 'TWO' },
  { generation: 1, secret: 'ONE' },
]

describe('the keys of the gate', () => {
  it.each(RFC_5869)('are derived as RFC 5869 says: %s %s %s', (ikm, salt, info, okm) => {
    const found = hkdf(sha256, hexToBytes(ikm), hexToBytes(salt), hexToBytes(info), okm.length / 2)
    expect(bytesToHex(found)).toBe(okm)
  })

  it('are those that another implementation derives from the same secret', () => {
    const { bytes, generation } = newestGateKey(keysOf('ONE'), 'api-keys', 'www')
    expect(generation).toBe(1)
    expect(bytes).toEqual(new Uint8Array(hkdfSync('sha256', ENV.ONE, '', 'faregate 1 api-keys www', 32)))
  })

  it('differ by use, zone and generation', () => {
    const keys = keysOf(BOTH)
    const all = (['api-keys', 'feeds', 'references'] as const).flatMap((use) =>
      ['a', 'b'].flatMap((zone) => [1, 2].map((generation) => gateKey(keys, use, zone, generation)?.bytes)),
    )
    expect(new Set(all.map((bytes) => bytes && bytesToHex(bytes))).size).toBe(12)
  })

  it('are made with the newest generation, and found by an older one', () => {
    const keys = keysOf(BOTH)
    const newest = newestGateKey(keys, 'feeds', 'a')
    expect(newest.generation).toBe(2)
    expect(gateKey(keys, 'feeds', 'a', 2)).toBe(newest)
    expect(gateKey(keys, 'feeds', 'a', 1)).toEqual(gateKey(keysOf('ONE'), 'feeds', 'a', 1))
    expect(gateKey(keys, 'feeds', 'a', 3)).toBeUndefined()
  })

  it('are none if no secret is named', () => {
    expect(zoneOf({}).gateKeys).toBeUndefined()
  })
})

describe('the secret of the gate', () => {
  const faults = (gate: unknown) => faultsOf({ zones: [ZONE], secrets: { gate } }, ENV)

  it.each<[name: string, gate: unknown, path: string, message: RegExp]>([
    ['is not in the environment', 'ABSENT', 'secrets.gate', /no secret of the name "ABSENT"/],
    ['is short', 'SHORT', 'secrets.gate', /at least 32 bytes/],
    ['is an empty list', [], 'secrets.gate', /at least one/],
    ['is short in a list', [{ generation: 1, secret: 'SHORT' }], 'secrets.gate[0].secret', /at least 32 bytes/],
    ['has a generation 0', [{ generation: 0, secret: 'ONE' }], 'secrets.gate[0].generation', /from 1 to 255/],
    ['has a generation 256', [{ generation: 256, secret: 'ONE' }], 'secrets.gate[0].generation', /from 1 to 255/],
    ['has one generation twice', [BOTH[0], { generation: 2, secret: 'ONE' }], 'secrets.gate', /once, the newest first/],
    ['has the oldest first', [BOTH[1], BOTH[0]], 'secrets.gate', /the newest first/],
    ['is the same twice', [BOTH[0], { generation: 1, secret: 'TWO' }], 'secrets.gate', /another secret/],
    ['has one value under two names', [{ generation: 3, secret: 'AGAIN' }, ...BOTH], 'secrets.gate', /another secret/],
    ['is no name', 7, 'secrets.gate', /a string/],
  ])('is at fault if it %s', (_name, gate, path, message) => {
    expect(faults(gate)).toEqual([{ path, message: expect.stringMatching(message) }])
  })

  it('is quoted in no fault', () => {
    expect(JSON.stringify(faults(ENV.ONE))).not.toContain(ENV.ONE)
  })

  it('is missing if a rail or an endpoint needs it', () => {
    const rail = { ...ZONE.rails[0], name: 'needy', needsGateKey: true }
    const endpoint = { path: 'needy', needsGateKey: true, create: () => undefined }
    const without = { zones: [{ ...ZONE, rails: [...ZONE.rails, rail] }] }
    const MISSING = (place: string) => [{ path: 'secrets.gate', message: `is missing: ${place} needs it` }]
    expect(faultsOf(without, ENV)).toEqual(MISSING('zones[0].rails[1]'))
    expect(faultsOf({ zones: [ZONE], endpoints: [endpoint] }, ENV)).toEqual(MISSING('endpoints[0]'))
    expect(faultsOf({ ...without, secrets: { gate: 'ONE' } }, ENV)).toEqual([])
  })
})
