/**
 * The bulletin of each zone, its revocation feed, as one isolate knows it.
 *
 * Asking a ledger about every token would cost each request a call. Instead every isolate holds what was said lately of any
 * account, and asks for news when its copy is half as old as the zone's bound; that read happens behind a request. Only a
 * copy older than the bound is awaited, and if it cannot be read the operator's `serveMs` decides for how long the old one
 * serves. One request reads and the others poll: in workerd a reading request may die with its client, so a read silent for
 * too long is taken for dead. An entry posted in this isolate holds here immediately, even while an earlier read is under
 * way. The clock may run back; ages are then unknown, and count as beyond the bound.
 */
import type { Posted } from './rules/bulletin.ts'
import type { Eventually } from '../core/eventually.ts'
import {
  type KnownBulletin,
  type BulletinState,
  applyDelta,
  applyPosted,
  emptyBulletin,
  readDelta,
} from './rules/delta.ts'
import type { Refusal } from '../core/problem.ts'
import type { Purges } from '../cache/rules/purge.ts'
import { err, ok, type Result } from '../core/result.ts'
import { STANDING_UNKNOWN } from './rules/standing.ts'
import type { Zone } from '../zone.ts'
import type { BulletinStores, Call, Clock, WaitUntil } from '../ports.ts'
import { withTimeout } from '../http/timeout.ts'

/** The changes in each zone since its tokens were signed, as this isolate knows them. */
export interface Bulletins {
  /**
   * Returns a zone's bulletin, no older than the zone's bound; reads it first if the known one is older. Error
   * `standing-unavailable` if it cannot be read and the known one is older than the operator's `serveMs`. The returned
   * object changes with later reads: look things up in it at once, or ask again.
   */
  of(zone: Zone, call: Call): Eventually<Result<KnownBulletin, Refusal>>
  /** Posts entries and purges. If it returns true, they hold in this isolate at once and everywhere within the bound. */
  post(zone: Zone, entries: readonly Posted[], purges?: Purges): Promise<boolean>
  /**
   * Returns the known bulletin, however old: for callers that neither wait for it nor fail with it. Starts a read behind the
   * request if the bulletin is half of `boundMs` old.
   */
  glance(zone: Zone, call: Call, boundMs: number): Glance
}

export interface Glance {
  readonly known: KnownBulletin
  /** The start of the last read that was answered. */
  readonly asOf: number
  /** The time of a failed read; never, once a later one was answered. */
  readonly failedAt: number
}

/** One isolate's view of one zone's bulletin. */
interface ZoneState {
  readonly known: BulletinState
  /** `known` as a result, made once. */
  readonly answer: Result<KnownBulletin, Refusal>
  /** The start of the last read that was answered: everything posted before is in `known`. */
  asOf: number
  /** The time at the last look at the clock. */
  seenAt: number
  /** The number of reads begun. */
  reads: number
  attemptedAt: number
  isReading: boolean
  failedAt: number
  recent: readonly Recent[]
}

/** Entries posted here when `reads` reads had begun: the answers to those reads may lack them. */
interface Recent {
  readonly reads: number
  readonly entries: readonly Posted[]
  readonly purges: Purges | undefined
}

const NEVER = Number.NEGATIVE_INFINITY
/** The time limit of a read. */
const TIMEOUT_MS = 2000
/** A read silent for longer has died with its request. */
const DEAD_MS = TIMEOUT_MS + 250
/** The pause after a failure, in which no request waits for another attempt. */
const REST_MS = 500
const POLL_MS = 5
/** The part of the bound after which the bulletin is read behind requests, so that few ever wait. */
const READ_AHEAD = 0.5

const UNAVAILABLE = err(STANDING_UNKNOWN)

