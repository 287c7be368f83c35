/** Keeps and finds what is looked up by name: charges under idempotency keys, grants, issued credentials, the audit, and notes of signed acts. */
import type { Charge, LedgerChange } from '../rules/book.ts'
import type { AuditRecord } from '../rules/audit.ts'
import { DAY_MS } from '../rules/calendar.ts'
import type { CreditGrant, CreditTaking } from '../rules/creditrows.ts'
import { credentialOf, type IssuedCredential, plainCredential, type PlainCredential } from '../rules/credentials.ts'
import type { SignedAct, SignedNotes } from '../rules/signedacts.ts'
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

/** Writes a change of what has a table of its own. Returns false for any other change. */
export function writeNamed(storage: JournalStorage, change: LedgerChange): boolean {
  if (change.table === 'audit') storage.putAudit(change.key, encodeText(change.row))
  else if (change.table === 'grants') writeGrant(storage, change.key, change.row)
  else if (change.table === 'credentials') writeCredential(storage, change.key, change.row)
  else if (change.table === 'signed') storage.putSigned(change.day, change.key, encodeText(change.row))
  else if (change.table === 'signedDays') storage.dropSignedBefore(change.before)
  else return false
  return true
}

function writeGrant(storage: JournalStorage, id: string, row: CreditGrant | CreditTaking | undefined): void {
  if (row === undefined) storage.dropGrant(id)
  else storage.putGrant(id, row.at, 'asked' in row ? encodeTaking(row) : encodeGrant(row))
}

function writeCredential(storage: JournalStorage, id: string, credential: IssuedCredential | undefined): void {
  if (credential === undefined) storage.dropCredential(id)
  else storage.putCredential(id, encodeText(plainCredential(credential)))
}

/** The last members are left out if they and all after them are empty. */
type PlainGrant = readonly [
  id: string,
  at: number,
  units: string,
  currency: string,
  undone?: string,
  signedBy?: string,
  taken?: string,
  awaited?: readonly string[],
]

/** A taking has a place among the grants, as one of less than nothing. */
type PlainTaking = readonly [id: string, at: number, minus: string, currency: string, taken?: string, of?: string]

function encodeGrant({ id, at, units, currency, undone, signedBy, taken, awaited }: CreditGrant): string {
  const more = [undone, signedBy, taken, awaited].map((value) => (typeof value === 'bigint' ? String(value) : value))
  const last = more.findLastIndex((value) => value !== undefined)
  return encodeText([id, at, String(units), currency, ...more.slice(0, last + 1).map((value = '') => value)])
}

export function findGrant(storage: JournalStorage, name: string): CreditGrant | undefined {
  const text = storage.grant(name)
  if (text === undefined) return undefined
  const [id, at, units, currency, undone = '', signedBy = '', taken = '', awaited] = decodeText(text) as PlainGrant
  if (units.startsWith('-')) return undefined
  return {
    id,
    at,
    units: BigInt(units),
    currency,
    ...(undone !== '' && { undone: BigInt(undone) }),
    ...(signedBy !== '' && { signedBy }),
    ...(taken !== '' && { taken: BigInt(taken) }),
    ...(awaited && { awaited }),
  }
}

function encodeTaking({ id, at, asked, currency, of, taken }: CreditTaking): string {
  const said = taken === undefined ? '' : String(taken)
  return encodeText([id, at, `-${asked}`, currency, said, ...(of === undefined ? [] : [of])])
}

export function findTaking(storage: JournalStorage, name: string): CreditTaking | undefined {
  const text = storage.grant(name)
  if (text === undefined) return undefined
  const [id, at, minus, currency, taken = '', of] = decodeText(text) as PlainTaking
  if (!minus.startsWith('-')) return undefined
  const asked = -BigInt(minus)
  return { id, at, asked, currency, ...(of !== undefined && { of }), ...(taken !== '' && { taken: BigInt(taken) }) }
}

export function findCredential(storage: JournalStorage, id: string): IssuedCredential | undefined {
  const text = storage.credential(id)
  return text === undefined ? undefined : decodeCredential(text)
}

/** Returns the notes of signed acts in a storage. */
export function signedNotes(storage: JournalStorage): SignedNotes {
  const decode = (text: string): SignedAct => decodeText(text) as SignedAct
  return {
    find(day, key) {
      const text = storage.signed(day, key)
      return text === undefined ? undefined : decode(text)
    },
    // "!" is the character after the space that ends a thumbprint.
    after: (day, signedBy, key = `${signedBy} `, most) =>
      storage.signedBetween(day, key, `${signedBy}!`, most).map(decode),
  }
}

export function decodeCredential(text: string): IssuedCredential {
  return credentialOf(decodeText(text) as PlainCredential)
}

export function decodeAudit(text: string): AuditRecord {
  return decodeText(text) as AuditRecord
}
