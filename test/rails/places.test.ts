import { beforeAll, describe, expect, it } from 'vitest'
import type { Zone } from '../../src/zone.ts'
import { capture } from '../../src/http/capture.ts'
import type { Presentation } from '../../src/access/proof.ts'
import { readCredentials, readingOf } from '../../src/rails/carried.ts'
import { stripBearer } from '../../src/tokens/bearer.ts'
import { bearer, type TokenPlace } from '../../src/index.ts'
import { siteAt, zoneFaults } from '../support/compiled.ts'
import { sign } from '../support/issuer.ts'
import { NO_STORES } from '../support/stores.ts'
import { verifiersThatSay } from '../support/verdicts.ts'
import { type Answer, createGate, type Gate, leaked } from '../tokens/hostile/gate.ts'
import { claims, compiledFor, goodToken, makeParties, NOW, options, type Parties } from '../tokens/hostile/parties.ts'

const FROM: TokenPlace[] = [
  { field: 'X-Api-Key' },
  { field: 'Cf-Access-Jwt-Assertion' },
  { scheme: 'Token' },
  { basic: 'password' },
  { cookie: 'session' },
  { webSocketProtocol: 'bearer' },
]

let parties: Parties
let gate: Gate
let plain: Gate
let zone: Zone
let token: string
let other: string

beforeAll(async () => {
  parties = await makeParties()
  gate = createGate(parties, [bearer({ from: FROM })])
  plain = createGate(parties)
  zone = siteAt(compiledFor(options(parties)), 'news.example').zone
  token = await goodToken(parties)
  other = await goodToken(parties, { sub: 'another account' })
})

type Fields = Record<string, string>

/** The fields that carry this token, by place. Those of a browser come from a page of ours. */
const CARRIERS: Readonly<Record<string, (value: string) => Fields>> = {
  'a field': (value) => ({ 'x-api-key': value }),
  'a field that a proxy writes': (value) => ({ 'cf-access-jwt-assertion': value }),
  'another scheme': (value) => ({ authorization: `token  ${value}` }),
  'a password': (value) => ({ authorization: `basic ${btoa(`reader:${value}`)}` }),
  'a password without a name': (value) => ({ authorization: `Basic ${btoa(`:${value}`)}` }),
  'another cookie': (value) => ({ cookie: `a=1; session=${value}; b=2` }),
}
const carriers = Object.entries(CARRIERS)
const AMBIENT = carriers.filter(([name]) => /proxy|password|cookie/.test(name))
const SENT = carriers.filter(([name]) => !/proxy|password|cookie/.test(name))

function ask(fields: Fields, path = '/paid/1', init: RequestInit = {}, at = gate): Promise<Answer> {
  return at.ask(new Request(`https://news.example${path}`, { ...init, headers: fields }))
}

/** Everything that the origin was sent. */
function toOrigin({ received }: Answer): string {
  return received.flatMap(({ url, headers }) => [url, ...Array.from(headers, (pair) => pair.join(': '))]).join('\n')
}

