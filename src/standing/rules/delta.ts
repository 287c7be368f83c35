/**
 * Carries the bulletin to isolates: the news since a version, and how a reader takes them in.
 *
 * A reader names the version it has and gets the rows changed since. It gets everything if its version is of another epoch,
 * is from the future, or is older than a removal that a delta cannot express. Answers arrive from outside, so they are
 * validated before anyone is let through on them, and a delta is accepted only if it follows the version it was asked for.
 * Readers change their state in place: nobody may combine the entries of one state with the head of another.
 */
import {
  type Bulletin,
  type BulletinHead,
  entryKey,
  type HeadOrder,
  joinOrders,
  NO_BULLETIN,
  type Posted,
  POSTS_BETWEEN,
  withOrder,
} from './bulletin.ts'
import { isDistrust } from '../../access/distrust.ts'
import { areLevers } from '../../access/lever.ts'
import { STANDINGS } from '../../access/entitlement.ts'
import { mergePurges, type Purges } from '../../cache/rules/purge.ts'
import { type Entry, isHeld, join, latestOf, pruned } from './standing.ts'

/** The state of a bulletin that a reader has. */
export interface Version extends Pick<BulletinHead, 'epoch' | 'version'> {
  /** The format of heads that the reader understands; absent in readers that know nothing of distrusted keys. */
  readonly format?: number
}

/** The format of a head with orders of an emergency. */
export const DISTRUST_FORMAT = 2

/**
 * Returns true if a reader can be told of a bulletin. A reader that knows nothing of distrusted keys would go on to let them
 * through, so it is told nothing once there are any.
 */
export function understands({ format = 1 }: Version, { distrust }: BulletinHead): boolean {
  return distrust === undefined || format >= DISTRUST_FORMAT
}

interface KeyedEntry {
  readonly key: string
  readonly entry: Entry
}

/**
 * The news since a version. `isAll` if that version is none of this bulletin, or if too much was removed since: `entries` is
 * then everything.
 */
export interface Delta {
  readonly head: BulletinHead
  readonly isAll: boolean
  readonly entries: readonly KeyedEntry[]
}

/** Returns the news of a bulletin for a reader with version `since`. */
export function deltaSince({ head, rows }: Bulletin, since: Version): Delta {
  const isAll = since.epoch !== head.epoch || since.version > head.version || since.version < head.wholeSince
  const entries: KeyedEntry[] = []
  if (isAll || since.version < head.version) {
    for (const [key, { version, entry }] of rows) if (isAll || version > since.version) entries.push({ key, entry })
  }
  return { head, isAll, entries }
}

/** One isolate's copy of a bulletin. */
export interface KnownBulletin {
  readonly head: BulletinHead
  readonly entries: ReadonlyMap<string, Entry>
}

/**
 * The copy as its owner changes it, in place: copying at each change would cost more than everything else, and nobody must
 * read the entries of one state with the head of another.
 */
export interface BulletinState extends KnownBulletin {
  head: BulletinHead
  readonly entries: Map<string, Entry>
}

export function emptyBulletin(): BulletinState {
  return { head: NO_BULLETIN, entries: new Map() }
}

/** Applies news, and drops entries older than any living token. `now` is in milliseconds. */
export function applyDelta(known: BulletinState, delta: Delta, longestTokenSeconds: number, now: number): void {
  const { entries, head: before } = known
  const { head } = delta
  if (delta.isAll) entries.clear()
  for (const { key, entry } of delta.entries) add(entries, key, entry)
  const distrust = joinOrders(before.distrust, head.distrust)
  // An order is for good, even if the store has lost it.
  known.head = distrust === head.distrust || distrust === undefined ? head : { ...head, distrust }
  // Searching all entries takes time, and an expired entry does no harm for a while.
  if (delta.isAll || head.leftOutAt !== before.leftOutAt || roundOf(head) !== roundOf(before)) {
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
    const isOut = leftOutAt !== undefined && !isHeld(entry, nowSeconds) && latestOf(entry) <= leftOutAt
    if (isOut || pruned(entry, longestTokenSeconds, nowSeconds) === undefined) entries.delete(key)
  }
}

