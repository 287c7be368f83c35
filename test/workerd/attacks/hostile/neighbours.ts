import { MAX_TOKEN_BYTES } from '../../../../src/tokens/jws.ts'
import { sign, signParts, useFor } from '../../../support/issuer.ts'
import { claims, goodToken, IDENTITY, NEWS, NOW, type Parties, SHARED, SHOP } from '../../../tokens/hostile/parties.ts'
import { mirrored, resign } from './signature.ts'
import { tokenOfLength } from './spelling.ts'

/** A token that must be served, next door to one that must not: a gate that refuses everything fails here. */
export interface Neighbour {
  readonly name: string
  readonly token: (parties: Parties) => string | Promise<string>
}

function claiming(cases: [name: string, over: Record<string, unknown>][]): Neighbour[] {
  return cases.map(([name, over]) => ({ name, token: (parties) => goodToken(parties, over) }))
}

function heading(cases: [name: string, header: Record<string, unknown>][]): Neighbour[] {
  return cases.map(([name, header]) => ({ name, token: (parties) => goodToken(parties, {}, header) }))
}

const algorithms: Neighbour[] = [
  { name: 'ES256', token: ({ es }) => sign(es, claims()) },
  { name: 'EdDSA', token: ({ ed }) => sign(ed, claims()) },
  { name: 'Ed25519 (RFC 9864)', token: ({ ed }) => sign(ed, claims(), { alg: 'Ed25519' }) },
  { name: 'RS256', token: ({ rsa }) => sign(rsa, claims()) },
  { name: 'PS256', token: ({ pss }) => sign(pss, claims()) },
  {
    name: 'PS256 with a key published for any RSA algorithm',
    token: async ({ rsa }) => sign(await useFor(rsa, 'PS256'), claims()),
  },
  { name: 'HS256 with the shared secret', token: ({ shared }) => sign(shared, claims({ iss: SHARED })) },
  { name: 'HS256 and no kid', token: ({ shared }) => sign(shared, claims({ iss: SHARED }), { kid: undefined }) },
  // Half of all ES256 signatures have a large s, so the mirror image cannot be told from a genuine one.
  { name: 'the other ECDSA signature of the same claims', token: async (p) => resign(await goodToken(p), mirrored) },
]

const headers = heading([
  ['typ in capitals', { typ: 'ENTITLEMENT+JWT' }],
  ['typ in full (RFC 7515 §4.1.9)', { typ: 'application/entitlement+jwt' }],
  ['typ in full, in capitals', { typ: 'Application/Entitlement+JWT' }],
  ['no kid, where one key fits', { kid: undefined }],
  ['cty', { cty: 'JWT' }],
  ['a jwk that is not looked at', { jwk: { kty: 'EC' } }],
  ['a jku that is not fetched', { jku: 'https://evil.example/keys' }],
  ['an x5u that is not fetched', { x5u: 'https://evil.example/cert' }],
  ['an x5c that is not looked at', { x5c: ['AAAA'] }],
  ['a member that nobody knows', { 'https://elsewhere.example/x': { y: [1] } }],
])

const times = claiming([
  ['an exp that tolerance saves', { exp: NOW - 4 }],
  ['an iat that tolerance saves', { iat: NOW + 5 }],
  ['an nbf that tolerance saves', { nbf: NOW + 5 }],
  ['an nbf in the past', { nbf: NOW - 1 }],
  ['the longest lifetime', { iat: NOW, exp: NOW + 86_400 }],
  ['the shortest lifetime', { iat: NOW, exp: NOW + 1 }],
  ['fractions in its times (RFC 7519 §2)', { iat: NOW - 60.25, nbf: NOW - 60.125, exp: NOW + 60.5 }],
  ['an exp that tolerance saves by a millisecond', { exp: NOW - 4.999 }],
  ['an iat and an nbf that tolerance saves, to the millisecond', { iat: NOW + 4.999, nbf: NOW + 4.999 }],
])

