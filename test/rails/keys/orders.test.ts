import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ledgerName } from '../../../src/ledger/rules/name.ts'
import { ownKeys } from '../../../src/index.ts'
import { accountToken, createSite, GENERATIONS, ISSUER, type Isolate, makeKeyAt } from './site.ts'

const NOW = new Date('2026-11-28T12:00:00Z')
const DAY = 86_400_000
/** The revocation bound. */
const BOUND = 5000
const LIMIT = { name: 'requests', quota: 5, window: 'P1D' }

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
})
afterEach(() => void vi.useRealTimers())

const later = (ms: number): unknown => vi.setSystemTime(Date.now() + ms)

/** Two isolates that have both seen a key of ann's. */
async function seen(terms: object = {}) {
  const site = createSite()
  const [one, other] = [site.isolate(), site.isolate()]
  const made = await makeKeyAt(one, terms)
  await one.withKey(made.key)
  await other.withKey(made.key)
  const order = (body: object) => one.order({ account: 'ann', id: made.id, ...body })
  return { ...site, one, other, order, ...made }
}

describe('an operator', () => {
  it('makes a key, which is shown once, and lists it without its secret', async () => {
    const { isolate, lines } = createSite()
    const one = isolate()
    const terms = {
      plan: 'Pro',
      limits: [LIMIT],
      accountLimits: [{ ...LIMIT, quota: 9 }],
      expires: '2027-01-01T00:00:00Z',
    }
    const { key, id } = await makeKeyAt(one, terms)
    expect(key).toMatch(/^fg_A[A-Za-z0-9_-]{70,1500}$/)
    expect(await one.withKey(key)).toMatchObject({ status: 200 })
    const listed = await one.order({ action: 'list', account: 'ann' })
    expect(listed.json['keys']).toMatchObject([
      {
        id,
        name: 'CI',
        created: NOW.toISOString(),
        createdBy: 'olga',
        expires: '2027-01-01T00:00:00.000Z',
        isDisabled: false,
        plan: 'Pro',
        entitlements: ['premium'],
        limits: [LIMIT],
        accountLimits: [{ ...LIMIT, quota: 9 }],
        lastUsed: '2026-11-28',
        secrets: [{ generation: 1, until: null }],
      },
    ])
    expect(listed.text).not.toContain('fg_')
    expect(JSON.stringify(lines)).not.toContain('fg_')
    expect(lines.filter(({ audit }) => audit !== undefined)).toMatchObject([
      { audit: { action: 'key-created', done: true, by: 'olga' } },
      { audit: { action: 'keys-listed', done: false } },
    ])
  })

  it('disables a key, in every isolate within the bound, and enables it again', async () => {
    const { one, other, order, key } = await seen()
    expect(await order({ action: 'disable' })).toMatchObject({ status: 200, json: { key: { isDisabled: true } } })
    const DISABLED = { status: 402, json: { reason: 'subscription-inactive', detail: 'The API key is disabled.' } }
    expect(await one.withKey(key)).toMatchObject(DISABLED)
    // A charge is made by the ledger, which knows at once.
    expect(await other.withKey(key, '/metered')).toMatchObject({
      status: 402,
      json: { reason: 'subscription-inactive' },
    })
    later(BOUND)
    expect(await other.withKey(key)).toMatchObject(DISABLED)
    expect(await order({ action: 'enable' })).toMatchObject({ status: 200, json: { key: { isDisabled: false } } })
    later(BOUND)
    for (const isolate of [one, other]) expect(await isolate.withKey(key, '/metered')).toMatchObject({ status: 200 })
  })

  it('disables a key by its record alone, if what follows from that was not told', async () => {
    const { platform, isolate, key, id } = await seen()
    const name = ledgerName({ id: 'a' }, { from: 'account', issuer: ISSUER, account: 'ann' })
    const change = { kind: 'key', id, change: { isDisabled: true } } as const
    expect(await platform.ledgers?.(name, {}).order('changeCredential', change)).toMatchObject({ ok: true })
    expect(await isolate().withKey(key)).toMatchObject({ status: 402, json: { detail: 'The API key is disabled.' } })
  })

  it('rotates a key: the old secret is good for a day, or until a given time', async () => {
    const { one, other, order, key } = await seen()
    const rotated = await order({ action: 'rotate' })
    const { secret } = rotated.json as { secret: string }
    expect(secret).not.toBe(key)
    later(BOUND)
    for (const text of [key, secret]) expect(await other.withKey(text)).toMatchObject({ status: 200 })
    const sooner = (await order({ action: 'rotate', until: '2026-11-28T13:00:00Z' })).json as { secret: string }
    later(3_600_000)
    for (const text of [key, secret]) {
      expect(await one.withKey(text)).toMatchObject({ status: 402, json: { reason: /credential-(expired|invalid)/ } })
      expect(await other.withKey(text)).toMatchObject({ status: 402 })
    }
    expect(await other.withKey(sooner.secret)).toMatchObject({ status: 200 })
  })

  it('changes what a key opens, in every isolate within the bound', async () => {
    const { other, order, key } = await seen()
    await order({ action: 'change', entitlements: ['api'], limits: [LIMIT], name: 'new' })
    later(BOUND)
    expect(await other.withKey(key, '/paid')).toMatchObject({
      status: 402,
      json: { reason: 'entitlement-insufficient' },
    })
    const answer = await other.withKey(key, '/api')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('ratelimit-policy')).toBe('"requests";q=5;w=86400')
    await order({ action: 'change', expires: '2026-11-28T12:00:10Z', limits: [] })
    later(BOUND)
    expect(await other.withKey(key, '/api')).toMatchObject({ status: 402, json: { reason: 'credential-expired' } })
    await order({ action: 'change', expires: null })
    later(BOUND)
    expect(await other.withKey(key, '/api')).toMatchObject({ status: 200 })
  })

  it.each<[string, object, number]>([
    ['no action', {}, 400],
    ['an unknown action', { action: 'steal' }, 400],
    ['no account', { action: 'list' }, 400],
    ['a foreign issuer', { action: 'list', account: 'ann', issuer: 'https://x.test' }, 400],
    ['an unknown member', { action: 'list', account: 'ann', more: 1 }, 400],
    ['a key without a name', { action: 'create', account: 'ann' }, 400],
    ['entitlements that are no list', { action: 'create', account: 'ann', name: 'a', entitlements: 'all' }, 400],
    ['a malformed limit', { action: 'create', account: 'ann', name: 'a', limits: [{ name: 'x' }] }, 400],
    ['a malformed end', { action: 'create', account: 'ann', name: 'a', expires: 'soon' }, 400],
    [
      'an overlap of a year',
      { action: 'rotate', account: 'ann', id: 'AAAAAAAAAAAAAAAA', until: '2027-11-28T12:00:00Z' },
      400,
    ],
    ['an id that is unknown', { action: 'disable', account: 'ann', id: 'AAAAAAAAAAAAAAAA' }, 404],
    ['an id that is none', { action: 'rotate', account: 'ann', id: '../x' }, 404],
  ])('is refused %s', async (_name, body, status) => {
    expect(await createSite().isolate().order(body)).toMatchObject({ status })
  })

  it('gets the same answer for the key of another account as for none', async () => {
    const { one, order, id } = await seen()
    const others = await one.order({ action: 'disable', account: 'bob', id })
    const unknown = await order({ action: 'disable', id: 'AAAAAAAAAAAAAAAA' })
    expect([others.status, others.json['detail']]).toEqual([404, unknown.json['detail']])
  })

  it('needs the scope', async () => {
    const isolate = createSite().isolate()
    expect(await isolate.order({ action: 'list', account: 'ann' }, 'hold')).toMatchObject({ status: 403 })
    expect(await isolate.own({ action: 'zone' })).toMatchObject({ status: 400 })
  })

  it('sees how many keys live under each generation, and which', async () => {
    const { isolate } = createSite()
    const old = isolate()
    const [first, second] = [await makeKeyAt(old), await makeKeyAt(old, { account: 'bob' })]
    const both = isolate({ gate: GENERATIONS })
    expect(await both.withKey(first.key)).toMatchObject({ status: 200 })
    expect((await both.order({ action: 'zone' })).json).toMatchObject({ generations: { 1: 2 } })
    await both.order({ action: 'rotate', account: 'ann', id: first.id })
    expect((await both.order({ action: 'zone' })).json).toMatchObject({ generations: { 1: 2, 2: 1 } })
    later(DAY)
    const left = await both.order({ action: 'zone', generation: 1 })
    expect(left.json).toMatchObject({ generations: { 1: 1, 2: 1 }, keys: [{ id: second.id, account: 'bob' }] })
    await both.order({ action: 'remove', account: 'bob', id: second.id })
    expect((await both.order({ action: 'zone', generation: 1 })).json).toMatchObject({
      generations: { 2: 1 },
      keys: [],
    })
  })
})

