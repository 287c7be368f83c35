import { beforeAll, describe, expect, it } from 'vitest'
import { bearer, cloudflareAccess, cloudflareAccessOperators } from '../../src/index.ts'
import type { Options } from '../../src/config/options.ts'
import { faultsOf } from '../support/compiled.ts'
import { makeKey, sign, type TestKey } from '../support/issuer.ts'
import { createDesk, type Desk, NEWS, OPS, optionsOf, reached, times, zonesWith } from './desk.ts'

const TEAM = 'https://team.cloudflareaccess.com'
const [OPERATORS_APP, READERS_APP] = ['0bd7d44a', '77cf1be2']
const AT = `${OPS}/__faregate/operator`
const SCOPES = {
  'ann@example.com': ['view', 'hold'],
  'group:support': ['view'],
  'group:refunds': ['refund', 'view'],
  'service:client-id.access': ['view'],
  'cleo@example.com': ['purge'],
}

let key: TestKey
let options: Options
let desk: Desk

beforeAll(async () => {
  key = await makeKey('RS256', 'access')
  options = optionsWith([
    cloudflareAccessOperators({ team: 'team', audience: OPERATORS_APP, scopes: SCOPES, keys: [key.jwk] }),
  ])
  desk = createDesk(options)
})

/** Readers of the same team come by an application of their own. */
function optionsWith(operators: Options['zones'][number]['operators']): Options {
  const readers = cloudflareAccess({ team: 'team', audience: READERS_APP, grants: ['premium'], keys: [key.jwk] })
  const rails = [bearer({ from: [{ field: 'Cf-Access-Jwt-Assertion' }] })]
  return optionsOf({ host: 'ops.site.test' }, { issuers: [readers], rails, operators: operators ?? [] })
}

/** An application token, as Cloudflare documents them. Undefined removes a claim. */
function assertion(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
  const person = {
    sub: '7335d417-61da-459d',
    email: 'ann@example.com',
    identity_nonce: '6ei69kawdKzMIAPF',
    country: 'US',
  }
  const all = { iss: TEAM, aud: [OPERATORS_APP], type: 'app', ...person, ...times(), nbf: times().iat, ...claims }
  return sign(key, all, { typ: 'JWT', ...header })
}

const opened = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

async function shown(token: string, headers: Record<string, string> = opened, at = AT): Promise<[number, boolean]> {
  const answer = await desk.ask(at, { headers: { ...headers, 'cf-access-jwt-assertion': token } })
  return [answer.status, (await answer.text()).includes('What happens on')]
}

