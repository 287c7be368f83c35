import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LedgerRecord } from '../../../../src/ledger/rules/record.ts'
import { exactRate } from '../../../../src/access/ratelimit.ts'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { chargeOf, DAY, EUR, HOUR, limit, MINUTE, ONE } from '../../../ledger/rules/desk.ts'
import { ledgerOf } from '../../../support/ledger.ts'
import { chargeAll, countOf, LATER, type Stub, valueOf } from './ledgers.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: LATER }))
afterEach(() => void vi.useRealTimers())

describe('five hundred at once', () => {
  it('of a receipt with three uses: three are let through', async () => {
    const ledger = ledgerOf('receipt')
    const outcomes = await chargeAll(ledger, 500, { receipt: { uses: 3 }, expires: LATER + DAY })
    expect(countOf(outcomes, 'charged')).toBe(3)
    expect(new Set(outcomes.slice(3).map((outcome) => outcome.kind === 'refused' && outcome.reason))).toEqual(
      new Set(['payment-spent']),
    )
    const records = valueOf(await ledger.takeOutbox(1000))
    expect(records.map(({ id }) => id)).toEqual(['c0/charge', 'c1/charge', 'c2/charge'])
  })

  it('of a credit of a hundred units: a hundred are let through', async () => {
    const ledger = ledgerOf('credit')
    await ledger.grant({ id: 'g', ...EUR(100n) })
    expect(countOf(await chargeAll(ledger, 500, { price: EUR(1n) }), 'charged')).toBe(100)
    expect(valueOf(await ledger.read({}))).toMatchObject({
      credit: [EUR(0n)],
      totals: { charges: 100, money: [{ name: 'EUR', units: 100n }] },
    })
  })

  it('of a quota over three windows: as many as the smallest has, and all of them count it', async () => {
    const ledger = ledgerOf('quota')
    const limits = [limit(120n, 3600), limit(70n, 86_400, { kind: 'sliding' }), limit(1000n, 'P1M', { anchor: 0 })]
    expect(countOf(await chargeAll(ledger, 500, { counts: ONE, limits }), 'charged')).toBe(70)
    const read = valueOf(await ledger.read({ limits }))
    expect(read.limits.map(({ remaining }) => remaining)).toEqual([50n, 0n, 930n])
    expect(read.totals.counts).toEqual([{ name: 'requests', units: 70n }])
  })

  it('of a rate of a hundred: a hundred are let through, and no row but its count is written', async () => {
    const ledger = ledgerOf('rate')
    const rates = [exactRate(100, 60, '/api/*'), exactRate(5000, 3600, '/api/*')]
    const outcomes = await chargeAll(ledger, 500, { rates })
    expect(countOf(outcomes, 'charged')).toBe(100)
    expect(outcomes.at(-1)).toMatchObject({ reason: 'too-many-requests', retryAfterSeconds: 61 })
    await evictDurableObject(ledger)
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
    const ledger = ledgerOf('settled')
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
})

/** Lets no row into a table, or out of it, from now on, until what it returns is called. */
async function breakTable(ledger: Stub, table: string, verb = 'INSERT'): Promise<() => Promise<void>> {
  const execute = (query: string) =>
    runInDurableObject(ledger, (_ledger: LedgerObject, { storage }) => void storage.sql.exec(query))
  await execute(`CREATE TRIGGER broken BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
  return () => execute('DROP TRIGGER broken')
}

describe('a storage that fails', () => {
  it('fails the command, and what is in memory does not run ahead of it', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const ledger = ledgerOf('broken')
    await ledger.grant({ id: 'g', ...EUR(10n) })
    const limits = [limit(10n, 'P1D')]
    const command = chargeOf('first', LATER, { price: EUR(4n), counts: ONE, limits })
    const repair = await breakTable(ledger, 'records')
    const answers = await Promise.all([ledger.charge(command), ledger.read({ limits })])
    expect(answers[0]).toEqual({ ok: false, error: 'ledger-unavailable' })
    expect(valueOf(await ledger.read({ limits }))).toMatchObject({
      credit: [EUR(10n)],
      limits: [{ remaining: 10n }],
      recent: [],
    })
    await repair()
    expect(valueOf(await ledger.charge(command))).toMatchObject({ kind: 'charged', isRepeat: false, credit: EUR(6n) })
    expect(error).toHaveBeenCalledOnce()
    error.mockRestore()
  })

  it('does not keep the alarm from coming back', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const ledger = ledgerOf('broken alarm')
    await ledger.charge(chargeOf('first', LATER))
    const repair = await breakTable(ledger, 'records')
    vi.setSystemTime(LATER + HOUR)
    await runInDurableObject(ledger, (instance: LedgerObject) => instance.alarm())
    await repair()
    await runInDurableObject(ledger, (instance: LedgerObject) => instance.alarm())
    expect(valueOf(await ledger.read({})).totals.unsettled).toBe(1)
    error.mockRestore()
  })

  it('shows billing the same records once, and again after a while', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const ledger = ledgerOf('broken outbox')
    const shown: number[] = []
    const sink = async (records: readonly LedgerRecord[]): Promise<number[]> => {
      shown.push(Date.now() - LATER)
      return shown.length > 9 ? [] : records.map(({ position }) => position)
    }
    await runInDurableObject(ledger, (instance: LedgerObject) => void Object.assign(instance, { sink }))
    await ledger.charge(chargeOf('first', LATER))
    const repair = await breakTable(ledger, 'records', 'DELETE')
    for (const ms of [5_000, 10_000, 35_000]) {
      vi.setSystemTime(LATER + ms)
      await runDurableObjectAlarm(ledger)
      if (ms === 10_000) await repair()
    }
    expect(shown).toEqual([5_000, 35_000])
    expect(valueOf(await ledger.takeOutbox(10))).toEqual([])
    error.mockRestore()
  })

  it('is not to blame for a command that makes no sense, nor are the others that come with it', async () => {
    const ledger = ledgerOf('nonsense')
    const commands = [chargeOf('bad', LATER, { counts: [{ name: 'requests', units: -1n }] }), chargeOf('good', LATER)]
    // From within, for a call from outside that throws is also written to the console.
    const [bad, good] = await runInDurableObject(ledger, (instance: LedgerObject) =>
      Promise.allSettled(commands.map((command) => instance.charge(command))),
    )
    expect(bad?.status).toBe('rejected')
    expect(good).toMatchObject({ value: { ok: true, value: { kind: 'charged' } } })
  })
})

describe('an object', () => {
  it('that was evicted knows what it knew', async () => {
    const ledger = ledgerOf('evicted')
    await ledger.grant({ id: 'g', ...EUR(10n) })
    const limits = [limit(3n, 60, { kind: 'sliding' })]
    const facts = { route: 'n:5', zone: 's:x', text: 'n:', big: 9_007_199_254_740_991 }
    await ledger.charge(chargeOf('first', LATER, { price: EUR(4n), counts: ONE, limits, facts }))
    const before = valueOf(await ledger.read({ limits }))
    await evictDurableObject(ledger)
    expect(valueOf(await ledger.read({ limits }))).toEqual(before)
    expect(before.recent).toMatchObject([{ id: 'first', facts }])
  })

  it('closes what was forgotten when its alarm rings', async () => {
    const ledger = ledgerOf('alarm')
    await ledger.charge(chargeOf('first', LATER))
    await evictDurableObject(ledger)
    vi.setSystemTime(LATER + 2 * MINUTE)
    expect(await runDurableObjectAlarm(ledger)).toBe(true)
    expect(valueOf(await ledger.read({})).unsettled.map(({ id }) => id)).toEqual(['first'])
  })

  it('of a receipt that is over deletes everything, tables included', async () => {
    const ledger = ledgerOf('over')
    await ledger.charge(chargeOf('first', LATER, { receipt: { uses: 1 }, expires: LATER + HOUR }))
    await ledger.amend({ charge: 'first', request: 'first', delivery: 'complete' })
    await ledger.flushed([1, 2])
    for (const later of [HOUR, HOUR + DAY]) {
      vi.setSystemTime(LATER + later)
      await runDurableObjectAlarm(ledger)
    }
    expect(await tablesOf(ledger)).toEqual([])
    expect(await runDurableObjectAlarm(ledger)).toBe(false)
    expect(valueOf(await ledger.read({})).recent).toEqual([])
  })

  it('of who was only asked about deletes the tables that were made for that', async () => {
    const ledger = ledgerOf('only asked about')
    await ledger.statements('a token')
    expect(await tablesOf(ledger)).not.toEqual([])
    vi.setSystemTime(LATER + MINUTE)
    expect(await runDurableObjectAlarm(ledger)).toBe(true)
    expect(await tablesOf(ledger)).toEqual([])
  })

  it('that has ended once rings again for what comes after', async () => {
    const ledger = ledgerOf('begun again')
    await ledger.statements('a token')
    vi.setSystemTime(LATER + MINUTE)
    await runDurableObjectAlarm(ledger)
    vi.setSystemTime(LATER + HOUR)
    await ledger.charge(chargeOf('first', Date.now()))
    vi.setSystemTime(LATER + 2 * HOUR)
    expect(await runDurableObjectAlarm(ledger)).toBe(true)
    expect(valueOf(await ledger.read({})).unsettled.map(({ id }) => id)).toEqual(['first'])
  })

  it('of who is only counted under a rate keeps the counts for as long as they matter, and nothing after', async () => {
    const ledger = ledgerOf('only rated')
    const rates = [exactRate(2, 3600, '/x')]
    const ask = async (id: string): Promise<string> =>
      valueOf(await ledger.charge(chargeOf(id, Date.now(), { rates }))).kind
    await ledger.recordStatement({ entries: [{ entry: { revokedAt: LATER / 1000 - 100 } }], longestTokenSeconds: 130 })
    expect([await ask('a'), await ask('b'), await ask('c')]).toEqual(['charged', 'charged', 'refused'])
    vi.setSystemTime(LATER + MINUTE)
    expect(await runDurableObjectAlarm(ledger)).toBe(true)
    expect(await ask('d')).toBe('refused')
    vi.setSystemTime(LATER + 3 * HOUR)
    expect(await runDurableObjectAlarm(ledger)).toBe(true)
    expect(await tablesOf(ledger)).toEqual([])
  })

  it('takes its records to billing by alarm, in order, and again where billing did not answer', async () => {
    const ledger = ledgerOf('sink')
    const shown: string[] = []
    let isUp = false
    const sink = async (records: readonly LedgerRecord[]): Promise<number[]> => {
      shown.push(...records.map(({ id }) => id))
      if (!isUp) throw new Error('billing is down')
      return records.map(({ position }) => position)
    }
    await runInDurableObject(ledger, (instance: LedgerObject) => void Object.assign(instance, { sink }))
    await ledger.charge(chargeOf('first', LATER))
    await ledger.amend({ charge: 'first', request: 'first', delivery: 'complete' })
    const rings = async (ms: number): Promise<number> => {
      vi.setSystemTime(LATER + ms)
      await runDurableObjectAlarm(ledger)
      return valueOf(await ledger.takeOutbox(10)).length
    }
    expect(await rings(5_000)).toBe(2)
    isUp = true
    expect(await rings(10_000)).toBe(2)
    expect(await rings(35_000)).toBe(0)
    const ids = ['first/charge', 'first/amend']
    expect(shown).toEqual([...ids, ...ids])
  })
})

function tablesOf(ledger: Stub): Promise<unknown[]> {
  return runInDurableObject(ledger, (_ledger: LedgerObject, { storage }) =>
    storage.sql
      .exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray(),
  )
}
