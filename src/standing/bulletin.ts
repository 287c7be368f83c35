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
import type { BulletinHead, HeadOrder, Posted } from './rules/bulletin.ts'
import { after, type Eventually } from '../core/eventually.ts'
import {
  type KnownBulletin,
  type BulletinState,
  applyDelta,
  applyOrder,
  applyPosted,
  emptyBulletin,
  readDelta,
} from './rules/delta.ts'
import type { Refusal } from '../core/problem.ts'
import type { Purges } from '../cache/rules/purge.ts'
import { err, ok, type Result } from '../core/result.ts'
import { STANDING_UNKNOWN } from './rules/asitstands.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { OrderCommand, OrderName, OrderOutcome } from '../ledger/rules/orders.ts'
import type { Zone } from '../zone.ts'
import type { BulletinStores, Call, Clock, ReadDistrust, WaitUntil } from '../ports.ts'
import { answerOf, postOrder, TIMEOUT_MS, versionOf } from './orders.ts'

/** The changes in each zone since its tokens were signed, as this isolate knows them. */
export interface Bulletins {
  /**
   * Returns a zone's bulletin, no older than the zone's bound; reads it first if the known one is older. Error
   * `standing-unavailable` if it cannot be read and the known one is older than the operator's `serveMs`. The returned
   * object changes with later reads: look things up in it at once, or ask again.
   */
  of(zone: Zone, call: Call): Eventually<Result<KnownBulletin, Refusal>>
  /**
   * Posts entries and purges. If it returns true, they hold in this isolate at once and everywhere within the bound. `act` is
   * recorded with them in the zone's audit.
   */
  post(zone: Zone, entries: readonly Posted[], purges?: Purges, act?: Act): Promise<boolean>
  /**
   * Posts an order that the head carries. Returns the head that the store has then: what is in it holds in this isolate at once,
   * and everywhere within the bound. Undefined if that is not known. `act` is recorded with the order in the zone's audit.
   */
  proclaim(zone: Zone, order: HeadOrder, act: Act): Promise<BulletinHead | undefined>
  /** Carries out an order of the zone's own ledger. Undefined if it is not known whether it was carried out. */
  order<N extends OrderName>(zone: Zone, name: N, command: OrderCommand<N>): Promise<OrderOutcome<N> | undefined>
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
  recent: readonly RecentPost[]
}

/** Entries and orders posted here when `reads` reads had begun: the answers to those reads may lack them. */
interface RecentPost {
  readonly reads: number
  readonly entries?: readonly Posted[]
  readonly purges?: Purges | undefined
  readonly order?: HeadOrder
}

const NEVER = Number.NEGATIVE_INFINITY
/** A read silent for longer has died with its request. */
const DEAD_MS = TIMEOUT_MS + 250
/** The pause after a failure, in which no request waits for another attempt. */
const REST_MS = 500
const POLL_MS = 5
/** The part of the bound after which the bulletin is read behind requests, so that few ever wait. */
const READ_AHEAD = 0.5

const UNAVAILABLE = err(STANDING_UNKNOWN)

const NOTHING_VOID = ok(undefined)

/** Returns the reader of what orders make void. Without bulletins there are no orders. */
export function createDistrustReader(bulletins: Bulletins | undefined): ReadDistrust {
  if (bulletins === undefined) return () => NOTHING_VOID
  return (zone, call) =>
    after(bulletins.of(zone, call), (known) => {
      if (!known.ok) return known
      const { distrust } = known.value.head
      return distrust === undefined ? NOTHING_VOID : ok(distrust)
    })
}

