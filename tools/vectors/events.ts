import { type AcceptedCase, AUDIENCE, ELSEWHERE, HOSTILE, ISSUER, type Kind, NOW } from './cases.ts'
import type { Members } from './signing.ts'

const INVALID = ['credential-invalid', 'claims'] as const
const OURS = 'urn:faregate:event:'
const of = (name: string, payload: unknown): Members => ({ events: { [OURS + name]: payload } })

/** An event of one account, and the changes that it states. */
function states(name: string, events: Members, changes: readonly Members[], more: Members = {}): AcceptedCase {
  return {
    name,
    by: 'ed25519',
    method: 'signEvent',
    input: { account: 'account-7', id: 'event-1', at: NOW, events, ...more },
    means: { id: 'event-1', issuer: ISSUER, account: 'account-7', changes },
  }
}

const HOUR_AGO = NOW - 3600

/** The reference of a trip to the checkout. */
const TRIP = `${'a'.repeat(32)}.${'b'.repeat(16)}`

const ACCEPTED: readonly AcceptedCase[] = [
  states('a declined card', { 'standing-changed': { standing: 'past-due' } }, [
    { kind: 'standing', standing: 'past-due', at: NOW },
  ]),
  {
    ...states('a declined card, ES256', { 'standing-changed': { standing: 'past-due' } }, [
      { kind: 'standing', standing: 'past-due', at: NOW },
    ]),
    by: 'es256',
  },
  states('another plan', { 'entitlements-changed': { entitlements: ['basic', { value: 'api' }] } }, [
    { kind: 'entitlements', entitlements: ['basic', 'api'], at: NOW },
  ]),
  states('nothing is left to use', { 'entitlements-changed': { entitlements: [] } }, [
    { kind: 'entitlements', entitlements: [], at: NOW },
  ]),
  states('all tokens are revoked', { 'tokens-revoked': {} }, [{ kind: 'tokens-revoked', at: NOW }]),
  states('tokens are revoked up to a time', { 'tokens-revoked': { before: HOUR_AGO } }, [
    { kind: 'tokens-revoked', at: HOUR_AGO },
  ]),
  states('one token is revoked', { 'tokens-revoked': { jti: 'token-1' } }, [
    { kind: 'token-revoked', token: 'token-1', at: NOW },
  ]),
  {
    ...states(
      'two tokens are revoked, of nobody in particular',
      { 'tokens-revoked': { jtis: ['token-1', 'token-2'] } },
      [],
    ),
    input: { id: 'event-1', at: NOW, events: { 'tokens-revoked': { jtis: ['token-1', 'token-2'] } } },
    means: {
      id: 'event-1',
      issuer: ISSUER,
      changes: ['token-1', 'token-2'].map((token) => ({ kind: 'token-revoked', token, at: NOW })),
    },
  },
  ...(['payment-declined', 'payment-succeeded'] as const).map((name) => ({
    ...states(`${name}, on a trip to the checkout`, { [name]: { trip: TRIP } }, []),
    input: { id: 'event-1', at: NOW, events: { [name]: { trip: TRIP } } },
    means: { id: 'event-1', issuer: ISSUER, changes: [{ kind: name, trip: 'a'.repeat(32), network: 'b'.repeat(16) }] },
  })),
  states('prepaid credit', { 'credit-granted': { amount: '5.00', currency: 'USD' } }, [
    { kind: 'credit-granted', amount: '5', currency: 'USD' },
  ]),
  states(
    'credit that is taken back, as its payment was',
    { 'credit-taken': { amount: '2.50', currency: 'USD', grant: 'payment-1' } },
    [{ kind: 'credit-taken', amount: '2.5', currency: 'USD', grant: 'payment-1' }],
  ),
  states('a hold', { 'hold-placed': {} }, [{ kind: 'hold', isLifted: false, at: NOW }]),
  states('a hold that is lifted', { 'hold-lifted': {} }, [{ kind: 'hold', isLifted: true, at: NOW }]),
  states('a session that is revoked, by CAEP', { 'session-revoked': { reason_admin: { en: 'signed out' } } }, [
    { kind: 'tokens-revoked', at: NOW },
  ]),
  states(
    'two things at once',
    { 'standing-changed': { standing: 'active' }, 'entitlements-changed': { entitlements: ['a'] } },
    [
      { kind: 'standing', standing: 'active', at: NOW },
      { kind: 'entitlements', entitlements: ['a'], at: NOW },
    ],
  ),
  states(
    'what was so an hour ago, to the millisecond',
    { 'standing-changed': { standing: 'inactive' } },
    [{ kind: 'standing', standing: 'inactive', at: HOUR_AGO + 0.125 }],
    { at: HOUR_AGO + 0.125 },
  ),
  {
    ...states('its account as an opaque id', { 'hold-placed': {} }, [{ kind: 'hold', isLifted: false, at: NOW }]),
    claims: { sub_id: { format: 'opaque', id: 'account-7' } },
  },
  {
    ...states('its account as "sub"', { 'hold-placed': {} }, [{ kind: 'hold', isLifted: false, at: NOW }]),
    claims: { sub_id: undefined, sub: 'account-7' },
  },
]

