import { AUDIENCE, ELSEWHERE, HOSTILE, ISSUER, type Kind, NOW, UNTIMELY } from './cases.ts'

const INVALID = ['credential-invalid', 'claims'] as const
const TIMES = { issuedAt: NOW, notBefore: NOW, expires: NOW + 300 }

export const OPERATORS: Kind = {
  file: 'operator.json',
  kind: 'operator',
  typ: 'operator+jwt',
  description: 'What an operator may do: it opens nothing that is sold.',
  good: {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'ops@example.com',
    iat: NOW,
    exp: NOW + 300,
    jti: 'order-1',
    scope: 'purge hold',
  },
  accepted: [
    {
      name: 'two scopes, of somebody',
      by: 'ed25519',
      method: 'signOperator',
      input: { scopes: ['purge', 'hold'], subject: 'ops@example.com', id: 'order-1' },
      means: { scopes: ['purge', 'hold'], subject: 'ops@example.com', ...TIMES },
    },
    {
      name: 'one scope, of nobody in particular, ES256',
      by: 'es256',
      method: 'signOperator',
      input: { scopes: ['credit'], id: 'order-1', lifetimeSeconds: 3600 },
      means: { scopes: ['credit'], ...TIMES, expires: NOW + 3600 },
    },
    {
      name: 'no scope at all: genuine, and good for nothing',
      by: 'ed25519',
      method: 'signOperator',
      input: { scopes: ['purge'], id: 'order-1' },
      claims: { scope: undefined },
      means: { scopes: [], ...TIMES },
    },
  ],
  refused: [
    ...HOSTILE,
    ...ELSEWHERE,
    ...UNTIMELY,
    { name: 'lives longer than an hour', claims: { exp: NOW + 3601 }, refused: ['credential-invalid', 'lifetime'] },
    { name: 'is an entitlement', header: { typ: 'entitlement+jwt' }, refused: ['credential-invalid', 'type'] },
    { name: 'has its scopes in a list', claims: { scope: ['purge'] }, refused: INVALID },
    { name: 'has its scopes with commas and spaces', claims: { scope: 'purge,  hold' }, refused: INVALID },
    { name: 'names somebody by an empty text', claims: { sub: '' }, refused: INVALID },
    { name: 'is bound to a key', claims: { cnf: { jkt: 'x' } }, refused: INVALID },
  ],
}
