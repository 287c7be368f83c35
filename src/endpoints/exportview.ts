import { describeMoney, formatAmount, type MoneyView } from '../core/money.ts'
import { describeCharge, describeCounts, describeCredit, describeDebts, momentOf } from '../ledger/ledgerview.ts'
import type { AuditRecord } from '../ledger/rules/audit.ts'
import { DAY_MS } from '../ledger/rules/calendar.ts'
import type { Units } from '../ledger/rules/commands.ts'
import type { IssuedCredential } from '../ledger/rules/credentials.ts'
import type { CreditTaking } from '../ledger/rules/creditrows.ts'
import type { DailySum } from '../ledger/rules/daily.ts'
import type { HistoryState, LedgerHistory } from '../ledger/rules/history.ts'
import { describeKey } from './keysview.ts'

/** The subject of an export: an account, or the zone alone. */
export interface ExportSubject {
  readonly zone: string
  readonly issuer?: string
  readonly account?: string
}

/** One page of an export. */
export interface ExportPage extends LedgerHistory {
  /** API keys, feeds and sessions. */
  readonly issued: readonly IssuedCredential[]
  readonly audit: readonly AuditRecord[]
}

/**
 * Writes one page of an export as lines of JSON, each with its `kind`. The last line is `page`: without it the page broke
 * off.
 */
export function exportLines(subject: ExportSubject, { state, issued, charges, audit, next }: ExportPage): string {
  const lines = [
    ...(state === undefined ? [] : stateLines(subject, state)),
    ...issued.map(describeIssued),
    ...charges.map((charge) => ({ kind: 'charge', ...describeCharge(charge) })),
    ...audit.map(describeAct),
    { kind: 'page', next: next ?? null },
  ]
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

function stateLines(subject: ExportSubject, state: HistoryState): object[] {
  const { entry, credit, grants, takings = [], totals, days } = state
  const { charges, unsettled, ...sums } = totals
  return [
    {
      kind: 'ledger',
      ...subject,
      statements: entry ?? null,
      credit: describeCredit({ credit }),
      ...describeDebts({ credit }),
      totals: { charges, unsettled, ...describeSums(sums) },
    },
    ...grants.map(({ id, at, units, currency }) => {
      const time = new Date(at).toISOString()
      return units === 0n
        ? { kind: 'erasure', id, time }
        : { kind: 'grant', id, time, ...describeMoney({ units, currency }) }
    }),
    ...takings.map(describeTaking),
    ...days.map(describeDay),
  ]
}

/** Describes credit that was taken back, or is to be once its grant comes. */
function describeTaking({ id, at, asked, currency, of, taken }: CreditTaking): object {
  const amounts = {
    ...describeMoney({ units: asked, currency }),
    taken: formatAmount({ units: taken ?? 0n, currency }),
  }
  return { kind: 'taking', id, time: timeOf(at), ...amounts, grant: of ?? null, isAwaiting: taken === undefined }
}

/**
 * Describes an API key, a feed or a session. A secret is told by its generation and end, and not by its hash; what renews a
 * session is not told.
 */
function describeIssued(one: IssuedCredential): object {
  const { kind, route, path, changedAt, snapshot } = one
  return {
    kind,
    ...describeKey(one),
    ...(route !== undefined && { route }),
    ...(path !== undefined && { path }),
    ...(changedAt !== undefined && { changed: timeOf(changedAt) }),
    ...(snapshot && { renewed: timeOf(snapshot.presentedAt), validUntil: timeOf(snapshot.validUntil) }),
  }
}

function describeAct({ previous: _previous, hash: _hash, at, ...record }: AuditRecord): object {
  return { kind: 'audit', ...record, time: momentOf(at) }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}

function describeDay({ day, counts, money, ...sum }: DailySum): object {
  const date = new Date(day * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length)
  return { kind: 'day', ...sum, day: date, ...describeSums({ counts, money }) }
}

interface SumsView {
  readonly counts: Readonly<Record<string, string>>
  readonly money: readonly MoneyView[]
}

function describeSums({ counts, money }: Record<keyof SumsView, readonly Units[]>): SumsView {
  return {
    counts: describeCounts(counts),
    money: money.map(({ name, units }) => describeMoney({ units, currency: name })),
  }
}
