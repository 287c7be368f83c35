import type { Check, Reason } from '../../../src/core/problem.ts'
import { sign, signParts } from '../../support/issuer.ts'
import { claims, IDENTITY, NEWS, NOW, type Parties, SHARED, SHOP } from '../hostile/parties.ts'
import { receiptClaims, receiptToken } from './gate.ts'

/** A receipt that must be refused, and the check that must fail. */
interface Hostile {
  readonly name: string
  readonly token: (parties: Parties) => Promise<string>
  readonly reason: Reason
  readonly check: Check
}

function invalid(check: Check, claim: string, values: readonly unknown[]): Hostile[] {
  return values.map((value) => ({
    name: value === undefined ? `no ${claim}` : `${claim} ${JSON.stringify(value).slice(0, 60)}`,
    token: (parties) => receiptToken(parties, { [claim]: value }),
    reason: 'credential-invalid',
    check,
  }))
}

function headed(check: Check, cases: [name: string, header: Record<string, unknown>][]): Hostile[] {
  return cases.map(([name, header]) => ({
    name,
    token: (parties) => receiptToken(parties, {}, header),
    reason: 'credential-invalid',
    check,
  }))
}

const NOT_STRINGS = [null, '', 0, 7, true, [], ['x'], {}]

const audiences: Hostile[] = [
  ...invalid('audience', 'aud', [undefined, null, '', [], SHOP, [SHOP], `${NEWS}/`, [[NEWS]], { 0: NEWS, length: 1 }]),
  ...invalid('audience', 'aud', [
    [NEWS, SHOP],
    [SHOP, NEWS],
    [NEWS, NEWS],
    [NEWS, ''],
    [NEWS, null],
  ]),
]

const NOT_TIMES = [undefined, null, '', String(NOW), -0.5, -1, true, [NOW], {}]
const times: Hostile[] = [
  ...invalid('lifetime', 'exp', [...NOT_TIMES, NOW - 60, NOW - 61, NOW - 60 + 86_401, 2 ** 53]),
  ...invalid('lifetime', 'iat', [...NOT_TIMES, 0]),
  ...invalid('lifetime', 'nbf', NOT_TIMES.slice(2)),
  {
    name: 'exp just passed, tolerance included',
    token: (p) => receiptToken(p, { exp: NOW - 5 }),
    reason: 'credential-expired',
    check: 'time',
  },
  {
    name: 'iat in the future',
    token: (p) => receiptToken(p, { iat: NOW + 6 }),
    reason: 'credential-not-yet-valid',
    check: 'time',
  },
  {
    name: 'nbf in the future',
    token: (p) => receiptToken(p, { nbf: NOW + 6 }),
    reason: 'credential-not-yet-valid',
    check: 'time',
  },
]

const NOT_AMOUNTS = [0.25, '.25', '0.', '-1', '+1', '1e3', '00.25', '0,25', ' 0.25', '0x1', '0.0000000001', 'NaN', '1n']
const NOT_PATTERNS = ['reports', '*', '/a*', '/a/**', '/a?b', '/a;b', '/../b', '/%2e', '/a%2fb', '/%ff', '/__faregate']
const NOT_COUNTS = [0, -1, 1.5, '1', true, [], [1], {}, 2 ** 53]

const shapes: Hostile[] = [
  ...invalid('claims', 'jti', [undefined, ...NOT_STRINGS, 'x'.repeat(256), 'x\ud800']),
  ...invalid('claims', 'sub', NOT_STRINGS.slice(1)),
  ...invalid('claims', 'amount', [undefined, ...NOT_STRINGS, ...NOT_AMOUNTS, '1234567890123']),
  ...invalid('claims', 'currency', [undefined, ...NOT_STRINGS, 'usd', 'US', 'USDC', 'USD ', '$']),
  ...invalid('claims', 'resource', [undefined, ...NOT_STRINGS, ...NOT_PATTERNS, `${NEWS}/reports/1`, '/\ud800']),
  ...invalid('claims', 'resource', [`/${'a'.repeat(1024)}`, ['/reports/*'], '//reports/*', '/reports/*\n']),
  ...invalid('claims', 'methods', ['', 'GET', [], ['get'], ['GET', 'post'], ['GET '], [''], [1], [['GET']], {}]),
  ...invalid('claims', 'methods', [['*'], ['GET,HEAD'], ['G'.repeat(21)], { 0: 'GET', length: 1 }]),
  ...invalid('claims', 'uses', [...NOT_COUNTS, 1_000_001]),
  ...invalid('claims', 'pass', [...NOT_COUNTS, 31 * 86_400 + 1]),
  ...invalid('claims', 'cnf', [{}, { jkt: 'AAAA' }]),
  ...invalid('claims', 'status', ['active', {}, { status_list: { idx: 0, uri: 'https://evil.example/list' } }]),
  {
    name: 'uses and pass',
    token: (p) => receiptToken(p, { uses: 1, pass: 60 }),
    reason: 'credential-invalid',
    check: 'claims',
  },
]

/** JSON has numbers that JavaScript does not, so these are written as text. */
function numeral(claim: string, text: string): Hostile {
  return {
    name: `${claim} ${text}, as text`,
    token: ({ es }) => {
      const payload = `{${JSON.stringify(receiptClaims()).slice(1, -1)},"${claim}":${text}}`
      return signParts(es, '{"alg":"ES256","typ":"payment+jwt","kid":"es"}', payload)
    },
    reason: 'credential-invalid',
    check: 'claims',
  }
}

const numerals: Hostile[] = ['uses', 'pass'].flatMap((claim) =>
  ['1e400', '-1e400', '1e-1', '9007199254740993'].map((text) => numeral(claim, text)),
)

