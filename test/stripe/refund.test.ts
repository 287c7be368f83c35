import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refundPayment } from '../../src/stripe/refund.ts'
import type { RefundOrder } from '../../src/standing/eventreceiver.ts'
import { isHeld } from '../../src/standing/rules/standing.ts'
import type { CallFault } from './double/index.ts'
import { createMoneyBackWorld, type MoneyBackWorld } from './moneybackworld.ts'

const CREDIT = 10_000_000_000n

let world: MoneyBackWorld
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  world = createMoneyBackWorld()
})
afterEach(() => vi.restoreAllMocks())

/** Carries out an order, and applies what it takes back. */
async function order(given: RefundOrder): Promise<unknown> {
  const { client, terms } = world
  const made = await refundPayment(given, { ...terms(), api: client })
  if (!made.ok) return made.error.kind
  if (made.value.event !== undefined) expect((await world.apply(made.value.event)).ok).toBe(true)
  return made.value.view
}

const refunds = () => [...world.double.state.refunds.values()]

describe('an operator’s refund', () => {
  it('gives the money back and takes the credit at once; its events and a second order change nothing', async () => {
    const { payment, customer, session } = await world.sell('topUp')
    await world.deliverAll()
    expect(await order({ payment })).toMatchObject({ payment, status: 'succeeded', isRepeat: false })
    expect(await world.credit(customer)).toBe(0n)
    expect(await order({ payment: session })).toMatchObject({ payment, isRepeat: true })
    await world.deliverAll()
    expect(await world.credit(customer)).toBe(0n)
    expect(refunds()).toHaveLength(1)
  })

  it('of a part takes that share; the same part again is the same refund, and another with an id of its own', async () => {
    const { payment, customer } = await world.sell('topUp')
    await world.deliverAll()
    for (let times = 0; times < 2; times++) await order({ payment, amount: '3.33' })
    expect(refunds()).toHaveLength(1)
    await order({ payment, amount: '3.33', id: 'second' })
    expect(refunds().map(({ amount }) => amount)).toEqual([333, 333])
    const share = (CREDIT * 333n + 998n) / 999n
    expect(await world.credit(customer)).toBe(CREDIT - 2n * share)
    expect(await order({ payment })).toMatchObject({ isRepeat: false })
    expect(await world.credit(customer)).toBe(0n)
  })

  it('ends the subscription that the payment paid for; of a part, it stays', async () => {
    const { payment, session } = await world.sell('monthly')
    const status = () => [...world.double.state.subscriptions.values()].map((each) => each.status)
    await order({ payment, amount: '1' })
    expect(status()).toEqual(['active'])
    expect(await order({ payment: session })).toMatchObject({ canceled: expect.stringMatching(/^sub_/) })
    expect(status()).toEqual(['canceled'])
    expect(await order({ payment: session })).toMatchObject({
      isRepeat: true,
      canceled: expect.stringMatching(/^sub_/),
    })
  })

  it('of a bank debit takes back at once, though the bank takes days', async () => {
    const { payment, customer } = await world.sell('topUp', 'sepa_debit')
    await world.deliverAll()
    expect(await order({ payment })).toMatchObject({ status: 'pending' })
    expect(await world.credit(customer)).toBe(0n)
    world.double.endRefund(refunds()[0]?.id ?? '', 'succeeded')
    await world.deliverAll()
    expect(await world.credit(customer)).toBe(0n)
  })

  it('is made anew where the bank sent the first one back', async () => {
    const { payment } = await world.sell('topUp', 'sepa_debit')
    await order({ payment })
    world.double.endRefund(refunds()[0]?.id ?? '', 'failed')
    expect(await order({ payment })).toMatchObject({ isRepeat: false, refund: refunds()[1]?.id })
  })

  it('revokes the receipt that was bought', async () => {
    const { payment } = await world.sell('article')
    await order({ payment })
    expect(await world.ofReceipt(payment)).toMatchObject({ revokedAt: expect.any(Number) })
    expect(isHeld((await world.ofReceipt(payment)) ?? {}, 0)).toBe(false)
  })

  it('of all that somebody has refunded by other means is done already; of a part it is refused', async () => {
    const { payment, customer } = await world.sell('topUp')
    await world.deliverAll()
    world.double.refund(payment)
    expect(await order({ payment, amount: '1' })).toBe('refused')
    expect(await order({ payment })).toMatchObject({ isRepeat: true, refund: refunds()[0]?.id })
    expect([refunds().length, await world.credit(customer)]).toEqual([1, 0n])
  })

  it('is sent again after any answer that was lost, and gives the money back once', async () => {
    const { customer, session } = await world.sell('topUp')
    await world.deliverAll()
    for (let lost = 0; lost < 8; lost++) {
      let calls = 0
      const faults: CallFault[] = ['lost', '500']
      world.double.faults.call = () => (calls++ === lost ? faults[lost % 2] : undefined)
      const outcome = await order({ payment: session })
      expect(['unknown', 'object']).toContain(typeof outcome === 'string' ? outcome : typeof outcome)
    }
    delete world.double.faults.call
    expect(await order({ payment: session })).toMatchObject({ isRepeat: true })
    expect([refunds().length, await world.credit(customer)]).toEqual([1, 0n])
  })

  it.each([
    ['of an amount that is more than was paid', { amount: '99' }, 'refused'],
    ['of less than the smallest unit', { amount: '0.001' }, 'refused'],
    ['of no amount', { amount: 'all' }, 'refused'],
    ['of a payment that nobody made', { payment: 'pi_none' }, 'absent'],
    ['of a checkout that nobody began', { payment: 'cs_none' }, 'absent'],
  ])('%s is refused', async (_, over, kind) => {
    const { payment } = await world.sell('topUp')
    expect(await order({ payment, ...over })).toBe(kind)
    expect(refunds()).toHaveLength(0)
  })

  it('of what another zone sold, or of a payment that is disputed, is refused', async () => {
    const { payment } = await world.sell('topUp')
    world.double.dispute(payment)
    expect(await order({ payment })).toBe('refused')
    for (const { metadata } of world.double.state.intents.values()) metadata['faregate_zone'] = 'shop'
    expect(await order({ payment })).toBe('absent')
  })

  it('of a subscription that another zone sold is refused, and ends nothing', async () => {
    const { payment } = await world.sell('monthly')
    const terms = { ...world.terms(), zone: 'shop', api: world.client }
    expect(await refundPayment({ payment }, terms)).toMatchObject({ ok: false, error: { kind: 'absent' } })
    expect([refunds().length, [...world.double.state.subscriptions.values()].map(({ status }) => status)]).toEqual([
      0,
      ['active'],
    ])
  })
})
