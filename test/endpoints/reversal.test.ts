import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import { MemoryJournal } from '../../src/platform/memory/journal.ts'
import { createDeployments, ISSUER, PRICE } from '../platform/deployments.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-28T12:00:00Z'), toFake: ['Date'] })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A site whose accounts ann and bob have bought a page each. */
async function site() {
  const told: LedgerRecord[] = []
  const sink = async (records: readonly LedgerRecord[]): Promise<number[]> => {
    told.push(...records)
    return records.map(({ position }) => position)
  }
  const warn = (): void => undefined
  const deployments = createDeployments({ sinks: new Map([['billing', sink]]), hasOutbox: true, warn })
  const { ask, order } = deployments.deploy()
  for (const account of ['ann', 'bob']) {
    await order('credit', { account, amount: '5', currency: 'EUR', id: 'invoice-1' })
    expect(await ask('/sold', { method: 'POST' }, account)).toMatchObject({ status: 200 })
  }
  const view = async (account: string) =>
    (JSON.parse((await ask('/__faregate/account', {}, account)).body) as { account: AccountFacts }).account
  const chargeOf = async (account: string): Promise<string> => (await view(account)).charges.last[0]?.id ?? 'none'
  return { ...deployments, ask, order, told, view, chargeOf }
}

interface AccountFacts {
  readonly credit: readonly { readonly amount: string }[]
  readonly charges: { readonly last: readonly { readonly id: string; readonly state: string }[] }
}

describe('a charge that is given back by its id', () => {
  it('is shown to its account as such, with its credit, and is audited', async () => {
    const { order, view, chargeOf, lines } = await site()
    const charge = await chargeOf('ann')
    const { status, body } = await order('credit', { account: 'ann', charge })
    expect([status, JSON.parse(body)]).toMatchObject([
      200,
      {
        issuer: ISSUER,
        account: 'ann',
        isRepeat: false,
        given: { price: { ...PRICE, amount: '0.5' } },
        charge: { id: charge },
      },
    ])
    expect(await view('ann')).toMatchObject({
      credit: [{ amount: '5' }],
      charges: { last: [{ id: charge, state: 'reversed', price: { amount: '0' } }], total: 1 },
    })
    const audit = lines.find((line) => line.audit?.action === 'reverse')
    expect(audit).toMatchObject({ account: expect.any(String), audit: { action: 'reverse', charge, done: true } })
  })

  it('is given back once, however many ask at once and afterwards', async () => {
    const { order, view, chargeOf, lines } = await site()
    const charge = await chargeOf('ann')
    const asked = await Promise.all(Array.from({ length: 10 }, () => order('credit', { account: 'ann', charge })))
    asked.push(await order('credit', { account: 'ann', charge }))
    const repeats = asked.map(({ body }) => (JSON.parse(body) as { isRepeat: boolean }).isRepeat)
    expect(repeats.filter((isRepeat) => !isRepeat)).toHaveLength(1)
    expect(await view('ann')).toMatchObject({ credit: [{ amount: '5' }] })
    expect(lines.filter(({ audit }) => audit?.action === 'reverse' && audit.done)).toHaveLength(1)
  })

  it('is not given back if that cannot be recorded', async () => {
    const { order, view, chargeOf, told } = await site()
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const [charge, before] = [await chargeOf('ann'), told.length]
    const broken = vi.spyOn(MemoryJournal.prototype, 'putAudit').mockImplementation(() => {
      throw new Error('the disk is full')
    })
    expect(await order('credit', { account: 'ann', charge })).toMatchObject({ status: 503 })
    broken.mockRestore()
    expect(await view('ann')).toMatchObject({ credit: [{ amount: '4.5' }], charges: { last: [{ state: 'settled' }] } })
    expect(told).toHaveLength(before)
  })

  it('is told to billing as a record of its own kind, and the sum of the records is what is kept', async () => {
    const { order, chargeOf, told } = await site()
    const charge = await chargeOf('ann')
    await order('credit', { account: 'ann', charge })
    await order('erase', { account: 'ann', forfeit: true })
    const ofCharge = told.filter((record) => record.charge === charge)
    expect(ofCharge.map(({ kind }) => kind)).toEqual(['charge', 'amend', 'reversed'])
    expect(ofCharge.reduce((sum, { change }) => sum + (change.price?.units ?? 0n), 0n)).toBe(0n)
  })

  it('is answered as one that nobody made if it is somebody else’s, or was erased', async () => {
    const { order, chargeOf, view } = await site()
    const charge = await chargeOf('bob')
    const unknown = await order('credit', { account: 'ann', charge: crypto.randomUUID() })
    const withoutInstance = ({ status, body }: { status: number; body: string }) => [
      status,
      body.replace(/urn:uuid:[\w-]+/, ''),
    ]
    for (const account of ['ann', 'nobody'])
      expect(withoutInstance(await order('credit', { account, charge }))).toEqual(withoutInstance(unknown))
    expect(unknown.status).toBe(404)
    expect(await view('bob')).toMatchObject({ credit: [{ amount: '4.5' }] })
    await order('erase', { account: 'bob', forfeit: true })
    expect(withoutInstance(await order('credit', { account: 'bob', charge }))).toEqual(withoutInstance(unknown))
  })

  it.each([
    [{}, 'account: expected either'],
    [{ account: 'ann', jti: 'r' }, 'account: expected either'],
    [{ account: 7 }, 'account: expected the'],
    [{ account: 'ann', amount: '5' }, 'amount: not one of'],
    [{ account: 'ann', charge: 7 }, 'charge: expected'],
    [{ account: 'ann', issuer: 'https://evil.test' }, 'issuer: expected'],
  ])('is none if the order is no good: %j', async (order, message) => {
    const { orderWith } = createDeployments().deploy()
    const refused = await orderWith('credit', 'credit', { charge: 'c', ...order })
    expect([refused.status, refused.body]).toEqual([400, expect.stringContaining(message)])
  })

  it('needs the scope of credit', async () => {
    const { orderWith } = createDeployments().deploy()
    expect(await orderWith('view', 'credit', { account: 'ann', charge: 'c' })).toMatchObject({ status: 403 })
  })
})
