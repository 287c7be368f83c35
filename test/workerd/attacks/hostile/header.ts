import { encode, sign, signParts } from '../../../support/issuer.ts'
import { claims, type Hostile, type Parties } from '../../../tokens/hostile/parties.ts'

type Header = Record<string, unknown>

/** Tokens that a good key signed, with a header that says something it must not. */
function judged(check: 'algorithm' | 'type' | 'header' | 'key', cases: [name: string, header: Header][]): Hostile[] {
  return cases.map(([name, header]) => ({
    name,
    token: ({ es }: Parties) => sign(es, claims(), header),
    reason: 'credential-invalid',
    check,
  }))
}

const NONES = ['none', 'None', 'NONE', 'nOnE', 'noNe', 'none ', ' none']
const OTHER_ALGORITHMS =
  'HS256 HS384 HS512 RS384 RS512 ES384 ES512 ES256K PS384 PS512 Ed448 ML-DSA-44 RSA-OAEP dir ECDH-ES A128KW'
const MISSPELT = ['es256', 'Es256', 'ES256 ', ' ES256', 'ES256\u0000', 'ES-256', 'ECDSA', '', '__proto__', 'toString']
const NOT_ALGORITHMS = [null, 0, 256, true, ['ES256'], { name: 'ES256' }]

const algorithms: Hostile[] = [
  ...NONES.map(
    (alg): Hostile => ({
      name: `alg ${JSON.stringify(alg)} and no signature`,
      token: () => `${encode(JSON.stringify({ alg, typ: 'entitlement+jwt' }))}.${encode(JSON.stringify(claims()))}.`,
      reason: 'credential-malformed',
      check: 'spelling',
    }),
  ),
  ...judged(
    'algorithm',
    NONES.map((alg) => [`alg ${JSON.stringify(alg)} and a signature`, { alg }]),
  ),
  ...judged(
    'algorithm',
    OTHER_ALGORITHMS.split(' ').map((alg) => [`alg ${alg}, which is not on the list`, { alg }]),
  ),
  ...judged(
    'algorithm',
    MISSPELT.map((alg) => [`alg ${JSON.stringify(alg)}`, { alg }]),
  ),
  ...judged(
    'algorithm',
    NOT_ALGORITHMS.map((alg) => [`alg ${JSON.stringify(alg)}, which is not a string`, { alg }]),
  ),
  ...judged('algorithm', [['no alg', { alg: undefined }]]),
]

const OTHER_KINDS = ['payment+jwt', 'secevent+jwt', 'statuslist+jwt', 'operator+jwt']
const OTHER_TYPES = ['JWT', 'jwt', 'at+jwt', 'dpop+jwt', 'logout+jwt', 'kb+jwt', 'JOSE', 'application/JWT']
const MISSPELT_TYPES = [
  '',
  'entitlement',
  'entitlement+jwt ',
  ' entitlement+jwt',
  'entitlement+jwt;charset=utf-8',
  'entitlement+jwt,JWT',
  'entitlement+jwt\u0000',
  'ent\u0131tlement+jwt',
  'text/entitlement+jwt',
  '/entitlement+jwt',
  'application/application/entitlement+jwt',
  'application//entitlement+jwt',
]
const NOT_TYPES = [null, 1, true, ['entitlement+jwt'], { typ: 'entitlement+jwt' }]

const types = judged('type', [
  ['no typ', { typ: undefined }],
  ...OTHER_KINDS.map((typ): [string, Header] => [`the typ of another kind, ${typ}`, { typ }]),
  ...OTHER_KINDS.map((kind): [string, Header] => [
    `the typ of another kind in full, Application/${kind}`,
    { typ: `Application/${kind.toUpperCase()}` },
  ]),
  ...OTHER_TYPES.map((typ): [string, Header] => [`typ ${typ} from an issuer that it is not mapped for`, { typ }]),
  ...MISSPELT_TYPES.map((typ): [string, Header] => [`typ ${JSON.stringify(typ)}`, { typ }]),
  ...NOT_TYPES.map((typ): [string, Header] => [`typ ${JSON.stringify(typ)}, which is not a string`, { typ }]),
])

