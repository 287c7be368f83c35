import { NO_VERDICTS } from '../support/verdicts.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { refusal } from '../../src/core/problem.ts'
import { err } from '../../src/core/result.ts'
import { buildTable, type Route } from '../../src/access/route.ts'
import { NO_STORES } from '../support/stores.ts'
import { plainPages } from '../../src/pages/pages.ts'
import type { Zone } from '../../src/zone.ts'
import { capture } from '../../src/http/capture.ts'
import { readCredentials, readingOf } from '../../src/rails/carried.ts'
import { bearer } from '../../src/rails/bearer.ts'
import { withToken, createGate, type Gate } from '../tokens/hostile/gate.ts'
import { ACCOUNT, goodToken, makeParties, NOW, type Parties } from '../tokens/hostile/parties.ts'
import { OFF } from '../support/policy.ts'

let parties: Parties
let gate: Gate
let token: string

beforeAll(async () => {
  parties = await makeParties()
  gate = createGate(parties)
  token = await goodToken(parties)
})

const OURS = 'https://news.example'
const SITES = [
  undefined,
  'same-origin',
  'same-site',
  'cross-site',
  'none',
  'Same-Origin',
  'same-origin, cross-site',
  '',
]
const ORIGINS = [
  undefined,
  OURS,
  'null',
  'https://evil.example',
  'https://sub.news.example',
  'http://news.example',
  'https://news.example:8443',
  'https://news.example.evil.example',
  'https://news.example, https://evil.example',
  '',
]
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'PURGE']
const SAFE = ['GET', 'HEAD', 'OPTIONS']
const ways = METHODS.flatMap((method) => [
  { method, upgrade: undefined, how: 'without an upgrade' },
  ...(method === 'GET' ? [{ method, upgrade: 'websocket', how: 'with an upgrade' }] : []),
  { method, upgrade: 'WebSocket', how: 'with an upgrade in capitals' },
])

type Way = (typeof ways)[number]

function asking(way: Way, site: string | undefined, origin: string | undefined, credential: [string, string]): Request {
  const headers = new Headers([credential])
  if (site !== undefined) headers.set('sec-fetch-site', site)
  if (origin !== undefined) headers.set('origin', origin)
  if (way.upgrade !== undefined) headers.set('upgrade', way.upgrade)
  return new Request(`${OURS}/paid/1`, { method: way.method, headers })
}

describe('the cookie by itself', () => {
  it.each(ways)('authorises $method $how only as far as its site is known', async (way) => {
    for (const site of SITES) {
      for (const origin of ORIGINS) {
        const answer = await gate.ask(asking(way, site, origin, ['cookie', `__Host-faregate=${token}`]))
        const isHarmless = SAFE.includes(way.method) && way.upgrade === undefined
        const isOurs = site === undefined ? origin === OURS : site === 'same-origin' || site === 'none'
        const expected = isHarmless || isOurs ? 200 : 402
        expect({ site, origin, status: answer.status }).toEqual({ site, origin, status: expected })
        expect(answer.received).toHaveLength(expected === 200 ? 1 : 0)
      }
    }
  })

  it('authorises no POST that carries neither Sec-Fetch-Site nor Origin, and the refusal says why', async () => {
    const way = { method: 'POST', upgrade: undefined, how: '' }
    const answer = await gate.ask(asking(way, undefined, undefined, ['cookie', `__Host-faregate=${token}`]))
    expect(answer).toMatchObject({ status: 402, reason: 'payment-required' })
    expect(answer.body).toContain('from another site')
  })
})

describe('Authorization', () => {
  it.each(ways)('authorises $method $how from anywhere', async (way) => {
    for (const site of SITES) {
      const answer = await gate.ask(asking(way, site, 'https://evil.example', ['authorization', `Bearer ${token}`]))
      expect(answer.status).toBe(200)
    }
  })
})

const bad: [name: string, value: () => string | Promise<string>, url?: string][] = [
  ['that is no token', () => 'x'],
  ['that is empty', () => ''],
  ['that is there twice', () => `${token}; __Host-faregate=${token}`],
  ['that is too large', () => 'x'.repeat(4000)],
  ['that has expired', () => goodToken(parties, { exp: NOW - 10 })],
  ['that is not valid yet', () => goodToken(parties, { nbf: NOW + 60 })],
  ['of an account on hold', () => goodToken(parties, { standing: 'on-hold' })],
  ['that is forged', () => `${token.slice(0, -8)}AAAAAAAA`],
  ['sent over plain http', () => token, 'http://news.example/free/1'],
]

