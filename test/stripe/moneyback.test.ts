import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readMoneyBack } from '../../src/stripe/moneyback.ts'
import { STRIPE_ISSUER } from '../../src/stripe/offers.ts'
import { isHeld } from '../../src/standing/rules/standing.ts'
import { randomFaults } from './double/index.ts'
import { createMoneyBackWorld, type MoneyBackWorld, type SoldPayment } from './moneybackworld.ts'

const CREDIT = 10_000_000_000n
const PAID = 999
const share = (part: number): bigint => (CREDIT * BigInt(part) + BigInt(PAID) - 1n) / BigInt(PAID)
const least = (one: bigint, other: bigint): bigint => (one < other ? one : other)

let warned: ReturnType<typeof vi.spyOn>
beforeEach(() => {
  warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => vi.restoreAllMocks())

describe('a refund', () => {
  it('takes back its share of the credit, and the whole of it with the rest', async () => {
    const world = createMoneyBackWorld()
    const { payment, customer } = await world.sell('topUp')
    await world.deliverAll()
    expect(await world.credit(customer)).toBe(CREDIT)
    world.double.refund(payment, 333)
    await world.deliverAll()
    expect(await world.credit(customer)).toBe(CREDIT - share(333))
    world.double.refund(payment)
    await world.deliverAll()
    expect(await world.credit(customer)).toBe(0n)
  })

  it('of a bank debit counts once it succeeded; one that fails takes nothing, and one that failed later is told', async () => {
    const world = createMoneyBackWorld()
    const { payment, customer } = await world.sell('topUp', 'sepa_debit')
    const first = world.double.refund(payment, 100)
    const second = world.double.refund(payment, 100)
    await world.deliverAll()
    expect(await world.credit(customer)).toBe(CREDIT)
    world.double.endRefund(first.id, 'succeeded')
    world.double.endRefund(second.id, 'failed')
    await world.deliverAll()
    expect(await world.credit(customer)).toBe(CREDIT - share(100))
    world.double.endRefund(first.id, 'failed')
    await world.deliverAll()
    expect(await world.credit(customer)).toBe(CREDIT - share(100))
    expect(warned.mock.calls.join()).toContain('a refund failed: what it took back stays taken')
  })

  it('of the whole price revokes a receipt; of a part leaves it, and says so', async () => {
    const world = createMoneyBackWorld()
    const { payment } = await world.sell('article')
    world.double.refund(payment, 100)
    await world.deliverAll()
    expect(await world.ofReceipt(payment)).toBeUndefined()
    expect(warned.mock.calls.join()).toContain('partly refunded: its receipt stays')
    world.double.refund(payment)
    await world.deliverAll()
    expect(await world.ofReceipt(payment)).toMatchObject({ revokedAt: expect.any(Number) })
  })

  it('of a subscription ends nothing: access follows the subscription', async () => {
    const world = createMoneyBackWorld()
    const { payment } = await world.sell('monthly')
    world.double.refund(payment)
    await world.deliverAll()
    expect(world.double.attempts.every(({ status }) => status === 200)).toBe(true)
    expect(warned.mock.calls.join()).toContain('refunded: its subscription stays until it is canceled')
  })

  it('that was sold elsewhere changes nothing', async () => {
    const world = createMoneyBackWorld()
    const { payment, customer } = await world.sell('topUp')
    await world.deliverAll()
    for (const { metadata } of world.double.state.intents.values()) metadata['faregate_zone'] = 'shop'
    world.double.refund(payment)
    world.double.dispute(payment, 'needs_response')
    await world.deliverAll()
    expect([await world.credit(customer), await world.isAccountHeld(customer)]).toEqual([CREDIT, false])
  })

  it('of a connected account, or of a charge without a payment intent, is nothing to the gate', () => {
    const object = { id: 're_1', object: 'refund', payment_intent: 'pi_1', status: 'succeeded' }
    const event = { id: 'evt_1', object: 'event', type: 'refund.created', created: 1, data: { object } }
    expect(readMoneyBack(event)).toMatchObject({ payment: 'pi_1' })
    for (const other of [
      { account: 'acct_1' },
      { data: { object: { ...object, payment_intent: null } } },
      { type: 'charge.captured' },
    ])
      expect(readMoneyBack({ ...event, ...other })).toBeUndefined()
  })

  it('is asked about again where Stripe does not answer', async () => {
    const world = createMoneyBackWorld()
    const { payment, customer } = await world.sell('topUp')
    await world.deliverAll()
    let left = 3
    world.double.faults.call = () => (left-- > 0 ? '500' : undefined)
    world.double.refund(payment)
    await world.deliverAll()
    expect(world.double.attempts.some(({ status }) => status === 503)).toBe(true)
    expect(await world.credit(customer)).toBe(0n)
  })
})

describe('a dispute', () => {
  it('holds the account until it is won; an operator’s hold and another dispute’s stay', async () => {
    const world = createMoneyBackWorld()
    const first = await world.sell('topUp')
    const dispute = world.double.dispute(first.payment)
    await world.deliverAll()
    expect(await world.isAccountHeld(first.customer)).toBe(true)
    const hold = { kind: 'hold', at: world.nowMs / 1000, isLifted: false } as const
    await world.apply({
      id: '',
      issuer: STRIPE_ISSUER,
      account: first.customer,
      changes: [{ kind: 'statement', statement: hold }],
    })
    world.double.closeDispute(dispute.id, 'won')
    await world.deliverAll()
    expect(await world.isAccountHeld(first.customer)).toBe(true)
    world.nowMs += 1000
    const lift = { ...hold, at: world.nowMs / 1000, isLifted: true }
    await world.apply({
      id: '',
      issuer: STRIPE_ISSUER,
      account: first.customer,
      changes: [{ kind: 'statement', statement: lift }],
    })
    expect(await world.isAccountHeld(first.customer)).toBe(false)
  })

  it('that is lost takes back what the payment gave, and leaves the hold to an operator, whose lift lasts', async () => {
    const world = createMoneyBackWorld()
    const { payment, customer } = await world.sell('topUp')
    const { id } = world.double.dispute(payment)
    world.double.closeDispute(id, 'lost')
    await world.deliverAll()
    expect([await world.credit(customer), await world.isAccountHeld(customer)]).toEqual([0n, true])
    world.nowMs += 1000
    const lift = { kind: 'hold', at: world.nowMs / 1000, isLifted: true } as const
    await world.apply({
      id: '',
      issuer: STRIPE_ISSUER,
      account: customer,
      changes: [{ kind: 'statement', statement: lift }],
    })
    world.nowMs += 60 * 86_400_000
    world.double.state.emit('charge.dispute.updated', [...world.double.state.disputes.values()][0] ?? {})
    await world.deliverAll()
    expect(await world.isAccountHeld(customer)).toBe(false)
  })

  it('of an inquiry holds nothing until it becomes a dispute', async () => {
    const world = createMoneyBackWorld()
    const { payment, customer } = await world.sell('monthly')
    const { id } = world.double.dispute(payment, 'warning_needs_response')
    await world.deliverAll()
    expect(await world.isAccountHeld(customer)).toBe(false)
    world.nowMs += 20 * 86_400_000
    world.double.escalate(id)
    await world.deliverAll()
    expect(await world.isAccountHeld(customer)).toBe(true)
  })

  it('of a receipt holds the receipt too, and revokes it if it is lost', async () => {
    const world = createMoneyBackWorld()
    const { payment } = await world.sell('article')
    const { id } = world.double.dispute(payment)
    await world.deliverAll()
    expect(isHeld((await world.ofReceipt(payment)) ?? {}, 0)).toBe(true)
    world.double.closeDispute(id, 'lost')
    await world.deliverAll()
    expect(await world.ofReceipt(payment)).toMatchObject({ revokedAt: expect.any(Number) })
  })
})

type Act =
  | { readonly kind: 'refund'; readonly amount: number }
  | { readonly kind: 'dispute' | 'won' | 'lost' | 'deliver' | 'hour' }

/** Does what can be done. */
async function act({ double }: MoneyBackWorld, { payment }: SoldPayment, did: Act): Promise<void> {
  const [dispute] = double.state.disputes.values()
  const [charge] = [...double.state.charges.values()].filter((each) => each.payment_intent === payment)
  const left = (charge?.amount ?? 0) - (charge?.amount_refunded ?? 0)
  if (did.kind === 'deliver') await double.deliver()
  if (did.kind === 'refund' && dispute === undefined && left > 0) double.refund(payment, Math.min(did.amount, left))
  if (did.kind === 'dispute' && dispute === undefined) double.dispute(payment)
  if ((did.kind === 'won' || did.kind === 'lost') && dispute?.status === 'needs_response')
    double.closeDispute(dispute.id, did.kind)
}

describe('refunds and disputes', () => {
  const acts = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('refund' as const), amount: fc.integer({ min: 1, max: 700 }) }),
      fc.record({
        kind: fc.constantFrom('dispute' as const, 'won' as const, 'lost' as const, 'deliver' as const, 'hour' as const),
      }),
    ),
    { maxLength: 8 },
  )
  const deliveries = { lost: 0.15, unanswered: 0.1, late: 0.2, doubled: 0.15, reordered: 0.3 }

  it('end in the same state, however their events come', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.integer({ min: 0, max: 1e6 }), async (all, seed) => {
        const world = createMoneyBackWorld({ seed, faults: randomFaults(seed, { deliveries, calls: { '500': 0.03 } }) })
        const calls = world.double.faults.call
        delete world.double.faults.call
        const sold = await world.sell('topUp')
        if (calls !== undefined) world.double.faults.call = calls
        for (const did of all) {
          if (did.kind === 'hour') world.nowMs += 3_600_000
          await act(world, sold, did)
        }
        await world.deliverAll()
        const [dispute] = world.double.state.disputes.values()
        const parts = [...world.double.state.refunds.values()].map(({ amount }) => share(amount))
        const lost = dispute?.status === 'lost' ? [CREDIT] : []
        const taken = [...parts, ...lost].reduce((sum, part) => sum + part, 0n)
        expect(await world.credit(sold.customer)).toBe(CREDIT - least(taken, CREDIT))
        expect(await world.isAccountHeld(sold.customer)).toBe(dispute !== undefined && dispute.status !== 'won')
      }),
      { numRuns: 150 },
    )
  })
})