export const EVENTS: Kind = {
  file: 'event.json',
  kind: 'event',
  typ: 'secevent+jwt',
  description: 'Security Event Tokens (RFC 8417): what changed after a token was signed.',
  good: {
    iss: ISSUER,
    aud: AUDIENCE,
    iat: NOW,
    jti: 'event-1',
    toe: NOW,
    sub_id: { format: 'opaque', id: 'account-7' },
    ...of('standing-changed', { standing: 'past-due' }),
  },
  accepted: ACCEPTED,
  refused: [
    ...HOSTILE,
    ...ELSEWHERE,
    { name: 'is an entitlement', header: { typ: 'entitlement+jwt' }, refused: ['credential-invalid', 'type'] },
    { name: 'was issued more than seven days ago', now: NOW + 7 * 86_400 + 1, refused: ['credential-expired', 'time'] },
    { name: 'is of the future', claims: { iat: NOW + 6 }, refused: ['credential-not-yet-valid', 'time'] },
    { name: 'tells what will be', claims: { toe: NOW + 6 }, refused: ['credential-not-yet-valid', 'time'] },
    { name: 'does not say when it was so', claims: { toe: undefined }, refused: ['credential-invalid', 'lifetime'] },
    { name: 'has expired', claims: { exp: NOW - 10 }, refused: ['credential-expired', 'time'] },
    { name: 'has no id', claims: { jti: undefined }, refused: INVALID },
    { name: 'names nobody', claims: { sub_id: undefined }, refused: INVALID },
    { name: 'names two accounts', claims: { sub: 'account-8' }, refused: INVALID },
    {
      name: 'names an account of an issuer that it does not speak for',
      claims: { sub_id: { format: 'iss_sub', iss: 'https://other.example', sub: 'account-7' } },
      refused: INVALID,
    },
    {
      name: 'names an account by mail',
      claims: { sub_id: { format: 'email', email: 'a@example.com' } },
      refused: INVALID,
    },
    { name: 'tells nothing', claims: { events: {} }, refused: INVALID },
    { name: 'tells what is not known', claims: of('paid', {}), refused: INVALID },
    {
      name: 'tells one thing that is known and one that is not',
      claims: { events: { [`${OURS}hold-placed`]: {}, 'https://example.com/event': {} } },
      refused: INVALID,
    },
    { name: 'has an unknown standing', claims: of('standing-changed', { standing: 'paused' }), refused: INVALID },
    {
      name: 'has entitlements that are no list',
      claims: of('entitlements-changed', { entitlements: 'a' }),
      refused: INVALID,
    },
    {
      name: 'has a misspelt member, which would revoke all',
      claims: of('tokens-revoked', { jits: ['a'] }),
      refused: INVALID,
    },
    { name: 'revokes by id and by time', claims: of('tokens-revoked', { jti: 'a', before: NOW }), refused: INVALID },
    { name: 'revokes what will be issued', claims: of('tokens-revoked', { before: NOW + 60 }), refused: INVALID },
    { name: 'revokes no token', claims: of('tokens-revoked', { jtis: [] }), refused: INVALID },
    {
      name: 'revokes more tokens than one event may',
      claims: of('tokens-revoked', { jtis: Array.from({ length: 41 }, (_, at) => `token-${at}`) }),
      refused: INVALID,
    },
    { name: 'grants nothing', claims: of('credit-granted', { amount: '0', currency: 'USD' }), refused: INVALID },
    { name: 'takes credit away', claims: of('credit-granted', { amount: '-5', currency: 'USD' }), refused: INVALID },
    { name: 'grants a number', claims: of('credit-granted', { amount: 5, currency: 'USD' }), refused: INVALID },
    { name: 'takes nothing back', claims: of('credit-taken', { amount: '0', currency: 'USD' }), refused: INVALID },
    {
      name: 'takes back of two grants',
      claims: of('credit-taken', { amount: '5', currency: 'USD', grant: ['a', 'b'] }),
      refused: INVALID,
    },
    {
      name: 'grants and takes at once',
      claims: {
        events: {
          [`${OURS}credit-granted`]: { amount: '5', currency: 'USD' },
          [`${OURS}credit-taken`]: { amount: '5', currency: 'USD' },
        },
      },
      refused: INVALID,
    },
    {
      name: 'places a hold of eight days ago',
      claims: { ...of('hold-placed', {}), toe: NOW - 8 * 86_400 },
      refused: INVALID,
    },
    { name: 'is in a status list', claims: { status: { status_list: { idx: 1, uri: 'x' } } }, refused: INVALID },
  ],
}