const headers: Hostile[] = [
  ...headed(
    'algorithm',
    ['none', 'None', 'HS256', 'RS384', 'ES384', 'ES256 ', '', null, 1].map((alg) => [
      `alg ${JSON.stringify(alg)}`,
      { alg },
    ]),
  ),
  ...headed('header', [
    ['crit', { crit: ['exp'] }],
    ['b64 false', { b64: false }],
    ['a kid that is a number', { kid: 1 }],
  ]),
  ...headed('key', [['an unknown kid', { kid: 'unknown' }]]),
]

/** In `Faregate-Receipt` a token is judged as a receipt, whatever it says it is. */
const others: Hostile[] = [
  ...headed(
    'type',
    [
      undefined,
      null,
      '',
      'JWT',
      'at+jwt',
      'entitlement+jwt',
      'operator+jwt',
      'secevent+jwt',
      'statuslist+jwt',
      'faregate-assertion+jwt',
      'payment',
      'payment+jwt ',
      'application/application/payment+jwt',
      ['payment+jwt'],
    ].map((typ) => [`typ ${JSON.stringify(typ)}`, { typ }]),
  ),
  {
    name: 'an entitlement token, with all that a receipt claims',
    token: ({ es }) => sign(es, { ...claims(), ...receiptClaims() }),
    reason: 'credential-invalid',
    check: 'type',
  },
]

const parties: Hostile[] = [
  ...invalid('issuer', 'iss', [undefined, null, 'https://evil.example', 'https://billing.example/']),
  {
    name: "a forger's key",
    token: ({ forger }) => sign(forger, receiptClaims(), { typ: 'payment+jwt' }),
    reason: 'credential-invalid',
    check: 'signature',
  },
  {
    name: "a forger's key in the header",
    token: ({ forger }) => sign(forger, receiptClaims(), { typ: 'payment+jwt', jwk: forger.jwk }),
    reason: 'credential-invalid',
    check: 'signature',
  },
  {
    name: 'HS256 and the shared secret in the name of an issuer with public keys',
    token: ({ shared }) => sign(shared, receiptClaims(), { typ: 'payment+jwt' }),
    reason: 'credential-invalid',
    check: 'algorithm',
  },
  {
    name: 'a public-key algorithm from an issuer that shares a secret',
    token: ({ es }) => sign(es, receiptClaims({ iss: SHARED }), { typ: 'payment+jwt' }),
    reason: 'credential-invalid',
    check: 'algorithm',
  },
  ...['payment+jwt', 'JWT', 'at+jwt'].map(
    (typ): Hostile => ({
      name: `an issuer that is mapped for entitlements, with typ ${typ}`,
      token: ({ identity }) => sign(identity, receiptClaims({ iss: IDENTITY, iat: NOW, exp: NOW + 60 }), { typ }),
      reason: 'credential-invalid',
      check: 'type',
    }),
  ),
]

export const hostileReceipts: readonly Hostile[] = [
  ...audiences,
  ...times,
  ...shapes,
  ...numerals,
  ...headers,
  ...others,
  ...parties,
]

/** Receipts next door to those: a gate that refuses everything fails here. */
export const goodReceipts: readonly { name: string; token: (parties: Parties) => Promise<string> }[] = [
  ...(
    [
      ['the plainest claims', {}],
      ['aud in a list', { aud: [NEWS] }],
      ['no payer', { sub: undefined }],
      ['the longest jti', { jti: 'x'.repeat(255) }],
      ['a jti in any script', { jti: '收据 \u{1f600} \u0000' }],
      ['an amount with nine decimals', { amount: '0.250000001' }],
      ['far more than the price', { amount: '999999999999.999999999' }],
      ['the path itself', { resource: '/reports/1' }],
      ['everything', { resource: '/*' }],
      ['a segment that is any', { resource: '/*/1' }],
      ['one method', { methods: ['GET'] }],
      ['methods twice', { methods: ['GET', 'GET', 'POST', 'M-SEARCH'] }],
      ['one use, in words', { uses: 1 }],
      ['a million uses', { uses: 1_000_000, amount: '250000' }],
      ['a pass of a second', { pass: 1 }],
      ['a pass of a month', { pass: 31 * 86_400 }],
      ['an exp that tolerance saves', { exp: NOW - 4 }],
      ['an iat that tolerance saves', { iat: NOW + 5 }],
      ['the longest lifetime', { iat: NOW, exp: NOW + 86_400 }],
      ['fractions in its times', { iat: NOW - 0.5, nbf: NOW - 0.25, exp: NOW + 0.5 }],
      ['null for what need not be there', { sub: null, nbf: null, methods: null, uses: null, cnf: null, status: null }],
      ['a pass, and null for uses', { pass: 60, uses: null }],
      ['a use, and null for a pass', { pass: null, uses: 1 }],
      ['claims that nobody knows', { entitlements: 7, standing: 'on-hold', limits: 'x', plan: [] }],
    ] satisfies [string, Record<string, unknown>][]
  ).map(([name, over]) => ({ name, token: (parties: Parties) => receiptToken(parties, over) })),
  ...(
    [
      ['typ in capitals', { typ: 'PAYMENT+JWT' }],
      ['typ in full', { typ: 'application/payment+jwt' }],
      ['no kid', { kid: undefined }],
      ['a jku that is not fetched', { jku: 'https://evil.example/keys' }],
    ] satisfies [string, Record<string, unknown>][]
  ).map(([name, header]) => ({ name, token: (parties: Parties) => receiptToken(parties, {}, header) })),
  { name: 'EdDSA', token: ({ ed }) => sign(ed, receiptClaims(), { typ: 'payment+jwt' }) },
  {
    name: 'HS256 with the shared secret',
    token: ({ shared }) => sign(shared, receiptClaims({ iss: SHARED }), { typ: 'payment+jwt' }),
  },
]
