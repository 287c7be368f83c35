import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ledgerName } from '../../src/ledger/rules/name.ts'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import { createDeployments, ISSUER, PRICE } from '../platform/deployments.ts'

const NOW = new Date('2026-11-28T12:00:00Z')

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A site with billing, and an account that has credit, a purchase and two metered pages. */
async function site() {
  const billing = { isUp: true, told: 0 }
  const sink = async (records: readonly LedgerRecord[]): Promise<number[]> => {
    if (!billing.isUp) throw new Error('billing is down')
    billing.told += records.length
    return records.map(({ position }) => position)
  }
  const warn = (): void => undefined
  const deployments = createDeployments({ sinks: new Map([['billing', sink]]), hasOutbox: true, warn })
  const { ask, order } = deployments.deploy()
  const GRANT = { account: 'ann', amount: '5', currency: 'EUR', id: 'invoice-1' }
  await order('credit', GRANT)
  expect(await ask('/sold', { method: 'POST' })).toMatchObject({ status: 200 })
  for (const path of ['/metered', '/metered']) expect(await ask(path)).toMatchObject({ status: 200 })
  const exported = async (body: object) => {
    const { status, body: text } = await order('export', body)
    return status === 200 ? linesOf(text) : status
  }
  const ledgerOf = (account: string) =>
    deployments.platform.ledgers?.(ledgerName({ id: 'news' }, { from: 'account', issuer: ISSUER, account }), {})
  return { ...deployments, ledgerOf, billing, ask, order, exported, GRANT }
}

function linesOf(text: string): Record<string, unknown>[] {
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))
}

const FIVE = { amount: '4.5', currency: 'EUR' }

