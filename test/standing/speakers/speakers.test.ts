import { beforeEach, describe, expect, it } from 'vitest'
import {
  AUTH0,
  BILLING,
  BOUND_MS,
  createSpeakersWorld,
  DAY_MS,
  ENTRA,
  type Isolate,
  READER,
  type SpeakersWorld,
  TENANT,
} from './gate.ts'

const SUBJECT = { sub_id: { format: 'iss_sub', iss: AUTH0, sub: READER } }
const INACTIVE = { 'standing-changed': { standing: 'inactive' } }
const ACTIVE = { 'standing-changed': { standing: 'active' } }

let world: SpeakersWorld
let here: Isolate

beforeEach(async () => {
  world = await createSpeakersWorld()
  here = world.isolate()
})

async function said(said: Record<string, unknown>, over: Record<string, unknown> = {}): Promise<void> {
  const { status, detail } = await here('/__faregate/events', await world.event(SUBJECT, said, over))
  expect([status, detail]).toEqual([202, undefined])
}

/** What a reader gets who signs in now, on what counts nothing and on what counts. */
async function signedIn(isolate = here, over: Record<string, unknown> = {}): Promise<unknown[]> {
  const login = await world.signIn(over)
  const answers = [await isolate('/paid/1', login), await isolate('/counted/1', login)]
  return answers.map(({ status, reason }) => reason ?? status)
}

const REFUSED = ['subscription-inactive', 'subscription-inactive']
const SERVED = [200, 200]

describe('a reader who signs in at an identity provider, and whom billing has cancelled', () => {
  it('is refused after each new login, in every isolate, however long ago that was', async () => {
    expect(await signedIn()).toEqual(SERVED)
    await world.pass(60_000)
    await said(INACTIVE)
    expect(await signedIn()).toEqual(REFUSED)
    await world.pass(BOUND_MS)
    const there = world.isolate()
    for (const ms of [0, 60_000, 600_000, DAY_MS, DAY_MS, 30 * DAY_MS, 366 * DAY_MS]) {
      await world.pass(ms)
      for (const isolate of [here, there, world.isolate()]) expect(await signedIn(isolate)).toEqual(REFUSED)
    }
  })

  it('is refused where an isolate that served them learns of it, and after the bulletin has forgotten it', async () => {
    const there = world.isolate()
    expect(await signedIn(there)).toEqual(SERVED)
    await world.pass(3600_000)
    await said(INACTIVE)
    await world.pass(BOUND_MS)
    expect(await signedIn(there)).toEqual(REFUSED)
    await world.pass(2 * DAY_MS)
    expect(await signedIn(there)).toEqual(REFUSED)
  })

  it('is refused though billing says it late: of a day that every token has outlived', async () => {
    const there = world.isolate()
    await otherEvent(0)
    await world.pass(BOUND_MS)
    for (const isolate of [here, there]) expect(await signedIn(isolate)).toEqual(SERVED)
    await said(INACTIVE, { toe: world.now / 1000 - 10 * 86_400 })
    for (let posts = 0; posts < 300; posts++) await otherEvent(posts)
    await world.pass(BOUND_MS)
    for (const isolate of [here, there, world.isolate()]) expect(await signedIn(isolate)).toEqual(REFUSED)
  })

  it('is refused at once where the ledger is asked anyway, though the isolate has not heard of it', async () => {
    const there = world.isolate()
    expect(await signedIn(there)).toEqual(SERVED)
    await said(INACTIVE)
    await world.pass(1000)
    expect(await signedIn(there)).toEqual([200, 'subscription-inactive'])
  })

  it('is served again once billing says so, and not before', async () => {
    await said(INACTIVE)
    await world.pass(2 * DAY_MS)
    expect(await signedIn()).toEqual(REFUSED)
    await said(ACTIVE)
    expect(await signedIn()).toEqual(SERVED)
    await world.pass(2 * DAY_MS)
    expect(await signedIn(world.isolate())).toEqual(SERVED)
  })

  it('is not served for what the token says of its own standing', async () => {
    await said(INACTIVE)
    await world.pass(60_000)
    expect(await signedIn(here, { standing: 'active' })).toEqual(REFUSED)
  })

  it('has the entitlements that billing named last, whatever roles a new login has', async () => {
    await said({ 'entitlements-changed': { entitlements: ['basic'] } })
    for (const ms of [0, 60_000, 2 * DAY_MS]) {
      await world.pass(ms)
      const lacking = ['entitlement-insufficient', 'entitlement-insufficient']
      expect(await signedIn(world.isolate(), { permissions: ['premium', 'admin'] })).toEqual(lacking)
    }
    await said({ 'entitlements-changed': { entitlements: ['premium'] } })
    expect(await signedIn(here, { permissions: [] })).toEqual(SERVED)
  })

  it('sees as much on the account page', async () => {
    await said(INACTIVE)
    await world.pass(2 * DAY_MS)
    const page = await world.isolate()('/__faregate/account', await world.signIn())
    expect(page).toMatchObject({ status: 200, body: { account: { standing: { state: 'inactive' } } } })
  })

  it('loses the tokens that were issued before a revocation, and no later ones', async () => {
    const before = await world.signIn()
    await world.pass(60_000)
    await said({ 'tokens-revoked': {} })
    expect((await here('/paid/1', before)).reason).toBe('subscription-inactive')
    await world.pass(1000)
    expect(await signedIn()).toEqual(SERVED)
  })

  it('is asked about once in each isolate while nothing comes, with as many tokens as they like', async () => {
    const there = world.isolate()
    for (let login = 0; login < 5; login++) {
      await there('/paid/1', await world.signIn({ jti: `t${login}` }))
      await world.pass(60_000)
    }
    expect(world.asked()).toBe(1)
    await world.pass(DAY_MS)
    await there('/paid/1', await world.signIn())
    expect(world.asked()).toBe(2)
  })

  async function otherEvent(number: number): Promise<void> {
    const other = { sub_id: { format: 'iss_sub', iss: AUTH0, sub: `auth0|${number}` } }
    await here('/__faregate/events', await world.event(other, ACTIVE))
  }
})

