/**
 * The bulletin as data: what was said of accounts and tokens, small enough that every isolate can hold all of it.
 *
 * A statement matters only until every token signed before it has ended, so entries expire by the longest token lifetime of
 * the zone. Beyond that the room is bounded in entries and bytes. If a post does not fit, the earliest entries are left out,
 * holds last: a hold outlasts every token. The head then says up to which time entries may be missing, and readers ask the
 * ledgers for tokens from before. Versions let a reader ask for news alone; an epoch tells apart bulletins that count from
 * one again.
 */
import { type Distrust, joinDistrust } from '../../access/distrust.ts'
import { applyLever, type Lever, type LeverOrder } from '../../access/lever.ts'
import { mergePurges, NO_PURGES, type Purges } from '../../cache/rules/purge.ts'
import { type Entry, isHeld, join, latest, latestOf, pruned } from './standing.ts'

/**
 * The changes in a zone that concern tokens still alive: one entry for each account or token with a statement. Every isolate
 * has a copy and asks for its news.
 */
export interface Bulletin {
  readonly head: BulletinHead
  readonly rows: ReadonlyMap<string, BulletinRow>
}

/** The facts of a bulletin beside its entries. */
export interface BulletinHead {
  /** Made with the first post. Versions of different epochs cannot be compared. */
  readonly epoch: string
  /** Grows by one with each post. */
  readonly version: number
  /**
   * Statements up to this time may have been left out, to bound the bulletin: for a token issued by then whose account has
   * no entry, ask the ledger. Seconds since 1970.
   */
  readonly leftOutAt: number | undefined
  /** Readers of an earlier version get everything anew: a hold lifted since may have been removed. */
  readonly wholeSince: number
  /** The approximate size of all rows. */
  readonly bytes: number
  readonly purges: Purges
  /** What orders of an emergency make void, for good; absent if that is nothing. */
  readonly distrust?: Distrust
  /** What operators have opened or closed for a time; absent if that was never anything. */
  readonly levers?: readonly Lever[]
}

export interface BulletinRow {
  /** The version of the row's last change. */
  readonly version: number
  readonly entry: Entry
}

export const NO_BULLETIN: BulletinHead = {
  epoch: '',
  version: 0,
  leftOutAt: undefined,
  wholeSince: 0,
  bytes: 0,
  purges: NO_PURGES,
}

/** The most that a bulletin may hold. Every isolate holds all of it, and receives it in one answer. */
export interface BulletinRoom {
  readonly entries: number
  readonly bytes: number
}

/**
 * Entries that do not fit are left out: the earliest first, holds last, because tokens signed later do not overrule a hold.
 */
export const ROOM: BulletinRoom = { entries: 10_000, bytes: 8 * 1024 * 1024 }
/** The part of the room that stays filled, so that the next post fits without another search. */
const FILLED = 0.9

/** The number of posts between searches for expired entries: a search takes time. */
export const POSTS_BETWEEN = 256

/** The statements about one account or token: everything its ledger knows, old and new. */
export type Posted = { readonly issuer: string; readonly entry: Entry } & (
  | { readonly account: string }
  | { readonly jti: string }
)

/** An order that the head carries. */
export interface HeadOrder {
  readonly distrust?: Distrust
  /** One that changes nothing is not stored, and leaves no record. */
  readonly lever?: LeverOrder
}

export interface PostCommand extends HeadOrder {
  readonly entries: readonly Posted[]
  readonly purges?: Purges
  /** The longest lifetime of a token plus its issuer's clock tolerance. */
  readonly longestTokenSeconds: number
  /** The epoch to use if the post is the first. */
  readonly epoch: string
}

/** The rows to write, or to delete if undefined; with the resulting head. */
export interface BulletinChanges {
  readonly head: BulletinHead
  readonly rows: ReadonlyMap<string, BulletinRow | undefined>
}

/** Returns the key of an account's entry. No two accounts share one. */
export function accountKey(issuer: string, account: string): string {
  return `account ${issuer.length} ${issuer} ${account}`
}

/** Returns the key of a token's entry. */
export function tokenKey(issuer: string, jti: string): string {
  return `token ${issuer.length} ${issuer} ${jti}`
}

/** Returns the key of a posted entry. */
export function entryKey(posted: Posted): string {
  return 'jti' in posted ? tokenKey(posted.issuer, posted.jti) : accountKey(posted.issuer, posted.account)
}

/**
 * Joins posted entries with the known ones, and at times drops those older than any living token. `now` is in milliseconds;
 * times in entries are in seconds.
 */
