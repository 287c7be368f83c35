import { compactVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { ASYMMETRIC_ALGORITHMS } from '../../../src/access/issuer.ts'
import { readCompact } from '../../../src/tokens/jws.ts'
import { createKeySet } from '../../../src/tokens/keyset.ts'
import { isSignedWithPublicKey } from '../../../src/tokens/publickey.ts'
import { goodToken, type Hostile, makeParties, type Parties } from '../../tokens/hostile/parties.ts'
import { hostileClaims } from './hostile/claims.ts'
import { hostileHeaders } from './hostile/header.ts'
import { hostileSignatures } from './hostile/signature.ts'
import { hostileSpellings } from './hostile/spelling.ts'

const hostile: readonly Pick<Hostile, 'name' | 'token'>[] = [
  { name: 'a good token', token: goodToken },
  ...hostileHeaders,
  ...hostileClaims,
  ...hostileSpellings,
  ...hostileSignatures,
]

/** The keys of every party, for each algorithm that they could be used with. */
async function keysOf(parties: Parties): Promise<readonly { readonly alg: string; readonly key: CryptoKey }[]> {
  const set = createKeySet(Object.values(parties).map(({ jwk: { alg: _alg, ...members } }) => members))
  const kids = new Set(Object.values(parties).map(({ kid }) => kid))
  const found = Array.from(kids).flatMap((kid) =>
    ASYMMETRIC_ALGORITHMS.map(async (alg) => {
      const keys = await set.resolve({ alg, kid })
      return typeof keys === 'string' ? [] : keys.flatMap(({ key }) => (key instanceof CryptoKey ? [{ alg, key }] : []))
    }),
  )
  return (await Promise.all(found)).flat()
}

describe('the signature of a hostile token that can be read', () => {
  let parties: Parties
  let keys: readonly { readonly alg: string; readonly key: CryptoKey }[]
  let good = 0

  beforeAll(async () => {
    parties = await makeParties()
    keys = await keysOf(parties)
  })

  it.each(hostile)('is good under a key if jose says so: $name', async ({ token }) => {
    const presented = await token(parties)
    const jws = readCompact(presented)
    if (!jws.ok || 'crit' in jws.value.header || 'b64' in jws.value.header) return
    for (const { alg, key } of keys.filter((one) => one.alg === jws.value.header['alg'])) {
      const ofJose = await compactVerify(presented, key, { algorithms: [alg] }).then(
        () => true,
        () => false,
      )
      expect(await isSignedWithPublicKey(key, presented, alg)).toBe(ofJose)
      if (ofJose) good++
    }
  })

  it('is good often enough for that to say something', () => {
    expect(good).toBeGreaterThan(100)
  })
})
