import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { exactRate } from '../../../src/access/ratelimit.ts'
import type { ChargeOutcome } from '../../../src/ledger/rules/commands.ts'
import type { LedgerRecord } from '../../../src/ledger/rules/record.ts'
import { answersContract } from './answers.ts'
import { chargeOf, DAY, EUR, HOUR, limit, MINUTE, ONE } from '../rules/pureledger.ts'
import { chargeAll, LATER, type LedgerDriver, ringUntil, valueOf } from './driver.ts'
import { reverseContract } from './reverse-contract.ts'
import { silentContract } from './silent-contract.ts'
import { eraseContract } from './erase-contract.ts'
import { historyContract } from './history-contract.ts'
import { ordersContract } from './orders-contract.ts'
import { tellingContract } from './telling-contract.ts'
import { togetherContract } from './together-contract.ts'

function countOf(outcomes: readonly ChargeOutcome[], kind: ChargeOutcome['kind']): number {
  return outcomes.filter((outcome) => outcome.kind === kind).length
}

/** What every platform's ledgers are held to. */
export function ledgerContract(driver: LedgerDriver): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: LATER })
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })
  describe('five hundred at once', () => atOnce(driver))
  describe('commands in one call', () => togetherContract(driver))
  describe('a store that fails', () => failing(driver))
  describe('a ledger', () => living(driver))
  describe('records', () => tellingContract(driver))
  describe('a kept answer', () => answersContract(driver))
  describe('a charge given back', () => reverseContract(driver))
  describe('a ledger whose configuration names nobody to tell any more', () => silentContract(driver))
  describe('the history', () => historyContract(driver))
  describe('an account', () => eraseContract(driver))
  describe('orders: a ledger', () => ordersContract(driver))
}

function atOnce(driver: LedgerDriver): void {
  it('of a receipt with three uses: three are let through', async () => {
    const ledger = await driver.open('receipt')
    const outcomes = await chargeAll(ledger, 500, { receipt: { uses: 3 }, expires: LATER + DAY })
    expect(countOf(outcomes, 'charged')).toBe(3)
    expect(new Set(outcomes.slice(3).map((outcome) => outcome.kind === 'refused' && outcome.reason))).toEqual(
      new Set(['payment-spent']),
    )
    const records = valueOf(await ledger.takeOutbox(1000))
    expect(records.map(({ id }) => id)).toEqual(['c0/charge', 'c1/charge', 'c2/charge'])
  })

  it('of a credit of a hundred units: a hundred are let through', async () => {
    const ledger = await driver.open('credit')
    await ledger.grant({ id: 'g', ...EUR(100n) })
    expect(countOf(await chargeAll(ledger, 500, { price: EUR(1n) }), 'charged')).toBe(100)
    expect(valueOf(await ledger.read({}))).toMatchObject({
      credit: [EUR(0n)],
      totals: { charges: 100, money: [{ name: 'EUR', units: 100n }] },
    })
  })

  it('of a quota over three windows: as many as the smallest has, and all of them count it', async () => {
    const ledger = await driver.open('quota')
    const limits = [limit(120n, 3600), limit(70n, 86_400, { kind: 'sliding' }), limit(1000n, 'P1M', { anchor: 0 })]
    expect(countOf(await chargeAll(ledger, 500, { counts: ONE, limits }), 'charged')).toBe(70)
    const read = valueOf(await ledger.read({ limits }))
    expect(read.limits.map(({ remaining }) => remaining)).toEqual([50n, 0n, 930n])
    expect(read.totals.counts).toEqual([{ name: 'requests', units: 70n }])
  })

  it('of a rate of a hundred: a hundred are let through, and nothing but the count is kept', async () => {
    const ledger = await driver.open('rate')
    const rates = [exactRate(100, 60, '/api/*'), exactRate(5000, 3600, '/api/*')]
    const outcomes = await chargeAll(ledger, 500, { rates })
    expect(countOf(outcomes, 'charged')).toBe(100)
    expect(outcomes.at(-1)).toMatchObject({ reason: 'too-many-requests', retryAfterSeconds: 61 })
    await driver.evict('rate')
    expect(countOf(await chargeAll(ledger, 5, { rates }), 'charged')).toBe(0)
    vi.setSystemTime(LATER + 61 * 1000)
    expect(countOf(await chargeAll(ledger, 101, { rates }), 'charged')).toBe(100)
    expect(valueOf(await ledger.read({ limits: rates }))).toMatchObject({
      limits: [{ remaining: 0n }, { remaining: 4800n }],
      recent: [],
      totals: { charges: 0 },
    })
  })

  it('that are settled as they come: the sums are exact', async () => {
    const ledger = await driver.open('settled')
    await ledger.grant({ id: 'g', ...EUR(1000n) })
    const outcomes = await chargeAll(ledger, 500, { price: EUR(2n) })
    const amended = await Promise.all(
      outcomes.map((_, n) => {
        const id = `c${n}`
        return ledger.amend({ charge: id, request: id, delivery: n % 2 === 0 ? 'complete' : 'none' })
      }),
    )
    expect(amended.every((answer) => valueOf(answer).kind === 'amended')).toBe(true)
    const read = valueOf(await ledger.read({}))
    expect(read).toMatchObject({ credit: [EUR(500n)], totals: { money: [{ name: 'EUR', units: 500n }] } })
    const records = valueOf(await ledger.takeOutbox(2000))
    expect(records).toHaveLength(1000)
    expect(records.reduce((sum, { change }) => sum + (change.price?.units ?? 0n), 0n)).toBe(500n)
  })
}