describe('an owner', () => {
  const secretOf = ({ json }: { json: Readonly<Record<string, unknown>> }): string => String(json['secret'])

  it('makes a key of what their token opens, for a bounded time', async () => {
    const isolate = createSite().isolate()
    const limits = [{ ...LIMIT, quota: 100 }]
    const made = await isolate.own({ action: 'create', name: 'mine', limits: [LIMIT] }, { plan: 'Pro', limits })
    expect(made).toMatchObject({
      status: 200,
      json: {
        key: { createdBy: 'owner', plan: 'Pro', entitlements: ['premium'], limits: [LIMIT], accountLimits: limits },
      },
    })
    const key = secretOf(made)
    expect(await isolate.withKey(key)).toMatchObject({ status: 200 })
    later(35 * DAY + 3_600_000)
    expect(await isolate.withKey(key)).toMatchObject({ status: 402, json: { reason: 'credential-expired' } })
  })

  it('makes a key that ends with their token, if nobody can tell of a cancellation', async () => {
    const isolate = createSite().isolate({ endpoints: [ownKeys()] })
    const made = await isolate.own({ action: 'create', name: 'mine' })
    const key = secretOf(made)
    expect(await isolate.withKey(key)).toMatchObject({ status: 200 })
    later(DAY)
    expect(await isolate.withKey(key)).toMatchObject({ status: 402, json: { reason: 'credential-expired' } })
  })

  it.each<[string, object]>([
    ['entitlements that they do not have', { entitlements: ['premium', 'api'] }],
    ['another plan', { plan: 'Enterprise' }],
    ['other limits of the account', { accountLimits: [] }],
    ['a later end', { expires: '2027-11-28T00:00:00Z' }],
    ['another account', { account: 'bob' }],
  ])('cannot give %s', async (_name, terms) => {
    const isolate = createSite().isolate()
    expect(await isolate.own({ action: 'create', name: 'mine', ...terms })).toMatchObject({ status: 400 })
    const { key } = (await isolate.own({ action: 'create', name: 'mine' })).json as { key: { id: string } }
    expect(await isolate.own({ action: 'change', id: key.id, ...terms })).toMatchObject({ status: 400 })
  })

  it('sees and disables every key of the account, and changes those that an owner made', async () => {
    const { one, id } = await seen({ entitlements: ['premium', 'api'] })
    expect((await one.own({ action: 'list' })).json['keys']).toMatchObject([{ id, createdBy: 'olga' }])
    for (const action of ['rotate', 'change', 'enable'])
      expect(await one.own({ action, id })).toMatchObject({ status: 403 })
    expect(await one.own({ action: 'disable', id })).toMatchObject({ status: 200 })
    const bob = { sub: 'bob' }
    expect((await one.own({ action: 'list' }, bob)).json['keys']).toEqual([])
    for (const action of ['rotate', 'change', 'disable', 'remove'])
      expect(await one.own({ action, id }, bob)).toMatchObject({ status: 404 })
  })

  it('cannot rotate a key that opens more than they still have', async () => {
    const isolate = createSite().isolate()
    const claims = { entitlements: ['premium', 'api'] }
    const { key } = (await isolate.own({ action: 'create', name: 'mine' }, claims)).json as { key: { id: string } }
    expect(await isolate.own({ action: 'rotate', id: key.id })).toMatchObject({ status: 403 })
    expect(await isolate.own({ action: 'rotate', id: key.id }, claims)).toMatchObject({ status: 200 })
  })

  it('is who sends a token on purpose, and whose account stands', async () => {
    const { isolate } = createSite()
    const one = isolate()
    const order = { action: 'create', name: 'mine' }
    const ask = (fields: Record<string, string>, at: Isolate = one) =>
      at.post('/__faregate/account/keys', fields, order)
    const cookie = { cookie: `__Host-faregate=${await accountToken()}` }
    const { key } = await makeKeyAt(one)
    expect(await ask({})).toMatchObject({ status: 401 })
    expect(await ask({ ...cookie, 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 401 })
    expect(await ask({ ...cookie, 'sec-fetch-site': 'same-site' })).toMatchObject({ status: 401 })
    expect(await ask(cookie)).toMatchObject({ status: 401 })
    expect(await ask({ authorization: `Bearer ${key}` })).toMatchObject({ status: 401 })
    expect(await ask({ ...cookie, 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 200 })
    const closed = isolate({ keys: {} })
    expect(await ask({ authorization: `Bearer ${await accountToken()}` }, closed)).toMatchObject({ status: 403 })
    await one.order({ account: 'ann' }, 'hold', 'hold')
    expect(await ask({ authorization: `Bearer ${await accountToken()}` })).toMatchObject({ status: 401 })
  })

  it('is answered without CORS', async () => {
    const answer = await createSite().isolate().own({ action: 'list' }, {}, { origin: 'https://other.test' })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('an account', () => {
  it('has at most a hundred keys', async () => {
    const isolate = createSite().isolate()
    for (let at = 0; at < 100; at++) await makeKeyAt(isolate)
    expect(await isolate.order({ action: 'create', account: 'ann', name: 'one more' })).toMatchObject({ status: 409 })
    expect((await isolate.order({ action: 'zone' })).json).toMatchObject({ generations: { 1: 100 } })
  })

  it('that is erased has no key left, and is in no list', async () => {
    const { one, other, key, order } = await seen()
    const { key: bobs } = await makeKeyAt(one, { account: 'bob' })
    expect(await one.order({ account: 'ann' }, 'erase', 'erase')).toMatchObject({ status: 200 })
    expect(await one.withKey(key)).toMatchObject({ status: 402 })
    later(BOUND)
    expect(await other.withKey(key)).toMatchObject({ status: 402 })
    expect(await order({ action: 'enable' })).toMatchObject({ status: 404 })
    const { text, json } = await one.order({ action: 'zone' })
    expect(json).toMatchObject({ generations: { 1: 1 } })
    expect(text).not.toContain('ann')
    expect(await one.withKey(bobs)).toMatchObject({ status: 200 })
  })
})
