import { mergePurges, NO_PURGES, type Purges } from '../../cache/rules/purge.ts'
import { type Entry, isHeld, join, latest, latestOf, pruned } from './standing.ts'

/**
 * What changed in a zone since the tokens were signed that are still good: one entry for each account or token of which
 * something was said. Every isolate of the gate has a copy, and asks for what is new in it.
 */
export interface Bulletin {
  readonly head: BulletinHead
  readonly rows: ReadonlyMap<string, BulletinRow>
}

/** What a bulletin is about apart from its entries. */
export interface BulletinHead {
  /** Made with the first post: versions of another epoch are no versions of this one. */
  readonly epoch: string
  /** Grows by one with each post. */
  readonly version: number
  /**
   * What was said no later than that may have been left out, so as not to grow without end: of a token issued by then whose
   * account has no entry, its ledger has to be asked. Seconds since 1970.
   */
  readonly leftOutAt: number | undefined
  /** Who knows an earlier version is told all anew: a hold that was lifted since may have been taken out. */
  readonly wholeSince: number
  /** What the rows take, about. */
  readonly bytes: number
  readonly purges: Purges
}

export interface BulletinRow {
  /** In which it was changed last. */
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

/** What a bulletin may hold. Every isolate has all of it, and gets it in one answer. */
export interface BulletinRoom {
  readonly entries: number
  readonly bytes: number
}

/** What does not fit is left out: the earliest, and holds last, which tokens signed later do not overrule. */
export const ROOM: BulletinRoom = { entries: 10_000, bytes: 8 * 1024 * 1024 }
/** So much of the room is left filled, so that the next post does not have to look again. */
const FILLED = 0.9

/** Looking for what can be forgotten takes time, which not every post needs. */
export const POSTS_BETWEEN = 256

/** What is said of one account, or of one token. All that its ledger knows, not only what is new. */
export type Posted = { readonly issuer: string; readonly entry: Entry } & (
  | { readonly account: string }
  | { readonly jti: string }
)

export interface PostCommand {
  readonly entries: readonly Posted[]
  readonly purges?: Purges
  /** The longest life of a token, and its issuer's clock tolerance. */
  readonly longestTokenSeconds: number
  /** For the first post of all. */
  readonly epoch: string
}

/** The rows to be written, or where undefined, deleted; and the head after them. */
export interface BulletinChanges {
  readonly head: BulletinHead
  readonly rows: ReadonlyMap<string, BulletinRow | undefined>
}

/** Under which an entry of an account stands. No two accounts have the same. */
export function accountKey(issuer: string, account: string): string {
  return `account ${issuer.length} ${issuer} ${account}`
}

/** Under which an entry of a token stands. */
export function tokenKey(issuer: string, jti: string): string {
  return `token ${issuer.length} ${issuer} ${jti}`
}

/** Under which a posted entry stands. */
export function entryKey(posted: Posted): string {
  return 'jti' in posted ? tokenKey(posted.issuer, posted.jti) : accountKey(posted.issuer, posted.account)
}

/**
 * Joins what is posted to what is known, and forgets what no token can be as old as. `now` is in milliseconds, and
 * what entries say in seconds.
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
  const leftOutAt = latest(head.leftOutAt, leaveOut(bulletin, rows, room))
  const purges = command.purges === undefined ? head.purges : mergePurges(head.purges, command.purges)
  const epoch = head.epoch === '' ? command.epoch : head.epoch
  const wholeSince = [...rows].some(([key, row]) => row === undefined && wasHeld(bulletin.rows.get(key)))
    ? version
    : head.wholeSince
  return { head: { epoch, version, leftOutAt, wholeSince, bytes: bytesWith(bulletin, rows), purges }, rows }
}

function wasHeld(row: BulletinRow | undefined): boolean {
  return row?.entry.heldAt !== undefined || row?.entry.liftedAt !== undefined
}

type Rows = ReadonlyMap<string, BulletinRow | undefined>

/** What a row takes beside its names. */
const ROW_BYTES = 256
const NAME_BYTES = 16

function bytesOf(key: string, row: BulletinRow | undefined): number {
  if (row === undefined) return 0
  const { entitlements, subscriptions = [] } = row.entry
  const names = [...(entitlements?.names ?? []), ...subscriptions.map(({ id }) => id)]
  return names.reduce((sum, name) => sum + NAME_BYTES + name.length * 2, ROW_BYTES + key.length * 2)
}

function bytesWith({ head, rows: before }: Bulletin, rows: Rows): number {
  let { bytes } = head
  for (const [key, row] of rows) bytes += bytesOf(key, row) - bytesOf(key, before.get(key))
  return bytes
}

/** A time that no token is issued after. */
export const EVERYONE = Number.MAX_SAFE_INTEGER

/**
 * Takes the earliest out where there is too little room, and tells of when the last of them was. Where the holds alone are
 * too many, every account has to be asked about from then on, for it is not known which of those left out were lifted.
 */
function leaveOut(
  bulletin: Bulletin,
  rows: Map<string, BulletinRow | undefined>,
  room: BulletinRoom,
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
    if (!isHeld(row.entry)) takeOut(key, row, latestOf(row.entry))
  }
  if (fits(1)) return last
  for (const [key, row] of earliest) {
    if (fits(FILLED)) break
    if (isHeld(row.entry)) takeOut(key, row, EVERYONE)
  }
  return last
}
