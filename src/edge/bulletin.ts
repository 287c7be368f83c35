import { type Known, learn, NO_BULLETIN, type Posted } from '../core/bulletin.ts'
import type { Eventually } from '../core/eventually.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import type { Purges } from '../core/purge.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Entry } from '../core/standing.ts'
import type { Zone } from '../core/zone.ts'
import type { BulletinStores, Call, Clock, WaitUntil } from '../ports.ts'
import { inTime } from './intime.ts'

/** What changed in each zone since its tokens were signed, as one isolate knows it. */
export interface Bulletins {
  /**
   * No older than the zone's bound: older than that, it is read first. Error: `standing-unavailable`, where it cannot be
   * read, and what is known is older than the operator allows for then.
   */
  of(zone: Zone, call: Call): Eventually<Result<Known, Refusal>>
  /** Holds here at once and everywhere within the bound, when it is true. */
  post(zone: Zone, entries: readonly Posted[], purges?: Purges): Promise<boolean>
  /**
   * What is known, however old it is: for what neither waits for the bulletin nor fails with it. Read anew behind the
   * request where it is half of `boundMs` old.
   */
  glance(zone: Zone, call: Call, boundMs: number): Glance
}

export interface Glance {
  readonly known: Known
  /** When the last read began that was answered. */
  readonly asOf: number
  /** When one failed; never, once one was answered since. */
  readonly failedAt: number
}

/** What one isolate knows of one zone's bulletin. */
interface Shelf {
  readonly entries: Map<string, Entry>
  known: Known
  /** When the last read began that was answered: whatever was posted before is in it. */
  asOf: number
  attemptedAt: number
  isReading: boolean
  failedAt: number
}

const NEVER = Number.NEGATIVE_INFINITY
/** How long a read may take. */
const TIMEOUT_MS = 2000
/** After a failure no one waits for another attempt so soon. */
const REST_MS = 500
const POLL_MS = 5
/** What is known is read anew behind requests once half of the bound has passed, so that few ever wait. */
const READ_AHEAD = 0.5

const UNAVAILABLE = err(
  refusal('standing-unavailable', 'It cannot be known now whether this account is in good standing.', {
    check: 'standing',
  }),
)

/** The bulletins of one isolate. Requests cannot await each other's promises in workerd: one reads, the others look. */
export function createBulletins(stores: BulletinStores, clock: Clock): Bulletins {
  const shelves = new Map<string, Shelf>()
  const shelfOf = ({ name }: Zone): Shelf => {
    const found = shelves.get(name)
    if (found !== undefined) return found
    const entries = new Map<string, Entry>()
    const known = { head: NO_BULLETIN, entries }
    const shelf = { entries, known, asOf: NEVER, attemptedAt: NEVER, isReading: false, failedAt: NEVER }
    shelves.set(name, shelf)
    return shelf
  }
  const read = (shelf: Shelf, zone: Zone): Promise<void> => readInto(shelf, zone, stores, clock)
  return {
    of(zone, { now, waitUntil }) {
      const shelf = shelfOf(zone)
      const ageMs = now - shelf.asOf
      if (ageMs >= zone.standing.boundMs) return awaited(shelf, zone, clock, waitUntil, read)
      if (ageMs >= zone.standing.boundMs * READ_AHEAD && mayRead(shelf, now)) waitUntil(read(shelf, zone))
      return ok(shelf.known)
    },
    async post(zone, entries, purges) {
      const { longestTokenSeconds } = zone.standing
      const command = { entries, ...(purges && { purges }), longestTokenSeconds, epoch: crypto.randomUUID() }
      const asked = stores(zone.name)
        .post(command)
        .catch(() => undefined)
      const posted = await inTime(asked, TIMEOUT_MS)
      shelfOf(zone).asOf = NEVER
      return posted?.ok === true
    },
    glance(zone, { now, waitUntil }, boundMs) {
      const shelf = shelfOf(zone)
      if (now - shelf.asOf >= boundMs * READ_AHEAD && mayRead(shelf, now)) waitUntil(read(shelf, zone))
      return shelf
    },
  }
}

/** A read whose request died with it counts as ended once its time has passed. */
function isReading(shelf: Shelf, now: number): boolean {
  return shelf.isReading && now - shelf.attemptedAt < TIMEOUT_MS * 2
}

function mayRead(shelf: Shelf, now: number): boolean {
  return !isReading(shelf, now) && now - shelf.failedAt >= REST_MS
}

async function awaited(
  shelf: Shelf,
  zone: Zone,
  clock: Clock,
  waitUntil: WaitUntil,
  read: (shelf: Shelf, zone: Zone) => Promise<void>,
): Promise<Result<Known, Refusal>> {
  const { boundMs, serveMs } = zone.standing
  const began = clock()
  while (isReading(shelf, clock()) && clock() - began < TIMEOUT_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  if (clock() - shelf.asOf >= boundMs && mayRead(shelf, clock())) {
    const work = read(shelf, zone)
    waitUntil(work) // the others look for this one, even if its client leaves
    await work
  }
  const ageMs = clock() - shelf.asOf
  return ageMs < boundMs || ageMs < serveMs ? ok(shelf.known) : UNAVAILABLE
}

async function readInto(shelf: Shelf, zone: Zone, stores: BulletinStores, clock: Clock): Promise<void> {
  const began = clock()
  shelf.attemptedAt = began
  shelf.isReading = true
  const { epoch, version } = shelf.known.head
  const asked = stores(zone.name)
    .news({ epoch, version })
    .catch(() => undefined)
  const news = await inTime(asked, TIMEOUT_MS)
  // Another read may have been answered meanwhile, and this one have been overtaken.
  if (shelf.attemptedAt === began) shelf.isReading = false
  if (news?.ok !== true) {
    shelf.failedAt = clock()
    return
  }
  const isNews = news.value.isAll || news.value.head.version >= shelf.known.head.version
  if (isNews) shelf.known = learn(shelf.entries, news.value, zone.standing.longestTokenSeconds, began)
  if (began > shelf.asOf) shelf.asOf = began
  shelf.failedAt = NEVER
}