const critical = judged('header', [
  ['an empty crit', { crit: [] }],
  ['a crit that is null', { crit: null }],
  ['a crit that is not a list', { crit: 'exp' }],
  ['crit naming a registered member', { crit: ['exp'], exp: 1 }],
  ['crit naming alg', { crit: ['alg'] }],
  ['crit naming an unknown extension', { crit: ['https://evil.example/must'], 'https://evil.example/must': true }],
  ['crit naming an extension that is not there', { crit: ['absent'] }],
  ['crit naming b64, which is true', { crit: ['b64'], b64: true }],
  ['b64 false in crit', { crit: ['b64'], b64: false }],
  ['b64 false and no crit', { b64: false }],
  ['b64 true and no crit', { b64: true }],
])

const NOT_KIDS = [null, 0, 1, true, ['es'], { kid: 'es' }]
const UNKNOWN_KIDS = [
  '',
  'ES',
  ' es',
  'es ',
  'es\u0000',
  'unknown',
  '__proto__',
  'toString',
  '../../../../dev/null',
  '/proc/self/environ',
  'https://evil.example/jwks.json',
  "es' UNION SELECT 'x",
  'x'.repeat(4000),
]

const kids: Hostile[] = [
  ...judged(
    'header',
    NOT_KIDS.map((kid) => [`kid ${JSON.stringify(kid)}, which is not a string`, { kid }]),
  ),
  ...judged(
    'key',
    UNKNOWN_KIDS.map((kid) => [`the unknown kid ${JSON.stringify(kid.slice(0, 40))}`, { kid }]),
  ),
]

/** Keys and addresses of keys in the header: signed by the forger, who brings his own. */
function brought(name: string, header: (key: Header) => Header, check: 'signature' | 'key'): Hostile {
  return {
    name: `${name} of the forger's own`,
    token: ({ forger }) => sign(forger, claims(), header(forger.jwk)),
    reason: 'credential-invalid',
    check,
  }
}

const EVIL = 'https://evil.example/keys'
const embedded: Hostile[] = [
  brought('a jwk', (jwk) => ({ jwk }), 'signature'),
  brought('a jwk and no kid', (jwk) => ({ jwk, kid: undefined }), 'signature'),
  brought('a jwk and a kid', (jwk) => ({ jwk: { ...jwk, kid: 'mine' }, kid: 'mine' }), 'key'),
  brought('a jku', () => ({ jku: EVIL }), 'signature'),
  brought('a jku and a kid', () => ({ jku: EVIL, kid: 'mine' }), 'key'),
  brought('a jku on the host of the issuer', () => ({ jku: 'https://billing.example/upload/1', kid: 'mine' }), 'key'),
  brought('a jku to loopback', () => ({ jku: 'http://127.0.0.1:1/latest/meta-data', kid: 'mine' }), 'key'),
  brought('an x5u', () => ({ x5u: EVIL }), 'signature'),
  brought('an x5u and a kid', () => ({ x5u: EVIL, kid: 'mine' }), 'key'),
  brought('an x5c', () => ({ x5c: ['MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A'] }), 'signature'),
  brought('an x5t and an x5t#S256', () => ({ x5t: 'AAAA', 'x5t#S256': 'AAAA' }), 'signature'),
  brought('everything', (jwk) => ({ jwk, jku: EVIL, x5u: EVIL, x5c: ['MIIB'], kid: EVIL }), 'key'),
]

const inherited: Hostile[] = [
  {
    name: 'its alg in __proto__',
    token: ({ es }) =>
      signParts(es, '{"__proto__":{"alg":"ES256"},"typ":"entitlement+jwt","kid":"es"}', JSON.stringify(claims())),
    reason: 'credential-invalid',
    check: 'algorithm',
  },
  {
    name: 'alg twice, the second none',
    token: ({ es }) =>
      signParts(es, '{"alg":"ES256","typ":"entitlement+jwt","kid":"es","alg":"none"}', JSON.stringify(claims())),
    reason: 'credential-invalid',
    check: 'algorithm',
  },
]

export const hostileHeaders: readonly Hostile[] = [
  ...algorithms,
  ...types,
  ...critical,
  ...kids,
  ...embedded,
  ...inherited,
]
