import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OWN_MAPPING } from '../../src/access/ownclaims.ts'
import { compileMapping } from '../../src/config/mapping.ts'
import { STANDINGS } from '../../src/access/entitlement.ts'
import type { Issuer } from '../../src/access/issuer.ts'
import { isAudience } from '../../src/tokens/claims.ts'
import { readEntitlement } from '../../src/tokens/entitlement.ts'
import { readHeader } from '../../src/tokens/header.ts'
import { readOperator } from '../../src/tokens/operator.ts'
import { readPayment } from '../../src/tokens/payment.ts'

const issuer: Issuer = {
  issuer: 'https://billing.example',
  audience: 'https://news.example',
  algorithms: ['ES256', 'EdDSA'],
  keys: { kind: 'inline', keys: [] },
  types: { entitlement: ['entitlement+jwt'] },
  allowsAbsentType: false,
  claims: OWN_MAPPING,
  clockToleranceSeconds: 5,
  maxLifetimeSeconds: 3600,
}
const mapped: Issuer = {
  ...issuer,
  types: { entitlement: ['at+jwt', 'jwt'] },
  claims: compileMapping({
    claims: { entitlements: ['scope'], plan: 'https://x.example/tier', standing: 'account_status' },
    isForeign: true,
  }),
}
const GOOD = { sub: 'account', iat: 1000, exp: 2000 }