describe('an operator whom Cloudflare Access let in', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['is listed by address', {}],
    ['is listed by a group', { email: 'bob@example.com', custom: { groups: ['staff', 'support'] } }],
    ['is listed by a group that is one text', { email: 'bob@example.com', custom: { groups: 'refunds' } }],
    [
      'is a program with a service token',
      { sub: '', email: undefined, common_name: 'client-id.access', nbf: undefined },
    ],
    ['has a token without a type in its header', {}, { typ: undefined }],
  ])('%s', async (_, claims, header) => {
    expect(await shown(await assertion(claims, header))).toEqual([200, true])
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['a reader of the same team', { aud: [READERS_APP] }],
    ['a token for both applications', { aud: [OPERATORS_APP, READERS_APP] }],
    ['a token for no application', { aud: undefined }],
    ['a person who is not listed', { email: 'eve@example.com' }],
    ['an address in other letters', { email: 'Ann@example.com' }],
    ['a group that is not listed', { email: 'eve@example.com', custom: { groups: ['readers', 'Support'] } }],
    [
      'groups that are no texts',
      { email: 'eve@example.com', custom: { groups: [{ name: 'support' }, 'group:support'] } },
    ],
    ['groups in another claim', { email: 'eve@example.com', groups: ['support'] }],
    ['an address that looks like a group', { email: 'group:support' }],
    ['an address that looks like a program', { email: 'service:client-id.access' }],
    ['a person with the name of a program', { email: undefined, common_name: 'client-id.access' }],
    ['a program with an address', { sub: '', common_name: 'other.access' }],
    ['a program that is not listed', { sub: '', email: undefined, common_name: 'other.access' }],
    ['nobody', { sub: undefined, email: 'ann@example.com' }],
    ['an operator who may not look', { email: 'cleo@example.com' }],
    ['the session of the whole team', { type: 'org' }],
    ['a token that has ended', { exp: times().iat + 10 }],
    ['a token that lives too long', { exp: times().iat + 90_000 }],
    ['another team', { iss: 'https://other.cloudflareaccess.com' }],
    ['an event', { events: {} }],
    ['a bound token', { cnf: { jkt: 'x' } }],
    ['a token of an operator of ours', { scope: 'view' }, { typ: 'operator+jwt' }],
    ['another kind of token', {}, { typ: 'entitlement+jwt' }],
  ])('is not %s', async (_, claims, header) => {
    expect(await shown(await assertion(claims, header))).toEqual([401, false])
  })

  it('is nobody by a token of another key, or none', async () => {
    const forger = await makeKey('RS256', 'access')
    const claims = { iss: TEAM, aud: [OPERATORS_APP], type: 'app', sub: 'x', email: 'ann@example.com', ...times() }
    for (const token of [
      await sign(forger, claims, { typ: 'JWT' }),
      '',
      'x',
      'x.y.z',
      `${await assertion()}, ${await assertion()}`,
    ])
      expect(await shown(token), token).toEqual([401, false])
  })

  it('sees what a person opens, and no page of another host reads or shows it', async () => {
    const token = await assertion()
    expect(await shown(token, { 'sec-fetch-site': 'none' })).toEqual([401, false])
    for (const [headers, isShown] of [
      [{ 'sec-fetch-site': 'same-origin' }, true],
      [{ ...opened, 'sec-fetch-site': 'none' }, true],
      [{}, true],
      [{ ...opened, 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'iframe' }, false],
      [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', origin: NEWS }, false],
      [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, false],
      [{ origin: NEWS }, false],
    ] as [Record<string, string>, boolean][])
      expect(await shown(token, headers), JSON.stringify(headers)).toEqual(isShown ? [200, true] : [401, false])
  })

  it('is asked to sign out there, and presses no order that it has not been shown', async () => {
    const token = await assertion()
    const page = await (await desk.ask(AT, { headers: { ...opened, 'cf-access-jwt-assertion': token } })).text()
    expect(page).toContain(`href="${TEAM}/cdn-cgi/access/logout"`)
    for (const [site, status] of [
      ['same-origin', 400],
      ['same-site', 400],
      ['cross-site', 400],
    ] as const) {
      const headers = { 'sec-fetch-site': site, origin: OPS, 'cf-access-jwt-assertion': token }
      expect((await desk.post(AT, { do: 'x' }, headers)).status).toBe(status)
    }
  })

  it('cannot be known while the keys of the team cannot be had', async () => {
    const asked: string[] = []
    const given = cloudflareAccessOperators({ team: 'team', audience: OPERATORS_APP, scopes: SCOPES })
    const lost = createDesk(optionsWith([given]), undefined, {
      fetch: async (input) => {
        asked.push(new Request(input).url)
        return new Response('down', { status: 500 })
      },
    })
    const answer = await lost.ask(AT, { headers: { ...opened, 'cf-access-jwt-assertion': await assertion() } })
    expect(answer.status).toBe(503)
    expect(new Set(asked)).toEqual(new Set([`${TEAM}/cdn-cgi/access/certs`]))
  })
})

