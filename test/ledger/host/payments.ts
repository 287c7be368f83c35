import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ChargeOutcome } from '../../../src/ledger/rules/commands.ts'
import type { Settle, Settlement } from '../../../src/ledger/rules/payment.ts'
import { chargeOf, EUR, HOUR, MINUTE, SECOND } from '../rules/pureledger.ts'
import { ringUntil } from './driver.ts'
import { type HostedLedger, LATER, type LedgerDriver, valueOf } from './driver.ts'

/** Whoever moves the money: remembers what it was asked for, and never moves any twice. */
class Bank {
  readonly asked: string[] = []
  isUp = true
  isRich = true
  #reference: string | undefined
  /** How many ask at this moment, at most. */
  crowd = 0
  #inside = 0

  readonly settle: Settle = async ({ rail, payload }, tries) => {
    this.asked.push(`${rail} ${JSON.stringify(payload)} ${tries}`)
    this.crowd = Math.max(this.crowd, ++this.#inside)
    await Promise.resolve()
    this.#inside -= 1
    if (!this.isRich) return { kind: 'failed', reason: 'insufficient_funds' }
    this.#reference ??= `transaction ${this.asked.length}`
    if (!this.isUp) throw new Error('the answer was lost')
    return { kind: 'settled', reference: this.#reference }
  }
}

const PAYMENT = { zone: 'news', rail: 'toy', payload: { nonce: 1 }, requirements: { price: 'n:10' } }

export function bring(ledger: Pick<HostedLedger, 'charge'>, id: string, digest = 'GET /a'): Promise<ChargeOutcome> {
  const now = Date.now()
  const times = { settleByMs: now + 10 * MINUTE, claimByMs: now + MINUTE, expires: LATER + HOUR }
  const idempotency = { key: 'payment', digest }
  return ledger
    .charge(chargeOf(id, now, { payment: PAYMENT, idempotency, price: EUR(10n), ...times }))
    .then((answer) => valueOf(answer))
}

/** As a gate does it: begun, asked for, told. Killed before any of the three. */
async function settle(
  ledger: HostedLedger,
  id: string,
  bank: Bank,
  killed?: 'before asking' | 'before telling',
): Promise<Settlement | undefined> {
  const begun = valueOf(await ledger.beginSettlement({ charge: id, request: id }))
  if (begun.kind !== 'begun' || killed === 'before asking') return undefined
  const settlement = await bank.settle(PAYMENT, begun.tries).catch((): Settlement => ({ kind: 'unknown' }))
  if (killed === 'before telling') return undefined
  const ended = valueOf(await ledger.endSettlement({ charge: id, request: id, settlement }))
  return ended.kind === 'ended' ? ended.settlement : undefined
}

export const stateOf = (outcome: ChargeOutcome): string | undefined =>
  outcome.kind === 'charged' ? outcome.payment?.state : outcome.reason

/** What a host makes of payments on every platform. */
export function paymentContract(driver: LedgerDriver): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: LATER })
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  let name = ''
  let bank = new Bank()
  let ledger: HostedLedger
  beforeEach(async ({ task }) => {
    name = `payment ${task.name}`
    bank = new Bank()
    ledger = await driver.open(name, {
      settlerOf: (zone, rail) => (zone === 'news' && rail === 'toy' ? bank.settle : undefined),
    })
  })

  const kept = async (): Promise<(bigint | undefined)[]> =>
    valueOf(await ledger.takeOutbox(20)).map((record) => record.kept.price?.units)

  describe('a payment', () => {
    it('that settles is kept and known for good, and the alarm asks nobody', async () => {
      await bring(ledger, 'a')
      expect(await settle(ledger, 'a', bank)).toEqual({ kind: 'settled', reference: 'transaction 1' })
      await driver.evict(name)
      expect(valueOf(await ledger.beginSettlement({ charge: 'a', request: 'a' }))).toMatchObject({ kind: 'settled' })
      await ledger.amend({ charge: 'a', request: 'a', delivery: 'complete' })
      await ringUntil(driver, name, LATER + HOUR)
      expect([await kept(), bank.asked.length]).toEqual([[10n, 10n], 1])
    })

    it('that fails is given back, and the alarm asks nobody', async () => {
      bank.isRich = false
      await bring(ledger, 'a')
      expect(await settle(ledger, 'a', bank)).toMatchObject({ kind: 'failed' })
      await ringUntil(driver, name, LATER + HOUR)
      expect([await kept(), bank.asked.length]).toEqual([[10n, 0n], 1])
    })

    it('of which nobody knows is asked for by the alarm until there is evidence, with the same words', async () => {
      bank.isUp = false
      await bring(ledger, 'a')
      expect(await settle(ledger, 'a', bank)).toEqual({ kind: 'unknown' })
      await ledger.amend({ charge: 'a', request: 'a', delivery: 'none' })
      await ringUntil(driver, name, LATER + 90 * SECOND)
      expect(bank.asked).toEqual([1, 2, 3, 4].map((tries) => `toy {"nonce":1} ${tries}`))
      bank.isUp = true
      await ringUntil(driver, name, LATER + 10 * MINUTE)
      expect([await kept(), bank.asked.length]).toEqual([[10n, 10n], 5])
      expect(await bring(ledger, 'b')).toMatchObject({ payment: { state: 'settled', reference: 'transaction 1' } })
    })
  })

  describe('a gate that is killed', () => {
    it.each([
      ['before it begins', undefined, 0, [10n, 0n]],
      ['before it asks', 'before asking', 1, [10n, 10n]],
      ['before it tells', 'before telling', 2, [10n, 10n]],
    ] as const)('%s leaves a payment that the alarm alone ends', async (_when, killed, asked, amounts) => {
      await bring(ledger, 'a')
      if (killed !== undefined) await settle(ledger, 'a', bank, killed)
      await driver.evict(name)
      await ringUntil(driver, name, LATER + 9 * MINUTE)
      expect(bank.asked).toHaveLength(asked)
      await ringUntil(driver, name, LATER + 11 * MINUTE)
      expect([await kept(), bank.crowd]).toEqual([amounts, Math.min(1, asked)])
    })

    it('before anything is told of the delivery leaves a payment that is good for the same request', async () => {
      await bring(ledger, 'a')
      await settle(ledger, 'a', bank)
      await driver.evict(name)
      await ringUntil(driver, name, LATER + 11 * MINUTE)
      expect([stateOf(await bring(ledger, 'b')), stateOf(await bring(ledger, 'c', 'GET /b'))]).toEqual([
        'settled',
        'payment-spent',
      ])
    })
  })

  describe('many retries of a payment of which nobody knows', () => {
    it('have it asked for once at a time, and nobody is asked to pay again', async () => {
      bank.isUp = false
      await bring(ledger, 'a')
      await settle(ledger, 'a', bank)
      const retries = await Promise.all(Array.from({ length: 20 }, (_, index) => bring(ledger, `b${index}`)))
      expect(retries.map(stateOf)).toEqual(['settling', ...Array.from({ length: 19 }, () => 'settlement-unknown')])
      vi.setSystemTime(LATER + 5 * SECOND)
      await driver.ring(name)
      expect(bank.asked).toHaveLength(1)
      bank.isUp = true
      expect(await settle(ledger, 'b0', bank)).toBeUndefined()
      const settlement = await bank.settle(PAYMENT, 2)
      await ledger.endSettlement({ charge: 'a', request: 'b0', settlement })
      expect(valueOf(await ledger.beginSettlement({ charge: 'a', request: 'b1' }))).toMatchObject({ kind: 'refused' })
      expect([bank.asked.length, bank.crowd]).toEqual([2, 1])
    })
  })
}
