import { AUDIENCE, ELSEWHERE, HOSTILE, ISSUER, type Kind, NOW, STATUS_URI, UNTIMELY } from './cases.ts'
import { SECRET } from './signing.ts'

const INVALID = ['credential-invalid', 'claims'] as const
const TIMES = { issuedAt: NOW, notBefore: NOW, expires: NOW + 3600 }
const PLAIN = { account: 'account-7', entitlements: ['premium'], standing: 'active', limits: [], ...TIMES }
const BASIC = { account: 'account-7', entitlements: ['premium'], id: 'token-1' }

export const ENTITLEMENTS: Kind = {
  file: 'entitlement.json',
  kind: 'entitlement',
  typ: 'entitlement+jwt',
  description: 'What an account may open.',
  good: {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'account-7',
    iat: NOW,
    exp: NOW + 3600,
    jti: 'token-1',
    entitlements: ['premium'],
  },
  accepted: [
    {
      name: 'one entitlement, EdDSA',
      by: 'ed25519',
      method: 'signEntitlement',
      input: BASIC,
      means: { ...PLAIN, id: 'token-1' },
    },
    {
      name: 'one entitlement, ES256',
      by: 'es256',
      method: 'signEntitlement',
      input: BASIC,
      means: { ...PLAIN, id: 'token-1' },
    },
    {
      name: 'one entitlement, RS256',
      by: 'rs256',
      method: 'signEntitlement',
      input: BASIC,
      means: { ...PLAIN, id: 'token-1' },
    },
    {
      name: 'a plan with limits, and a place in a status list',
      by: 'ed25519',
      method: 'signEntitlement',
      input: {
        ...BASIC,
        entitlements: ['premium', { value: 'day pass' }],
        plan: 'Gold – größer',
        limits: [
          { name: 'requests', quota: 1000, window: 3600 },
          {
            name: 'reports',
            quota: 5,
            window: 'P1M',
            unit: 'reports',
            kind: 'sliding',
            anchor: '2026-01-31T00:00:00Z',
          },
        ],
        status: { idx: 7, uri: STATUS_URI },
        lifetimeSeconds: 86_400,
      },
      means: {
        ...PLAIN,
        id: 'token-1',
        expires: NOW + 86_400,
        entitlements: ['premium', 'day pass'],
        plan: 'Gold – größer',
        limits: [
          { name: 'requests', quota: '1000', unit: 'requests', window: 3600, kind: 'fixed' },
          { name: 'reports', quota: '5', unit: 'reports', window: 'P1M', kind: 'sliding', anchor: 1_769_817_600 },
        ],
        status: { idx: 7, uri: STATUS_URI },
      },
    },
    {
      name: 'a card that was declined',
      by: 'ed25519',
      method: 'signEntitlement',
      input: { ...BASIC, standing: 'past-due' },
      means: { ...PLAIN, id: 'token-1', standing: 'past-due' },
    },
    {
      name: 'for several sites, this one among them',
      by: 'ed25519',
      method: 'signEntitlement',
      input: { ...BASIC, audience: ['https://other.example', AUDIENCE] },
      means: { ...PLAIN, id: 'token-1' },
    },
    {
      name: 'with claims that are null, which count as none',
      by: 'ed25519',
      method: 'signEntitlement',
      input: BASIC,
      claims: { plan: null, limits: null, standing: null },
      means: { ...PLAIN, id: 'token-1' },
    },
    {
      name: 'with its type in full, and a fraction of a second',
      by: 'ed25519',
      method: 'signEntitlement',
      input: BASIC,
      claims: { iat: NOW + 0.25 },
      header: { typ: 'application/entitlement+jwt' },
      means: { ...PLAIN, id: 'token-1', issuedAt: NOW + 0.25, notBefore: NOW + 0.25 },
    },
    {
      name: 'in its last second, with five seconds of tolerance',
      by: 'ed25519',
      method: 'signEntitlement',
      input: BASIC,
      means: { ...PLAIN, id: 'token-1' },
      now: NOW + 3604,
    },
  ],
  refused: [
    ...HOSTILE,
    ...ELSEWHERE,
    ...UNTIMELY,
    { name: 'lives longer than a day', claims: { exp: NOW + 86_401 }, refused: ['credential-invalid', 'lifetime'] },
    { name: 'is a receipt', header: { typ: 'payment+jwt' }, refused: ['credential-invalid', 'type'] },
    { name: 'is an event', header: { typ: 'secevent+jwt' }, refused: ['credential-invalid', 'type'] },
    { name: 'is an access token of another maker', header: { typ: 'at+jwt' }, refused: ['credential-invalid', 'type'] },
    { name: 'names no account', claims: { sub: undefined }, refused: INVALID },
    { name: 'names an account that is a number', claims: { sub: 7 }, refused: INVALID },
    { name: 'has entitlements that are no list', claims: { entitlements: { premium: true } }, refused: INVALID },
    { name: 'has an empty entitlement', claims: { entitlements: [''] }, refused: INVALID },
    { name: 'has a plan that is no text', claims: { plan: 7 }, refused: INVALID },
    { name: 'has an unknown standing', claims: { standing: 'paused' }, refused: INVALID },
    { name: 'has a limit without a window', claims: { limits: [{ name: 'a', quota: 1 }] }, refused: INVALID },
    {
      name: 'has a limit with half a unit',
      claims: { limits: [{ name: 'a', quota: 0.5, window: 60 }] },
      refused: INVALID,
    },
    {
      name: 'has seventeen limits',
      claims: { limits: Array.from({ length: 17 }, (_, at) => ({ name: `n${at}`, quota: 1, window: 60 })) },
      refused: INVALID,
    },
    {
      name: 'is in a status list elsewhere',
      claims: { status: { status_list: { idx: 7, uri: 'https://evil.example/status/1' } } },
      refused: INVALID,
    },
    { name: 'has a status that names no list', claims: { status: 'active' }, refused: INVALID },
    { name: 'is bound to a key', claims: { cnf: { jkt: 'x' } }, refused: INVALID },
    { name: 'is longer than 8 KB', claims: { plan: 'x'.repeat(6200) }, refused: ['credential-malformed', 'spelling'] },
  ],
}

export const SECRET_ENTITLEMENTS: Kind = {
  ...ENTITLEMENTS,
  file: 'entitlement-hs256.json',
  description: 'What an account may open, signed with a secret (HS256).',
  isSecret: true,
  accepted: [
    {
      name: 'one entitlement, HS256',
      by: { secret: SECRET },
      method: 'signEntitlement',
      input: BASIC,
      means: { ...PLAIN, id: 'token-1' },
    },
  ],
  refused: [
    {
      name: 'is signed with another secret',
      by: { secret: `${SECRET}.` },
      refused: ['credential-invalid', 'signature'],
    },
    {
      name: 'is signed with HS512',
      by: { secret: SECRET, hash: 'sha512' },
      header: { alg: 'HS512' },
      refused: ['credential-invalid', 'algorithm'],
    },
    { name: 'is signed by a key', by: 'ed25519', refused: ['credential-invalid', 'algorithm'] },
    {
      name: 'has the algorithm "none"',
      by: { secret: SECRET },
      header: { alg: 'none' },
      refused: ['credential-invalid', 'algorithm'],
    },
    { name: 'has expired', by: { secret: SECRET }, now: NOW + 3606, refused: ['credential-expired', 'time'] },
    {
      name: 'is for another site',
      by: { secret: SECRET },
      claims: { aud: 'https://other.example' },
      refused: ['credential-invalid', 'audience'],
    },
  ],
}
