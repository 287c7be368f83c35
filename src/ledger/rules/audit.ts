/**
 * The audit of a ledger: who did what to the account, in order.
 *
 * A record is written in the transaction of its act, so an act that cannot be recorded is not done. Records are numbered and
 * never change, and each holds the hash of the one before: a record that was removed or altered shows. They stay when the
 * account is erased, so they name operators, issuers and keys, and nothing that identifies the account.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Applied, Book, LedgerChange } from './book.ts'
import type { Facts } from './record.ts'

/** An act upon an account or a zone, to be recorded with its effect. */
export interface Act {
  /** The act's name, as in the log: `hold`, `credit`, `key-disabled`. */
  readonly action: string
  /** The operator's subject, or the issuer of an event. */
  readonly by: string
  /** The RFC 7638 thumbprint of the key that signed the order or event. */
  readonly signedBy?: string
  /** The id of the request that brought the order. */
  readonly request?: string
  /** Further facts. Never a credential. */
  readonly facts?: Facts
}

/** An act as the ledger keeps it. */
export interface AuditRecord extends Act {
  /** The first is 1. */
  readonly number: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** The hash of the record before; empty in the first. */
  readonly previous: string
  /** SHA-256 of everything else in the record, in hexadecimal digits. */
  readonly hash: string
}

/** The last record: the end of the chain. */
export type AuditHead = Pick<AuditRecord, 'number' | 'hash'>

/** Asks for records, the oldest first. */
export interface AuditQuery {
  /** Only records after this number. */
  readonly after?: number
  /** The most records of the answer. */
  readonly most: number
}

export interface AuditPage {
  readonly records: readonly AuditRecord[]
  /** The last record of the ledger; undefined if there is none. */
  readonly last: AuditHead | undefined
}

/** The most records of one answer. */
const MOST_RECORDS = 200

/** Returns a page of the audit. Changes nothing. */
export function audit(book: Book, { after = 0, most }: AuditQuery): Applied<AuditPage> {
  const records = book.audit(after, Math.min(most, MOST_RECORDS))
  return { outcome: { records, last: book.head.audit }, changes: [] }
}

/** Records an act that has no other effect on the ledger. */
export function recordAct(book: Book, act: Act, now: number): Applied<undefined> {
  return { outcome: undefined, changes: withAct(book, act, [], now) }
}

/** Makes a verb record the act of its command. A command that changes nothing, as one that came before, leaves no record. */
export function recorded<C extends { readonly act?: Act }, T>(
  verb: (book: Book, command: C, now: number) => Applied<T>,
): (book: Book, command: C, now: number) => Applied<T> {
  return (book, command, now) => {
    const applied = verb(book, command, now)
    if (command.act === undefined || applied.changes.length === 0) return applied
    return { ...applied, changes: withAct(book, command.act, applied.changes, now) }
  }
}

/** Adds the record of an act to the changes of a command. */
function withAct(book: Book, act: Act, changes: readonly LedgerChange[], now: number): readonly LedgerChange[] {
  const record = recordOf(act, book.head.audit, now)
  const headAt = changes.findLastIndex(({ table }) => table === 'head')
  const changed = changes[headAt]
  const head = changed?.table === 'head' ? changed.row : book.head
  const others = changes.filter((_change, index) => index !== headAt)
  const { number, hash } = record
  return [
    ...others,
    { table: 'head', row: { ...head, audit: { number, hash } } },
    { table: 'audit', key: number, row: record },
  ]
}

function recordOf(act: Act, last: AuditHead | undefined, now: number): AuditRecord {
  const { action, by, signedBy, request, facts } = act
  const unhashed = {
    number: (last?.number ?? 0) + 1,
    at: now,
    action,
    by,
    ...(signedBy !== undefined && { signedBy }),
    ...(request !== undefined && { request }),
    ...(facts !== undefined && { facts }),
    previous: last?.hash ?? '',
  }
  return { ...unhashed, hash: hashOf(unhashed) }
}

/** Hashes the members as an array: their order is part of the format. */
function hashOf({ number, at, action, by, signedBy, request, facts, previous }: Omit<AuditRecord, 'hash'>): string {
  const sorted = facts && Object.entries(facts).toSorted(([one], [other]) => (one < other ? -1 : 1))
  const members = [number, at, action, by, signedBy ?? null, request ?? null, sorted ?? null, previous]
  return bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(members))))
}

/**
 * Returns the number of the first record that is missing, altered or out of order; undefined if all are as they were
 * written. `before` is the record before the first of them.
 */
export function brokenAt(records: readonly AuditRecord[], before?: AuditHead): number | undefined {
  let last = before ?? { number: 0, hash: '' }
  for (const record of records) {
    const isNext = record.number === last.number + 1 && record.previous === last.hash
    if (!isNext || record.hash !== hashOf(record)) return record.number
    last = record
  }
  return undefined
}
