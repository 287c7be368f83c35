import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { createIssuer, verifyUsage } from '../../src/billing/index.ts'
import usage from '../../vectors/usage.json'
import { FILES, gateVerdict, type TokenVector, type VectorFile } from './vectors.ts'

/** Asks jose alone: the signature, and the claims that it knows. */
async function joseTakes(file: VectorFile, { token, now = file.now }: TokenVector): Promise<boolean> {
  const [{ issuer, keys = [] }] = file.gate.issuers
  const isList = file.kind === 'statuslist'
  const wanted = {
    typ: file.typ,
    currentDate: new Date(now * 1000),
    clockTolerance: 5,
    ...(isList ? {} : { issuer, audience: file.gate.audience }),
  }
  const { secret } = file.keys
  const algorithms = typeof secret === 'string' ? ['HS256'] : ['EdDSA', 'ES256', 'PS256', 'RS256']
  const verifying =
    typeof secret === 'string'
      ? jwtVerify(token, new TextEncoder().encode(secret), { ...wanted, algorithms })
      : jwtVerify(token, createLocalJWKSet({ keys: [...keys] }), { ...wanted, algorithms })
  return verifying.then(
    () => true,
    () => false,
  )
}

/** What jose is to know of as well. */
const KNOWN_TO_JOSE = new Set(['signature', 'algorithm', 'key', 'issuer', 'audience', 'type', 'header'])
/** A receipt may be for one site only: that is a rule of ours. */
const OURS = new Set(['is for two sites'])

describe.each(Object.entries(FILES))('of the vectors in %s.json', (_name, file) => {
  it.each(file.vectors)('the gate says of "$name" what is written', async (vector) => {
    expect(await gateVerdict(file, vector)).toEqual(vector.verdict)
  })

  const accepted = file.vectors.filter(({ verdict }) => verdict.accepted)
  it.each(accepted)('jose takes "$name"', async (vector) => {
    expect(await joseTakes(file, vector)).toBe(true)
    expect(decodeProtectedHeader(vector.token)).toEqual(vector.header)
    expect(decodeJwt(vector.token)).toEqual(vector.claims)
  })

  const known = file.vectors.filter(
    ({ name, verdict }) => !verdict.accepted && KNOWN_TO_JOSE.has(verdict.check ?? '') && !OURS.has(name),
  )
  it.runIf(file.kind !== 'statuslist').each(known)('jose takes no token that "$name"', async (vector) => {
    expect(await joseTakes(file, vector)).toBe(false)
  })

  const signed = file.vectors.flatMap((vector) => (vector.sign === undefined ? [] : [{ ...vector, sign: vector.sign }]))
  it.each(signed)('faregate/billing signs "$name"', async ({ sign: { method, input }, key = '', ...vector }) => {
    const [{ issuer, speaksFor }] = file.gate.issuers
    const secret = file.keys[key]
    const source = typeof secret === 'string' ? { secret } : { keys: [{ jwk: secret ?? {} }] }
    const clock = (): number => file.now * 1000
    const token = await createIssuer({ issuer, audience: file.gate.audience, ...source, speaksFor, clock })[method](
      input,
    )
    expect(await gateVerdict(file, { ...vector, token })).toEqual(vector.verdict)
    expect(decodeProtectedHeader(token)).toEqual(vector.header)
    // The same statuses may be packed in several ways, and ES256 signs at random.
    if (method === 'statusList') expect(Object.keys(decodeJwt(token))).toEqual(Object.keys(vector.claims ?? {}))
    else expect(decodeJwt(token)).toEqual(vector.claims)
    if (method !== 'statusList' && key !== 'es256') expect(token).toBe(vector.token)
  })

  it('there are some of each', () => {
    expect([accepted.length > 0, file.vectors.length - accepted.length > 4, signed.length > 0]).toEqual([
      true,
      true,
      true,
    ])
  })
})

describe('of the vectors in usage.json', () => {
  it.each(usage.vectors)(
    'faregate/billing says of "$name" what is written',
    async ({ headers, body, verdict, now }) => {
      const sent = new Headers(Object.entries(headers))
      const request = new Request('https://billing.example.com/usage', { method: 'POST', headers: sent, body })
      const read = await verifyUsage(request, usage.secret, { now: (now ?? usage.now) * 1000 })
      if (read.ok) expect({ accepted: true, means: { records: read.value } }).toEqual(verdict)
      else expect({ accepted: false, reason: read.error.reason, status: read.error.status }).toEqual(verdict)
    },
  )
})