const IDENTITY = 'https://tenant.eu.auth0.com/'
const SUBJECT = 'auth0|5f7c8ec7c33c6c004bbafe82'
const PAST_DUE = { 'standing-changed': { standing: 'past-due' } }
const ITS = { kind: 'standing', standing: 'past-due', at: NOW }

export const SPOKEN_FOR: Kind = {
  ...EVENTS,
  file: 'event-spoken-for.json',
  description: 'Events about the accounts of an identity provider, for which billing speaks (speaksFor).',
  speaksFor: IDENTITY,
  accepted: [
    {
      ...states('a declined card of an account of the identity provider', PAST_DUE, [], {
        account: { issuer: IDENTITY, account: SUBJECT },
      }),
      means: { id: 'event-1', issuer: IDENTITY, account: SUBJECT, changes: [ITS] },
    },
    states('a declined card of an account of its own', PAST_DUE, [ITS]),
  ],
  refused: [
    {
      name: 'does not say whose account it is',
      claims: { sub_id: { format: 'opaque', id: SUBJECT } },
      refused: INVALID,
    },
    { name: 'names an account by "sub" alone', claims: { sub_id: undefined, sub: SUBJECT }, refused: INVALID },
    {
      name: 'names an account of another provider',
      claims: { sub_id: { format: 'iss_sub', iss: 'https://other.example/', sub: SUBJECT } },
      refused: INVALID,
    },
    {
      name: 'names an account of nearly that provider',
      claims: { sub_id: { format: 'iss_sub', iss: 'https://tenant.eu.auth0.com', sub: SUBJECT } },
      refused: INVALID,
    },
    {
      name: 'is signed by the identity provider',
      by: 'forger',
      claims: { iss: IDENTITY, sub_id: { format: 'iss_sub', iss: IDENTITY, sub: SUBJECT } },
      refused: ['entitlement-insufficient', 'issuer'],
    },
  ],
}
