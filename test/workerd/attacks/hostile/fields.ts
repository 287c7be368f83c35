import type { Reason } from '../../../../src/core/problem.ts'
import { MAX_COOKIE_BYTES } from '../../../../src/rails/owncookie.ts'
import { tokenOfLength } from './spelling.ts'
import type { Parties } from '../../../tokens/hostile/parties.ts'

const PAGE = 'https://news.example/paid/1'
const COOKIE = '__Host-faregate'

/** How a token travels: the fields of the request that carries it. */
export interface Carried {
  readonly name: string
  /** The token it carries; the default is a good one. */
  readonly token?: (parties: Parties) => Promise<string>
  readonly fields: (token: string) => [name: string, value: string][]
  readonly url?: string
  readonly outcome: Reason | 'served'
}

type Row = [name: string, outcome: Carried['outcome'], fields: Carried['fields']]

function carried(rows: readonly Row[]): Carried[] {
  return rows.map(([name, outcome, fields]) => ({ name, outcome, fields }))
}

const authorization = carried([
  ['in Authorization: Bearer', 'served', (t) => [['authorization', `Bearer ${t}`]]],
  ['under bearer in lower case', 'served', (t) => [['authorization', `bearer ${t}`]]],
  ['under BEARER in upper case', 'served', (t) => [['authorization', `BEARER ${t}`]]],
  ['after two spaces (RFC 9110 §11.4)', 'served', (t) => [['authorization', `Bearer  ${t}`]]],
  ['between white space that is not part of the value', 'served', (t) => [['authorization', `  Bearer ${t}  `]]],
  ['after a tab', 'credential-malformed', (t) => [['authorization', `Bearer\t${t}`]]],
  ['after no space', 'payment-required', (t) => [['authorization', `Bearer${t}`]]],
  ['after a colon', 'payment-required', (t) => [['authorization', `Bearer: ${t}`]]],
  ['after an equals sign', 'payment-required', (t) => [['authorization', `Bearer=${t}`]]],
  ['without a scheme', 'payment-required', (t) => [['authorization', t]]],
  ['nowhere, but for the scheme', 'credential-malformed', () => [['authorization', 'Bearer']]],
  ['in quotes', 'credential-malformed', (t) => [['authorization', `Bearer "${t}"`]]],
  ['as a parameter', 'credential-malformed', (t) => [['authorization', `Bearer token="${t}"`]]],
  ['with a word after it', 'credential-malformed', (t) => [['authorization', `Bearer ${t} x`]]],
  ['twice, with a space between', 'credential-malformed', (t) => [['authorization', `Bearer ${t} ${t}`]]],
  ['with the scheme twice', 'credential-malformed', (t) => [['authorization', `Bearer Bearer ${t}`]]],
  ['with a comma after it', 'credential-ambiguous', (t) => [['authorization', `Bearer ${t},`]]],
  ['with a comma before it', 'credential-ambiguous', (t) => [['authorization', `, Bearer ${t}`]]],
  ['twice in a list', 'credential-ambiguous', (t) => [['authorization', `Bearer ${t}, Bearer ${t}`]]],
  ['twice in a list without spaces', 'credential-ambiguous', (t) => [['authorization', `Bearer ${t},Bearer ${t}`]]],
  ['before another scheme', 'credential-ambiguous', (t) => [['authorization', `Bearer ${t}, Basic eA==`]]],
  ['after another scheme', 'credential-ambiguous', (t) => [['authorization', `Basic eA==, Bearer ${t}`]]],
  [
    'in two fields',
    'credential-ambiguous',
    (t) => [
      ['authorization', `Bearer ${t}`],
      ['authorization', `Bearer ${t}`],
    ],
  ],
  [
    'in one field, with Basic in another',
    'credential-ambiguous',
    (t) => [
      ['authorization', 'Basic eA=='],
      ['authorization', `Bearer ${t}`],
    ],
  ],
  ['as the password of Basic', 'payment-required', (t) => [['authorization', `Basic ${btoa(`x:${t}`)}`]]],
  ['under Basic as it stands', 'payment-required', (t) => [['authorization', `Basic ${t}`]]],
  ['under DPoP', 'payment-required', (t) => [['authorization', `DPoP ${t}`]]],
  ['under Token', 'payment-required', (t) => [['authorization', `Token ${t}`]]],
  ['in Proxy-Authorization', 'payment-required', (t) => [['proxy-authorization', `Bearer ${t}`]]],
  ['in X-Authorization', 'payment-required', (t) => [['x-authorization', `Bearer ${t}`]]],
])

