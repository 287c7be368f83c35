import { compactVerify, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { OWN_MAPPING } from '../../src/access/ownclaims.ts'
import type { Issuer } from '../../src/access/issuer.ts'
import { readEntitlement } from '../../src/tokens/entitlement.ts'
import { readHeader } from '../../src/tokens/header.ts'
import { readCompact } from '../../src/tokens/jws.ts'

/** The claims of RFC 7515 A.1 to A.3 and A.5. */
const JOE = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
const RS256_SIGNATURE =
  'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU' +
  'Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d' +
  'O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig' +
  'cN_IoypGlUPQGe77Rw'
const RS256_MODULUS =
  'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ' +
  'S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2' +
  'R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD' +
  'TW9gb54h4FRWyuXpoQ'
const ES512_SIGNATURE =
  'AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2Y' +
  'BJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn'

interface Vector {
  readonly name: string
  readonly token: string
  readonly key?: JWK
  /** The members of its header, or why it is no JWT. */
  readonly header?: Record<string, unknown>
  readonly detail?: RegExp
}

const signed: Vector[] = [
  {
    name: 'RFC 7515 A.1, HS256',
    token: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
    key: { kty: 'oct', k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow' },
    header: { typ: 'JWT', alg: 'HS256' },
  },
  {
    name: 'RFC 7515 A.2, RS256',
    token: `eyJhbGciOiJSUzI1NiJ9.${JOE}.${RS256_SIGNATURE}`,
    key: { kty: 'RSA', n: RS256_MODULUS, e: 'AQAB' },
    header: { alg: 'RS256' },
  },
  {
    name: 'RFC 7515 A.3, ES256',
    token: `eyJhbGciOiJFUzI1NiJ9.${JOE}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
    header: { alg: 'ES256' },
  },
]

const notTokens: Vector[] = [
  {
    name: 'RFC 7515 A.4, ES512, whose payload is a word',
    token: `eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.${ES512_SIGNATURE}`,
    key: {
      kty: 'EC',
      crv: 'P-521',
      x: 'AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk',
      y: 'ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2',
    },
    detail: /payload .* not a JSON object/,
  },
  { name: 'RFC 7515 A.5, unsecured', token: `eyJhbGciOiJub25lIn0.${JOE}.`, detail: /part of the token is empty/ },
  {
    name: 'RFC 8037 A.4, Ed25519, whose payload is a sentence',
    token:
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
    key: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    detail: /payload .* not a JSON object/,
  },
]

const joe: Issuer = {
  issuer: 'joe',
  audience: 'x',
  algorithms: ['HS256', 'RS256', 'ES256'],
  keys: { kind: 'inline', keys: [] },
  types: { entitlement: ['jwt'] },
  allowsAbsentType: false,
  claims: OWN_MAPPING,
  clockToleranceSeconds: 0,
  maxLifetimeSeconds: 3600,
}

describe('the vector', () => {
  it.each([...signed, ...notTokens].filter(({ key }) => key !== undefined))(
    '$name is written down rightly: its signature is good',
    async ({ token, key = { kty: '' } }) => {
      await expect(compactVerify(token, key)).resolves.toBeDefined()
    },
  )

  it.each(signed)('$name is read', ({ token, header }) => {
    expect(readCompact(token)).toEqual({
      ok: true,
      value: { header, payload: { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true } },
    })
  })

  it.each(signed)('$name is no entitlement: it has no iat', ({ token }) => {
    const jws = readCompact(token)
    expect(jws.ok && readEntitlement(jws.value.payload, joe)).toMatchObject({
      ok: false,
      error: { reason: 'credential-invalid', check: 'lifetime' },
    })
  })

  it.each(signed)('$name has a header that is taken exactly when it says its type', ({ header = {} }) => {
    const judged = readHeader(header, joe, 'entitlement')
    if (header['typ'] === 'JWT') expect(judged).toEqual({ ok: true, value: { alg: header['alg'], kid: undefined } })
    else expect(judged).toMatchObject({ ok: false, error: { check: 'type' } })
  })

  it.each(notTokens)('$name is refused', ({ token, detail }) => {
    const read = readCompact(token)
    expect(read).toMatchObject({ ok: false, error: { reason: 'credential-malformed' } })
    expect(read.ok ? '' : read.error.detail).toMatch(detail ?? /$^/)
  })
})