/** Applies entries posted by this isolate: they hold here before they are read. */
export function applyPosted(known: BulletinState, posted: readonly Posted[], purges: Purges | undefined): void {
  for (const each of posted) add(known.entries, entryKey(each), each.entry)
  if (purges !== undefined) known.head = { ...known.head, purges: mergePurges(known.head.purges, purges) }
}

/** Applies an order posted by this isolate: it holds here before it is read. */
export function applyOrder(known: BulletinState, order: HeadOrder, now: number): void {
  known.head = withOrder(known.head, order, now)
}

function add(entries: Map<string, Entry>, key: string, entry: Entry): void {
  const had = entries.get(key)
  entries.set(key, had === undefined ? entry : join(had, entry))
}

/** Validates news that were asked for since `since`. Undefined for anything else: nobody may be let through on it. */
export function readDelta(value: unknown, since: Version): Delta | undefined {
  return isDelta(value) && (value.isAll || follows(value.head, since)) ? value : undefined
}

/** Returns true if the news continue the state that they were asked for. */
function follows(head: BulletinHead, { epoch, version }: Version): boolean {
  return head.epoch === epoch && head.version >= version
}

type Members = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDelta(value: unknown): value is Delta {
  if (!isObject(value)) return false
  const { head, isAll, entries } = value
  return isHead(head) && typeof isAll === 'boolean' && Array.isArray(entries) && entries.every(isKeyedEntry)
}

function isHead(value: unknown): value is BulletinHead {
  if (!isObject(value)) return false
  const { epoch, version, leftOutAt, purges, distrust, levers } = value
  const isVersion = Number.isSafeInteger(version) && Number(version) >= 0
  const areOrders = (distrust === undefined || isDistrust(distrust)) && (levers === undefined || areLevers(levers))
  return typeof epoch === 'string' && isVersion && isOptionalTime(leftOutAt) && isPurges(purges) && areOrders
}

function isPurges(value: unknown): boolean {
  if (!isObject(value)) return false
  const { everythingAt, tags, pathPrefixes } = value
  const areTimes = (times: unknown): boolean => isObject(times) && Object.values(times).every(Number.isFinite)
  return typeof everythingAt === 'number' && areTimes(tags) && areTimes(pathPrefixes)
}

function isKeyedEntry(value: unknown): value is KeyedEntry {
  return isObject(value) && typeof value['key'] === 'string' && isEntry(value['entry'])
}

function isEntry(value: unknown): boolean {
  if (!isObject(value)) return false
  const { standing, subscriptions = [], entitlements, revokedAt, askedAt, heldAt, liftedAt, cameAt, holds = [] } = value
  const isKnown = (said: Members): boolean => STANDINGS.some((known) => known === said['standing'])
  return (
    isStatement(standing, isKnown) &&
    Array.isArray(subscriptions) &&
    subscriptions.every(
      (each) => each !== undefined && isStatement(each, (said) => isKnown(said) && isSubscription(said)),
    ) &&
    isStatement(entitlements, ({ names }) => Array.isArray(names) && names.every((name) => typeof name === 'string')) &&
    [revokedAt, askedAt, heldAt, liftedAt, cameAt].every(isOptionalTime) &&
    Array.isArray(holds) &&
    holds.every((each) => each !== undefined && isStatement(each, isNamedHold))
  )
}

function isSubscription({ id, hasEnded }: Members): boolean {
  return typeof id === 'string' && typeof hasEnded === 'boolean'
}

function isNamedHold({ name, liftedAt, until }: Members): boolean {
  return typeof name === 'string' && isOptionalTime(liftedAt) && isOptionalTime(until)
}

function isStatement(value: unknown, isGood: (said: Members) => boolean): boolean {
  return value === undefined || (isObject(value) && Number.isFinite(value['at']) && isGood(value))
}

function isOptionalTime(value: unknown): boolean {
  return value === undefined || Number.isFinite(value)
}
