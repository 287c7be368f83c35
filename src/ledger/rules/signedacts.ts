/**
 * What the keys of a zone have signed: events, and orders of operators, by the thumbprint of the key.
 *
 * If a key is stolen, what it signed has to be found, in whichever accounts it took effect. Ledgers cannot be asked all at
 * once, so the zone's own ledger notes each act before it is carried out; one that cannot be noted is not carried out. The
 * notes name accounts, so they are kept by day, and dropped after thirty-five days.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Money } from '../../core/money.ts'
import type { Applied, Book, LedgerChange } from './book.ts'
import type { Act } from './audit.ts'
import { recorded } from './audit.ts'
import { DAY_MS } from './calendar.ts'

/** An act that a key has signed. */
export interface SignedAct {
  /** The RFC 7638 thumbprint of the key. */
  readonly signedBy: string
  /** The event's `jti`, or the id of the request with the order. */
  readonly id: string
  /** When it was noted, in milliseconds since 1970. */
  readonly at: number
  /** Of the account. */
  readonly issuer: string
  readonly account?: string
  /** What the act states or does, in words. */
  readonly states: readonly string[]
  readonly grants: readonly NotedGrant[]
  /** The holds in force that it lifts. */
  readonly lifts: readonly LiftedHold[]
  /** The end of its key, if it came under the id of another act. */
  readonly part?: string
  /** What undoing it came to; absent while nothing is undone. */
  readonly undone?: UndoneAct
}

/** A grant of credit, as its ledger knows it. */
export interface NotedGrant {
  readonly id: string
  /** Decimal digits: the number of 10⁻⁹ of the currency's unit. */
  readonly units: string
  readonly currency: string
}

/** A hold that was lifted: of the account, or of one of its tokens. */
export interface LiftedHold {
  readonly jti?: string
  /** The time of the lift, in seconds since 1970. */
  readonly at: number
}

/** What undoing an act came to. */
export interface UndoneAct {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly credit: readonly UndoneCredit[]
  /** The number of holds that were placed again. */
  readonly holds: number
}

/** The part of a grant that was taken back, and the part that was spent. */
export interface UndoneCredit {
  readonly taken: string
  readonly spent: string
  readonly currency: string
}

/** The days of which there are notes, in days since 1970. */
export interface SignedDays {
  readonly from: number
  readonly to: number
}

const KEPT_DAYS = 35
/** The most notes that one query reads. */
const MOST_READ = 1000

/** A place in the notes of one key: a cursor. */
export interface SignedPlace {
  readonly day: number
  readonly key: string
}

export interface SignedQuery {
  readonly signedBy: string
  /** Milliseconds since 1970. */
  readonly since: number
  readonly after?: SignedPlace
  readonly most: number
  /** True to find those alone that granted credit or lifted a hold, and are not undone yet. */
  readonly isUndoable?: boolean
}

/** A note with its place. */
export interface PlacedAct {
  readonly place: SignedPlace
  readonly act: SignedAct
}

export interface SignedPage {
  readonly acts: readonly PlacedAct[]
  /** The place to go on from; undefined if there are no more. */
  readonly next?: SignedPlace
}

/** Returns the key of a note in its day. Thumbprints are of one length. */
export function signedKey({ signedBy, id, part = id }: Pick<SignedAct, 'signedBy' | 'id' | 'part'>): string {
  return `${signedBy} ${part}`
}

type Noted = Omit<SignedAct, 'at' | 'part' | 'undone'>

/** Returns true if a note says all of an act that came again. A second lift of one hold lifts nothing. */
function isNoteOf(known: SignedAct, act: Noted): boolean {
  return known.id === act.id && effectOf(known) === effectOf(act) && act.lifts.every((lift) => hasLift(known, lift))
}

function hasLift({ lifts }: SignedAct, { jti, at }: LiftedHold): boolean {
  return lifts.some((known) => known.jti === jti && known.at === at)
}

function effectOf({ issuer, account, states, grants }: Noted): string {
  const given = grants.map(({ id, units, currency }) => [id, units, currency])
  return JSON.stringify([issuer, account ?? null, states, given])
}

/** Returns the end of the key of a further act under one id: who has a stolen key gives one id to many. */
function partOf(act: Noted, turn: number): string {
  const lifts = act.lifts.map(({ jti, at }) => [jti ?? null, at])
  return ` ${bytesToHex(sha256(utf8ToBytes(JSON.stringify([turn, act.id, effectOf(act), lifts]))))}`
}

