import type { Check } from '../../../../src/core/problem.ts'
import { sign, signParts } from '../../../support/issuer.ts'
import {
  BILLING,
  claims,
  goodToken,
  type Hostile,
  IDENTITY,
  NEWS,
  NOW,
  type Parties,
  SHARED,
  SHOP,
} from '../../../tokens/hostile/parties.ts'

/** Tokens with a good signature and one claim that is not good; a list of values makes a case of each. */
function invalid(check: Check, claim: string, values: readonly unknown[]): Hostile[] {
  return values.map((value) => ({
    name: value === undefined ? `no ${claim}` : `${claim} ${JSON.stringify(value).slice(0, 60)}`,
    token: (parties: Parties) => goodToken(parties, { [claim]: value }),
    reason: 'credential-invalid',
    check,
  }))
}

const issuers = invalid('issuer', 'iss', [
  undefined,
  null,
  '',
  0,
  true,
  [BILLING],
  { iss: BILLING },
  'https://evil.example',
  'https://billing.exampl',
  'https://billing.example.evil.example',
  'https://billing.example@evil.example',
  'https://billing.example/',
  'https://BILLING.example',
  'http://billing.example',
  'https://billing.example:443',
  ' https://billing.example',
  'https://billing.example\u0000',
  'https://b\u0456lling.example',
  'billing.example',
])

const audiences = invalid('audience', 'aud', [
  undefined,
  null,
  '',
  0,
  true,
  [],
  [''],
  [[NEWS]],
  { 0: NEWS, length: 1 },
  'https://evil.example',
  ['https://evil.example', SHOP],
  SHOP,
  'https://news.exampl',
  'https://news.example.evil.example',
  'https://news.example/',
  'https://NEWS.example',
  'http://news.example',
  `${NEWS} ${SHOP}`,
  `${NEWS},${SHOP}`,
  [`${NEWS} `],
])

/** JSON has numbers that JavaScript does not, so these are written as text. */
function numeral(claim: 'exp' | 'iat' | 'nbf', text: string): Hostile {
  return {
    name: `${claim} ${text}, as text`,
    token: ({ es }) => {
      const { [claim]: _replaced, ...others } = claims()
      const rest = JSON.stringify(others).slice(1)
      return signParts(es, '{"alg":"ES256","typ":"entitlement+jwt","kid":"es"}', `{"${claim}":${text},${rest}`)
    },
    reason: 'credential-invalid',
    check: 'lifetime',
  }
}

const NOT_TIMES = [null, '', String(NOW + 60), `${NOW + 60}.0`, -1, true, [], [NOW + 60], {}, 'NaN', 'Infinity']
const times: Hostile[] = [
  ...invalid('lifetime', 'exp', [undefined, ...NOT_TIMES, 0, 2 ** 53, Number.MAX_VALUE, NOW * 1000]),
  ...invalid('lifetime', 'iat', [undefined, ...NOT_TIMES, 0]),
  ...invalid('lifetime', 'nbf', NOT_TIMES.slice(1)),
  ...(['exp', 'iat', 'nbf'] as const).flatMap((claim) =>
    ['1e400', '-1e400', '9007199254740993', '-1.5e0'].map((text) => numeral(claim, text)),
  ),
  ...invalid('lifetime', 'exp', [NOW - 60, NOW - 61, NOW - 60 + 86_401]),
  {
    name: 'a lifetime over what its own issuer may grant, though another may',
    token: ({ identity }) =>
      sign(identity, claims({ iss: IDENTITY, scope: 'premium', iat: NOW, exp: NOW + 3601 }), { typ: 'at+jwt' }),
    reason: 'credential-invalid',
    check: 'lifetime',
  },
  {
    name: 'exp just passed, tolerance included',
    token: (p) => goodToken(p, { exp: NOW - 5 }),
    reason: 'credential-expired',
  },
  { name: 'exp long past', token: (p) => goodToken(p, { iat: 1, exp: 2 }), reason: 'credential-expired' },
  { name: 'iat in the future', token: (p) => goodToken(p, { iat: NOW + 6 }), reason: 'credential-not-yet-valid' },
  { name: 'nbf in the future', token: (p) => goodToken(p, { nbf: NOW + 6 }), reason: 'credential-not-yet-valid' },
  {
    name: 'nbf in the far future, after exp',
    token: (p) => goodToken(p, { nbf: 2 ** 52 }),
    reason: 'credential-not-yet-valid',
  },
  {
    name: 'iat in the future and nbf in the past',
    token: (p) => goodToken(p, { iat: NOW + 60, nbf: NOW - 60 }),
    reason: 'credential-not-yet-valid',
  },
]

/** Tokens of the issuer whose types and claims are mapped: what it says under the names that the mapping gives is held to. */
function mapped(check: Check, ...overs: Record<string, unknown>[]): Hostile[] {
  const own = { iss: IDENTITY, entitlements: undefined, scope: 'premium', iat: NOW, exp: NOW + 3600 }
  return overs.map((over) => ({
    name: `${JSON.stringify(over).slice(0, 60)} from a mapped issuer`,
    token: ({ identity }) => sign(identity, claims({ ...own, ...over }), { typ: 'at+jwt' }),
    reason: 'credential-invalid',
    check,
  }))
}

