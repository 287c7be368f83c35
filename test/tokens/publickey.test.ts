import { base64url, compactVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { isSignedWithPublicKey } from '../../src/tokens/publickey.ts'

const encoder = new TextEncoder()
const NAMES =
  'EdDSA,Ed25519,ES256,ES384,ES512,PS256,PS384,PS512,RS256,RS384,RS512,HS256,none,es256,ES256K,constructor,__proto__,'.split(
    ',',
  )

const exponent = { publicExponent: new Uint8Array([1, 0, 1]) }
const KEYS = [
  { name: 'Ed25519' },
  ...['P-256', 'P-384', 'P-521'].map((namedCurve) => ({ name: 'ECDSA', namedCurve })),
  ...['RSA-PSS', 'RSASSA-PKCS1-v1_5'].flatMap((name) => [
    ...['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'].map((hash) => ({ name, hash, modulusLength: 2048, ...exponent })),
    { name, hash: 'SHA-256', modulusLength: 1024, ...exponent },
  ]),
]

interface Pair {
  readonly publicKey: CryptoKey
  readonly privateKey: CryptoKey
}

async function pairOf(recipe: (typeof KEYS)[number]): Promise<Pair> {
  const pair = await crypto.subtle.generateKey(recipe, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('not a key pair')
  return pair
}

/** What an algorithm's name says about signing, whatever the key. */
function signingFor(key: CryptoKey, alg: string): { name: string; hash?: string; saltLength?: number } {
  const bits = Number(/S(\d{3})$/.exec(alg)?.[1] ?? 256)
  return { name: key.algorithm.name, hash: `SHA-${bits}`, saltLength: bits / 8 }
}

async function verdictOfJose(key: CryptoKey, token: string, alg: string): Promise<boolean> {
  return compactVerify(token, key, { algorithms: [alg] }).then(
    () => true,
    () => false,
  )
}

describe('a public key says of a signature what jose says of it', () => {
  let pairs: readonly Pair[]

  beforeAll(async () => {
    pairs = await Promise.all(KEYS.map(pairOf))
  })

  it.each(NAMES)('under the algorithm %j, good or not, with each kind of key', async (alg) => {
    const signed = `${base64url.encode(JSON.stringify({ alg }))}.${base64url.encode('{}')}`
    let good = 0
    for (const { publicKey, privateKey } of pairs) {
      const signature = new Uint8Array(
        await crypto.subtle.sign(signingFor(privateKey, alg), privateKey, encoder.encode(signed)),
      )
      const variants = [signature, signature.slice(1), signature.slice(0, -1), Uint8Array.of(...signature, 0)]
      variants.push(
        signature.map((byte, at) => (at === 7 ? byte ^ 1 : byte)),
        signature.map(() => 0),
        new Uint8Array(1),
      )
      for (const key of [publicKey, privateKey])
        for (const bytes of variants) {
          const token = `${signed}.${base64url.encode(bytes)}`
          const expected = await verdictOfJose(key, token, alg)
          expect(await isSignedWithPublicKey(key, token, alg)).toBe(expected)
          if (expected) good++
        }
    }
    // A signature that begins with a zero byte is the same number without it, which some implementations take.
    expect(good > 0).toBe(/^(?:Ed|[EPR]S\d+$)/.test(alg))
  })

  it('whichever algorithm the key was asked for before', async () => {
    for (const { publicKey } of pairs)
      for (const alg of [...NAMES, ...NAMES.toReversed()]) {
        const token = `${base64url.encode(JSON.stringify({ alg }))}.e30.AAAA`
        const expected = await verdictOfJose(publicKey, token, alg)
        expect(await isSignedWithPublicKey(publicKey, token, alg)).toBe(expected)
      }
  })
})