describe('the token of Access', () => {
  it('does nothing at other endpoints, and opens nothing that is on sale', async () => {
    const headers = { 'cf-access-jwt-assertion': await assertion(), 'content-type': 'application/json' }
    const order = { method: 'POST', headers, body: '{"account":"x"}' }
    for (const path of ['hold', 'lookup', 'credit'])
      expect((await desk.ask(`${NEWS}/__faregate/${path}`, order)).status, path).toBe(401)
    expect((await desk.ask(`${NEWS}/articles/1`, { headers })).status).toBe(402)
    expect((await desk.ask(`${NEWS}/__faregate/operator`, { headers })).status).toBe(404)
    const reader = { 'cf-access-jwt-assertion': await assertion({ aud: [READERS_APP] }), ...opened }
    expect((await desk.ask(`${NEWS}/articles/1`, { headers: reader })).status).toBe(200)
  })

  it('is an operator token to whoever sends it on purpose', async () => {
    const headers = { authorization: `Bearer ${await assertion()}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ account: 'held-by-token' })
    const order = await desk.ask(`${NEWS}/__faregate/hold`, { method: 'POST', headers, body })
    expect([order.status, (await order.json<{ isHeld: boolean }>()).isHeld]).toEqual([200, true])
    expect(desk.lines.at(-1)?.audit).toMatchObject({ action: 'hold', by: '7335d417-61da-459d', done: true })
    const other = {
      ...headers,
      authorization: `Bearer ${await assertion({ email: 'x@example.com', custom: { groups: ['support'] } })}`,
    }
    expect((await desk.ask(`${NEWS}/__faregate/hold`, { method: 'POST', headers: other, body })).status).toBe(403)
  })

  it('reaches no origin and no line of the log', async () => {
    const token = await assertion()
    const headers = { 'cf-access-jwt-assertion': token, Cf_Access_Jwt_Assertion: token }
    expect((await desk.ask(`${NEWS}/free`, { headers })).status).toBe(200)
    await shown(token)
    expect(reached.length).toBeGreaterThan(0)
    const told = JSON.stringify([desk.lines, reached.map((fields) => [...fields])])
    expect(told).not.toContain(token.split('.')[1])
    expect(told).not.toContain('ann@example.com')
  })

  it('is kept from the origin also where only another zone has such operators', async () => {
    const given = optionsWith([
      cloudflareAccessOperators({ team: 'team', audience: OPERATORS_APP, scopes: SCOPES, keys: [key.jwk] }),
    ])
    const [news, shop] = given.zones
    if (news === undefined || shop === undefined) throw new Error('two zones')
    const plain = createDesk({ ...given, zones: [{ ...news, rails: [bearer()], operators: [] }, shop] })
    reached.length = 0
    await plain.ask(`${NEWS}/free`, { headers: { 'cf-access-jwt-assertion': await assertion() } })
    expect(reached.map((fields) => fields.get('cf-access-jwt-assertion'))).toEqual([null])
  })
})

describe('operators by Access in a configuration', () => {
  const env = { STAFF_SECRET: 't'.repeat(32), GATE_SECRET: 'u'.repeat(32), ACCOUNT_KEY: 'v'.repeat(32) }
  const alone = "expected that of an application that is the operators' alone, and not "
  const given = { team: 'team', audience: OPERATORS_APP, scopes: { 'ann@example.com': ['view'] } }
  const of = (change: Record<string, unknown>) => {
    const operators = [{ ...cloudflareAccessOperators(given), ...change }]
    const [news] = optionsWith(undefined).zones
    return faultsOf({ ...optionsWith(undefined), zones: [{ ...news, operators }] }, env)
  }

  it.each<[string, Record<string, unknown>, { path: string; message: string }[]]>([
    ['may be so', {}, []],
    [
      'have no application of readers',
      { audience: READERS_APP },
      [{ path: 'audience', message: `${alone}zones[0].issuers[0].audience` }],
    ],
    ['have not that of the zone', { audience: NEWS }, [{ path: 'audience', message: `${alone}zones[0].audience` }]],
    [
      'have one of their own',
      { audience: undefined },
      [{ path: 'audience', message: `${alone}that of the zone, which it is by default` }],
    ],
    ['are listed', { access: {} }, [{ path: 'access.scopes', message: 'is missing' }]],
    [
      'are at least one',
      { access: { scopes: {} } },
      [{ path: 'access.scopes', message: 'expected at least one: who is not listed is no operator' }],
    ],
    [
      'have scopes',
      { access: { scopes: { 'ann@example.com': [] } } },
      [{ path: 'access.scopes.ann@example.com', message: 'expected at least one' }],
    ],
    [
      'have names of which it is clear what they are',
      { access: { scopes: { ann: ['view'] } } },
      [{ path: 'access.scopes.ann', message: 'expected an address, or "group:" or "service:" and a name' }],
    ],
  ])('%s', (_, change, faults) => {
    expect(of(change)).toEqual(faults.map(({ path, message }) => ({ path: `zones[0].operators[0].${path}`, message })))
  })

  it('have no application of the readers of another zone', () => {
    const [news, shop] = zonesWith({
      operators: [cloudflareAccessOperators({ ...given, audience: 'https://shop.site.test' })],
    })
    const faults = faultsOf(
      { ...optionsWith(undefined), zones: [news, { ...shop, operators: [] }] },
      { ...env, TOKEN_SECRET: 's'.repeat(32) },
    )
    expect(faults).toEqual([{ path: 'zones[0].operators[0].audience', message: `${alone}zones[1].audience` }])
  })
})
