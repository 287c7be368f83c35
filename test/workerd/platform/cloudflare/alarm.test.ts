import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { chargeOf, DAY, EUR, MINUTE, ONE } from '../../../ledger/rules/pureledger.ts'
import { LATER, valueOf } from '../../../ledger/host/driver.ts'
import { execute, type Stub } from './driver.ts'
import { ledgerOf } from '../../objects.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: LATER })
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** When the alarm is set to ring. */
function alarmOf(ledger: Stub): Promise<number | null> {
  return runInDurableObject(ledger, (_ledger: LedgerObject, { storage }) => storage.getAlarm())
}

/** Has every alarm that is set ring in its turn, until that time. Gives how often one did. */
async function ringUntil(ledger: Stub, end: number): Promise<number> {
  for (let rings = 0; ; rings++) {
    const next = await alarmOf(ledger)
    if (next === null || next > end) return rings
    vi.setSystemTime(Math.max(next, Date.now()))
    expect(await runDurableObjectAlarm(ledger)).toBe(true)
  }
}

describe('an account of which nobody hears any more', () => {
  it.each(['head', 'charges', 'records'])(
    'is closed in the end, though its storage could write no %s for ten minutes',
    async (table) => {
      const ledger = ledgerOf(`failing ${table}`)
      await ledger.charge(chargeOf('first', LATER, { counts: ONE }))
      const events = ['INSERT', 'UPDATE'].map((verb) => [`broken_${verb}`, verb])
      await execute(
        ledger,
        ...events.map(
          ([name, verb]) =>
            `CREATE TRIGGER ${name} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
        ),
      )
      // The platform gives up an alarm that threw six times. One that rings often enough to find that out does not throw.
      const due = (await alarmOf(ledger)) ?? 0
      expect(await ringUntil(ledger, due + 10 * MINUTE)).toBeGreaterThan(4)
      await execute(ledger, ...events.map(([name]) => `DROP TRIGGER ${name}`))
      await ringUntil(ledger, due + 30 * MINUTE)
      expect(valueOf(await ledger.read({}))).toMatchObject({ totals: { unsettled: 1 }, unsettled: [{ id: 'first' }] })
    },
  )
})

describe('a ledger whose configuration names nobody to tell', () => {
  const { SILENT } = env as unknown as { readonly SILENT: DurableObjectNamespace<LedgerObject> }

  async function use(ledger: Stub, id: string): Promise<void> {
    await ledger.charge(chargeOf(id, Date.now(), { price: EUR(1n), counts: ONE }))
    await ledger.amend({ charge: id, request: id, delivery: 'complete' })
  }

  it('keeps what was to be told for a week, in which it may be that nobody is named by mistake', async () => {
    const ledger = SILENT.getByName('left out by mistake')
    await ledger.grant({ id: 'g', ...EUR(10n) })
    await use(ledger, 'first')
    const amount = `{"counts":[],"uses":0}`
    const row = `{"position":1,"id":"x/charge","kind":"charge","charge":"x","at":${LATER},"kept":${amount},"change":${amount},"facts":{}}`
    await execute(ledger, `INSERT INTO records VALUES (1, '${row}')`)
    await evictDurableObject(ledger)
    await use(ledger, 'second')
    await ringUntil(ledger, LATER + 7 * DAY - MINUTE)
    expect(valueOf(await ledger.takeOutbox(10))).toMatchObject([{ id: 'x/charge' }])
    await ringUntil(ledger, LATER + 7 * DAY)
    expect(valueOf(await ledger.takeOutbox(10))).toEqual([])
  })

  it('drops with its next alarm what was kept for longer', async () => {
    const ledger = SILENT.getByName('full')
    await ledger.grant({ id: 'g', ...EUR(100n) })
    await use(ledger, 'first')
    const row = `'{"position":0,"id":"x/charge","kind":"charge","charge":"x","at":0,"kept":{"counts":[],"uses":0},"change":{"counts":[],"uses":0},"facts":{}}'`
    await execute(
      ledger,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12345)
       INSERT INTO records SELECT i, json_set(${row}, '$.position', i) FROM n`,
    )
    await evictDurableObject(ledger)
    await ledger.read({})
    await ringUntil(ledger, LATER + MINUTE)
    expect(valueOf(await ledger.takeOutbox(10))).toEqual([])
    expect(valueOf(await ledger.read({}))).toMatchObject({ credit: [EUR(99n)] })
  })
})
