import { mergePurges, NO_PURGES, type Purges } from './purge.ts'
import { type Entry, isHeld, join, latestOf, pruned } from './standing.ts'

/**
 * What changed in a zone since the tokens were signed that are still good: one entry for each account or token of which
 * something was said. Every isolate of the gate has a copy, and asks for what is new in it.
 */
export interface Bulletin {
  readonly head: BulletinHead
  readonly rows: ReadonlyMap<string, BulletinRow>
}

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
  readonly purges: Purges
}

export interface BulletinRow {
  readonly version: number
  readonly entry: Entry
}

export const NO_BULLETIN: BulletinHead = { epoch: '', version: 0, leftOutAt: undefined, purges: NO_PURGES }

/** More are left out: the earliest, but not holds, which tokens signed later do not overrule. */
export const MAX_ENTRIES = 10_000
/** How many go at once when there are too many. */
const SPARE = 1000

/** Looking for what can be forgotten takes time, which not every post needs. */
const POSTS_BETWEEN = 256

/** What is said of one account, or of one token. All that its ledger knows, not only what is new. */
export type Posted = { readonly issuer: string; readonly entry: Entry } & (
  | { readonly account: string }
  | { readonly jti: string }
)

export interface PostCommand {
  readonly entries: readonly Posted[]
  readonly purges?: Purges
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

function keyOf(posted: Posted): string {
  return 'jti' in posted ? tokenKey(posted.issuer, posted.jti) : accountKey(posted.issuer, posted.account)
}

/** Joins what is posted to what is known, and forgets what no token can be as old as. */
export function post(bulletin: Bulletin, command: PostCommand, now: number): BulletinChanges {
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
    const key = keyOf(posted)
    const known = (rows.get(key) ?? bulletin.rows.get(key))?.entry
    rows.set(key, { version, entry: known === undefined ? posted.entry : join(known, posted.entry) })
  }
  const leftOutAt = leaveOut(bulletin, rows)
  const purges = command.purges === undefined ? head.purges : mergePurges(head.purges, command.purges)
  const epoch = head.epoch === '' ? command.epoch : head.epoch
  return { head: { epoch, version, leftOutAt: latest(head.leftOutAt, leftOutAt), purges }, rows }
}

/** A time that no token is issued after. */
const EVERYONE = Number.MAX_SAFE_INTEGER

/** Takes the earliest out where there are too many, and tells of when the last of them was. */
function leaveOut(bulletin: Bulletin, rows: Map<string, BulletinRow | undefined>): number | undefined {
  if (bulletin.rows.size + rows.size <= MAX_ENTRIES) return undefined
  const all = new Map(bulletin.rows)
  for (const [key, row] of rows) {
    if (row === undefined) all.delete(key)
    else all.set(key, row)
  }
  if (all.size <= MAX_ENTRIES) return undefined
  const others = [...all].filter(([, { entry }]) => !isHeld(entry))
  // Too many holds to name them all: every account is asked about.
  if (all.size - others.length > MAX_ENTRIES) return EVERYONE
  others.sort(([, one], [, other]) => latestOf(one.entry) - latestOf(other.entry))
  let last: number | undefined
  for (const [key, { entry }] of others.slice(0, all.size - MAX_ENTRIES + SPARE)) {
    rows.set(key, undefined)
    last = latestOf(entry)
  }
  return last
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
}

/** Which state of a bulletin someone has. */
export type Version = Pick<BulletinHead, 'epoch' | 'version'>

interface Keyed {
  readonly key: string
  readonly entry: Entry
}

/** What is new since a version; all of it, where that is not one of this bulletin. */
export interface News {
  readonly head: BulletinHead
  readonly isAll: boolean
  readonly entries: readonly Keyed[]
}

export function newsSince({ head, rows }: Bulletin, since: Version): News {
  const isAll = since.epoch !== head.epoch || since.version > head.version
  const entries: Keyed[] = []
  if (isAll || since.version < head.version) {
    for (const [key, { version, entry }] of rows) if (isAll || version > since.version) entries.push({ key, entry })
  }
  return { head, isAll, entries }
}

/** What one isolate knows of a bulletin, with what is new. */
export interface Known {
  readonly head: BulletinHead
  readonly entries: ReadonlyMap<string, Entry>
}

/** Changes the map that is known: a copy for each change of an account would cost more than all the rest. */
export function learn(entries: Map<string, Entry>, news: News, longestTokenSeconds: number, now: number): Known {
  if (news.isAll) entries.clear()
  for (const { key, entry } of news.entries) entries.set(key, entry)
  const { leftOutAt } = news.head
  if (news.isAll || news.entries.length > 0) {
    for (const [key, entry] of entries) {
      const isPast = pruned(entry, longestTokenSeconds, Math.floor(now / 1000)) === undefined
      if (isPast || (leftOutAt !== undefined && !isHeld(entry) && latestOf(entry) <= leftOutAt)) entries.delete(key)
    }
  }
  return { head: news.head, entries }
}