/** Creates the bulletins of one isolate. Among concurrent requests one reads, and the others poll its result. */
export function createBulletins(stores: BulletinStores, clock: Clock): Bulletins {
  const shelves = new Map<string, ZoneState>()
  const shelfOf = ({ name }: Zone): ZoneState => {
    const found = shelves.get(name)
    if (found !== undefined) return found
    const shelf = emptyShelf()
    shelves.set(name, shelf)
    return shelf
  }
  return {
    // Uses the clock rather than the time the request came: the request may have waited since.
    of(zone, { waitUntil }) {
      const shelf = shelfOf(zone)
      const now = look(shelf, clock)
      const ageMs = now - shelf.asOf
      const { boundMs, serveMs } = zone.standing
      if (ageMs < boundMs * READ_AHEAD) return shelf.answer
      const read = (): Promise<void> => readInto(shelf, zone, stores, clock)
      if (ageMs < boundMs) {
        if (mayRead(shelf, now)) waitUntil(read())
        return shelf.answer
      }
      return ageMs < serveMs && isDown(shelf, now) ? shelf.answer : awaited(shelf, zone, clock, waitUntil, read)
    },
    async post(zone, entries, purges) {
      const { longestTokenSeconds, boundMs, serveMs } = zone.standing
      const command = { entries, ...(purges && { purges }), longestTokenSeconds, epoch: crypto.randomUUID() }
      const posted = await answerOf(() => stores(zone.name).post(command))
      if (posted?.ok !== true) return false
      const shelf = shelfOf(zone)
      const now = look(shelf, clock)
      const isBeingRead = isReading(shelf, now)
      // If the bulletin has to be read before use, that read brings the entries. Purges are used without a read.
      const isUsed = isBeingRead || now - shelf.asOf < Math.max(boundMs, serveMs)
      applyPosted(shelf.known, isUsed ? entries : [], purges)
      // A read that begins later includes the entry.
      if (isBeingRead) shelf.recent = [...shelf.recent, { reads: shelf.reads, entries, purges }]
      return true
    },
    glance(zone, { waitUntil }, boundMs) {
      const shelf = shelfOf(zone)
      const now = look(shelf, clock)
      if (now - shelf.asOf >= boundMs * READ_AHEAD && mayRead(shelf, now)) {
        waitUntil(readInto(shelf, zone, stores, clock))
      }
      return shelf
    },
  }
}

function emptyShelf(): ZoneState {
  const known = emptyBulletin()
  return {
    known,
    answer: ok(known),
    asOf: NEVER,
    seenAt: NEVER,
    reads: 0,
    attemptedAt: NEVER,
    isReading: false,
    failedAt: NEVER,
    recent: [],
  }
}

/** Returns the time. If the clock ran back, no age is known: everything then counts as older than the bound. */
function look(shelf: ZoneState, clock: Clock): number {
  const now = clock()
  const backMs = shelf.seenAt - now
  if (backMs > 0) {
    shelf.asOf -= backMs + MOST_BOUND_MS
    shelf.attemptedAt -= backMs
    shelf.failedAt -= backMs
  }
  shelf.seenAt = now
  return now
}

/** An upper limit of every zone's bound. */
const MOST_BOUND_MS = 60_000

function isReading(shelf: ZoneState, now: number): boolean {
  return shelf.isReading && now - shelf.attemptedAt < DEAD_MS
}

function mayRead(shelf: ZoneState, now: number): boolean {
  return !isReading(shelf, now) && now - shelf.failedAt >= REST_MS
}

/**
 * Returns true if a read failed just now, or is being retried after a failure: only the retrying request need wait for it.
 */
function isDown(shelf: ZoneState, now: number): boolean {
  return now - shelf.failedAt < (isReading(shelf, now) ? REST_MS + DEAD_MS : REST_MS)
}

async function awaited(
  shelf: ZoneState,
  zone: Zone,
  clock: Clock,
  waitUntil: WaitUntil,
  read: () => Promise<void>,
): Promise<Result<KnownBulletin, Refusal>> {
  const { boundMs, serveMs } = zone.standing
  while (isReading(shelf, look(shelf, clock))) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  const now = look(shelf, clock)
  if (now - shelf.asOf >= boundMs && mayRead(shelf, now)) {
    const work = read()
    waitUntil(work) // the others poll this one, even if its client leaves
    await work
  }
  const ageMs = look(shelf, clock) - shelf.asOf
  return ageMs < boundMs || ageMs < serveMs ? shelf.answer : UNAVAILABLE
}

/** Reads the bulletin into `shelf`. Never throws; the outcome is noted in `shelf`. */
async function readInto(shelf: ZoneState, zone: Zone, stores: BulletinStores, clock: Clock): Promise<void> {
  const number = ++shelf.reads
  shelf.attemptedAt = look(shelf, clock)
  shelf.isReading = true
  const { epoch, version } = shelf.known.head
  const answer = await answerOf(() => stores(zone.name).delta({ epoch, version }))
  const news = answer?.ok === true ? readDelta(answer.value, { epoch, version }) : undefined
  const now = look(shelf, clock)
  // The read was taken for dead, and a later one knows better.
  if (number !== shelf.reads) return
  shelf.isReading = false
  shelf.failedAt = news === undefined ? now : NEVER
  if (news === undefined) return
  applyDelta(shelf.known, news, zone.standing.longestTokenSeconds, now)
  shelf.asOf = shelf.attemptedAt
  shelf.recent = shelf.recent.filter(({ reads }) => reads >= number)
  for (const { entries, purges } of shelf.recent) applyPosted(shelf.known, entries, purges)
}

/** Returns the store's answer, or undefined if none comes in time. */
async function answerOf<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await withTimeout(ask(), TIMEOUT_MS)
  } catch {
    return undefined
  }
}
