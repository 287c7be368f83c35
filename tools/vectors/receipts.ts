import { AUDIENCE, ELSEWHERE, HOSTILE, ISSUER, type Kind, NOW, STATUS_URI, UNTIMELY } from './cases.ts'

const INVALID = ['credential-invalid', 'claims'] as const
const TIMES = { issuedAt: NOW, notBefore: NOW, expires: NOW + 3600 }
const SOLD = { id: 'receipt-1', amount: '0.25', currency: 'USD', resource: '/reports/*' }
const MEANS = {
  id: 'receipt-1',
  amount: '0.25',
  currency: 'USD',
  methods: ['GET', 'HEAD'],
  uses: 1,
  ...TIMES,
}

export const RECEIPTS: Kind = {
  file: 'payment.json',
  kind: 'payment',
  typ: 'payment+jwt',
  description: 'A receipt: what was paid for what, and how often it counts.',
  good: {
    iss: ISSUER,
    aud: AUDIENCE,
    iat: NOW,
    exp: NOW + 3600,
    jti: 'receipt-1',
    amount: '0.25',
    currency: 'USD',
    resource: '/reports/*',
  },
  accepted: [
    { name: 'one request', by: 'ed25519', method: 'signReceipt', input: SOLD, means: MEANS },
    { name: 'one request, ES256', by: 'es256', method: 'signReceipt', input: SOLD, means: MEANS },
    {
      name: 'ten requests of a payer',
      by: 'ed25519',
      method: 'signReceipt',
      input: { ...SOLD, amount: '2.50', uses: 10, account: 'account-7', methods: ['GET', 'POST'] },
      means: { ...MEANS, amount: '2.5', uses: 10, payer: 'account-7', methods: ['GET', 'POST'] },
    },
    {
      name: 'a day of passage, in a status list',
      by: 'ed25519',
      method: 'signReceipt',
      input: { ...SOLD, passSeconds: 86_400, status: { idx: 8, uri: STATUS_URI } },
      means: { ...MEANS, uses: undefined, passSeconds: 86_400, status: { idx: 8, uri: STATUS_URI } },
    },
    {
      name: 'the smallest amount',
      by: 'ed25519',
      method: 'signReceipt',
      input: { ...SOLD, amount: '0.000000001', resource: '/a/b.pdf' },
      means: { ...MEANS, amount: '0.000000001' },
    },
  ],
  refused: [
    ...HOSTILE,
    ...ELSEWHERE,
    ...UNTIMELY,
    { name: 'is an entitlement', header: { typ: 'entitlement+jwt' }, refused: ['credential-invalid', 'type'] },
    {
      name: 'is for two sites',
      claims: { aud: [AUDIENCE, 'https://other.example'] },
      refused: ['credential-invalid', 'audience'],
    },
    { name: 'has no id', claims: { jti: undefined }, refused: INVALID },
    { name: 'has an id of 256 characters', claims: { jti: 'x'.repeat(256) }, refused: INVALID },
    { name: 'has an amount that is a number', claims: { amount: 0.25 }, refused: INVALID },
    { name: 'has an amount with an exponent', claims: { amount: '25e-2' }, refused: INVALID },
    { name: 'has an amount with a comma', claims: { amount: '0,25' }, refused: INVALID },
    { name: 'has an amount with a sign', claims: { amount: '-0.25' }, refused: INVALID },
    { name: 'has an amount finer than is counted', claims: { amount: '0.0000000001' }, refused: INVALID },
    { name: 'has no currency', claims: { currency: undefined }, refused: INVALID },
    { name: 'has a currency in small letters', claims: { currency: 'usd' }, refused: INVALID },
    { name: 'has a resource that is no path', claims: { resource: 'reports' }, refused: INVALID },
    { name: 'has a resource with a query', claims: { resource: '/reports?id=1' }, refused: INVALID },
    { name: 'has methods in small letters', claims: { methods: ['get'] }, refused: INVALID },
    { name: 'has no methods', claims: { methods: [] }, refused: INVALID },
    { name: 'counts for no request', claims: { uses: 0 }, refused: INVALID },
    { name: 'counts for half a request', claims: { uses: 0.5 }, refused: INVALID },
    { name: 'counts for uses and for a time', claims: { uses: 1, pass: 60 }, refused: INVALID },
    { name: 'is a pass of 32 days', claims: { pass: 2_764_800 }, refused: INVALID },
    { name: 'is bound to a key', claims: { cnf: { jkt: 'x' } }, refused: INVALID },
  ],
}