function failing(driver: LedgerDriver): void {
  it('fails the command, and what is in memory does not run ahead of it', async () => {
    const ledger = await driver.open('broken')
    await ledger.grant({ id: 'g', ...EUR(10n) })
    const limits = [limit(10n, 'P1D')]
    const command = chargeOf('first', LATER, { price: EUR(4n), counts: ONE, limits })
    const repair = await driver.breakStore('broken')
    const answers = await Promise.all([ledger.charge(command), ledger.read({ limits })])
    expect(answers[0]).toEqual({ ok: false, error: 'ledger-unavailable' })
    expect(valueOf(await ledger.read({ limits }))).toMatchObject({
      credit: [EUR(10n)],
      limits: [{ remaining: 10n }],
      recent: [],
    })
    await repair()
    expect(valueOf(await ledger.charge(command))).toMatchObject({ kind: 'charged', isRepeat: false, credit: EUR(6n) })
  })

  it('for ten minutes leaves a ledger closed in the end of which nobody hears any more', async () => {
    const ledger = await driver.open('failing')
    await ledger.charge(chargeOf('first', LATER, { counts: ONE }))
    const repair = await driver.breakStore('failing')
    // Platforms give up an alarm that threw often enough. One that rings often enough to find that out does not throw.
    const due = (await driver.alarmAt('failing')) ?? 0
    expect(await ringUntil(driver, 'failing', due + 10 * MINUTE)).toBeGreaterThan(4)
    await repair()
    await ringUntil(driver, 'failing', due + 30 * MINUTE)
    expect(valueOf(await ledger.read({}))).toMatchObject({ totals: { unsettled: 1 }, unsettled: [{ id: 'first' }] })
  })

  it('shows billing the same records again only after a while', async () => {
    const shown: number[] = []
    const sink = async (records: readonly LedgerRecord[]): Promise<number[]> => {
      shown.push(Date.now() - LATER)
      return records.map(({ position }) => position)
    }
    const ledger = await driver.open('broken outbox', { sinks: new Map([['billing', sink]]) })
    await ledger.charge(chargeOf('first', LATER))
    const repair = await driver.breakStore('broken outbox')
    for (const ms of [5_000, 10_000, 35_000]) {
      vi.setSystemTime(LATER + ms)
      await driver.ring('broken outbox')
      if (ms === 10_000) await repair()
    }
    expect(shown).toEqual([5_000, 35_000])
    expect(valueOf(await ledger.takeOutbox(10))).toEqual([])
  })
}