const cookies = carried([
  ['in the cookie', 'served', (t) => [['cookie', `${COOKIE}=${t}`]]],
  ['in the cookie, among others', 'served', (t) => [['cookie', `a=1; ${COOKIE}=${t}; b=2`]]],
  ['in the cookie, without a space before it', 'served', (t) => [['cookie', `a=1;${COOKIE}=${t}`]]],
  ['in a cookie in quotes', 'credential-malformed', (t) => [['cookie', `${COOKIE}="${t}"`]]],
  ['in a cookie, escaped', 'credential-malformed', (t) => [['cookie', `${COOKIE}=${t.replaceAll('.', '%2E')}`]]],
  ['in a cookie, after Bearer', 'credential-malformed', (t) => [['cookie', `${COOKIE}=Bearer ${t}`]]],
  ['nowhere, though the cookie is there', 'payment-required', () => [['cookie', `${COOKIE}=`]]],
  ['nowhere, though the name of the cookie is there', 'payment-required', () => [['cookie', COOKIE]]],
  ['in the cookie twice', 'credential-ambiguous', (t) => [['cookie', `${COOKIE}=${t}; ${COOKIE}=${t}`]]],
  ['in one cookie, another being empty', 'credential-ambiguous', (t) => [['cookie', `${COOKIE}=; ${COOKIE}=${t}`]]],
  [
    'in two Cookie fields',
    'credential-ambiguous',
    (t) => [
      ['cookie', `${COOKIE}=${t}`],
      ['cookie', `${COOKIE}=${t}`],
    ],
  ],
  ['in a cookie of another name', 'payment-required', (t) => [['cookie', `faregate=${t}`]]],
  ['in a cookie without the prefix that guards it', 'payment-required', (t) => [['cookie', `Host-faregate=${t}`]]],
  ['in a cookie with the weaker prefix', 'payment-required', (t) => [['cookie', `__Secure-faregate=${t}`]]],
  ['in a cookie in lower case', 'payment-required', (t) => [['cookie', `__host-faregate=${t}`]]],
  ['in a cookie whose name ends so', 'payment-required', (t) => [['cookie', `x__Host-faregate=${t}`]]],
  ['in a cookie whose name begins so', 'payment-required', (t) => [['cookie', `${COOKIE}-x=${t}`]]],
  ['in the value of another cookie', 'payment-required', (t) => [['cookie', `a=${COOKIE}=${t}`]]],
  ['in the value of another cookie, after a space', 'payment-required', (t) => [['cookie', `a=1 ${COOKIE}=${t}`]]],
  // A sibling domain may set a cookie of any other name, commas in its value included: the prefix must still guard ours.
  ['in the value of another cookie, after a comma', 'payment-required', (t) => [['cookie', `a=1,${COOKIE}=${t}`]]],
  [
    'in the value of another cookie, after a comma and a space',
    'payment-required',
    (t) => [['cookie', `a=1, ${COOKIE}=${t}`]],
  ],
])

const both = carried([
  [
    'in Authorization, with a cookie that is none',
    'served',
    (t) => [
      ['authorization', `Bearer ${t}`],
      ['cookie', `${COOKIE}=x`],
    ],
  ],
  [
    'in Authorization, with the cookie twice',
    'served',
    (t) => [
      ['authorization', `Bearer ${t}`],
      ['cookie', `${COOKIE}=x; ${COOKIE}=y`],
    ],
  ],
  [
    'in the cookie, with a bearer that is none',
    'credential-malformed',
    (t) => [
      ['authorization', 'Bearer x'],
      ['cookie', `${COOKIE}=${t}`],
    ],
  ],
  [
    'in the cookie, with Basic for the origin',
    'served',
    (t) => [
      ['authorization', 'Basic eA=='],
      ['cookie', `${COOKIE}=${t}`],
    ],
  ],
])

/** RFC 6750 §2.3 is not for us: a URL is logged, sent on as Referer and kept in histories. */
export const inTheUrl: readonly { name: string; at: (token: string) => string; outcome: Reason }[] = [
  { name: 'in the query', at: (token) => `${PAGE}?access_token=${token}`, outcome: 'payment-required' },
  // No client sends these. A server that builds its requests from something else might.
  { name: 'in the user name', at: (token) => `https://${token}@news.example/paid/1`, outcome: 'host-unknown' },
  { name: 'in the fragment', at: (token) => `${PAGE}#access_token=${token}`, outcome: 'host-unknown' },
]

const sized: Carried[] = [
  {
    name: 'in a cookie of the largest size',
    token: (parties) => tokenOfLength(parties, MAX_COOKIE_BYTES),
    fields: (token) => [['cookie', `${COOKIE}=${token}`]],
    outcome: 'served',
  },
  {
    name: 'in a cookie one byte larger',
    token: (parties) => tokenOfLength(parties, MAX_COOKIE_BYTES + 1),
    fields: (token) => [['cookie', `${COOKIE}=${token}`]],
    outcome: 'credential-malformed',
  },
  {
    name: 'in Authorization, larger than a cookie may be',
    token: (parties) => tokenOfLength(parties, MAX_COOKIE_BYTES + 1),
    fields: (token) => [['authorization', `Bearer ${token}`]],
    outcome: 'served',
  },
]

const bearer: Carried['fields'] = (token) => [['authorization', `Bearer ${token}`]]
const cookie: Carried['fields'] = (token) => [['cookie', `${COOKIE}=${token}`]]
const transports: Carried[] = [
  { name: 'over plain http', url: 'http://news.example/paid/1', fields: bearer, outcome: 'credential-invalid' },
  {
    name: 'in a cookie over plain http',
    url: 'http://news.example/paid/1',
    fields: cookie,
    outcome: 'credential-invalid',
  },
  { name: 'over plain http on loopback', url: 'http://localhost:8787/paid/1', fields: bearer, outcome: 'served' },
  { name: 'in a cookie on loopback', url: 'http://localhost:8787/paid/1', fields: cookie, outcome: 'served' },
  { name: 'to another zone', url: 'https://shop.example/paid/1', fields: bearer, outcome: 'credential-invalid' },
  { name: 'to a host of no zone', url: 'https://other.example/paid/1', fields: bearer, outcome: 'host-unknown' },
]

export const carriedTokens: readonly Carried[] = [...authorization, ...cookies, ...both, ...sized, ...transports]