describe('an export', () => {
  it('says everything that the ledger has of an account', async () => {
    const { exported } = await site()
    const time = { at: NOW.toISOString(), seconds: NOW.getTime() / 1000 }
    const day = { kind: 'day', day: '2026-11-28' }
    expect(await exported({ account: 'ann' })).toMatchObject([
      {
        kind: 'ledger',
        zone: 'news',
        issuer: ISSUER,
        account: 'ann',
        statements: null,
        credit: [FIVE],
        totals: { charges: 3, unsettled: 0, counts: { requests: '2' }, money: [{ ...PRICE, amount: '0.5' }] },
      },
      { kind: 'grant', id: 'invoice-1', time: NOW.toISOString(), amount: '5', currency: 'EUR' },
      { ...day, route: '/sold', charges: 1, counts: {}, money: [{ ...PRICE, amount: '0.5' }] },
      { ...day, route: '/metered', charges: 2, counts: { requests: '2' }, money: [] },
      { kind: 'charge', route: '/sold', method: 'POST', state: 'settled', delivery: 'complete', time },
      { kind: 'charge', route: '/metered', method: 'GET', counts: { requests: '1' }, price: null },
      { kind: 'charge', route: '/metered', method: 'GET' },
      { kind: 'audit', number: 1, time, action: 'credit', facts: { granted: '5 EUR' } },
      { kind: 'audit', number: 2, action: 'export' },
      { kind: 'page', next: null },
    ])
  })

  it('says which API keys and feeds the account has, on its first page, without their hashes', async () => {
    const { exported, ledgerOf } = await site()
    const limit = {
      name: 'calls',
      of: 'key',
      quota: 9n,
      unit: 'requests',
      window: 'P1D',
      kind: 'fixed',
      anchor: undefined,
    } as const
    const issued = {
      name: 'CI',
      createdAt: NOW.getTime(),
      createdBy: 'owner',
      secrets: [{ hash: 'the hash', generation: 1, until: NOW.getTime() + 60_000 }],
      entitlements: ['premium'],
      limits: [limit],
      accountLimits: [],
    }
    for (const credential of [
      { ...issued, kind: 'feed', id: 'f1', route: '/feed/*', path: '/feed/1' },
      { ...issued, kind: 'key', id: 'k1', expires: NOW.getTime() + 120_000, plan: 'Pro' },
    ] as const)
      await ledgerOf('ann')?.order('issueCredential', { credential, most: 9 })
    const told = {
      name: 'CI',
      created: NOW.toISOString(),
      entitlements: ['premium'],
      limits: [{ name: 'calls', quota: 9, window: 'P1D' }],
      secrets: [{ generation: 1, until: '2026-11-28T12:01:00.000Z' }],
    }
    const lines = await exported({ account: 'ann' })
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...told, limits: [expect.objectContaining(told.limits[0])], kind: 'feed', id: 'f1' }),
        expect.objectContaining({ kind: 'feed', route: '/feed/*', path: '/feed/1', expires: null }),
        expect.objectContaining({ kind: 'key', id: 'k1', plan: 'Pro', expires: '2026-11-28T12:02:00.000Z' }),
      ]),
    )
    expect(JSON.stringify(lines)).not.toContain('the hash')
    expect(await exported({ account: 'bob' })).not.toContainEqual(expect.objectContaining({ kind: 'key' }))
  })

  it('has every record of the audit once, page after page', async () => {
    const { exported, ledgerOf } = await site()
    for (let at = 0; at < 450; at++) await ledgerOf('ann')?.order('recordAct', { action: `act-${at}`, by: 'olga' })
    const numbers: unknown[] = []
    let after: unknown
    for (let page = 0; page < 3; page++) {
      const lines = await exported({ account: 'ann', ...(page > 0 && { after }) })
      if (typeof lines === 'number') throw new Error(`${lines}`)
      numbers.push(...lines.flatMap(({ kind, number }) => (kind === 'audit' ? [number] : [])))
      after = lines.at(-1)?.['next']
    }
    expect(after).toBeNull()
    // The grant, 450 acts, and the three pages themselves.
    expect(numbers).toEqual(Array.from({ length: 454 }, (_one, index) => index + 1))
  })

  it('comes in pages, each of which ends with the next', async () => {
    const { exported, order, ask } = await site()
    await order('credit', { account: 'ann', amount: '1000', currency: 'EUR', id: 'invoice-2' })
    await Promise.all(Array.from({ length: 600 }, () => ask('/sold', { method: 'POST' })))
    const first = await exported({ account: 'ann' })
    if (typeof first === 'number') throw new Error(`${first}`)
    const charges = first.filter(({ kind }) => kind === 'charge')
    expect(charges).toHaveLength(500)
    const rest = await exported({ account: 'ann', after: first.at(-1)?.['next'] })
    if (typeof rest === 'number') throw new Error(`${rest}`)
    expect(rest.map(({ kind }) => kind)).toEqual([
      ...Array<string>(103).fill('charge'),
      ...Array<string>(4).fill('audit'),
      'page',
    ])
    expect(new Set([...charges, ...rest].flatMap(({ id }) => id ?? [])).size).toBe(603)
  })

  it('of an account that nobody knows has nothing', async () => {
    const { exported } = await site()
    const lines = await exported({ account: 'bob' })
    expect(lines).toMatchObject([
      { kind: 'ledger', account: 'bob', totals: { charges: 0 } },
      { action: 'export' },
      { kind: 'page' },
    ])
  })

  it('is audited, under the hash of the account', async () => {
    const { exported, lines } = await site()
    await exported({ account: 'ann' })
    const hash = lines.find(({ route }) => route === '/sold')?.account
    expect(lines.at(-1)).toMatchObject({ account: hash, audit: { action: 'export', done: true, page: 'first' } })
    expect(JSON.stringify(lines)).not.toContain('"ann"')
  })
})

