import type { Charge, EntryRow, Head } from '../rules/book.ts'
import type { DailySum } from '../rules/daily.ts'
import type { LedgerRecord } from '../rules/record.ts'
import type { Series } from '../rules/series.ts'
import {
  encodeCharge,
  encodeHead,
  encodeRecord,
  encodeSums,
  encodeText,
  FactsTable,
  type PlainChanges,
  type PlainRecords,
} from './codec.ts'
import { encodeSeries } from './limitcodec.ts'

/** The changes of one commit, each subject once. */
export interface CommitChanges {
  readonly head: Head | undefined
  readonly series: ReadonlyMap<string, Series | undefined>
  readonly entries: ReadonlyMap<string, EntryRow | undefined>
  readonly days: ReadonlyMap<string, DailySum | undefined>
  readonly charges: readonly Charge[]
  readonly records: readonly LedgerRecord[]
}

/** The content of one row, and what it holds. */
export interface EncodedRow {
  readonly changes: string
  readonly records: string
  readonly charges: readonly Charge[]
  readonly lastRecord: number | undefined
}

/** The most characters of one row that has several changes. Three bytes each are less than a row may have. */
const MAX_ROW_CHARS = 500_000

export function encodeChanges({ head, series, entries, days, charges }: Omit<CommitChanges, 'records'>): PlainChanges {
  const facts = new FactsTable()
  const sums = [...days.values()].filter((sum) => sum !== undefined)
  const dropped = [...days].filter(([, sum]) => sum === undefined).map(([key]) => key)
  return {
    ...(head === undefined ? {} : { head: encodeHead(head) }),
    ...(series.size === 0 ? {} : { series: Array.from(series, ([key, one]) => pairOf(key, one && encodeSeries(one))) }),
    ...(entries.size === 0 ? {} : { entries: Array.from(entries, ([key, row]) => pairOf(key, row)) }),
    ...(sums.length === 0 ? {} : { days: sums.map(encodeSums) }),
    ...(dropped.length === 0 ? {} : { noDays: dropped }),
    ...(charges.length === 0
      ? {}
      : { charges: charges.map((charge) => encodeCharge(charge, facts)), facts: facts.all }),
  }
}

function pairOf<T>(key: string, value: T | undefined): readonly [string, T?] {
  return value === undefined ? [key] : [key, value]
}

function encodeRecords(records: readonly LedgerRecord[]): string {
  if (records.length === 0) return ''
  const facts = new FactsTable()
  const plain: PlainRecords = { records: records.map((record) => encodeRecord(record, facts)), facts: facts.all }
  return encodeText(plain)
}

/** Encodes a commit: one row, or several if it is too large for one. */
export function encodeRows(commit: CommitChanges): readonly EncodedRow[] {
  const { charges, records, entries } = commit
  const row = { changes: encodeText(encodeChanges(commit)), records: encodeRecords(records), charges }
  const isSmall = row.changes.length + row.records.length <= MAX_ROW_CHARS
  const most = Math.max(charges.length, records.length, entries.size)
  if (isSmall || most <= 1) return [{ ...row, lastRecord: records.at(-1)?.position }]
  const [charges1, charges2] = halves(charges)
  const [records1, records2] = halves(records)
  const [entries1, entries2] = halves([...entries])
  const empty = { head: undefined, series: new Map<string, Series>(), days: new Map<string, DailySum>() }
  return [
    ...encodeRows({ ...empty, charges: charges1, records: records1, entries: new Map(entries1) }),
    ...encodeRows({ ...commit, charges: charges2, records: records2, entries: new Map(entries2) }),
  ]
}

function halves<T>(all: readonly T[]): readonly [readonly T[], readonly T[]] {
  const middle = all.length >> 1
  return [all.slice(0, middle), all.slice(middle)]
}