const NOT_ENTITLEMENTS = [
  0,
  true,
  {},
  { value: 'premium' },
  [1],
  [null],
  [''],
  [['premium']],
  [{}],
  [{ value: 1 }],
  [{ value: '' }],
  [{ value: ['premium'] }],
  [{ display: 'premium' }],
  ['premium', null],
]
const shapes: Hostile[] = [
  ...invalid('claims', 'sub', [undefined, null, '', 0, 7, true, [], ['account'], {}]),
  ...invalid('claims', 'entitlements', NOT_ENTITLEMENTS),
  ...invalid('claims', 'plan', [0, true, [], ['Gold'], {}]),
  ...invalid('claims', 'standing', ['', 0, true, 'paid', 'Active', 'ACTIVE', 'active ', ['active'], {}]),
  ...invalid('claims', 'cnf', [{}, { jkt: 'AAAA' }, { jwk: {} }, { 'x5t#S256': 'AAAA' }]),
  ...invalid('claims', 'status', ['active', {}, { status_list: { idx: 0, uri: 'https://evil.example/list' } }]),
  ...invalid('claims', 'limits', [{ seats: 5 }, 5, 'none', [5], [{ quota: 5 }]]),
  ...mapped('claims', { scope: { premium: true } }, { tier: 7 }, { account_status: 'suspended' }),
  ...mapped(
    'claims',
    { cnf: {} },
    { status: {} },
    { status: { status_list: { idx: 0, uri: 'https://evil.example' } } },
  ),
  // Ours by its form: a slip in it must not take every limit away.
  ...mapped('claims', { limits: [{ name: 'requests', quota: '5', window: 'P1D' }] }),
  {
    name: 'entitlements nested two thousand deep',
    token: (p) => signNested(p, 2000),
    reason: 'credential-invalid',
    check: 'claims',
  },
]

function signNested({ es }: Parties, depth: number): Promise<string> {
  const nested = `${'['.repeat(depth)}"premium"${']'.repeat(depth)}`
  const { entitlements: _replaced, ...others } = claims()
  const payload = `{"entitlements":${nested},${JSON.stringify(others).slice(1)}`
  return signParts(es, '{"alg":"ES256","typ":"entitlement+jwt","kid":"es"}', payload)
}

function insufficient(values: readonly unknown[]): Hostile[] {
  return values.map((value) => ({
    name: value === undefined ? 'no entitlements' : `entitlements ${JSON.stringify(value)}`,
    token: (parties: Parties) => goodToken(parties, { entitlements: value }),
    reason: 'entitlement-insufficient',
  }))
}

const cover: Hostile[] = [
  ...insufficient([
    undefined,
    null,
    [],
    '',
    ['basic'],
    'basic',
    'premium,basic',
    ['Premium'],
    ['premium '],
    ['premium basic'],
  ]),
  ...insufficient([['prem'], [{ value: 'basic', display: 'premium' }], 'premium\u00a0basic', ['*'], ['premium*']]),
  {
    name: 'its entitlements in __proto__',
    token: ({ es }) => {
      const { entitlements, ...others } = claims()
      const payload = `{"__proto__":${JSON.stringify({ entitlements })},${JSON.stringify(others).slice(1)}`
      return signParts(es, '{"alg":"ES256","typ":"entitlement+jwt","kid":"es"}', payload)
    },
    reason: 'entitlement-insufficient',
  },
  {
    name: 'its entitlements under the name that another issuer has for them',
    token: (p) => goodToken(p, { entitlements: undefined, scope: 'premium' }),
    reason: 'entitlement-insufficient',
  },
  { name: 'standing past-due', token: (p) => goodToken(p, { standing: 'past-due' }), reason: 'payment-declined' },
  { name: 'standing inactive', token: (p) => goodToken(p, { standing: 'inactive' }), reason: 'subscription-inactive' },
  { name: 'standing on-hold', token: (p) => goodToken(p, { standing: 'on-hold' }), reason: 'security-hold' },
]

/** One issuer's tokens in the name of another. */
const borrowed: Hostile[] = [
  {
    name: 'the iss of one issuer and the key of another',
    token: ({ es }) => sign(es, claims({ iss: IDENTITY, scope: 'premium' }), { typ: 'at+jwt' }),
    reason: 'credential-invalid',
    check: 'key',
  },
  {
    name: 'the iss of one issuer, and its kid over the key of another',
    token: ({ es }) => sign(es, claims({ iss: IDENTITY, scope: 'premium' }), { typ: 'at+jwt', kid: 'identity' }),
    reason: 'credential-invalid',
    check: 'signature',
  },
  {
    name: 'the typ that only another issuer is mapped for',
    token: ({ identity }) => sign(identity, claims({ iss: IDENTITY, scope: 'premium' })),
    reason: 'credential-invalid',
    check: 'type',
  },
  {
    name: 'an algorithm that only another issuer may use',
    token: ({ ed }) => sign(ed, claims({ iss: IDENTITY, scope: 'premium' }), { typ: 'at+jwt' }),
    reason: 'credential-invalid',
    check: 'algorithm',
  },
  {
    name: 'a public-key algorithm from an issuer that shares a secret',
    token: ({ es }) => sign(es, claims({ iss: SHARED })),
    reason: 'credential-invalid',
    check: 'algorithm',
  },
  {
    name: 'HS256 and the shared secret in the name of an issuer with public keys',
    token: ({ shared }) => sign(shared, claims({ iss: BILLING })),
    reason: 'credential-invalid',
    check: 'algorithm',
  },
]

export const hostileClaims: readonly Hostile[] = [...issuers, ...audiences, ...times, ...shapes, ...cover, ...borrowed]