describe('the claims of an entitlement', () => {
  it('are read as they stand, with what is left out at its default', () => {
    expect(
      readEntitlement({ ...GOOD, entitlements: ['a', { value: 'b', display: 'B' }], plan: 'Gold' }, issuer),
    ).toEqual({
      ok: true,
      value: {
        kind: 'entitlement',
        issuer: 'https://billing.example',
        account: 'account',
        entitlements: ['a', 'b'],
        plan: 'Gold',
        limits: [],
        standing: 'active',
        issuedAt: 1000,
        notBefore: 1000,
        expires: 2000,
        toleranceSeconds: 5,
      },
    })
  })

  it('are read under the names that the issuer has for them, and no others', () => {
    const payload = {
      ...GOOD,
      scope: 'a  b ',
      'https://x.example/tier': 'Gold',
      account_status: 'past-due',
      standing: 7,
    }
    expect(readEntitlement(payload, mapped)).toMatchObject({
      value: { entitlements: ['a', 'b'], plan: 'Gold', standing: 'past-due' },
    })
    expect(readEntitlement({ ...GOOD, entitlements: ['a'], plan: 7 }, mapped)).toMatchObject({
      value: { entitlements: [], plan: undefined, standing: 'active' },
    })
  })

  it.each(STANDINGS)('may say that standing is %s', (standing) => {
    expect(readEntitlement({ ...GOOD, standing }, issuer)).toMatchObject({ ok: true, value: { standing } })
  })

  const lifetimes: [name: string, times: Record<string, unknown>, isGood: boolean][] = [
    ['of one second', { exp: 1001 }, true],
    ['of none', { exp: 1000 }, false],
    ['that is negative', { exp: 999 }, false],
    ['of the longest', { exp: 4600 }, true],
    ['of one second more', { exp: 4601 }, false],
    ['from the beginning of time', { iat: 0, exp: 1 }, true],
    ['to the end of numbers', { iat: Number.MAX_SAFE_INTEGER - 1, exp: Number.MAX_SAFE_INTEGER }, true],
    ['past the end of numbers', { iat: Number.MAX_SAFE_INTEGER - 1, exp: Number.MAX_SAFE_INTEGER + 1 }, false],
    ['that begins later', { nbf: 1500 }, true],
    ['with fractions (RFC 7519 §2)', { iat: 1000.25, nbf: 1000.5, exp: 2000.75 }, true],
    ['of less than a second', { iat: 1000.25, exp: 1000.5 }, true],
    ['of none, between two seconds', { iat: 1000.5, exp: 1000.5 }, false],
    ['of the longest, between two seconds', { iat: 1_800_000_000.123, exp: 1_800_003_600.123 }, true],
    ['of the longest, to the microsecond', { iat: 1_800_000_000.123457, exp: 1_800_003_600.123457 }, true],
    ['of one millisecond more', { iat: 1_800_000_000.123, exp: 1_800_003_600.124 }, false],
    ['that ends at no time', { exp: Number.POSITIVE_INFINITY }, false],
    ['that begins before time', { nbf: -0.5 }, false],
    ['in words', { exp: '2000' }, false],
    ['that begins at no time', { nbf: Number.NaN }, false],
  ]
  it.each(lifetimes)('may have a lifetime %s: %j, %s', (_name, times, isGood) => {
    const read = readEntitlement({ ...GOOD, ...times }, issuer)
    if (isGood) expect(read.ok).toBe(true)
    else expect(read).toMatchObject({ error: { reason: 'credential-invalid', check: 'lifetime' } })
  })

  it('are judged before its times are: a token may be read before it is valid and after it has expired', () => {
    expect(readEntitlement({ ...GOOD, iat: 1, exp: 2 }, issuer).ok).toBe(true)
    expect(readEntitlement({ ...GOOD, iat: 2 ** 40, exp: 2 ** 40 + 1 }, issuer).ok).toBe(true)
  })

  it('whatever they are, give an entitlement of the right shape or a refusal, and never throw', () => {
    const names = ['sub', 'iat', 'exp', 'nbf', 'entitlements', 'plan', 'standing', 'cnf', 'status', '__proto__']
    const payload = fc.dictionary(fc.constantFrom(...names), fc.jsonValue()).map((some) => ({ ...GOOD, ...some }))
    fc.assert(
      fc.property(payload, (claims) => {
        const read = readEntitlement(claims, issuer)
        if (!read.ok) {
          expect(read.error.reason).toBe('credential-invalid')
          return
        }
        const { account, entitlements, plan, standing, issuedAt, notBefore, expires } = read.value
        expect(account).not.toBe('')
        expect(entitlements.every((name) => typeof name === 'string' && name !== '')).toBe(true)
        expect(plan === undefined || typeof plan === 'string').toBe(true)
        expect(STANDINGS).toContain(standing)
        expect([issuedAt, notBefore, expires].every((time) => time >= 0 && time <= Number.MAX_SAFE_INTEGER)).toBe(true)
        expect(expires - issuedAt).toBeGreaterThan(0)
        expect(expires - issuedAt).toBeLessThanOrEqual(issuer.maxLifetimeSeconds)
        expect('cnf' in claims || 'status' in claims).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  it('are refused without a word of what they say', () => {
    for (const claims of [{ sub: 7 }, { plan: ['sesame'] }, { standing: 'sesame' }, { entitlements: { sesame: 1 } }]) {
      const read = readEntitlement({ ...GOOD, ...claims }, issuer)
      expect(read.ok).toBe(false)
      expect(JSON.stringify(read)).not.toContain('sesame')
    }
  })
})

describe('the status of a token', () => {
  const uri = 'https://billing.example/status/1'
  const policy = { allow: ['https://billing.example/status/*'], staleMs: 0, cooldownMs: 0, timeoutMs: 0 }
  const lister: Issuer = { ...issuer, statusLists: policy }
  const receipt = { aud: issuer.audience, jti: 'r', amount: '1', currency: 'USD', resource: '/a', iat: 1000, exp: 2000 }
  const readers: [kind: string, read: (status: unknown, by: Issuer) => unknown][] = [
    ['an entitlement', (status, by) => readEntitlement({ ...GOOD, status }, by)],
    ['a receipt', (status, by) => readPayment({ ...receipt, status }, by)],
  ]

  const good: [name: string, status: unknown, idx: number][] = [
    ['a place in a list', { status_list: { idx: 0, uri } }, 0],
    ['the last place of all', { status_list: { idx: Number.MAX_SAFE_INTEGER, uri, more: 1 } }, Number.MAX_SAFE_INTEGER],
    ['another mechanism beside it', { status_list: { idx: 7, uri }, other: {} }, 7],
  ]
  const bad: [name: string, status: unknown][] = [
    ['nothing', null],
    ['no mechanism', {}],
    ['another mechanism alone', { identifier_list: { id: 'x', uri } }],
    ['a list of lists', [{ status_list: { idx: 0, uri } }]],
    ['a list that is no object', { status_list: uri }],
    ['a list that is an array', { status_list: [0, uri] }],
    ['no place', { status_list: { uri } }],
    ['a place before the first', { status_list: { idx: -1, uri } }],
    ['a place between two', { status_list: { idx: 0.5, uri } }],
    ['a place past the end of numbers', { status_list: { idx: 2 ** 53, uri } }],
    ['a place in words', { status_list: { idx: '0', uri } }],
    ['no URI', { status_list: { idx: 0 } }],
    ['two URIs', { status_list: { idx: 0, uri: [uri, uri] } }],
    ['a list elsewhere', { status_list: { idx: 0, uri: 'https://evil.example/status/1' } }],
    ['a list outside of its folder', { status_list: { idx: 0, uri: 'https://billing.example/status/../keys' } }],
  ]

  describe.each(readers)('that is %s', (_kind, read) => {
    it.each(good)('may be %s', (_name, status, idx) =>
      expect(read(status, lister)).toMatchObject({ ok: true, value: { status: { issuer: lister, policy, uri, idx } } }),
    )
    it.each(bad)('may not be %s', (_name, status) =>
      expect(read(status, lister)).toMatchObject({ error: { reason: 'credential-invalid', check: 'claims' } }),
    )
    it.each([...good, ...bad].map(([name, status]) => [name, status] as const))(
      'is refused where no lists are read, and is %s',
      (_name, status) =>
        expect(read(status, issuer)).toMatchObject({ error: { reason: 'credential-invalid', check: 'claims' } }),
    )
  })

  it('whatever it says, is a place in an allowed list or the token is refused', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(0, 7, uri, `${uri}/..`, -1))
    const place = fc.dictionary(fc.constantFrom('idx', 'uri', '__proto__'), value)
    const claim = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('status_list', 'other'), fc.oneof(value, place)),
    )
    fc.assert(
      fc.property(claim, (status) => {
        const read = readEntitlement({ ...GOOD, status }, lister)
        if (!read.ok) {
          expect(read.error.reason).toBe('credential-invalid')
          return
        }
        expect(read.value.status?.uri).toBe(uri)
        expect(Number.isSafeInteger(read.value.status?.idx) && read.value.status?.idx).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 2000 },
    )
  })

  it('of an operator is never looked up, so that it is refused', () => {
    expect(readOperator({ ...GOOD, status: { status_list: { idx: 0, uri } } }, lister)).toMatchObject({ ok: false })
  })
})

describe('an audience', () => {
  const audiences: [aud: unknown, isOurs: boolean][] = [
    ['x', true],
    [['x'], true],
    [['y', 'x'], true],
    [[7, 'x'], true],
    [[['x']], false],
    ['xx', false],
    ['X', false],
    [['y'], false],
    [[], false],
    [{ 0: 'x' }, false],
    [undefined, false],
    [null, false],
  ]
  it.each(audiences)('%j is compared exactly: %s', (aud, isOurs) => expect(isAudience(aud, 'x')).toBe(isOurs))
})

describe('the header of a token', () => {
  const good = { alg: 'ES256', typ: 'entitlement+jwt', kid: 'k' }

  it('says which key is wanted, and nothing else of it counts', () => {
    const wanted = { ok: true, value: { alg: 'ES256', kid: 'k' } }
    expect(readHeader(good, issuer, 'entitlement')).toEqual(wanted)
    expect(readHeader({ ...good, jwk: {}, jku: 'x', x5u: 'x', x5c: ['x'] }, issuer, 'entitlement')).toEqual(wanted)
  })

  const bad: [name: string, header: Record<string, unknown>, check: string][] = [
    ['whose algorithm only another issuer may use', { ...good, alg: 'PS256' }, 'algorithm'],
    ['whose algorithm and type are both wrong', { ...good, alg: 'none', typ: 'JWT' }, 'algorithm'],
    ['whose type is that of another kind', { ...good, typ: 'payment+jwt' }, 'type'],
    ['that has crit', { ...good, crit: ['x'], x: 1 }, 'header'],
    ['that has b64', { ...good, b64: true }, 'header'],
    ['whose kid is a number', { ...good, kid: 7 }, 'header'],
  ]
  it.each(bad)('%s is refused', (_name, header, check) =>
    expect(readHeader(header, issuer, 'entitlement')).toMatchObject({ error: { reason: 'credential-invalid', check } }),
  )

  it.each([
    [['EdDSA'], 'Ed25519', true],
    [['Ed25519'], 'EdDSA', true],
    [['EdDSA'], 'EdDSA', true],
    [['Ed25519'], 'Ed448', false],
    [['EdDSA'], 'Ed448', false],
    [['ES256'], 'ESP256', false],
    [['ES256'], 'EdDSA', false],
    [['PS256'], 'RS256', false],
  ])('of an issuer that may use %j may say %s: %s', (algorithms, alg, isGood) => {
    const read = readHeader({ ...good, alg }, { ...issuer, algorithms }, 'entitlement')
    expect(read.ok).toBe(isGood)
    if (read.ok) expect(read.value.alg).toBe(alg)
  })

  it('of a mapped issuer may say JWT, and then not entitlement+jwt', () => {
    expect(readHeader({ ...good, typ: 'JWT' }, mapped, 'entitlement').ok).toBe(true)
    expect(readHeader({ ...good, typ: 'application/at+jwt' }, mapped, 'entitlement').ok).toBe(true)
    expect(readHeader(good, mapped, 'entitlement').ok).toBe(false)
  })

  it('whatever it says, is accepted only with a listed algorithm and a listed type', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('ES256', 'entitlement+jwt', 'application/entitlement+jwt', 'k'),
    )
    const names = fc.constantFrom('alg', 'typ', 'kid', 'crit', 'b64', 'jwk')
    fc.assert(
      fc.property(fc.dictionary(names, value), (header) => {
        const read = readHeader(header, issuer, 'entitlement')
        if (!read.ok) return
        expect([...issuer.algorithms, 'Ed25519']).toContain(header['alg'])
        expect(header['typ']).toMatch(/^(?:application\/)?entitlement\+jwt$/i)
        expect('crit' in header || 'b64' in header).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })
})
