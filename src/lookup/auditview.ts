import type { Result } from '../core/result.ts'
import { type AuditPage, type AuditQuery, type AuditRecord, brokenAt } from '../ledger/rules/audit.ts'
import type { Facts } from '../ledger/rules/record.ts'
import { type Availability, type InstantView, momentOf } from '../ledger/ledgerview.ts'

/** Who did what, as an operator sees it. */
export interface AuditView {
  /** The last ones, latest first. */
  readonly records: readonly AuditRecordView[]
  /** The number of records that there are. */
  readonly total: number
  /** `broken`: a record was removed or altered. `unchecked`: there are too many to check them at once. */
  readonly chain: 'whole' | 'broken' | 'unchecked'
  /** The number of the first record that is not as it was written. */
  readonly brokenAt?: number
}

interface AuditRecordView {
  readonly number: number
  readonly time: InstantView
  readonly action: string
  readonly by: string
  readonly signedBy?: string
  readonly request?: string
  readonly facts?: Facts
}

const MOST_SHOWN = 50
const PAGE = 200
const MOST_PAGES = 25

/** Reads one page of an audit. */
export type ReadAudit = (query: AuditQuery) => Promise<Result<AuditPage, 'ledger-unavailable'>>

/** Reads an audit, and checks its chain from the first record to the last that the ledger says to have. */
export async function readAudit(read: ReadAudit): Promise<Availability<AuditView>> {
  const records: AuditRecord[] = []
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await read({ after: records.at(-1)?.number ?? 0, most: PAGE })
    if (!answer.ok) return 'unavailable'
    records.push(...answer.value.records)
    if (answer.value.records.length < PAGE) return viewOf(records, answer.value.last?.hash)
  }
  return { ...viewOf(records, records.at(-1)?.hash), chain: 'unchecked' }
}

function viewOf(records: readonly AuditRecord[], lastHash: string | undefined): AuditView {
  const last = records.at(-1)
  const isCut = lastHash !== last?.hash
  const broken = brokenAt(records) ?? (isCut ? (last?.number ?? 0) + 1 : undefined)
  return {
    records: records.slice(-MOST_SHOWN).toReversed().map(describeRecord),
    total: records.length,
    chain: broken === undefined ? 'whole' : 'broken',
    ...(broken !== undefined && { brokenAt: broken }),
  }
}

function describeRecord({ previous: _previous, hash: _hash, at, ...record }: AuditRecord): AuditRecordView {
  return { ...record, time: momentOf(at) }
}