describe('a token in a place that the operator names', () => {
  it.each(carriers)('opens a page: %s', async (_name, carry) => {
    expect(await ask(carry(token))).toMatchObject({ status: 200 })
    expect(await ask(carry(token), '/paid/1', {}, plain)).toMatchObject({ status: 402, reason: 'payment-required' })
  })

  it.each(carriers)('does not reach the origin, nor any line or answer: %s', async (_name, carry) => {
    for (const path of ['/paid/1', '/api/1', '/free/1']) {
      const answer = await ask(carry(token), path)
      expect(answer.status).toBe(200)
      expect(leaked(token, toOrigin(answer))).toBeUndefined()
      expect(leaked(token, answer.everything)).toBeUndefined()
      for (const credential of [token, token.slice(0, -4), `${token}=`]) {
        const refused = await ask(carry(credential), path)
        expect(leaked(token, `${refused.everything}\n${toOrigin(refused)}`)).toBeUndefined()
      }
    }
    expect((await ask(CARRIERS['another cookie']?.(token) ?? {}, '/api/1')).received[0]?.headers.get('cookie')).toBe(
      'a=1; b=2',
    )
  })

  it.each(carriers)('is judged like any other: %s', async (_name, carry) => {
    const forged = await sign(parties.forger, claims())
    expect(await ask(carry(forged))).toMatchObject({ status: 402, reason: 'credential-invalid' })
    const expired = await goodToken(parties, { exp: NOW - 10 })
    expect(await ask(carry(expired))).toMatchObject({ status: 402, reason: 'credential-expired' })
    const exposed = new Request('http://news.example/paid/1', { headers: carry(token) })
    const answer = await gate.ask(exposed)
    expect(answer).toMatchObject({ status: 402, reason: 'credential-invalid' })
    expect(answer.body).toContain('plain http')
  })

  it.each([
    ['a field', { 'x-api-key': 'x, y' }, 'credential-ambiguous'],
    ['a field that is there twice', { 'x-api-key': 'x,y' }, 'credential-ambiguous'],
    ['a field with a scheme', { 'x-api-key': 'Bearer x' }, 'credential-malformed'],
    ['a field that is no token', { 'x-api-key': 'x' }, 'credential-malformed'],
    ['a scheme with two', { authorization: 'Token x, Token y' }, 'credential-ambiguous'],
    ['a scheme with parameters', { authorization: 'Token token="x"' }, 'credential-malformed'],
    ['a cookie that is there twice', { cookie: 'session=x; session=y' }, 'credential-ambiguous'],
    ['two schemes', { authorization: 'Token x, Bearer y' }, 'credential-ambiguous'],
  ])('is one token and nothing else: %s', async (_name, fields, reason) => {
    expect(await ask(fields)).toMatchObject({ status: 402, reason })
  })

  it.each([
    ['an empty field', { 'x-api-key': '' }],
    ['an empty cookie', { cookie: 'session=' }],
    ['a cookie whose name ends so', { cookie: 'my-session=x; session2=y; Session=z' }],
    ['a password that is none', { authorization: `Basic ${btoa('admin:secret')}` }],
    ['a password without its name', { authorization: `Basic ${btoa('admin')}` }],
    ['credentials that are not base64', { authorization: 'Basic ???' }],
    ['a scheme that begins so', { authorization: 'Tokens x' }],
    ['a scheme alone', { authorization: 'Token' }],
    ['a subprotocol without a handshake', { 'sec-websocket-protocol': 'bearer, x' }],
  ])('is not there with %s', async (_name, fields) => {
    expect(await ask(fields)).toMatchObject({ status: 402, reason: 'payment-required' })
  })

  it('comes after Authorization, and what comes by itself after our cookie', async () => {
    const bearing = { authorization: `Bearer ${other}` }
    const ours = { cookie: `session=${token}; __Host-faregate=${other}` }
    const account = async (fields: Fields): Promise<unknown> => {
      const { verified } = await ask(fields)
      return verified?.ok === true ? verified.value.account : undefined
    }
    for (const name of ['a field', 'another cookie'])
      expect(await account({ ...CARRIERS[name]?.(token), ...bearing })).toBe('another account')
    expect(await account(ours)).toBe('another account')
    expect(await account({ ...ours, 'x-api-key': token })).not.toBe('another account')
    expect(await account({ ...CARRIERS['a field']?.(other), ...CARRIERS['a password']?.(token) })).toBe(
      'another account',
    )
  })
})

/** What the rail presents, and whether that may be charged. */
async function present(fields: Fields, method = 'GET'): Promise<Presentation | undefined> {
  const request = new Request('https://news.example/paid/1', { method, headers: fields })
  const [exchange, call] = [capture(request, 0), { now: 0, waitUntil: () => undefined }]
  const rail = bearer({ from: FROM })
  return rail.present({
    exchange,
    zone,
    ...readCredentials(exchange, readingOf(zone, [rail])),
    verifiers: verifiersThatSay({ ok: true, value: {} } as never),
    stores: NO_STORES,
    logins: [],
    call,
  })
}

const SITES = [undefined, 'same-origin', 'same-site', 'cross-site', 'none', 'Same-Origin']
const fromSite = (site: string | undefined): Fields => ({
  ...(site === undefined ? {} : { 'sec-fetch-site': site }),
  origin: 'https://news.example',
})

describe('what browsers and proxies send by themselves', () => {
  it.each(AMBIENT)('opens a page and authorises nothing more, but from a page of ours: %s', async (_name, carry) => {
    for (const site of SITES) {
      const fields = { ...carry('x.y.z'), ...fromSite(site) }
      const isOurs = site === 'same-origin' || site === undefined
      const goes = site === 'same-origin' ? 'spend' : isOurs ? 'tell' : 'read'
      expect(await present(fields)).toMatchObject({ proof: { ok: true }, authority: goes })
      const unsafe = [await present(fields, 'POST'), await present({ ...fields, upgrade: 'websocket' })]
      for (const presented of unsafe) {
        expect(presented).toMatchObject(
          isOurs
            ? { proof: { ok: true }, authority: 'spend' }
            : { proof: { ok: false, error: { reason: 'payment-required', check: 'presented' } } },
        )
      }
    }
  })

  it.each(SENT)('is not what a client sends on purpose, from wherever: %s', async (_name, carry) => {
    for (const site of SITES) {
      for (const method of ['GET', 'POST', 'DELETE'])
        expect(await present({ ...carry('x'), ...fromSite(site) }, method)).toEqual({
          role: 'entitlement',
          rail: 'bearer',
          proof: { ok: true, value: {} },
        })
    }
  })
})