/** Notes an act before it is carried out. One of today that came before changes nothing, whatever else had its id. */
export function noteSigned(book: Book, noted: Noted, now: number): Applied<{ readonly isRepeat: boolean }> {
  const today = Math.floor(now / DAY_MS)
  let act: SignedAct = { ...noted, at: now }
  for (let turn = 1; ; turn += 1) {
    const known = book.signed.find(today, signedKey(act))
    if (known === undefined) break
    if (isNoteOf(known, noted)) return { outcome: { isRepeat: true }, changes: [] }
    act = { ...noted, at: now, part: partOf(noted, turn) }
  }
  const { from = today } = book.head.signed ?? {}
  const oldest = Math.max(from, today - KEPT_DAYS)
  const changes: LedgerChange[] = [
    { table: 'head', row: { ...book.head, signed: { from: oldest, to: today } } },
    { table: 'signed', day: today, key: signedKey(act), row: act },
  ]
  if (from < oldest) changes.push({ table: 'signedDays', before: oldest })
  return { outcome: { isRepeat: false }, changes }
}

/** Returns a page of what a key signed, by day. Changes nothing. */
export function listSigned(book: Book, query: SignedQuery): Applied<SignedPage> {
  const { signedBy, since, after, most, isUndoable = false } = query
  const acts: PlacedAct[] = []
  const { from, to } = book.head.signed ?? { from: 1, to: 0 }
  let left = MOST_READ
  for (let day = Math.max(from, Math.floor(since / DAY_MS), after?.day ?? 0); day <= to; day++) {
    const read = book.signed.after(day, signedBy, day === after?.day ? after.key : undefined, left)
    for (const act of read) {
      const place = { day, key: signedKey(act) }
      if (act.at >= since && (!isUndoable || mayUndo(act))) acts.push({ place, act })
      left -= 1
      if (acts.length === most || left === 0) return { outcome: { acts, next: place }, changes: [] }
    }
  }
  return { outcome: { acts }, changes: [] }
}

function mayUndo({ grants, lifts, undone }: SignedAct): boolean {
  return undone === undefined && grants.length + lifts.length > 0
}

export interface NoteUndoneCommand {
  readonly undone: readonly { readonly place: SignedPlace; readonly undone: Omit<UndoneAct, 'at'> }[]
  readonly act?: Act
}

/** Notes that acts were undone. */
export const noteUndone = recorded(
  (book: Book, { undone }: NoteUndoneCommand, now: number): Applied<{ readonly noted: number }> => {
    const changes = undone.flatMap(({ place: { day, key }, undone: what }): LedgerChange[] => {
      const known = book.signed.find(day, key)
      if (known === undefined || known.undone !== undefined) return []
      return [{ table: 'signed', day, key, row: { ...known, undone: { at: now, ...what } } }]
    })
    return { outcome: { noted: changes.length }, changes }
  },
)

/** Returns the time at which the notes of the first day are to be dropped; undefined if there are none. */
export function signedEndAt({ head }: Pick<Book, 'head'>): number | undefined {
  return head.signed && (head.signed.from + KEPT_DAYS + 1) * DAY_MS
}

/** Drops the notes of days long past. Returns the changes to a head that is about to be written. */
export function dropSigned({ signed }: Book['head'], now: number): readonly LedgerChange[] {
  const oldest = Math.floor(now / DAY_MS) - KEPT_DAYS
  return signed === undefined || signed.from >= oldest ? [] : [{ table: 'signedDays', before: oldest }]
}

/** Returns the days of which there are notes after `changes`. */
export function signedDaysAfter({ signed }: Book['head'], changes: readonly LedgerChange[]): SignedDays | undefined {
  const [change] = changes
  if (change?.table !== 'signedDays' || signed === undefined) return signed
  return signed.to < change.before ? undefined : { from: change.before, to: signed.to }
}

export interface UndoGrantCommand {
  /** The grant's id. */
  readonly id: string
  /** The thumbprint of the key that signed for it: another key's grant of the same id is left alone. */
  readonly signedBy: string
  readonly act?: Act
}

export type UndoGrantOutcome =
  /** `taken`: of the grant, what was left. */
  | { readonly kind: 'undone'; readonly isRepeat: boolean; readonly taken: Money; readonly spent: Money }
  | { readonly kind: 'unknown' }

/** Notes of signed acts, by day and key. */
export interface SignedNotes {
  find(day: number, key: string): SignedAct | undefined
  /** Returns at most so many notes of a day and a thumbprint in the order of their keys, after `key`. */
  after(day: number, signedBy: string, key: string | undefined, most: number): readonly SignedAct[]
}
