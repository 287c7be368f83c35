import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAccountClient, INSTANT, quotasOf, RESET, type AccountClient } from '../../support/account.ts'
import { accountLedger } from '../../support/ledger.ts'
import { withToken } from '../../support/world.ts'
import { ledgerOf } from '../objects.ts'

let client: AccountClient

/** In the middle of an hour, and later than any alarm that the platform would ring by itself. */
const NOW = Date.UTC(2090, 0, 1, 12, 0, 20, 500)

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  client = await createAccountClient()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  client.world.end()
})

const NONE_OF_BOTH = { used: '0', remaining: '1', reset: RESET }
const AT_EASE = { limits: quotasOf({ used: '0', remaining: '3', reset: RESET }, NONE_OF_BOTH), credit: [] }

describe('an account is told', () => {
  it('who it is to the zone, what it may do, how it stands, and when its token ends', async () => {
    const exp = Math.floor(Date.now() / 1000) + 1800
    const { account: told, receipt: none } = await client.facts(withToken(await client.token({ jti: 'token-1', exp })))
    expect(told).toEqual({
      issuer: 'https://billing.test',
      id: client.account,
      plan: 'Gold',
      entitlements: ['premium'],
      standing: { state: 'active' },
      token: { id: 'token-1', issued: INSTANT, expires: { at: new Date(exp * 1000).toISOString(), seconds: exp } },
      ...AT_EASE,
      charges: { last: [], unsettled: 0, total: 0 },
      spend: { from: '2089-12-03', to: '2090-01-02', days: [] },
    })
    expect(none).toBeUndefined()
  })

  it('each limit with its use and reset, and the last charges', async () => {
    const limits = [{ name: 'reads', quota: Number.MAX_SAFE_INTEGER, unit: 'requests', window: 'P1M', kind: 'sliding' }]
    const bearer = withToken(await client.token({ limits }))
    expect(await client.visit('/metered/1', bearer)).toBe(200)
    expect(await client.visit('/metered/2', bearer)).toBe(200)
    const { account: told } = await client.facts(bearer)
    const [reads, ...quotas] = (told?.['limits'] ?? []) as unknown[]
    expect(reads).toMatchObject({
      name: 'reads',
      quota: '9007199254740991',
      window: 'P1M',
      kind: 'sliding',
      from: 'token',
      usage: { used: '2', remaining: '9007199254740989' },
    })
    const reset = { at: '2090-01-01T13:00:00.000Z', seconds: Date.UTC(2090, 0, 1, 13) / 1000, inSeconds: 3580 }
    expect(quotas).toEqual(quotasOf({ used: '2', remaining: '1', reset }, NONE_OF_BOTH))
    const charge = { method: 'GET', route: '/metered/*', state: 'settled', delivery: 'complete', price: null }
    const one = { ...charge, id: expect.any(String), time: INSTANT, counts: { requests: '1', reads: '1', calls: '1' } }
    expect(told?.['charges']).toEqual({ last: [one, one], unsettled: 0, total: 2 })
  })

  it('that a quota is used up', async () => {
    const bearer = withToken(await client.token())
    const statuses = []
    for (let time = 0; time < 4; time++) statuses.push(await client.visit('/metered/1', bearer))
    expect(statuses).toEqual([200, 200, 200, 402])
    expect((await client.facts(bearer)).account).toMatchObject({
      limits: quotasOf({ used: '3', remaining: '0', reset: RESET }, NONE_OF_BOTH),
    })
  })

  it('that it has used more than its plan gives now', async () => {
    const plan = (quota: number) => ({ limits: [{ name: 'calls', quota, window: 'P1D' }] })
    const before = withToken(await client.token(plan(5)))
    for (let time = 0; time < 4; time++) await client.visit('/metered/1', before)
    const { account: told } = await client.facts(withToken(await client.token(plan(2))))
    // The token's limit holds in place of the route's of the same name.
    expect(told).toMatchObject({
      limits: [{ from: 'token', quota: '2', usage: { used: '4', remaining: '0' } }, { name: 'both' }],
    })
  })

  it('its credit, and what it paid from it, to the last decimal', async () => {
    const grant = {
      account: client.account,
      amount: '123456789012.000000001',
      currency: 'USD',
      id: `${client.account}-grant`,
    }
    await client.order('/__faregate/credit', 'credit', grant)
    const bearer = withToken(await client.token())
    expect(await client.visit('/reports/1', bearer)).toBe(200)
    expect((await client.facts(bearer)).account).toMatchObject({
      credit: [{ amount: '123456789011.750000001', currency: 'USD' }],
      charges: { last: [{ route: '/reports/*', price: { amount: '0.25', currency: 'USD' } }] },
    })
  })

  it('what is still open, and what nobody settled', async () => {
    const charge = {
      counts: [{ name: 'requests', units: 1n }],
      limits: [],
      facts: { zone: 'news', route: '/live/*', method: 'GET' },
    }
    const now = Date.now()
    const ledger = ledgerOf(accountLedger(client.account))
    await ledger.charge({ ...charge, id: 'open', settleByMs: now + 3_600_000 })
    await ledger.charge({ ...charge, id: 'forgotten', settleByMs: now - 1 })
    await runDurableObjectAlarm(ledger)
    const last = [
      { id: 'forgotten', state: 'unsettled', delivery: null },
      { id: 'open', state: 'open', delivery: null },
    ]
    expect((await client.facts(withToken(await client.token()))).account).toMatchObject({
      charges: { last, unsettled: 1, total: 2 },
    })
  })

  it('nothing of another account, and no credential', async () => {
    const other = withToken(await client.token())
    await client.visit('/metered/1', other)
    const before = client.account
    client.account = `${client.account}-neighbour`
    const mine = await client.token()
    const told = await client.facts(withToken(mine))
    expect(told.account).toMatchObject({ id: client.account, ...AT_EASE, charges: { last: [] } })
    expect(JSON.stringify(told)).not.toContain(`"${before}"`)
    expect(JSON.stringify(told)).not.toMatch(/eyJ/)
    const lines = client.world.log.mock.calls.map(([line]) => String(line)).join()
    expect(lines).not.toMatch(new RegExp(`${before}|eyJ|Gold`))
  })
})