export function applyPost(
  bulletin: Bulletin,
  command: PostCommand,
  now: number,
  room: BulletinRoom = ROOM,
): BulletinChanges {
  const { head } = bulletin
  const version = head.version + 1
  const rows = new Map<string, BulletinRow | undefined>()
  const nowSeconds = Math.floor(now / 1000)
  if (version % POSTS_BETWEEN === 0) {
    for (const [key, { entry }] of bulletin.rows) {
      if (pruned(entry, command.longestTokenSeconds, nowSeconds) === undefined) rows.set(key, undefined)
    }
  }
  for (const posted of command.entries) {
    const key = entryKey(posted)
    const known = (rows.get(key) ?? bulletin.rows.get(key))?.entry
    rows.set(key, { version, entry: known === undefined ? posted.entry : join(known, posted.entry) })
  }
  const leftOutAt = latest(head.leftOutAt, leaveOut(bulletin, rows, room, nowSeconds))
  const purges = command.purges === undefined ? head.purges : mergePurges(head.purges, command.purges)
  const epoch = head.epoch === '' ? command.epoch : head.epoch
  const wholeSince = [...rows].some(([key, row]) => row === undefined && wasHeld(bulletin.rows.get(key)))
    ? version
    : head.wholeSince
  const bytes = bytesWith(bulletin, rows)
  const plain = { ...head, epoch, version, leftOutAt, wholeSince, bytes, purges }
  return { head: withOrder(plain, command, now), rows }
}

/** Returns a head with an order. */
export function withOrder(head: BulletinHead, order: HeadOrder, now: number): BulletinHead {
  const distrust = joinOrders(head.distrust, order.distrust)
  const levers = order.lever === undefined ? head.levers : applyLever(head.levers, order.lever, now)
  return { ...head, ...(distrust && { distrust }), ...(levers && { levers }) }
}

/** Joins what two orders make void, if there are any. */
export function joinOrders(one: Distrust | undefined, other: Distrust | undefined): Distrust | undefined {
  return one === undefined || other === undefined ? (one ?? other) : joinDistrust(one, other)
}

function wasHeld(row: BulletinRow | undefined): boolean {
  const { heldAt, liftedAt, holds } = row?.entry ?? {}
  return heldAt !== undefined || liftedAt !== undefined || holds !== undefined
}

type Rows = ReadonlyMap<string, BulletinRow | undefined>

/** The size of a row beside its names. */
const ROW_BYTES = 256
const NAME_BYTES = 16

function bytesOf(key: string, row: BulletinRow | undefined): number {
  if (row === undefined) return 0
  const { entitlements, subscriptions = [], holds = [] } = row.entry
  const names = [...(entitlements?.names ?? []), ...subscriptions.map(({ id }) => id), ...holds.map(({ name }) => name)]
  return names.reduce((sum, name) => sum + NAME_BYTES + name.length * 2, ROW_BYTES + key.length * 2)
}

function bytesWith({ head, rows: before }: Bulletin, rows: Rows): number {
  let { bytes } = head
  for (const [key, row] of rows) bytes += bytesOf(key, row) - bytesOf(key, before.get(key))
  return bytes
}

/** A time later than the issue of any token. */
export const EVERYONE = Number.MAX_SAFE_INTEGER

/**
 * Removes the earliest entries if there is too little room. Returns the time of the last one removed; undefined if none was.
 * If the holds alone are too many, returns `EVERYONE`: the removed ones may have been lifted since, so every account has to
 * be asked about.
 */
function leaveOut(
  bulletin: Bulletin,
  rows: Map<string, BulletinRow | undefined>,
  room: BulletinRoom,
  now: number,
): number | undefined {
  let bytes = bytesWith(bulletin, rows)
  if (bulletin.rows.size + rows.size <= room.entries && bytes <= room.bytes) return undefined
  const all = new Map(bulletin.rows)
  for (const [key, row] of rows) {
    if (row === undefined) all.delete(key)
    else all.set(key, row)
  }
  let count = all.size
  const fits = (part: number): boolean => count <= room.entries * part && bytes <= room.bytes * part
  if (fits(1)) return undefined
  const earliest = [...all].toSorted(([, one], [, other]) => latestOf(one.entry) - latestOf(other.entry))
  let last: number | undefined
  const takeOut = (key: string, row: BulletinRow, at: number): void => {
    rows.set(key, undefined)
    count -= 1
    bytes -= bytesOf(key, row)
    last = at
  }
  for (const [key, row] of earliest) {
    if (fits(FILLED)) break
    if (!isHeld(row.entry, now)) takeOut(key, row, latestOf(row.entry))
  }
  if (fits(1)) return last
  for (const [key, row] of earliest) {
    if (fits(FILLED)) break
    if (isHeld(row.entry, now)) takeOut(key, row, EVERYONE)
  }
  return last
}