describe('a token without the claim that its issuer is mapped to', () => {
  it('is told so by explain, with where it has something alike', async () => {
    const login = await world.signIn({ permissions: undefined, 'https://a.test/permissions': ['premium'] })
    const answer = await here('/__faregate/explain?target=/paid/1', login)
    expect(answer.body).toMatchObject({
      decision: { action: 'refuse', reason: 'entitlement-insufficient' },
      emptyPlaces: [{ fact: 'entitlements', path: 'permissions', similar: ['https://a.test/permissions'] }],
    })
    expect((await here('/__faregate/explain?target=/paid/1', await world.signIn())).body).not.toHaveProperty(
      'emptyPlaces',
    )
  })
})

describe('an operator', () => {
  it('grants credit to an account of an identity provider, and holds it', async () => {
    const account = { issuer: AUTH0, account: READER }
    const credit = await world.order('credit', { ...account, id: 'g', amount: '5', currency: 'USD' })
    expect((await here('/__faregate/credit', credit)).status).toBe(200)
    expect((await here('/__faregate/hold', await world.order('hold', account))).status).toBe(200)
    await world.pass(2 * DAY_MS)
    expect(await signedIn(world.isolate())).toEqual(['security-hold', 'security-hold'])
  })
})

describe('what is said of an account that nobody can have', () => {
  const subject = (members: Record<string, unknown>) => ({ sub_id: members })
  const long = 'x'.repeat(6145)

  it.each([
    ['of no issuer that is named', { sub: READER }, 'whose account'],
    ['of no issuer that is named, as opaque', subject({ format: 'opaque', id: READER }), 'whose account'],
    ['of an unknown issuer', subject({ format: 'iss_sub', iss: 'https://x.test', sub: 'a' }), '"speaksFor"'],
    [
      'of the same issuer, spelt otherwise',
      subject({ format: 'iss_sub', iss: AUTH0.slice(0, -1), sub: 'a' }),
      '"speaksFor"',
    ],
    ['of an empty name', subject({ format: 'iss_sub', iss: AUTH0, sub: '' }), 'empty'],
    ['of a name that no token is long enough for', subject({ format: 'iss_sub', iss: AUTH0, sub: long }), '6144'],
    [
      'of a person, by a name of another form',
      subject({ format: 'iss_sub', iss: ENTRA, sub: 'abe@example.com' }),
      '{tid}/{oid}',
    ],
    [
      'of a person in another tenant',
      subject({ format: 'iss_sub', iss: ENTRA, sub: `${READER.slice(6)}/7335d417` }),
      '{tid}/{oid}',
    ],
    ['twice, of two issuers', { sub: READER, ...SUBJECT }, 'different'],
  ])('is refused where it is an event %s', async (_what, named, detail) => {
    const answer = await here('/__faregate/events', await world.event(named, INACTIVE))
    expect(answer).toMatchObject({ status: 400, detail: expect.stringContaining(detail) as unknown })
  })

  it('holds of a name of the right form', async () => {
    const named = subject({ format: 'iss_sub', iss: ENTRA, sub: `${TENANT}/7335d417` })
    expect((await here('/__faregate/events', await world.event(named, INACTIVE))).status).toBe(202)
    const own = subject({ format: 'iss_sub', iss: BILLING, sub: 'account-7' })
    expect((await here('/__faregate/events', await world.event(own, INACTIVE))).status).toBe(202)
  })

  it('is refused of an issuer that signs no entitlements here', async () => {
    world = await createSpeakersWorld({ billing: { types: { entitlement: false } } })
    const gate = world.isolate()
    const own = subject({ format: 'iss_sub', iss: BILLING, sub: 'account-7' })
    expect(await gate('/__faregate/events', await world.event(own, INACTIVE))).toMatchObject({
      status: 400,
      detail: expect.stringContaining('signs no entitlements') as unknown,
    })
    expect((await gate('/__faregate/events', await world.event(SUBJECT, INACTIVE))).status).toBe(202)
  })

  it.each([
    ['hold', { issuer: ENTRA, account: 'abe@example.com' }],
    ['hold', { issuer: BILLING, account: '' }],
    ['hold', { account: 'whose?' }],
    ['hold', { issuer: 'https://x.test', account: 'a' }],
    ['credit', { issuer: ENTRA, account: 'abe@example.com', id: 'g', amount: '5', currency: 'USD' }],
    ['credit', { issuer: BILLING, account: 'x'.repeat(256), id: 'g', amount: '5', currency: 'USD' }],
  ])('is refused where it is an order: %s %j', async (scope, body) => {
    expect((await here(`/__faregate/${scope}`, await world.order(scope, body))).status).toBe(400)
  })
})