const shapes = claiming([
  ['aud in a list', { aud: [NEWS] }],
  ['aud in a list of several', { aud: [SHOP, NEWS] }],
  ['RFC 7643 objects', { entitlements: [{ value: 'premium' }] }],
  [
    'RFC 7643 objects with everything',
    { entitlements: [{ value: 'premium', display: 'Premium', type: 'x', primary: true }] },
  ],
  ['strings and objects', { entitlements: ['basic', { value: 'premium' }] }],
  ['entitlements in one string (RFC 8693 §4.2)', { entitlements: 'basic premium' }],
  ['an entitlement twice', { entitlements: ['premium', 'premium'] }],
  ['a plan', { plan: 'Gold' }],
  ['an empty plan', { plan: '' }],
  ['standing active', { standing: 'active' }],
  ['a jti', { jti: 'x' }],
  ...['nbf', 'jti', 'plan', 'standing', 'limits', 'status', 'cnf', 'permissions'].map(
    (claim): [string, Record<string, unknown>] => [`null for ${claim}, as good as none`, { [claim]: null }],
  ),
  ['a nested claim two thousand deep', { x: JSON.parse(`${'['.repeat(2000)}${']'.repeat(2000)}`) }],
  ['claims in many scripts', { x: '\u4f60\u597d \u{1f600} \u0000' }],
])

const raw =
  (header: string, payload: string) =>
  ({ es }: Parties) =>
    signParts(es, header, payload)
const HEADER = '{"alg":"ES256","typ":"entitlement+jwt","kid":"es"}'
const BODY = JSON.stringify(claims()).slice(1, -1)

const written: Neighbour[] = [
  { name: 'white space in its JSON', token: raw(` ${HEADER}\r\n`, `\t{ ${BODY} }\n`) },
  {
    name: 'an escaped member name',
    token: raw(HEADER.replace('alg', '\\u0061lg'), `{${BODY.replace('aud', '\\u0061ud')}}`),
  },
  { name: 'exp with an exponent', token: raw(HEADER, `{${BODY.replace(`"exp":${NOW + 3600}`, '"exp":1.8000036e9')}}`) },
  {
    name: 'exp with a fraction of zero',
    token: raw(HEADER, `{${BODY.replace(String(NOW + 3600), `${NOW + 3600}.0`)}}`),
  },
  // RFC 7515 §4 and RFC 7519 §4 leave it open: reject, or take the last. Every part of the gate takes the last.
  { name: 'alg twice, the last one good', token: raw(`{"alg":"none",${HEADER.slice(1)}`, `{${BODY}}`) },
  { name: 'exp twice, the last one good', token: raw(HEADER, `{"exp":1,${BODY}}`) },
  { name: 'the largest size', token: (parties) => tokenOfLength(parties, MAX_TOKEN_BYTES) },
]

function mapped(name: string, typ: string, over: Record<string, unknown> = {}): Neighbour {
  const own = { iss: IDENTITY, entitlements: undefined, scope: 'basic premium', iat: NOW, exp: NOW + 3600, ...over }
  return { name: `mapped issuer: ${name}`, token: ({ identity }) => sign(identity, claims(own), { typ }) }
}

const mappings: Neighbour[] = [
  mapped('typ at+jwt', 'at+jwt'),
  mapped('typ application/at+jwt', 'application/at+jwt'),
  mapped('typ JWT', 'JWT'),
  mapped('its own name for standing', 'at+jwt', { account_status: 'active' }),
  mapped("another's name for standing means nothing", 'at+jwt', { standing: 'on-hold' }),
  mapped('its own name for the plan', 'at+jwt', { tier: 'Gold', plan: 7 }),
  mapped('limits of its own', 'at+jwt', { limits: { seats: 5 } }),
  mapped('a list of limits of its own', 'JWT', { limits: [{ seats: 5 }] }),
  mapped('a status of its own', 'at+jwt', { status: 'active' }),
  mapped('null for all that is mapped', 'at+jwt', { tier: null, account_status: null, limits: null, status: null }),
  mapped('entitlements of its own', 'at+jwt', { entitlements: { seats: 5 } }),
]

export const neighbours: readonly Neighbour[] = [
  ...algorithms,
  ...headers,
  ...times,
  ...shapes,
  ...written,
  ...mappings,
]
