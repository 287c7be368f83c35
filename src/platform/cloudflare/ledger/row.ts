import type { Charge, EntryRow, CreditGrant, Head } from '../../../ledger/rules/book.ts'
import type { LedgerRecord } from '../../../ledger/rules/record.ts'
import type { Series } from '../../../ledger/rules/series.ts'

/** Writes a row as JSON. A bigint becomes a string `n:…`, and a string with such a beginning is escaped. */

export function encodeRow(row: object): string {
  return JSON.stringify(row, (_key, value: unknown) => {
    if (typeof value === 'bigint') return `n:${value}`
    return typeof value === 'string' && TAGGED.test(value) ? `s:${value}` : value
  })
}

const TAGGED = /^[ns]:/

/** Reads a row that `encodeRow` wrote. */
export function parseRow(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'string') return value
    if (value.startsWith('n:')) return BigInt(value.slice(2))
    return value.startsWith('s:') ? value.slice(2) : value
  })
}

// Only this Worker writes rows, so their types are trusted.
export const toHead = (text: string): Head => parseRow(text) as Head
export const toSeries = (text: string): Series => parseRow(text) as Series
export const toCharge = (text: string): Charge => parseRow(text) as Charge
export const toGrant = (text: string): CreditGrant => parseRow(text) as CreditGrant
export const toRecord = (text: string): LedgerRecord => parseRow(text) as LedgerRecord
export const toEntry = (text: string): EntryRow => parseRow(text) as EntryRow
