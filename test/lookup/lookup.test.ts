import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lookup } from '../../src/index.ts'
import type { IssuedCredential } from '../../src/ledger/rules/credentials.ts'
import { ledgerName } from '../../src/ledger/rules/name.ts'
import { MemoryJournal } from '../../src/platform/memory/journal.ts'
import { limit } from '../ledger/rules/pureledger.ts'
import { createDeployments, ISSUER, PRICE } from '../platform/deployments.ts'
import { faultsOf, ZONE } from '../support/compiled.ts'
import { begin, end, type Json, NOW, site, time } from './site.ts'

const KEY: IssuedCredential = {
  kind: 'key',
  id: 'k1',
  name: 'build server',
  createdAt: NOW.getTime(),
  createdBy: 'owner',
  secrets: [{ hash: 'the hash of its secret', generation: 1 }],
  entitlements: ['premium'],
  limits: [],
  accountLimits: [],
}

beforeEach(begin)
afterEach(end)

describe('an account that is looked up', () => {
  it('is shown as it sees itself, with what was said and done about it', async () => {
    const { look, order, ask, lines } = await site()
    await ask('/metered')
    await ask('/sold', { method: 'POST' })
    await order('hold', { account: 'ann' })
    vi.setSystemTime(NOW.getTime() + 60_000)
    const { account } = await look({ account: 'ann' })
    const request = lines.filter(({ audit }) => audit !== undefined).map(({ id }) => id)
    expect(account).toMatchObject({
      issuer: ISSUER,
      id: 'ann',
      standing: { state: 'on-hold', reason: 'security-hold' },
      limits: [{ name: 'requests', usage: { used: '2', remaining: '0' } }],
      credit: [{ amount: '0.1', currency: 'EUR' }],
      charges: { total: 3, last: [{ route: '/metered' }, { route: '/metered' }, { route: '/sold' }] },
      statements: { heldSince: time() },
      refusals: {
        since: time(),
        last: [
          { reason: 'credit-insufficient', route: '/sold', method: 'POST', time: time() },
          { reason: 'usage-limit-reached', route: '/metered' },
        ],
      },
      credentials: [],
      audit: {
        total: 2,
        chain: 'whole',
        records: [
          { number: 2, action: 'hold', by: 'https://operators.test', request: request[1], time: time() },
          { number: 1, action: 'credit', request: request[0], facts: { granted: '0.6 EUR' } },
        ],
      },
    })
    expect(account).not.toHaveProperty('token')
  })

  it('is answered alike if nobody has it, and if it is empty', async () => {
    const { look, ask } = await site()
    await ask('/paid', {}, 'known')
    const [known, unknown] = [await look({ account: 'known' }), await look({ account: 'never' })]
    const told = (answer: Json): string => JSON.stringify({ ...answer, instance: '' }).replace('"known"', '"never"')
    expect(told(known)).toBe(told(unknown))
    expect(unknown).toMatchObject({ status: 200, account: { credit: [], charges: { total: 0 }, audit: { total: 0 } } })
  })

  it('keeps who did what when it is erased', async () => {
    const { look, order } = await site()
    await order('erase', { account: 'ann', forfeit: true })
    const { account } = await look({ account: 'ann' })
    expect(account).toMatchObject({
      credit: [],
      charges: { total: 0, last: [] },
      refusals: { last: [] },
      statements: { revokedUntil: expect.anything() },
      audit: { total: 2, chain: 'whole', records: [{ action: 'erase' }, { action: 'credit' }] },
    })
  })

  it('is not the site, whose audit is asked for as such', async () => {
    const { look, order } = await site()
    await order('purge', { everything: true })
    expect(await look({ site: true })).toEqual({
      status: 200,
      instance: expect.any(String),
      zone: 'news',
      site: { audit: { total: 1, chain: 'whole', records: [expect.objectContaining({ action: 'purge', number: 1 })] } },
    })
  })

  it('is shown without what its ledger does not tell', async () => {
    const { look } = await site()
    vi.spyOn(MemoryJournal.prototype, 'credentials').mockImplementation(() => {
      throw new Error('the disk is gone')
    })
    expect(await look({ account: 'ann' })).toMatchObject({
      status: 200,
      account: { id: 'ann', credentials: 'unavailable' },
    })
  })
})