describe('on a free page', () => {
  it.each(bad)('a cookie %s counts as none', async (_name, value, url = `${OURS}/free/1`) => {
    const cookie = `__Host-faregate=${await value()}`
    const answer = await gate.ask(new Request(url, { headers: { cookie } }))
    expect(answer).toMatchObject({ status: 200, reason: undefined })
    expect(answer.received[0]?.headers.has('faregate-subject')).toBe(false)
    expect(answer.received[0]?.headers.has('cookie')).toBe(false)
  })

  it('a good cookie names the account to the origin, and stays behind', async () => {
    const headers = { cookie: `a=1; __Host-faregate=${token}; b=2` }
    const answer = await gate.ask(new Request(`${OURS}/free/1`, { headers }))
    const received = answer.received[0]?.headers
    expect(received?.get('faregate-subject')).toBe(`"${ACCOUNT}"`)
    expect(received?.get('cookie')).toBe('a=1; b=2')
  })
})

describe('where the origin answers each caller', () => {
  it('it learns the account, and gets neither token nor cookie', async () => {
    const cookie = `__Host-faregate=${token}`
    const answer = await gate.ask(withToken(token, '/api/1', { cookie }))
    const received = answer.received[0]?.headers
    expect(received?.get('faregate-subject')).toBe(`"${ACCOUNT}"`)
    expect(received?.get('faregate-entitlements')).toBe('"premium"')
    expect(received?.has('authorization')).toBe(false)
    expect(received?.has('cookie')).toBe(false)
  })
})

const FREE: Route = {
  path: '/*',
  methods: undefined,
  terms: { kind: 'free' },
  cache: OFF,
  limits: { connectMs: 1, responseMs: 1, maxSessionMs: 1, stallMs: 1 },
}

/** White space that browsers take for part of a name, and careless servers do not: it would get round the prefix. */
const FALSE_SPACES = ['\u00a0', '\u0085', '\u1680', '\u2000', '\u2028', '\u3000', '\ufeff', '\u000b', '\u000c']

describe('a cookie whose name has strange white space before ours', () => {
  const named = FALSE_SPACES.map((space) => [space.charCodeAt(0).toString(16).padStart(4, '0'), space] as const)
  it.each(named)('is another cookie: U+%s', (_code, space) => {
    expect(present('cookie', `a=1;${space}__Host-faregate=${token}`)).toBeUndefined()
    expect(present('cookie', `${space}__Host-faregate=${token}`)).toBeUndefined()
    expect(present('cookie', `__Host-faregate${space}=${token}`)).toBeUndefined()
  })

  it.each(named)('does not make ours ambiguous: U+%s', (_code, space) => {
    expect(present('cookie', `__Host-faregate=${token};${space}__Host-faregate=x`)).toBe(`verified ${token}`)
  })
})

describe('Authorization with strange white space', () => {
  it.each(FALSE_SPACES)('is no bearer token: %j', (space) => {
    expect(present('authorization', `Bearer${space}${token}`)).not.toBe(`verified ${token}`)
    expect(present('authorization', `Bearer ${token}${space}x`)).not.toBe(`verified ${token}`)
  })
})

/** What the rail makes of a field as it stands: the runtime complains of such requests, with the field, when they are built. */
function present(name: string, value: string): unknown {
  const asked = {
    ...capture(new Request(`${OURS}/paid/1`), 0),
    fields: { get: (n: string) => (n === name ? value : null) },
  }
  const zone: Zone = {
    name: 'news',
    id: 'news',
    places: { own: {}, shared: {} },
    hosts: [],
    answersAnyHost: false,
    origins: new Set(),
    issuers: [],
    operators: [],
    routes: buildTable([], FREE),
    credentialFields: [],
    allowedFields: new Set(),
    remedies: {},
    offers: new Map(),
    pricedCountries: new Set(),
    previewsPerSecond: 5,
    pages: plainPages('news'),
    standing: { boundMs: 5000, serveMs: 0, longestTokenSeconds: 86_400 },
    exposedFields: '',
    pool: undefined,
    gateKeys: undefined,
    toldOf: new Set(),
    originFields: [],
    timeZone: 'UTC',
    signing: undefined,
  }
  const verifiers = {
    verify: (found: string) => err(refusal('internal-error', `verified ${found}`)),
    verifyAs: () => err(refusal('internal-error', 'The cookie holds nothing but entitlements.')),
    verifyOnce: async () => err(refusal('internal-error', 'The cookie holds nothing but entitlements.')),
    rememberedKind: () => undefined,
    verdicts: NO_VERDICTS,
  }
  const rail = bearer()
  const presented = rail.present({
    exchange: asked,
    zone,
    ...readCredentials(asked, readingOf(zone, [rail])),
    verifiers,
    stores: NO_STORES,
    logins: [],
    call: { now: 0, waitUntil: () => undefined },
  })
  const verified = presented instanceof Promise ? undefined : presented?.proof
  return verified === undefined || verified.ok ? undefined : verified.error.detail
}