/** Creates the bulletins of one isolate. Among concurrent requests one reads, and the others poll its result. */
export function createBulletins(stores: BulletinStores, clock: Clock): Bulletins {
  const states = new Map<string, ZoneState>()
  const stateOf = ({ id }: Zone): ZoneState => {
    const found = states.get(id)
    if (found !== undefined) return found
    const state = emptyState()
    states.set(id, state)
    return state
  }
  return {
    // Uses the clock rather than the time the request came: the request may have waited since.
    of(zone, { waitUntil }) {
      const state = stateOf(zone)
      const now = readClock(state, clock)
      const ageMs = now - state.asOf
      const { boundMs, serveMs } = zone.standing
      if (ageMs < boundMs * READ_AHEAD) return state.answer
      const read = (): Promise<void> => refresh(state, zone, stores, clock)
      if (ageMs < boundMs) {
        if (mayRead(state, now)) waitUntil(read())
        return state.answer
      }
      return ageMs < serveMs && isDown(state, now) ? state.answer : awaitRead(state, zone, clock, waitUntil, read)
    },
    async post(zone, given, purges, act) {
      const { longestTokenSeconds, boundMs, serveMs } = zone.standing
      const entries = stamped(given, clock() / 1000)
      const command = { entries, ...(purges && { purges }), longestTokenSeconds, epoch: crypto.randomUUID() }
      const posted = await answerOf(() => stores(zone.id, zone.places.own).post(command, act))
      if (posted?.ok !== true) return false
      const state = stateOf(zone)
      const now = readClock(state, clock)
      const isBeingRead = isReading(state, now)
      // If the bulletin has to be read before use, that read brings the entries. Purges are used without a read.
      const isUsed = isBeingRead || now - state.asOf < Math.max(boundMs, serveMs)
      applyPosted(state.known, isUsed ? entries : [], purges)
      // A read that begins later includes the entry.
      if (isBeingRead) state.recent = [...state.recent, { reads: state.reads, entries, purges }]
      return true
    },
    proclaim: (zone, order, act) =>
      postOrder(order, act, zone, stores(zone.id, zone.places.own), stateOf(zone).known, () =>
        holdHere(order, stateOf(zone), clock),
      ),
    async order(zone, name, command) {
      const answer = await answerOf(() => stores(zone.id, zone.places.own).order(name, command))
      return answer?.ok === true ? answer.value : undefined
    },
    glance(zone, { waitUntil }, boundMs) {
      const state = stateOf(zone)
      const now = readClock(state, clock)
      if (now - state.asOf >= boundMs * READ_AHEAD && mayRead(state, now)) {
        waitUntil(refresh(state, zone, stores, clock))
      }
      return state
    },
  }
}

/** Holds an order here before it is read. */
function holdHere(order: HeadOrder, state: ZoneState, clock: Clock): void {
  const now = readClock(state, clock)
  applyOrder(state.known, order, now)
  if (isReading(state, now)) state.recent = [...state.recent, { reads: state.reads, order }]
}

/** Notes when statements came: an event may be of a time long past, and is news all the same. */
function stamped(entries: readonly Posted[], cameAt: number): readonly Posted[] {
  return entries.map((posted) => ({ ...posted, entry: { ...posted.entry, cameAt } }))
}

function emptyState(): ZoneState {
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
function readClock(state: ZoneState, clock: Clock): number {
  const now = clock()
  const backMs = state.seenAt - now
  if (backMs > 0) {
    state.asOf -= backMs + MOST_BOUND_MS
    state.attemptedAt -= backMs
    state.failedAt -= backMs
  }
  state.seenAt = now
  return now
}

/** An upper limit of every zone's bound. */
const MOST_BOUND_MS = 60_000

function isReading(state: ZoneState, now: number): boolean {
  return state.isReading && now - state.attemptedAt < DEAD_MS
}

function mayRead(state: ZoneState, now: number): boolean {
  return !isReading(state, now) && now - state.failedAt >= REST_MS
}

/**
 * Returns true if a read failed just now, or is being retried after a failure: only the retrying request need wait for it.
 */
function isDown(state: ZoneState, now: number): boolean {
  return now - state.failedAt < (isReading(state, now) ? REST_MS + DEAD_MS : REST_MS)
}

async function awaitRead(
  state: ZoneState,
  zone: Zone,
  clock: Clock,
  waitUntil: WaitUntil,
  read: () => Promise<void>,
): Promise<Result<KnownBulletin, Refusal>> {
  const { boundMs, serveMs } = zone.standing
  while (isReading(state, readClock(state, clock))) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  const now = readClock(state, clock)
  if (now - state.asOf >= boundMs && mayRead(state, now)) {
    const work = read()
    waitUntil(work) // the others poll this one, even if its client leaves
    await work
  }
  const ageMs = readClock(state, clock) - state.asOf
  return ageMs < boundMs || ageMs < serveMs ? state.answer : UNAVAILABLE
}

/** Reads the bulletin into `state`. Never throws; the outcome is noted in `state`. */
async function refresh(state: ZoneState, zone: Zone, stores: BulletinStores, clock: Clock): Promise<void> {
  const number = ++state.reads
  state.attemptedAt = readClock(state, clock)
  state.isReading = true
  const since = versionOf(state.known)
  const answer = await answerOf(() => stores(zone.id, zone.places.own).delta(since))
  const delta = answer?.ok === true ? readDelta(answer.value, since) : undefined
  const now = readClock(state, clock)
  // The read was taken for dead, and a later one knows better.
  if (number !== state.reads) return
  state.isReading = false
  state.failedAt = delta === undefined ? now : NEVER
  if (delta === undefined) return
  applyDelta(state.known, delta, zone.standing.longestTokenSeconds, now)
  state.asOf = state.attemptedAt
  state.recent = state.recent.filter(({ reads }) => reads >= number)
  for (const { entries = [], purges, order } of state.recent) {
    applyPosted(state.known, entries, purges)
    if (order !== undefined) applyOrder(state.known, order, now)
  }
}
