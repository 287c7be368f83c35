import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { chargeOf, MINUTE, ONE } from '../../../ledger/rules/pureledger.ts'
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
  it('is closed in the end, though its storage could write nothing for ten minutes', async () => {
    const ledger = ledgerOf('failing')
    await ledger.charge(chargeOf('first', LATER, { counts: ONE }))
    const events = ['INSERT', 'UPDATE'].map((verb) => [`broken_${verb}`, verb])
    await execute(
      ledger,
      ...events.map(
        ([name, verb]) => `CREATE TRIGGER ${name} BEFORE ${verb} ON head BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
      ),
    )
    // The platform gives up an alarm that threw six times. One that rings often enough to find that out does not throw.
    const due = (await alarmOf(ledger)) ?? 0
    expect(await ringUntil(ledger, due + 10 * MINUTE)).toBeGreaterThan(4)
    await execute(ledger, ...events.map(([name]) => `DROP TRIGGER ${name}`))
    await ringUntil(ledger, due + 30 * MINUTE)
    expect(valueOf(await ledger.read({}))).toMatchObject({ totals: { unsettled: 1 }, unsettled: [{ id: 'first' }] })
  })
})
