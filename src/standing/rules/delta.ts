import { type Bulletin, type BulletinHead, entryKey, NO_BULLETIN, type Posted, POSTS_BETWEEN } from './bulletin.ts'
import { STANDINGS } from '../../access/entitlement.ts'
import { mergePurges, type Purges } from '../../cache/rules/purge.ts'
import { type Entry, isHeld, join, latestOf, pruned } from './standing.ts'

/** Which state of a bulletin someone has. */
export type Version = Pick<BulletinHead, 'epoch' | 'version'>

interface Keyed {
  readonly key: string
  readonly entry: Entry
}

/** What is new since a version; all of it, where that is not one of this bulletin, or too much was taken out since. */
export interface Delta {
  readonly head: BulletinHead
  readonly isAll: boolean
  readonly entries: readonly Keyed[]
}

/** Of a bulletin, for who has that version of it. */
export function deltaSince({ head, rows }: Bulletin, since: Version): Delta {
  const isAll = since.epoch !== head.epoch || since.version > head.version || since.version < head.wholeSince
  const entries: Keyed[] = []
  if (isAll || since.version < head.version) {
    for (const [key, { version, entry }] of rows) if (isAll || version > since.version) entries.push({ key, entry })
  }
  return { head, isAll, entries }
}

/** What one isolate knows of a bulletin. */
export interface KnownBulletin {
  readonly head: BulletinHead
  readonly entries: ReadonlyMap<string, Entry>
}

/**
 * The same, for who changes it: in place, for a copy at each change would cost more than all the rest, and so that nobody
 * reads the entries of one state by the head of another.
 */
export interface BulletinState extends KnownBulletin {
  head: BulletinHead
  readonly entries: Map<string, Entry>
}

export function emptyBulletin(): BulletinState {
  return { head: NO_BULLETIN, entries: new Map() }
}

/** Takes in what is new, and forgets what no token can be as old as. `now` is in milliseconds. */
export function applyDelta(known: BulletinState, news: Delta, longestTokenSeconds: number, now: number): void {
  const { entries, head: before } = known
  const { head } = news
  if (news.isAll) entries.clear()
  for (const { key, entry } of news.entries) add(entries, key, entry)
  known.head = head
  // Looking at all of them takes time; what stays for a while does no harm.
  if (news.isAll || head.leftOutAt !== before.leftOutAt || roundOf(head) !== roundOf(before)) {
    forget(known, longestTokenSeconds, Math.floor(now / 1000))
  }
}

function roundOf({ version }: BulletinHead): number {
  return Math.floor(version / POSTS_BETWEEN)
}

function forget(
  { head: { leftOutAt }, entries }: BulletinState,
  longestTokenSeconds: number,
  nowSeconds: number,
): void {
  for (const [key, entry] of entries) {
    const isOut = leftOutAt !== undefined && !isHeld(entry) && latestOf(entry) <= leftOutAt
    if (isOut || pruned(entry, longestTokenSeconds, nowSeconds) === undefined) entries.delete(key)
  }
}

/** Takes in what was posted from here: it holds here before it is read. */
export function applyPosted(known: BulletinState, posted: readonly Posted[], purges: Purges | undefined): void {
  for (const each of posted) add(known.entries, entryKey(each), each.entry)
  if (purges !== undefined) known.head = { ...known.head, purges: mergePurges(known.head.purges, purges) }
}

function add(entries: Map<string, Entry>, key: string, entry: Entry): void {
  const had = entries.get(key)
  entries.set(key, had === undefined ? entry : join(had, entry))
}

/** News as they were asked for; undefined for anything else, by which nobody may be let through. */
export function readDelta(value: unknown, since: Version): Delta | undefined {
  return isNews(value) && (value.isAll || follows(value.head, since)) ? value : undefined
}

/** What is new can only be added to the state that it was asked for. */
function follows(head: BulletinHead, { epoch, version }: Version): boolean {
  return head.epoch === epoch && head.version >= version
}

type Members = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNews(value: unknown): value is Delta {
  if (!isObject(value)) return false
  const { head, isAll, entries } = value
  return isHead(head) && typeof isAll === 'boolean' && Array.isArray(entries) && entries.every(isKeyed)
}

function isHead(value: unknown): value is BulletinHead {
  if (!isObject(value)) return false
  const { epoch, version, leftOutAt, purges } = value
  const isVersion = Number.isSafeInteger(version) && Number(version) >= 0
  return typeof epoch === 'string' && isVersion && isMaybeTime(leftOutAt) && isPurges(purges)
}

function isPurges(value: unknown): boolean {
  if (!isObject(value)) return false
  const { everythingAt, tags, pathPrefixes } = value
  const areTimes = (times: unknown): boolean => isObject(times) && Object.values(times).every(Number.isFinite)
  return typeof everythingAt === 'number' && areTimes(tags) && areTimes(pathPrefixes)
}

function isKeyed(value: unknown): value is Keyed {
  return isObject(value) && typeof value['key'] === 'string' && isEntry(value['entry'])
}

function isEntry(value: unknown): boolean {
  if (!isObject(value)) return false
  const { standing, subscriptions = [], entitlements, revokedAt, heldAt, liftedAt } = value
  const isKnown = (said: Members): boolean => STANDINGS.some((known) => known === said['standing'])
  return (
    isSaid(standing, isKnown) &&
    Array.isArray(subscriptions) &&
    subscriptions.every(
      (each) => each !== undefined && isSaid(each, (said) => isKnown(said) && isSubscription(said)),
    ) &&
    isSaid(entitlements, ({ names }) => Array.isArray(names) && names.every((name) => typeof name === 'string')) &&
    [revokedAt, heldAt, liftedAt].every(isMaybeTime)
  )
}

function isSubscription({ id, hasEnded }: Members): boolean {
  return typeof id === 'string' && typeof hasEnded === 'boolean'
}

function isSaid(value: unknown, isGood: (said: Members) => boolean): boolean {
  return value === undefined || (isObject(value) && Number.isFinite(value['at']) && isGood(value))
}

function isMaybeTime(value: unknown): boolean {
  return value === undefined || Number.isFinite(value)
}
