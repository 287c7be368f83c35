import type { Charge, CreditGrant } from '../rules/book.ts'
import { decodeChanges, decodeText, encodeText } from './codec.ts'
import { encodeChanges } from './rows.ts'

/** Encodes what is looked up by name: the latest charge under an idempotency key, and a grant of credit. */

export function encodeKeyed(charge: Charge): string {
  return encodeText(
    encodeChanges({ head: undefined, series: new Map(), entries: new Map(), days: new Map(), charges: [charge] }),
  )
}

export function decodeKeyed(text: string): Charge | undefined {
  const [change] = decodeChanges(text)
  return change?.table === 'charges' ? change.row : undefined
}

export function encodeGrant({ id, at, units, currency }: CreditGrant): string {
  return encodeText([id, at, String(units), currency])
}

export function decodeGrant(text: string): CreditGrant {
  const [id, at, units, currency] = decodeText(text) as [string, number, string, string]
  return { id, at, units: BigInt(units), currency }
}