describe('a WebSocket', () => {
  const opening = { upgrade: 'websocket' }
  const asked = async (protocols: string): Promise<unknown> => {
    const presented = await present({ ...opening, 'sec-websocket-protocol': protocols })
    return presented?.proof.ok === false ? presented.proof.error.reason : presented?.proof.ok
  }

  it.each([
    ['bearer, x', true],
    ['graphql-ws, bearer,x', true],
    ['bearer,x,graphql-ws', true],
    ['graphql-ws', undefined],
    ['Bearer, x', undefined],
    ['bearer', 'credential-malformed'],
    ['bearer, ', 'credential-malformed'],
    ['bearer, x y', 'credential-malformed'],
    ['bearer, x, bearer, y', 'credential-ambiguous'],
  ])('that asks for %j presents: %s', async (protocols, expected) => {
    expect(await asked(protocols)).toBe(expected)
  })

  it.each([
    ['bearer, x', null],
    ['graphql-ws, bearer, x, v2', 'graphql-ws, v2'],
    ['graphql-ws', 'graphql-ws'],
    ['bearer, x, bearer, y', null],
    ['bearer', null],
  ])('that asks for %j has the origin asked for %j', (protocols, left) => {
    const fields = new Headers({ 'sec-websocket-protocol': protocols })
    bearer({ from: FROM }).strip(fields)
    expect(fields.get('sec-websocket-protocol')).toBe(left)
  })

  it('has its protocol chosen, and never the token', () => {
    const rail = bearer({ from: FROM })
    const chosen = (fields: Fields): unknown =>
      rail.protocolOf?.(capture(new Request('https://news.example/', { headers: fields }), 0))
    expect(chosen({ ...opening, 'sec-websocket-protocol': 'a, bearer, x' })).toBe('bearer')
    expect(chosen({ ...opening, 'sec-websocket-protocol': 'a, b' })).toBeUndefined()
    expect(chosen({ 'sec-websocket-protocol': 'bearer, x' })).toBeUndefined()
  })
})

describe('a field in another spelling', () => {
  it.each(['x_api_key', 'x.api.key', 'X-API_Key'])(
    'opens nothing, and reaches no origin that reads it as the field: %s',
    async (name) => {
      expect(await ask({ [name]: token })).toMatchObject({ status: 402, reason: 'payment-required' })
      const answer = await ask({ [name]: token, ...CARRIERS['another scheme']?.(token) }, '/api/1')
      expect(answer.status).toBe(200)
      expect(leaked(token, toOrigin(answer))).toBeUndefined()
      expect(answer.received[0]?.headers.has(name)).toBe(false)
    },
  )
})

describe('what is another’s', () => {
  it('stays where it is: a password that is no token, another cookie, another scheme', () => {
    const strip = (fields: Fields): Fields => {
      const headers = new Headers(fields)
      bearer({ from: FROM }).strip(headers)
      stripBearer(headers, zone)
      return Object.fromEntries(headers)
    }
    for (const fields of [
      { authorization: `Basic ${btoa('admin:secret')}` },
      { authorization: 'Digest username="x"' },
      { cookie: 'my-session=x; b=2' },
    ])
      expect(strip(fields)).toEqual(fields)
    expect(strip({ cookie: 'session=x' })).toEqual({})
  })
})

describe('places that are faults', () => {
  const faults: [string, unknown, string][] = [
    ['no list', { field: 'X-Api-Key' }, 'from'],
    ['nothing', [undefined], 'from[0]'],
    ['words', ['X-Api-Key'], 'from[0]'],
    ['an unknown member', [{ header: 'X-Api-Key' }], 'from[0]'],
    ['a member of every object', [{ constructor: 'x' }], 'from[0]'],
    ['two members', [{ field: 'a', cookie: 'b' }], 'from[0]'],
    ['no name', [{ field: '' }], 'from[0]'],
    ['a name with a space', [{ field: 'X Api Key' }], 'from[0]'],
    ['Authorization', [{ field: 'Authorization' }], 'from[0]'],
    ['Cookie', [{ field: 'COOKIE' }], 'from[0]'],
    ['a standard field', [{ field: 'Content-Type' }], 'from[0]'],
    ['a field of the gate', [{ field: 'Faregate-Receipt' }], 'from[0]'],
    ['a field that ends at a hop', [{ field: 'Proxy-Authorization' }], 'from[0]'],
    ['a field that names a target', [{ field: 'X-Forwarded-Uri' }], 'from[0]'],
    ['a placeholder of other routers', [{ parameter: 'token', route: '/feed/:id' }], 'from[0]'],
    ['the user of Basic', [{ basic: 'username' }], 'from[0]'],
    ['Bearer as another scheme', [{ scheme: 'bearer' }], 'from[0]'],
    ['our own cookie', [{ cookie: '__Host-faregate' }], 'from[0]'],
    ['the same twice', [{ field: 'X-Key' }, { field: 'x-key' }], 'from[1]'],
  ]
  it.each(faults)('%s', (_name, from, path) => {
    const rails = [bearer({ from: from as TokenPlace[] })]
    expect(zoneFaults({ rails })).toEqual([{ path: `zones[0].rails[0].${path}`, message: expect.any(String) }])
  })

  it.each(['X-Forwarded-Access-Token', 'X-Auth-Request-Access-Token', 'Cf-Access-Jwt-Assertion', 'X-Amzn-Oidc-Data'])(
    'are not the fields in which proxies pass on a signed token: %s',
    (field) => {
      expect(zoneFaults({ rails: [bearer({ from: [{ field }] })] })).toEqual([])
    },
  )
})
