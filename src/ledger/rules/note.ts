import { asItStands } from '../../standing/rules/asitstands.ts'
import { type Entry, join } from '../../standing/rules/standing.ts'
import type { StatementNotice } from './statementcommands.ts'
import { NOTHING } from './amount.ts'
import type { Applied, Book, LedgerChange, EntryRow } from './book.ts'
import type { RecordStatementCommand, RecordStatementOutcome, Statements } from './statementcommands.ts'
import type { ChargeRefused, SignedProof } from './commands.ts'
import type { LedgerRecord } from './record.ts'
import { judgeStanding } from '../../access/entitlement.ts'

/** Joins statements about the account or its tokens to the known ones. Repeating them changes nothing. */
export function recordStatement(
  book: Book,
  { entries, longestTokenSeconds, isForGood, notice }: RecordStatementCommand,
  now: number,
): Applied<RecordStatementOutcome> {
  const noted = new Map<string, Entry>()
  const changes: LedgerChange[] = []
  for (const { token = '', entry } of entries) {
    const known = noted.get(token) ?? book.entries.get(token)?.entry
    noted.set(token, known === undefined ? entry : join(known, entry))
  }
  for (const [key, entry] of noted) {
    const known = book.entries.get(key)
    const staysForGood = key === '' && (isForGood ?? known?.isForGood)
    const row: EntryRow = { entry, longestTokenSeconds, ...(staysForGood && { isForGood: true }) }
    if (!isSame(known, row)) changes.push({ table: 'entries', key, row })
  }
  const outcome = [...noted].map(([token, entry]) => (token === '' ? { entry } : { token, entry }))
  const told = notice === undefined || changes.length === 0 ? [] : noticed(book, notice, now)
  return { outcome: { entries: outcome }, changes: [...changes, ...told] }
}

function noticed(book: Book, { anomaly, facts }: StatementNotice, at: number): readonly LedgerChange[] {
  const position = book.head.position + 1
  const { reference } = anomaly
  const names = { position, id: `${reference}/anomaly`, kind: 'anomaly' as const, charge: reference }
  const amounts = { kept: NOTHING, change: NOTHING }
  const row: LedgerRecord = { ...names, at, repeats: undefined, delivery: undefined, ...amounts, anomaly, facts }
  return [
    { table: 'head', row: { ...book.head, position } },
    { table: 'records', key: position, row },
  ]
}

function isSame(one: EntryRow | undefined, other: EntryRow): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other)
}

/** Returns the statements about the account and one token. Changes nothing. */
export function statements(book: Book, token: string | undefined): Applied<Statements> {
  const ofToken = token === undefined ? undefined : book.entries.get(token)?.entry
  return { outcome: { ofAccount: book.entries.get('')?.entry, ofToken }, changes: [] }
}

/**
 * Returns the reason that a token may no longer pay or be counted at `now` (in milliseconds), by the statements made since it
 * was signed; undefined if it may.
 */
export function checkStanding(
  book: Book,
  proof: SignedProof,
  now: number,
): Pick<ChargeRefused, 'reason' | 'check'> | undefined {
  if (book.entries.size === 0) return undefined
  const ofToken = proof.token === undefined ? undefined : book.entries.get(proof.token)?.entry
  const stands = asItStands(proof, book.entries.get('')?.entry, ofToken, now / 1000, proof.isSpokenFor)
  if (!stands.ok) return refusedFor(stands.error.reason)
  if (stands.value.kind === 'receipt') return undefined
  const { standing, entitlements, opens } = stands.value
  const refused = judgeStanding(standing)
  if (refused !== undefined) return refusedFor(refused.reason)
  const isOpen = opens === undefined || opens.some((name) => entitlements.includes(name))
  return isOpen ? undefined : { reason: 'entitlement-insufficient', check: 'standing' }
}

function refusedFor(said: string): Pick<ChargeRefused, 'reason' | 'check'> {
  const isOther = said === 'payment-declined' || said === 'security-hold' || said === 'credential-expired'
  return { reason: isOther ? said : 'subscription-inactive', check: 'standing' }
}