describe('what a request of an account would get', () => {
  const actionOf = ({ explained }: Json) => (explained as { readonly decision: Json }).decision

  it('is decided as the gate decides, with limits and credit from the ledger, and nothing is charged', async () => {
    const { look, order } = await site()
    const PREMIUM = { entitlements: ['premium'] }
    const before = (await look({ account: 'ann' })).account['charges']
    const cases: readonly (readonly [Json, Json])[] = [
      [{ account: 'ann', ...PREMIUM, target: '/paid' }, { action: 'serve' }],
      [
        { account: 'ann', target: '/paid' },
        { action: 'refuse', reason: 'entitlement-insufficient' },
      ],
      [
        { account: 'ann', ...PREMIUM, target: '/metered' },
        { action: 'refuse', reason: 'usage-limit-reached' },
      ],
      [
        { account: 'bob', ...PREMIUM, target: '/metered' },
        { action: 'serve', charges: { units: { requests: '1' } } },
      ],
      [
        { account: 'ann', target: '/sold', method: 'POST' },
        { action: 'refuse', reason: 'credit-insufficient' },
      ],
      [
        { account: 'ann', target: '/sold' },
        { action: 'refuse', reason: 'not-for-sale' },
      ],
      [{ account: 'ann', target: '/nothing' }, { action: 'serve' }],
    ]
    for (const [body, decision] of cases) {
      const answer = await look(body)
      expect([body, answer['status']]).toEqual([body, 200])
      expect(actionOf(answer)).toMatchObject(decision)
    }
    expect((await look({ account: 'ann' })).account['charges']).toEqual(before)
    await order('credit', { account: 'ann', amount: '1', currency: 'EUR', id: 'invoice-2' })
    const payable = await look({ account: 'ann', target: '/sold', method: 'POST' })
    expect(actionOf(payable)).toMatchObject({ action: 'serve', charges: { price: { ...PRICE, amount: '0.5' } } })
  })

  it('says which checks it takes for granted, and which passed', async () => {
    const { look } = await site()
    const { explained } = await look({ account: 'bob', entitlements: ['premium'], target: '/metered' })
    const { checks } = explained as { readonly checks: readonly { readonly check: string; readonly outcome: string }[] }
    const outcomes = Object.fromEntries(checks.map(({ check, outcome }) => [check, outcome]))
    expect(outcomes).toMatchObject({ signature: 'skipped', standing: 'pass', cover: 'pass', charge: 'pass' })
  })

  it('counts what billing and operators said', async () => {
    const { look, order } = await site()
    const asked = { account: 'bob', entitlements: ['premium'], target: '/paid' }
    await order('hold', { account: 'bob' })
    expect(actionOf(await look(asked))).toMatchObject({ action: 'refuse', reason: 'security-hold' })
    await order('hold', { account: 'bob', lift: true })
    expect(actionOf(await look(asked))).toMatchObject({ action: 'serve' })
  })

  it('goes by the record of an API key, which is shown without its secret', async () => {
    const { look, platform } = await site()
    const ledger = platform.ledgers?.(
      ledgerName({ id: 'news' }, { from: 'account', issuer: ISSUER, account: 'bob' }),
      {},
    )
    const credential = { ...KEY, limits: [limit(0n, 'P1D')] }
    for (const one of [KEY, { ...credential, id: 'k2' }, { ...KEY, id: 'k3', isDisabled: true }])
      await ledger?.order('issueCredential', { credential: one, most: 5 })
    const asked = (key: string) => look({ account: 'bob', key, target: '/metered' })
    const [good, used, disabled] = [await asked('k1'), await asked('k2'), await asked('k3')]
    expect(actionOf(good)).toMatchObject({ action: 'serve' })
    expect(actionOf(used)).toMatchObject({ action: 'refuse', reason: 'usage-limit-reached' })
    expect(actionOf(disabled)).toMatchObject({ reason: 'subscription-inactive', detail: 'The API key is disabled.' })
    expect(good.account['credentials']).toMatchObject([
      { kind: 'key', id: 'k1', name: 'build server', isDisabled: false, lastUsed: null, generations: [1] },
      { id: 'k2' },
      { id: 'k3', isDisabled: true },
    ])
    expect(JSON.stringify(good)).not.toContain('the hash of its secret')
  })

  it('goes by limits that the token would state', async () => {
    const { look } = await site()
    const limits = [{ name: 'requests', quota: 5, window: 'P1D' }]
    const asked = { account: 'ann', entitlements: ['premium'], limits, target: '/metered' }
    expect(actionOf(await look(asked))).toMatchObject({ action: 'serve' })
  })
})

describe('a question that is no good', () => {
  it.each([
    [{}, 'account: expected'],
    [{ account: '' }, 'account: expected'],
    [{ site: 'yes' }, 'site: expected'],
    [{ site: false }, 'account: expected'],
    [{ reference: 7 }, 'reference: expected'],
    [{ reference: 'X'.repeat(401) }, 'reference: expected'],
    [{ reference: 'X', target: '/a' }, 'target: of no account'],
    [{ account: 'ann', issuer: 'https://evil.test' }, 'issuer: expected'],
    [{ account: 'ann', target: 'articles' }, 'target: expected'],
    [{ account: 'ann', target: '/__faregate/account' }, 'target: the gate itself'],
    [{ account: 'ann', method: 'GET' }, 'method: of no target'],
    [{ account: 'ann', target: '/a', method: 'get it' }, 'method: expected'],
    [{ account: 'ann', entitlements: 'premium' }, 'entitlements: expected'],
    [{ account: 'ann', limits: [{}] }, 'limits: '],
    [{ account: 'ann', iat: 'today' }, 'iat: expected'],
    [{ account: 'ann', everything: true }, 'everything: not one of'],
  ])('is 400: %j', async (body, message) => {
    const refused = await createDeployments().deploy().orderWith('view', 'lookup', body)
    expect([refused.status, refused.body]).toEqual([400, expect.stringContaining(message)])
  })

  it('is 404 if it names a key that the account does not have', async () => {
    const { look } = await site()
    expect(await look({ account: 'ann', key: 'k1' })).toMatchObject({ status: 404 })
  })

  it.each(['credit', 'hold', 'lookup', 'export'])('is 403 with the scope %s', async (scope) => {
    expect(await createDeployments().deploy().orderWith(scope, 'lookup', { account: 'ann' })).toMatchObject({
      status: 403,
    })
  })
})

it('is audited in the log, under the hash of the account, and changes nothing', async () => {
  const { look, lines } = await site()
  await look({ account: 'ann' })
  const hash = lines.find(({ route }) => route === '/sold')?.account
  expect(lines.at(-1)).toMatchObject({ account: hash, audit: { action: 'lookup', done: false } })
  expect(JSON.stringify(lines)).not.toContain('"ann"')
})

it('needs the secret of the gate', () => {
  expect(faultsOf({ zones: [ZONE], endpoints: [lookup()] })).toMatchObject([{ path: 'secrets.gate' }])
})
