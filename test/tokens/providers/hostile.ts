import { compileClaimPath } from '../../../src/access/claims.ts'
import { claimsOf, NOW, type Provider } from './provider.ts'

type Members = Readonly<Record<string, unknown>>

/** What is wrong with a token whoever its maker is. */
export const CLAIMS: Readonly<Record<string, Members>> = {
  'of another issuer': { iss: 'https://evil.example' },
  'of no issuer': { iss: undefined },
  'of an issuer in a list': { iss: ['https://evil.example'] },
  'for another site': { aud: 'https://other.example', azp: 'x', client_id: 'x' },
  'for a list of others': { aud: ['https://other.example', 'https://third.example'], azp: 'x', client_id: 'x' },
  'for no one': { aud: undefined, azp: undefined, client_id: undefined },
  'for an object': { aud: { id: 1 }, azp: undefined, client_id: undefined },
  expired: { iat: NOW - 7200, exp: NOW - 3600 },
  'without an end': { exp: undefined },
  'with an end in words': { exp: 'tomorrow' },
  'without a beginning': { iat: undefined },
  'of tomorrow': { iat: NOW + 3000, exp: NOW + 6000 },
  'not valid yet': { nbf: NOW + 300 },
  'good for a year': { exp: NOW + 31_536_000 },
  'that ends before it begins': { exp: NOW - 60 },
  'that is an event (RFC 8417)': { events: { 'urn:x': {} } },
  'bound to a key': { cnf: { jkt: 'x' } },
  'without an account': { sub: undefined, oid: undefined, common_name: undefined },
  'whose account is a number': { sub: 7, oid: 7 },
  'whose account is a list': { sub: ['a'], oid: ['a'] },
  'whose account is an object': { sub: { id: 'a' }, oid: { id: 'a' }, common_name: { id: 'a' } },
  'whose account is true': { sub: true, oid: true, common_name: true },
  'with an end in a string of digits': { exp: String(NOW + 600) },
  'with a beginning in a string of digits': { iat: String(NOW - 30) },
  'with times in milliseconds': { iat: (NOW - 30) * 1000, exp: (NOW + 600) * 1000 },
  'with an end beyond all numbers': { exp: 2 ** 53 },
  'with a negative beginning': { iat: -1 },
  'valid from a time in words': { nbf: 'now' },
  'whose id is a number': { jti: 7 },
  'whose id is empty': { jti: '' },
  'with a place in a list that nobody looks up': { status: { status_list: { idx: 1, uri: 'https://evil.example/1' } } },
  'bound to a certificate': { cnf: { 'x5t#S256': 'x' } },
  'that is an empty event': { events: {} },
  'whose account is not Unicode': { sub: '\ud800', oid: '\ud800', common_name: '\ud800' },
}
export const ID_CLAIMS: Readonly<Record<string, Members>> = {
  'with the nonce of an ID token': { nonce: 'n-0S6_WzA2Mj' },
  'with the hash of an ID token': { at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' },
  'with the code hash of an ID token': { c_hash: 'LDktKdoQak3Pk0cnXxCltA' },
}
export const HEADERS: Readonly<Record<string, Members>> = {
  'of our own receipts': { typ: 'payment+jwt' },
  'of our own events': { typ: 'secevent+jwt' },
  'of our own lists': { typ: 'statuslist+jwt' },
  'of our own operators': { typ: 'operator+jwt' },
  'of our own assertions': { typ: 'faregate-assertion+jwt' },
  'of our own entitlements': { typ: 'entitlement+jwt' },
  'of our own receipts, in full': { typ: 'application/payment+jwt' },
  'of our own feeds': { typ: 'feed+jwt' },
  'of a security event, in full': { typ: 'application/secevent+jwt' },
  'of an ID token by name': { typ: 'id_token+jwt' },
  'with a parameter': { typ: 'JWT;v=1' },
  'with a space': { typ: ' JWT' },
  'written out twice': { typ: 'application/application/jwt' },
  'of a key that is null': { kid: null },
  'of no algorithm': { alg: undefined },
  'of an algorithm that is a list': { alg: ['RS256'] },
  'of a logout': { typ: 'logout+jwt' },
  'of a proof of possession': { typ: 'dpop+jwt' },
  'of an introspection': { typ: 'token-introspection+jwt' },
  'that is empty': { typ: '' },
  'that is null': { typ: null },
  'that is a list': { typ: ['JWT'] },
  'with a critical parameter': { crit: ['x'], x: 1 },
  'with an unencoded payload': { b64: false },
  'of an unknown key': { kid: 'other' },
  'of a key that is a number': { kid: 1 },
  'of the algorithm none': { alg: 'none' },
  'of an algorithm that its issuer does not use': { alg: 'ES512' },
  'of an algorithm in lower case': { alg: 'rs256' },
}

const upper = (value: unknown): unknown => (Array.isArray(value) ? value.map(upper) : String(value).toUpperCase())
const longer = (value: unknown): unknown => (Array.isArray(value) ? value.map(longer) : `${String(value)}.evil.example`)

/** Each claim by which a provider says whom a token is for, changed so. */
function audience(claims: Members, change: (value: unknown) => unknown): Members {
  const named = ['aud', 'azp', 'client_id'].filter((name) => claims[name] !== undefined)
  return Object.fromEntries(named.map((name) => [name, change(claims[name])]))
}

/** What is nearly right, and so is wrong: issuer and audience are compared exactly. */
export const DERIVED: Readonly<Record<string, (claims: Members) => Members>> = {
  'of its issuer in capitals': ({ iss }) => ({ iss: String(iss).toUpperCase() }),
  'of its issuer with a slash more': ({ iss }) => ({ iss: `${String(iss)}/` }),
  'of its issuer over http': ({ iss }) => ({ iss: String(iss).replace('https:', 'http:') }),
  'of its issuer and a space': ({ iss }) => ({ iss: `${String(iss)} ` }),
  'of a host that begins like its issuer': ({ iss }) => ({ iss: `${String(iss)}.evil.example` }),
  'of its issuer by another name of the user': ({ iss }) => ({ iss: String(iss).replace('https://', 'https://evil@') }),
  'for its audience in capitals': (claims) => audience(claims, upper),
  'for an audience that begins like its own': (claims) => audience(claims, longer),
  'for its audience in a list of lists': (claims) => audience(claims, (value) => [[value]]),
  'for its audience as a member': (claims) => audience(claims, (value) => ({ [String(value)]: true })),
}

/** Its claims with something in the place of its entitlements that is no list of names. */
export function misshapen(provider: Provider): Readonly<Record<string, Members>> {
  const paths = provider
    .issuers([])
    .flatMap(({ claims, grants }) => (grants === undefined ? (claims?.entitlements ?? []) : []))
  if (paths.length === 0) return {}
  const shapes = {
    'an object': { premium: true },
    'a number': 7,
    true: true,
    'a list of lists': [['premium']],
    'a list of numbers': [7],
  }
  const changed = (value: unknown): Members => {
    const claims = structuredClone(claimsOf(provider))
    for (const path of paths) put(claims, path, value)
    return claims
  }
  return Object.fromEntries(Object.entries(shapes).map(([name, value]) => [name, changed(value)]))
}

function put(claims: Record<string, unknown>, source: string, value: unknown): void {
  const members = Object.hasOwn(claims, source) ? [source] : [...compileClaimPath(source).members]
  const last = members.pop() ?? ''
  let at = claims
  for (const member of members) {
    const inner = at[member]
    at[member] = typeof inner === 'object' && inner !== null ? inner : {}
    at = at[member] as Record<string, unknown>
  }
  at[last] = value
}

/** The number of shapes in which a token of this provider is tried, and opens nothing. */
export function hostileCount(provider: Provider): number {
  const ofIdTokens = provider.issuers([])[0]?.idTokens === true ? {} : ID_CLAIMS
  const tables = [provider.others, CLAIMS, ofIdTokens, DERIVED, misshapen(provider), HEADERS]
  return tables.reduce((sum, table) => sum + Object.keys(table).length, 0)
}