describe('an account that is refused still sees its facts, why, and what to do:', () => {
  const support = { rel: 'support', href: 'mailto:support@billing.test', title: expect.any(String) }
  const who = { plan: 'Gold', ...AT_EASE }

  it('held', async () => {
    await client.order('/__faregate/hold', 'hold', { account: client.account })
    const { account: told } = await client.facts(withToken(await client.token()))
    const standing = { state: 'on-hold', reason: 'security-hold', remedies: [support] }
    expect(told).toMatchObject({ ...who, id: client.account, entitlements: ['premium'], standing })
  })

  it('past-due, and with other entitlements, by events', async () => {
    const bearer = withToken(await client.token({ iat: Math.floor(Date.now() / 1000) - 5 }))
    await client.postEvents({
      'standing-changed': { standing: 'past-due' },
      'entitlements-changed': { entitlements: ['basic'] },
    })
    const portal = { rel: 'portal', href: 'https://billing.test/portal', title: 'Update your payment' }
    expect((await client.facts(bearer)).account).toMatchObject({
      ...who,
      entitlements: ['basic'],
      standing: { state: 'past-due', reason: 'payment-declined', remedies: [portal, { rel: 'account' }, support] },
    })
  })

  it('inactive, as its token says', async () => {
    const { account: told } = await client.facts(withToken(await client.token({ standing: 'inactive' })))
    expect(told).toMatchObject({ ...who, standing: { state: 'inactive', reason: 'subscription-inactive' } })
  })

  it('revoked, all its tokens or the one', async () => {
    const jti = `${client.account}-token`
    const bearer = withToken(await client.token({ jti }))
    const standing = { state: 'revoked', reason: 'subscription-inactive', remedies: [{ rel: 'payment' }, support] }
    await client.postEvents({ 'tokens-revoked': { jti } })
    // Whoever holds it may not be its owner: not a word of what the account has or did.
    const told = { plan: 'Gold', standing, credit: null, charges: null }
    expect((await client.facts(bearer)).account).toMatchObject(told)
    await client.postEvents({ 'tokens-revoked': {}, 'entitlements-changed': { entitlements: ['none'] } })
    expect((await client.facts(withToken(await client.token()))).account).toMatchObject(told)
  })

  it('suspended by its status list', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const uri = 'https://billing.test/status/account'
    client.world.status = (request) => client.world.statusList(request.url, [2])
    const listed = await client.token({ status: { status_list: { idx: 0, uri } } })
    expect((await client.facts(withToken(listed))).account).toMatchObject({ ...who, standing: { state: 'on-hold' } })
    const beyond = await client.token({ status: { status_list: { idx: 9, uri } } })
    expect(await client.refusal(withToken(beyond))).toMatchObject({ status: 402, reason: 'credential-invalid' })
  })
})

describe('whoever holds a receipt is told', () => {
  const terms = { issuer: 'https://billing.test', amount: '0.25', currency: 'USD', resource: '/reports/*', payer: null }

  it('what it was paid for, and what is left of it', async () => {
    const bearer = withToken(await client.receipt({ uses: 2, amount: '0.5' }))
    const first = await client.facts(bearer)
    expect(first.account).toBeUndefined()
    expect(first.receipt).toEqual({
      ...terms,
      amount: '0.5',
      id: `${client.account}-receipt`,
      methods: ['GET', 'HEAD'],
      uses: 2,
      left: { uses: 2 },
      standing: { state: 'active' },
      token: { id: `${client.account}-receipt`, issued: INSTANT, expires: INSTANT },
      charges: { last: [], unsettled: 0, total: 0 },
    })
    expect(await client.visit('/reports/1', bearer)).toBe(200)
    expect((await client.facts(bearer)).receipt).toMatchObject({
      left: { uses: 1 },
      charges: { last: [{ route: '/reports/*', state: 'settled', uses: 1 }], total: 1 },
    })
  })

  it('when its pass ends, once it has begun, and never after the token', async () => {
    const pass = withToken(await client.receipt({ pass: 600 }))
    expect((await client.facts(pass)).receipt).toMatchObject({ passSeconds: 600, left: { passEnds: null } })
    await client.visit('/reports/1', pass)
    expect((await client.facts(pass)).receipt).toMatchObject({ left: { passEnds: INSTANT } })
    const exp = Math.floor(Date.now() / 1000) + 60
    const short = withToken(await client.receipt({ jti: `${client.account}-short`, pass: 600, exp }))
    await client.visit('/reports/1', short)
    expect((await client.facts(short)).receipt).toMatchObject({ left: { passEnds: { seconds: exp } } })
  })

  it('that it is held, beside the account of a token that is not', async () => {
    await client.order('/__faregate/hold', 'hold', { jti: `${client.account}-receipt` })
    const headers = { ...withToken(await client.token()).headers, 'faregate-receipt': await client.receipt() }
    const both = await client.facts({ headers })
    expect(both.account).toMatchObject({ id: client.account, standing: { state: 'active' } })
    expect(both.receipt).toMatchObject({ ...terms, standing: { state: 'on-hold', reason: 'security-hold' } })
  })
})
