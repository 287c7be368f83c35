import { expect, it, vi } from 'vitest'
import { chargeOf, DAY, MINUTE } from '../rules/pureledger.ts'
import { chargeAll, type HostedLedger, LATER, type LedgerDriver, ringUntil, valueOf } from './driver.ts'

/** What holds if the configuration names no sink, or none any more. */
export function silentContract(driver: LedgerDriver): void {
  /** A ledger with two records of each of so many charges, for sinks that are not named now. */
  async function after(name: string, count: number): Promise<HostedLedger> {
    const before = await driver.open(name, { hasOutbox: true })
    const ids = (await chargeAll(before, count, {})).map((_, n) => `c${n}`)
    await Promise.all(ids.map((id) => before.amend({ charge: id, request: id, delivery: 'complete' })))
    const ledger = await driver.open(name, { hasOutbox: false })
    await driver.evict(name)
    return ledger
  }

  async function use(ledger: HostedLedger, id: string): Promise<void> {
    await ledger.charge(chargeOf(id, Date.now()))
    await ledger.amend({ charge: id, request: id, delivery: 'complete' })
  }

  it('keeps what was to be told for a week, in which it may be that nobody is named by mistake', async () => {
    const ledger = await after('left out by mistake', 1)
    await use(ledger, 'second')
    await ringUntil(driver, 'left out by mistake', LATER + 7 * DAY - MINUTE)
    expect(valueOf(await ledger.takeOutbox(10)).map(({ id }) => id)).toEqual(['c0/charge', 'c0/amend'])
    await ringUntil(driver, 'left out by mistake', LATER + 7 * DAY)
    expect(valueOf(await ledger.takeOutbox(10))).toEqual([])
  })

  it('drops with its next alarm what was kept for longer, and nothing of what comes after', async () => {
    const ledger = await after('full', 150)
    vi.setSystemTime(LATER + 8 * DAY)
    await use(ledger, 'second')
    await ringUntil(driver, 'full', LATER + 8 * DAY + MINUTE)
    expect(valueOf(await ledger.takeOutbox(10))).toEqual([])
    await driver.open('full', { hasOutbox: true })
    await driver.evict('full')
    await use(ledger, 'third')
    expect(valueOf(await ledger.takeOutbox(10)).map(({ id }) => id)).toEqual(['third/charge', 'third/amend'])
  })
}
