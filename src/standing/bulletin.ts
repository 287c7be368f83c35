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

/** What changed in each zone since its tokens were signed, as one isolate knows it. */
export interface Bulletins {
  /**
   * No older than the zone's bound: older than that, it is read first. Error: `standing-unavailable`, where it cannot be
   * read, and what is known is older than the operator allows for then. What is given changes as more is learnt: look
   * things up in it at once, or ask again.
   */
  of(zone: Zone, call: Call): Eventually<Result<KnownBulletin, Refusal>>
  /** Holds here at once and everywhere within the bound, when it is true. */
  post(zone: Zone, entries: readonly Posted[], purges?: Purges): Promise<boolean>
  /**
   * What is known, however old it is: for what neither waits for the bulletin nor fails with it. Read anew behind the
   * request where it is half of `boundMs` old.
   */
  glance(zone: Zone, call: Call, boundMs: number): Glance
}

export interface Glance {
  readonly known: KnownBulletin
  /** When the last read began that was answered. */
  readonly asOf: number
  /** When one failed; never, once one was answered since. */
  readonly failedAt: number
}

/** What one isolate knows of one zone's bulletin. */
interface ZoneState {
  readonly known: BulletinState
  /** `known`, as it is answered with. */
  readonly answer: Result<KnownBulletin, Refusal>
  /** When the last read began that was answered: whatever was posted before is in it. */
  asOf: number
  /** The clock, as it was last looked at. */
  seenAt: number
  /** How many reads began. */
  reads: number
  attemptedAt: number
  isReading: boolean
  failedAt: number
  recent: readonly Recent[]
}

/** What was posted here when so many reads had begun: their answers may be without it. */
interface Recent {
  readonly reads: number
  readonly entries: readonly Posted[]
  readonly purges: Purges | undefined
}

const NEVER = Number.NEGATIVE_INFINITY
/** How long a read may take. */
const TIMEOUT_MS = 2000
/** A read that says nothing for so long has died with its request. */
const DEAD_MS = TIMEOUT_MS + 250
/** After a failure no one waits for another attempt so soon. */
const REST_MS = 500
const POLL_MS = 5
/** What is known is read anew behind requests once half of the bound has passed, so that few ever wait. */
const READ_AHEAD = 0.5

const UNAVAILABLE = err(STANDING_UNKNOWN)

/** The bulletins of one isolate. Requests cannot await each other's promises in workerd: one reads, the others look. */
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
    // By the clock, and not by when the request came: it may have waited for other things before.
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
      // Where what is known has to be read before it is used, it is in what is read then. Purges are used as they are known.
      const isUsed = isBeingRead || now - shelf.asOf < Math.max(boundMs, serveMs)
      applyPosted(shelf.known, isUsed ? entries : [], purges)
      // A read that begins later is told of it.
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

/** The time. Where the clock ran back it cannot be told how old anything is: then all counts as older than the bound. */
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

/** No zone's bound is greater. */
const MOST_BOUND_MS = 60_000

function isReading(shelf: ZoneState, now: number): boolean {
  return shelf.isReading && now - shelf.attemptedAt < DEAD_MS
}

function mayRead(shelf: ZoneState, now: number): boolean {
  return !isReading(shelf, now) && now - shelf.failedAt >= REST_MS
}

/** It failed just now, or is being tried again after that: what another request waits for need not keep all of them. */
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
    waitUntil(work) // the others look for this one, even if its client leaves
    await work
  }
  const ageMs = look(shelf, clock) - shelf.asOf
  return ageMs < boundMs || ageMs < serveMs ? shelf.answer : UNAVAILABLE
}

/** Never throws; what came of it is on the shelf. */
async function readInto(shelf: ZoneState, zone: Zone, stores: BulletinStores, clock: Clock): Promise<void> {
  const number = ++shelf.reads
  shelf.attemptedAt = look(shelf, clock)
  shelf.isReading = true
  const { epoch, version } = shelf.known.head
  const answer = await answerOf(() => stores(zone.name).delta({ epoch, version }))
  const news = answer?.ok === true ? readDelta(answer.value, { epoch, version }) : undefined
  const now = look(shelf, clock)
  // It was taken for dead, and another one began: that one knows better.
  if (number !== shelf.reads) return
  shelf.isReading = false
  shelf.failedAt = news === undefined ? now : NEVER
  if (news === undefined) return
  applyDelta(shelf.known, news, zone.standing.longestTokenSeconds, now)
  shelf.asOf = shelf.attemptedAt
  shelf.recent = shelf.recent.filter(({ reads }) => reads >= number)
  for (const { entries, purges } of shelf.recent) applyPosted(shelf.known, entries, purges)
}

/** Undefined where none comes in time. */
async function answerOf<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await withTimeout(ask(), TIMEOUT_MS)
  } catch {
    return undefined
  }
}