function living(driver: LedgerDriver): void {
  it('that is let go of knows what it knew', async () => {
    const ledger = await driver.open('evicted')
    await ledger.grant({ id: 'g', ...EUR(10n) })
    const limits = [limit(3n, 60, { kind: 'sliding' })]
    const facts = { route: 'n:5', zone: 's:x', text: 'n:', big: 9_007_199_254_740_991 }
    await ledger.charge(chargeOf('first', LATER, { price: EUR(4n), counts: ONE, limits, facts }))
    const before = valueOf(await ledger.read({ limits }))
    await driver.evict('evicted')
    expect(valueOf(await ledger.read({ limits }))).toEqual(before)
    expect(before.recent).toMatchObject([{ id: 'first', facts }])
  })

  it('closes what was forgotten when its alarm rings', async () => {
    const ledger = await driver.open('alarm')
    await ledger.charge(chargeOf('first', LATER))
    await driver.evict('alarm')
    vi.setSystemTime(LATER + 2 * MINUTE)
    expect(await driver.ring('alarm')).toBe(true)
    expect(valueOf(await ledger.read({})).unsettled.map(({ id }) => id)).toEqual(['first'])
  })

  it('of a receipt that is over keeps nothing at all', async () => {
    const ledger = await driver.open('over')
    await ledger.charge(chargeOf('first', LATER, { receipt: { uses: 1 }, expires: LATER + HOUR }))
    await ledger.amend({ charge: 'first', request: 'first', delivery: 'complete' })
    await ledger.flushed([1, 2])
    for (const later of [HOUR, HOUR + DAY]) {
      vi.setSystemTime(LATER + later)
      await driver.ring('over')
    }
    expect(await driver.isEmpty('over')).toBe(true)
    expect(await driver.ring('over')).toBe(false)
    expect(valueOf(await ledger.read({})).recent).toEqual([])
  })

  it('that was only asked about keeps nothing at all, and rings again for what comes after', async () => {
    const ledger = await driver.open('asked')
    await ledger.statements('a token')
    vi.setSystemTime(LATER + MINUTE)
    expect(await driver.ring('asked')).toBe(true)
    expect(await driver.isEmpty('asked')).toBe(true)
    vi.setSystemTime(LATER + HOUR)
    await ledger.charge(chargeOf('first', Date.now()))
    vi.setSystemTime(LATER + 2 * HOUR)
    expect(await driver.ring('asked')).toBe(true)
    expect(valueOf(await ledger.read({})).unsettled.map(({ id }) => id)).toEqual(['first'])
  })

  it('that only counts under a rate keeps the counts for as long as they matter, and nothing after', async () => {
    const ledger = await driver.open('only rated')
    const rates = [exactRate(2, 3600, '/x')]
    const ask = async (id: string): Promise<string> =>
      valueOf(await ledger.charge(chargeOf(id, Date.now(), { rates }))).kind
    await ledger.recordStatement({ entries: [{ entry: { revokedAt: LATER / 1000 - 100 } }], longestTokenSeconds: 130 })
    expect([await ask('a'), await ask('b'), await ask('c')]).toEqual(['charged', 'charged', 'refused'])
    vi.setSystemTime(LATER + MINUTE)
    expect(await driver.ring('only rated')).toBe(true)
    expect(await ask('d')).toBe('refused')
    vi.setSystemTime(LATER + 3 * HOUR)
    expect(await driver.ring('only rated')).toBe(true)
    expect(await driver.isEmpty('only rated')).toBe(true)
  })

  it('gets an alarm anew when it is next asked, if the platform has lost it', async () => {
    const ledger = await driver.open('lost')
    await ledger.charge(chargeOf('first', LATER))
    await driver.loseAlarm('lost')
    vi.setSystemTime(LATER + 60 * MINUTE)
    await ledger.read({})
    expect(await driver.alarmAt('lost')).not.toBeNull()
    await driver.loseAlarm('lost')
    await driver.evict('lost')
    await ledger.statements(undefined)
    expect(await driver.alarmAt('lost')).not.toBeNull()
  })
}
