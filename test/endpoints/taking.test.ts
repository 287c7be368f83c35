import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MemoryJournal } from '../../src/platform/memory/journal.ts'
import { createDeployments } from '../platform/deployments.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-28T12:00:00Z'), toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const EUR = (amount: string) => ({ amount, currency: 'EUR' })
const GRANT = { account: 'ann', ...EUR('5'), id: 'payment-1' }
const REFUND = { account: 'ann', take: true, ...EUR('5'), id: 'refund-1', grant: 'payment-1' }

/** A site whose pages cost 0.5 EUR. */
function site() {
  const { deploy, lines } = createDeployments()
  const gate = deploy()
  const credit = async (body: object) => {
    const answer = await gate.order('credit', body)
    return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> }
  }
  const buy = async () => {
    const { status, body } = await gate.ask('/sold', { method: 'POST', headers: { accept: 'application/json' } })
    return { status, body: status === 200 ? {} : (JSON.parse(body) as Record<string, unknown>) }
  }
  const view = async () => {
    const { body } = await gate.ask('/__faregate/account')
    return (JSON.parse(body) as { account: Record<string, unknown> }).account
  }
  return { ...gate, lines, credit, buy, view }
}

describe('credit that an operator takes back', () => {
  it('is taken once, of the grant that is named, and is audited', async () => {
    const { credit, view, lines } = site()
    await credit(GRANT)
    const answer = { account: 'ann', taken: EUR('5'), credit: EUR('0'), isAwaiting: false }
    expect(await credit(REFUND)).toEqual({ status: 200, body: { ...answer, isRepeat: false } })
    expect(await credit(REFUND)).toEqual({ status: 200, body: { ...answer, isRepeat: true } })
    expect(await credit({ ...REFUND, id: 'refund-2' })).toMatchObject({ body: { taken: EUR('0'), isRepeat: false } })
    expect(await view()).toMatchObject({ credit: [EUR('0')] })
    const audits = lines.flatMap(({ audit }) => (audit?.action === 'take-credit' && audit.done ? audit : []))
    expect(audits).toMatchObject([{ taken: '5 EUR' }, { taken: '5 EUR' }])
  })

  it('is a debt if it was spent, which everything shows, and the next grant pays', async () => {
    const { credit, buy, view, orderWith } = site()
    await credit(GRANT)
    await buy()
    const owing = { credit: EUR('0'), debt: EUR('0.5') }
    expect(await credit(REFUND)).toMatchObject({ body: { taken: EUR('5'), ...owing } })
    expect(await view()).toMatchObject({ credit: [EUR('0')], debt: [EUR('0.5')] })
    const refused = await buy()
    expect(refused.status).toBe(402)
    expect(refused.body).toMatchObject({
      reason: 'credit-insufficient',
      detail: expect.stringContaining('0 EUR left and 0.5 EUR owed; this request reserves 0.5.'),
      left: owing,
      needed: { credit: EUR('0.5') },
    })
    const { body } = await orderWith('export', 'export', { account: 'ann' })
    const exported = body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string })
    expect(exported.find(({ kind }) => kind === 'ledger')).toMatchObject({ credit: [EUR('0')], debt: [EUR('0.5')] })
    expect(exported.find(({ kind }) => kind === 'taking')).toMatchObject({
      ...EUR('5'),
      taken: '5',
      grant: 'payment-1',
      isAwaiting: false,
    })
    expect(await credit({ ...GRANT, id: 'payment-2', amount: '0.4' })).toMatchObject({ body: { debt: EUR('0.1') } })
    const paid = await credit({ ...GRANT, id: 'payment-3', amount: '1' })
    expect(paid.body).toEqual({ account: 'ann', credit: EUR('0.9'), isRepeat: false })
    expect((await buy()).status).toBe(200)
  })

  it('waits for a grant that is not known, and says so', async () => {
    const { credit, orderWith } = site()
    expect(await credit(REFUND)).toEqual({
      status: 200,
      body: { account: 'ann', taken: EUR('0'), isAwaiting: true, isRepeat: false },
    })
    const { body } = await orderWith('export', 'export', { account: 'ann' })
    expect(body).toContain('"isAwaiting":true')
    expect(body).not.toContain('"kind":"erasure"')
    expect(await credit(GRANT)).toMatchObject({ body: { credit: EUR('0'), isRepeat: false } })
  })

  it('stays a debt when the account is erased, which says so', async () => {
    const { credit, buy, view, order } = site()
    await credit(GRANT)
    await buy()
    await credit(REFUND)
    const erased = await order('erase', { account: 'ann' })
    expect(JSON.parse(erased.body)).toMatchObject({ isErased: true, forfeited: [], debt: [EUR('0.5')] })
    vi.setSystemTime(Date.now() + 60_000)
    expect(await view()).toMatchObject({ debt: [EUR('0.5')] })
  })

  it('is not taken if that cannot be recorded', async () => {
    const { credit, view } = site()
    await credit(GRANT)
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const broken = vi.spyOn(MemoryJournal.prototype, 'putAudit').mockImplementation(() => {
      throw new Error('the disk is full')
    })
    expect(await credit(REFUND)).toMatchObject({ status: 503 })
    broken.mockRestore()
    expect(await view()).toMatchObject({ credit: [EUR('5')] })
  })

  it.each([
    ['another taking has its id', { ...REFUND, amount: '4' }],
    ['its grant is of another currency', { ...REFUND, id: 'refund-2', currency: 'USD' }],
  ])('is a conflict if %s', async (_what, order) => {
    const { credit } = site()
    await credit(GRANT)
    await credit(REFUND)
    expect(await credit(order)).toMatchObject({ status: 409, body: { detail: expect.stringContaining('Nothing') } })
  })

  it.each([
    [{ take: 'yes' }, 'take: expected'],
    [{ take: false }, 'take: expected'],
    [{ amount: '0' }, 'amount, currency'],
    [{ amount: '-5' }, 'amount, currency'],
    [{ amount: 5 }, 'amount, currency'],
    [{ id: '' }, 'id: expected'],
    [{ grant: 7 }, 'grant: expected'],
    [{ account: undefined }, 'account: expected'],
    [{ charge: 'c' }, 'charge: not one of'],
  ])('is not taken by an order that is no good: %j', async (over, message) => {
    const { order } = createDeployments().deploy()
    const refused = await order('credit', { ...REFUND, ...over })
    expect([refused.status, refused.body]).toEqual([400, expect.stringContaining(message)])
  })

  it('needs the scope of credit', async () => {
    const { orderWith } = createDeployments().deploy()
    expect(await orderWith('view', 'credit', REFUND)).toMatchObject({ status: 403 })
  })
})