describe('an order to erase', () => {
  it('is refused while the account has credit, unless that may be lost', async () => {
    const { order, exported } = await site()
    const refused = await order('erase', { account: 'ann' })
    expect([refused.status, refused.body]).toMatchObject([409, expect.stringContaining('prepaid credit: 4.5 EUR')])
    expect(await exported({ account: 'ann' })).toHaveLength(8 + 2)
  })

  it('leaves hashes, and passes the sums on to the site without a name', async () => {
    const { order, exported, billing, lines } = await site()
    const done = await order('erase', { account: 'ann', forfeit: true })
    const answer = { issuer: ISSUER, account: 'ann', isErased: true, charges: 3, forfeited: [FIVE] }
    expect([done.status, JSON.parse(done.body)]).toEqual([200, answer])
    expect(billing.told).toBe(6)
    expect(lines.at(-1)).toMatchObject({ audit: { action: 'erase', done: true, forfeited: '4.5 EUR' } })
    expect(await exported({ account: 'ann' })).toMatchObject([
      { kind: 'ledger', totals: { charges: 0, money: [] }, credit: [], statements: { revokedAt: expect.any(Number) } },
      { kind: 'grant', id: expect.stringMatching(/^#/) },
      { kind: 'audit', action: 'credit' },
      // Its tokens are void before billing has every charge, and it is erased afterwards.
      { kind: 'audit', action: 'erase' },
      { kind: 'audit', action: 'erase' },
      { kind: 'audit', action: 'export' },
      { kind: 'page', next: null },
    ])
    const totals = { charges: 3, unsettled: 0, counts: { requests: '2' }, money: [{ ...PRICE, amount: '0.5' }] }
    const day = { day: '2026-11-28', route: 'other', charges: 3 }
    const ofSite = await exported({})
    expect(ofSite).toMatchObject([{ kind: 'ledger', zone: 'news', totals }, { kind: 'erasure' }, day, { kind: 'page' }])
    expect(JSON.stringify(ofSite)).not.toMatch(/ann|sold|metered/)
  })

  it('adds the sums once, however often it is sent', async () => {
    const { order, exported } = await site()
    for (const charges of [3, 0, 0]) {
      const done = await order('erase', { account: 'ann', forfeit: true })
      expect(JSON.parse(done.body)).toMatchObject({ isErased: true, charges })
    }
    expect(await exported({})).toMatchObject([{ totals: { charges: 3 } }, {}, {}, {}, {}, {}])
  })

  it('gives nobody a new quota, nor credit that was granted before', async () => {
    const { order, ask, GRANT } = await site()
    await order('erase', { account: 'ann', forfeit: true })
    expect((await ask('/metered')).body).toContain('subscription-inactive')
    vi.setSystemTime(NOW.getTime() + 60_000)
    expect((await ask('/metered')).body).toContain('usage-limit-reached')
    expect(JSON.parse((await order('credit', GRANT)).body)).toMatchObject({ isRepeat: true, credit: { amount: '0' } })
    expect((await ask('/metered', {}, 'bob')).status).toBe(200)
  })

  it('voids the tokens from before on every route, counted or not', async () => {
    const { order, ask } = await site()
    expect(await ask('/paid')).toMatchObject({ status: 200 })
    await order('erase', { account: 'ann', forfeit: true })
    for (const path of ['/paid', '/metered']) expect((await ask(path)).body).toContain('subscription-inactive')
    expect(await ask('/paid', {}, 'bob')).toMatchObject({ status: 200 })
    vi.setSystemTime(NOW.getTime() + 60_000)
    expect(await ask('/paid')).toMatchObject({ status: 200 })
  })

  it('lifts no hold', async () => {
    const { order, ask } = await site()
    await order('hold', { account: 'ann' })
    await order('erase', { account: 'ann', forfeit: true })
    vi.setSystemTime(NOW.getTime() + 60_000)
    expect((await ask('/metered')).body).toContain('security-hold')
  })

  it('waits for billing to have every charge', async () => {
    const { order, billing } = await site()
    billing.isUp = false
    expect(await order('erase', { account: 'ann', forfeit: true })).toMatchObject({ status: 503 })
    billing.isUp = true
    vi.setSystemTime(NOW.getTime() + 20 * 60_000)
    expect(await order('erase', { account: 'ann', forfeit: true })).toMatchObject({ status: 200 })
    expect(billing.told).toBe(6)
  })
})

describe('an order that is no good', () => {
  it.each([
    ['erase', {}, 'account: expected'],
    ['erase', { account: 'ann', issuer: 'https://evil.test' }, 'issuer: expected'],
    ['erase', { account: 'ann', forfeit: 'yes' }, 'forfeit: expected'],
    ['erase', { account: 'ann', all: true }, 'all: not one of'],
    ['export', { account: '' }, 'account: expected'],
    ['export', { issuer: ISSUER }, 'account: expected'],
    ['export', { account: 'ann', after: 7 }, 'after: expected'],
  ])('to %s is 400: %j', async (scope, body, message) => {
    const { order } = createDeployments().deploy()
    const refused = await order(scope, body)
    expect([refused.status, refused.body]).toEqual([400, expect.stringContaining(message)])
  })

  it.each([
    ['erase', 'export'],
    ['export', 'erase'],
    ['erase', 'purge'],
  ])('to %s needs its own scope, and not %s', async (path, scope) => {
    const { orderWith } = createDeployments().deploy()
    expect(await orderWith(scope, path, { account: 'ann' })).toMatchObject({ status: 403 })
  })
})
