import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AuditRecord, brokenAt } from '../../src/ledger/rules/audit.ts'
import { ledgerName } from '../../src/ledger/rules/name.ts'
import { MemoryJournal } from '../../src/platform/memory/journal.ts'
import { createDeployments, ISSUER } from '../platform/deployments.ts'

const OPERATORS = 'https://operators.test'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-28T12:00:00Z'), toFake: ['Date'] })
  for (const method of ['warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function site() {
  const deployments = createDeployments()
  const { ask, order } = deployments.deploy()
  const { ledgers, bulletins } = deployments.platform
  const ledger = ledgers?.(ledgerName({ id: 'news' }, { from: 'account', issuer: ISSUER, account: 'ann' }), {})
  const auditOf = async (place = ledger ?? bulletins?.('news', {})): Promise<readonly AuditRecord[]> => {
    const page = await place?.order('audit', { most: 100 })
    return page?.ok === true ? page.value.records : []
  }
  return { ...deployments, ask, order, auditOf, ofZone: () => auditOf(bulletins?.('news', {})) }
}

const GRANT = { account: 'ann', amount: '5', currency: 'EUR', id: 'invoice-of-ann' }

describe('the audit of an account', () => {
  it('says who did what, in an unbroken chain, and names nobody whom it is about', async () => {
    const { ask, order, auditOf, lines } = await site()
    await order('credit', GRANT)
    await ask('/sold', { method: 'POST' })
    await order('hold', { account: 'ann' })
    await order('hold', { account: 'ann', lift: true })
    await order('hold', { account: 'ann', jti: 'token-7' })
    await order('export', { account: 'ann' })
    const { body } = await order('export', { account: 'ann' })
    const charge = /"kind":"charge","id":"([^"]+)"/.exec(body)?.[1] ?? 'none'
    await order('credit', { account: 'ann', charge })
    const records = await auditOf()
    const issuer = OPERATORS
    expect(records.map(({ action, facts }) => [action, facts])).toEqual([
      ['credit', { issuer, granted: '5 EUR' }],
      ['hold', { issuer }],
      ['lift', { issuer }],
      ['hold', { issuer, token: 'token-7' }],
      ['export', { issuer }],
      ['export', { issuer }],
      ['reverse', { issuer, charge }],
    ])
    expect(new Set(records.map(({ by }) => by))).toEqual(new Set([OPERATORS]))
    expect(brokenAt(records)).toBeUndefined()
    expect(JSON.stringify(records)).not.toContain('ann')
    const audited = lines.filter(({ audit }) => audit !== undefined).map(({ id }) => id)
    expect(records.map(({ request }) => request)).toEqual(audited)
  })

  it('has one record of an order that is repeated', async () => {
    const { order, auditOf } = await site()
    for (let sent = 0; sent < 3; sent++) await order('credit', GRANT)
    expect(await auditOf()).toHaveLength(1)
  })

  it('survives the account, and has who erased it', async () => {
    const { order, auditOf } = await site()
    await order('credit', GRANT)
    await order('erase', { account: 'ann', forfeit: true })
    await order('hold', { account: 'ann' })
    const records = await auditOf()
    expect(records.map(({ action }) => action)).toEqual(['credit', 'erase', 'hold'])
    expect(brokenAt(records)).toBeUndefined()
  })
})

describe('the audit of a zone', () => {
  it('has the orders that are about no account', async () => {
    const { order, ofZone, auditOf } = await site()
    expect(await order('purge', { tags: ['a', 'b'] })).toMatchObject({ status: 200 })
    expect(await order('purge', { everything: true })).toMatchObject({ status: 200 })
    expect(await order('export', {})).toMatchObject({ status: 200 })
    const issuer = OPERATORS
    expect((await ofZone()).map(({ action, facts }) => [action, facts])).toEqual([
      ['purge', { issuer, tags: 2, pathPrefixes: 0 }],
      ['purge', { issuer, everything: true }],
      ['export', { issuer }],
    ])
    expect(await auditOf()).toEqual([])
  })
})

describe('an order that cannot be recorded', () => {
  it.each([
    ['credit', GRANT],
    ['hold', { account: 'ann' }],
    ['export', { account: 'ann' }],
    ['export', {}],
    ['purge', { everything: true }],
    ['erase', { account: 'ann', forfeit: true }],
  ])('to %s is not carried out: %j', async (scope, body) => {
    const { platform, order, ask, originCalls, auditOf } = await site()
    await order('credit', { ...GRANT, id: 'before' })
    await ask('/paid')
    const before = originCalls()
    const broken = vi.spyOn(MemoryJournal.prototype, 'putAudit').mockImplementation(() => {
      throw new Error('the disk is full')
    })
    expect(await order(scope, body)).toMatchObject({ status: 503 })
    broken.mockRestore()
    expect(await auditOf()).toHaveLength(1)
    expect(await ask('/paid')).toMatchObject({ status: 200 })
    expect(originCalls()).toBe(before)
    const ledger = platform.ledgers?.(
      ledgerName({ id: 'news' }, { from: 'account', issuer: ISSUER, account: 'ann' }),
      {},
    )
    expect(await ledger?.read({})).toMatchObject({ value: { credit: [{ units: 5_000_000_000n }], entry: undefined } })
  })
})
