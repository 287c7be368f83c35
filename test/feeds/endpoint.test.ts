import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MemoryJournal } from '../../src/platform/memory/journal.ts'
import { keys, lookup } from '../../src/index.ts'
import { openLedger } from '../../src/ledger/rules/place.ts'
import { BILLING, makeParties, type Parties } from '../tokens/hostile/parties.ts'
import { makeKey } from '../../src/rails/keys/format.ts'
import { sign } from '../support/issuer.ts'
import { BOUND_MS, feedOptions, FeedWorld, madeOf, OPERATOR, OURS } from './world.ts'

let parties: Parties
let world: FeedWorld

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(() => {
  world = new FeedWorld(parties)
})
afterEach(() => vi.restoreAllMocks())

const CREATE = { action: 'create', name: 'phone', path: '/feed/1' }

interface Listed {
  readonly feeds: readonly Readonly<Record<string, unknown>>[]
}

/** What is answered to a request with this cookie. */
async function byCookie(token: string, fields: Record<string, string>, body?: object): Promise<number> {
  const headers = { cookie: `__Host-faregate=${token}`, 'content-type': 'application/json', ...fields }
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  return (await world.ask('/__faregate/feeds', init)).status
}

describe('the endpoint of feeds', () => {
  it('makes a feed with a complete URL, shows that once, and lists what it opens', async () => {
    const response = await world.order({ ...CREATE, path: '/feed/daily.xml?a=1' })
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const { path, token, id } = await madeOf(response)
    expect(path).toBe(`/feed/daily.xml?a=1&token=${token}`)
    world.now += 1000
    expect(await world.reason(path)).toBe('200')
    const listed = await world.order(undefined)
    const text = await listed.clone().text()
    expect(text).not.toContain(token.slice(-20))
    expect(await listed.json()).toEqual({
      feeds: [
        {
          id,
          name: 'phone',
          route: '/feed/*',
          path: '/feed/daily.xml?a=1',
          isDisabled: false,
          createdAt: '2027-01-15T08:00:00.000Z',
          lastUsed: '2027-01-15',
          entitlements: ['premium'],
          renewedAt: '2027-01-15T08:00:01.000Z',
        },
      ],
    })
    expect(JSON.stringify(world.told.filter((line) => line.includes('"audit"')))).toContain('feed-created')
  })

  it('has a URL that fits where URLs are cut', async () => {
    const { path } = await world.make('/feed/daily.xml')
    expect(`${OURS}${path}`.length).toBeLessThanOrEqual(250)
  })

  it('keeps no token: its ledger has hashes alone', async () => {
    const { token } = await world.make()
    const zone = world.services.sites.get('news.example')?.zone
    if (zone === undefined || world.services.ledgers === undefined) throw new Error('no ledgers')
    const ledger = openLedger(world.services.ledgers, zone, { from: 'account', issuer: BILLING, account: 'ann' })
    const kept = JSON.stringify([
      await ledger.order('listCredentials', 'feed'),
      await ledger.order('audit', { most: 99 }),
    ])
    expect(kept).toContain('feed-created')
    for (const part of token.split('.').slice(1)) expect(kept).not.toContain(part)
  })

  it.each([
    ['nobody', {}, 401],
    ['a token that is no token', { authorization: 'Bearer x' }, 402],
    ['Basic', { authorization: 'Basic YTpi' }, 401],
  ])('is closed to %s', async (_who, headers, status) => {
    for (const method of ['GET', 'POST'])
      expect((await world.ask('/__faregate/feeds', { method, headers })).status).toBe(status)
  })

  it('is closed to a feed, to an expired token, and to an account that is held', async () => {
    const { token } = await world.make()
    const old = await world.token()
    expect((await world.order(CREATE, token)).status).toBe(402)
    expect((await world.ask(`/__faregate/feeds?token=${token}`)).status).toBe(401)
    await world.tell({ kind: 'hold', isLifted: false })
    world.now += BOUND_MS
    expect((await world.order(CREATE)).status).toBe(402)
    world.now += 4000 * 1000
    expect(await (await world.order(CREATE, old)).json()).toMatchObject({ reason: 'credential-expired' })
  })

  it('is closed to an API key of the account, which opens pages', async () => {
    const given = feedOptions(parties)
    const zones = given.zones.map((zone) => ({ ...zone, rails: [keys(), ...zone.rails] }))
    world = new FeedWorld(parties, { ...given, zones })
    const { text, hash, id, generation } = makeKey(world.zone, { issuer: BILLING, account: 'ann' })
    const { ledgers } = world.services
    const ledger = ledgers && openLedger(ledgers, world.zone, { from: 'account', issuer: BILLING, account: 'ann' })
    const facts = { kind: 'key', id, name: 'CI', createdAt: world.now, createdBy: 'a test' } as const
    const opens = { entitlements: ['premium'], limits: [], accountLimits: [], secrets: [{ hash, generation }] }
    await ledger?.order('issueCredential', { credential: { ...facts, ...opens }, most: 1 })
    expect(await world.reason('/paid/1', { headers: { authorization: `Bearer ${text}` } })).toBe('200')
    const refused = await world.order(CREATE, text)
    expect(await refused.json()).toMatchObject({ status: 402, reason: 'credential-invalid' })
    expect((await world.order(undefined, text)).status).toBe(402)
  })

  it('takes the gate’s cookie from a page of the site, and from nowhere else', async () => {
    const token = await world.token()
    const from = (site: string) => ({ 'sec-fetch-site': site, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' })
    expect(await byCookie(token, from('same-origin'), CREATE)).toBe(200)
    expect(await byCookie(token, { origin: OURS }, CREATE)).toBe(200)
    expect(await byCookie(token, from('same-origin'))).toBe(200)
    for (const site of ['same-site', 'cross-site']) {
      expect(await byCookie(token, from(site), CREATE)).toBe(401)
      expect(await byCookie(token, from(site))).toBe(401)
    }
    expect(await byCookie(token, { origin: 'https://evil.example' }, CREATE)).toBe(401)
    expect(await byCookie(token, {}, CREATE)).toBe(401)
    expect(((await (await world.order(undefined)).json()) as Listed).feeds).toHaveLength(2)
  })

  it.each([
    ['no action', { name: 'phone' }],
    ['an action that there is not', { action: 'steal' }],
    ['no name', { action: 'create', path: '/feed/1' }],
    ['no path', { action: 'create', name: 'phone' }],
    ['a path without feeds', { ...CREATE, path: '/paid/1' }],
    ['a path within another route', { ...CREATE, path: '/feed/extra/1' }],
    ['another site', { ...CREATE, path: 'https://evil.example/feed/1' }],
    ['another site in two slashes', { ...CREATE, path: '//evil.example/feed/1' }],
    ['a path that is ambiguous', { ...CREATE, path: '/feed/..%2fpaid' }],
    ['a member that there is not', { ...CREATE, entitlements: ['all'] }],
    ['a number for an id', { action: 'rotate', id: 7 }],
    ['an overlap of years', { action: 'rotate', id: 'x', overlapSeconds: 1e9 }],
    ['an overlap in the past', { action: 'rotate', id: 'x', overlapSeconds: -1 }],
    ['a list', []],
  ])('answers 400 to %s', async (_what, body) => {
    expect((await world.order(body)).status).toBe(400)
  })

  it('knows no feed of another account: it answers 404, as for one that never was', async () => {
    const { id } = await world.make()
    const bob = await world.token({ sub: 'bob' })
    const answers = []
    for (const action of ['rotate', 'remove'])
      for (const of of [id, 'AAAAAAAA']) {
        const response = await world.order({ action, id: of }, bob)
        answers.push(JSON.stringify({ ...((await response.json()) as object), instance: '' }))
      }
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('404')
  })

  it('answers 404 on a site without feeds, and 405 to other methods', async () => {
    expect((await world.ask('/__faregate/feeds', { method: 'DELETE' })).status).toBe(405)
    const given = feedOptions(parties)
    const { bearer } = await import('../../src/index.ts')
    world.renew({ ...given, zones: given.zones.map((zone) => ({ ...zone, rails: [bearer()] })) })
    expect((await world.order(undefined)).status).toBe(404)
  })

  it('says that it does not know, and shows no URL, if the ledger does not answer', async () => {
    const { ledgers } = world.services
    Object.assign(world.services, { ledgers: () => ({ order: () => Promise.reject(new Error('down')) }) })
    expect(await (await world.order(CREATE)).json()).toMatchObject({ status: 503, reason: 'ledger-unavailable' })
    Object.assign(world.services, { ledgers })
  })
})

describe('support', () => {
  const orderAs = async (body: object, scope = 'feeds', endpoint = 'feeds/support'): Promise<Response> => {
    const iat = Math.floor(world.now / 1000)
    const claims = { iss: OPERATOR, aud: OURS, sub: 'night-shift', scope, iat, exp: iat + 300 }
    const headers = {
      authorization: `Bearer ${await sign(parties.rsa, claims, { typ: 'operator+jwt' })}`,
      'content-type': 'application/json',
    }
    return world.ask(`/__faregate/${endpoint}`, { method: 'POST', headers, body: JSON.stringify(body) })
  }
  const ANN = { account: 'ann', issuer: BILLING }

  it('lists the feeds of an account, switches one off and on, and removes it; every act is recorded', async () => {
    const { id, path, token } = await world.make()
    const listed = await orderAs({ action: 'list', ...ANN })
    const text = await listed.text()
    expect([listed.status, text]).toEqual([200, expect.stringContaining(id)])
    expect(text).not.toContain(token.slice(-20))
    for (const [action, reason] of [
      ['disable', '402 credential-invalid'],
      ['enable', '200'],
      ['remove', '402 credential-invalid'],
    ] as const) {
      expect((await orderAs({ action, id, ...ANN })).status).toBe(200)
      world.now += BOUND_MS
      expect(await world.reason(path)).toBe(reason)
    }
    expect((await orderAs({ action: 'disable', id, ...ANN })).status).toBe(404)
    const acts = world.told.join('\n')
    for (const act of ['feed-disabled', 'feed-enabled', 'feed-removed']) expect(acts).toContain(act)
  })

  it('changes nothing that cannot be recorded', async () => {
    const { id, path } = await world.make()
    for (const action of ['disable', 'remove']) {
      const broken = vi.spyOn(MemoryJournal.prototype, 'putAudit').mockImplementation(() => {
        throw new Error('the disk is full')
      })
      expect((await orderAs({ action, id, ...ANN })).status).toBe(503)
      broken.mockRestore()
      world.now += BOUND_MS
      world.renew()
      expect(await world.reason(path)).toBe('200')
    }
  })

  it('looks up a URL that its owner has sent, and is not told the token in it', async () => {
    const { path, token } = await world.make()
    const given = feedOptions(parties)
    world.renew({ ...given, endpoints: [...(given.endpoints ?? []), lookup()] })
    world.forget()
    const asked = await orderAs({ ...ANN, entitlements: ['premium'], target: path }, 'view', 'lookup')
    expect(await asked.json()).toMatchObject({
      explained: { route: { path: '/feed/*' }, decision: { action: 'serve' } },
    })
    expect(world.everything()).not.toContain(token.slice(-20))
  })

  it.each([
    ['without its scope', { action: 'list', ...ANN }, 'hold', 403],
    ['of a feed without an id', { action: 'disable', ...ANN }, 'feeds', 400],
    ['of an account without a name', { action: 'list', issuer: BILLING }, 'feeds', 400],
    ['to make a feed', { ...CREATE, ...ANN }, 'feeds', 400],
    ['to replace a URL', { action: 'rotate', id: 'x', ...ANN }, 'feeds', 400],
  ])('does nothing %s', async (_what, body, scope, status) => {
    expect((await orderAs(body, scope)).status).toBe(status)
  })

  it('is closed to owners', async () => {
    const headers = { authorization: `Bearer ${await world.token()}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ action: 'list', ...ANN })
    expect((await world.ask('/__faregate/feeds/support', { method: 'POST', headers, body })).status).toBe(401)
  })
})
