/** Keeps and finds what is looked up by name: the latest charge under an idempotency key, and a grant of credit. */
import type { Charge, CreditGrant } from '../rules/book.ts'
import { DAY_MS } from '../rules/calendar.ts'
import { decodeChanges, decodeText, encodeText } from './codec.ts'
import { encodeChanges } from './rows.ts'
import type { JournalStorage } from './storage.ts'

/**
 * Keeps a closed charge under its idempotency key, in the table of the day on which its chain began. A payment's charge is
 * in memory: it is the last one of its ledger.
 */
export function putKeyed(storage: JournalStorage, charge: Charge, now: number): void {
  const { keepUntil, chain, payment } = charge
  if (keepUntil === undefined || chain.idempotency === undefined || payment !== undefined) return
  const empty = { head: undefined, series: new Map(), entries: new Map(), days: new Map() }
  const text = encodeText(encodeChanges({ ...empty, charges: [charge] }))
  storage.putKeyed(dayOf(chain.since), chain.idempotency.key, text)
  storage.dropKeyedBefore(dayOf(now) - 1)
}

/** Returns the closed charge under a key: its chain began today or yesterday. */
export function keyedCharge(storage: JournalStorage, key: string, now: number): Charge | undefined {
  const today = dayOf(now)
  const text = storage.keyed(today, key) ?? storage.keyed(today - 1, key)
  const [change] = text === undefined ? [] : decodeChanges(text)
  return change?.table === 'charges' ? change.row : undefined
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}

export function encodeGrant({ id, at, units, currency }: CreditGrant): string {
  return encodeText([id, at, String(units), currency])
}

export function decodeGrant(text: string): CreditGrant {
  const [id, at, units, currency] = decodeText(text) as [string, number, string, string]
  return { id, at, units: BigInt(units), currency }
}
