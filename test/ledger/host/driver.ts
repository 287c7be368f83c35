import { expect, vi } from 'vitest'
import type { LedgerAnswer } from '../../../src/ledger/host/groupcommit.ts'
import type { LedgerOutside } from '../../../src/ledger/host/outside.ts'
import type { ChargeCommand, ChargeOutcome } from '../../../src/ledger/rules/commands.ts'
import type { OutboxOutcome } from '../../../src/ledger/rules/outbox.ts'
import type { BulletinStore, Ledger } from '../../../src/ports.ts'
import type { Result } from '../../../src/core/result.ts'
import { chargeOf } from '../rules/pureledger.ts'

/** When the tests of hosts take place: so late that a platform with a clock of its own rings no alarm by itself. */
export const LATER = Date.UTC(2040, 0, 15, 12)

export interface HostedLedger extends Ledger, BulletinStore {
  takeOutbox(most: number): Promise<LedgerAnswer<OutboxOutcome>>
  flushed(positions: readonly number[]): Promise<LedgerAnswer<undefined>>
}

/** What a suite does to the ledgers of one platform. The clock is that of `Date`, which the suite moves. */
export interface LedgerDriver {
  /** The ledger of that name. What it may reach outside is said the first time; what is said later counts once it is evicted. */
  open(name: string, outside?: Partial<LedgerOutside>): Promise<HostedLedger>
  /** Runs within the process of the ledger: a call from outside that throws is also written to the console. */
  within<T>(name: string, work: (ledger: HostedLedger) => Promise<T>): Promise<T>
  /** Lets go of all that is in memory. */
  evict(name: string): Promise<void>
  /** When the alarm is set to ring; null if it is not. */
  alarmAt(name: string): Promise<number | null>
  /** Rings the alarm if it is set, at whatever time. False if it is not. */
  ring(name: string): Promise<boolean>
  /** Loses the alarm, as platforms do. */
  loseAlarm(name: string): Promise<void>
  /** Fails every commit that writes, until what it gives is called. */
  breakStore(name: string): Promise<() => Promise<void>>
  /** True if the store keeps nothing at all. */
  isEmpty(name: string): Promise<boolean>
}

export function valueOf<T>(answer: Result<T, string>): T {
  if (!answer.ok) throw new Error(answer.error)
  return answer.value
}

/** Has every alarm that is set ring in its turn, until that time. Gives how often one did. */
export async function ringUntil(driver: LedgerDriver, name: string, end: number): Promise<number> {
  for (let rings = 0; ; rings++) {
    const next = await driver.alarmAt(name)
    if (next === null || next > end) return rings
    vi.setSystemTime(Math.max(next, Date.now()))
    expect(await driver.ring(name)).toBe(true)
  }
}

/** So many charges at once, and their outcomes in order. */
export async function chargeAll(
  ledger: HostedLedger,
  count: number,
  command: Partial<ChargeCommand>,
): Promise<ChargeOutcome[]> {
  const commands = Array.from({ length: count }, (_, index) => chargeOf(`c${index}`, Date.now(), command))
  return (await Promise.all(commands.map((each) => ledger.charge(each)))).map((answer) => valueOf(answer))
}
