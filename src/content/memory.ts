import { needsOrigin } from '../cache/rules/conditional.ts'
import { selectingFields } from '../cache/rules/key.ts'
import { ageMs, judgeFreshness, wishesOf } from '../cache/rules/freshness.ts'
import { isPurged, NO_PURGES, PURGE_BOUND_MS, type Purges } from '../cache/rules/purge.ts'
import { MAX_HELD_BYTES } from '../cache/rules/stored.ts'
import { isSelected } from '../cache/rules/vary.ts'
import type { Zone } from '../zone.ts'
import type { BoundSocket, Call, Clock, Copy, AdmittedRequest } from '../ports.ts'
import { LruCache } from '../core/lru.ts'
import { represent } from '../cache/represent.ts'
import type { PurgeFeed } from '../cache/purgenews.ts'
import { passthrough } from '../http/passthrough.ts'
import { shape } from './shape.ts'

/**
 * Keeps small, recent copies in the isolate of the gate.
 *
 * A hop to any cache costs more than all that the gate does, so the copies asked for lately are kept here too. Memory is
 * asked after the decision and the charge: a copy saves the way to the cache, never the payment.
 *
 * A purge made elsewhere ends copies as soon as the zone's bulletin tells of it. The bulletin does not tell of a change
 * by an unsafe method, of a newer version in a store, or of a `Vary` learnt later: a post for each would cost more than
 * it saves. So a copy is held no longer than those may take, however fresh it is and however recent the news of purges.
 */
export interface MemoryCache {
  /** Returns the response to a request, shaped for its client; undefined if the next stage has to answer. */
  find(admitted: AdmittedRequest, call: Call): Response | undefined
  keep(admitted: AdmittedRequest, copy: Copy): void
  /** Drops copies fetched by requests that started before now, in the whole zone or at one path. */
  forget(zone: Zone, path?: string): void
}

/** The name of this cache in the log and in `Cache-Status`. */
export const FROM_MEMORY = 'hit; detail=memory'
/**
 * The time within which any purge or change takes effect here, counted from the start of the request that fetched the
 * copy.
 */
const BOUND_MS = PURGE_BOUND_MS / 2
const MAX_BYTES = 16 * 1024 * 1024
const MAX_ENDS = 1000

interface MemoryEntry {
  readonly copy: Copy
  /** The start of the request that fetched the copy. It may not have seen a purge or change made later. */
  readonly startedAt: number
  readonly until: number
  /** The purge list that this copy was last checked against. */
  checkedAgainst: Purges | undefined
  /** The response fields at one age in seconds, for all requests without special wishes and without `Origin`. */
  ready: { readonly ageSeconds: number; readonly headers: Headers } | undefined
}

/** Creates the memory of one isolate. `news` tells of purges; without it copies are held all the same. */
export function createMemoryCache(boundSocket: BoundSocket, clock: Clock, news?: PurgeFeed): MemoryCache {
  const copies = new LruCache<MemoryEntry>(MAX_BYTES, ({ copy }) => copy.content.length)
  const dropTimes = new DropTimes()
  return {
    find(admitted, call) {
      const { exchange, partition, zone } = admitted
      if (partition.name === undefined || exchange.method !== 'GET') return undefined
      // Asked before it is needed: an old list is read anew behind this request, for later requests that find a copy.
      const purges = news === undefined ? NO_PURGES : news.known(zone, call)
      const entry = copies.get(keyOf(admitted))
      if (entry === undefined || exchange.now >= entry.until) return undefined
      if (dropTimes.of(zone, exchange.target.path) >= entry.startedAt) return undefined
      return isCurrent(entry, purges) ? respondFrom(entry, admitted, boundSocket) : undefined
    },
    keep(admitted, copy) {
      const { stored, content } = copy
      const now = clock()
      const freshMs = stored.freshness.lifetimeMs - ageMs(stored.freshness, stored.respondedAt, now)
      if (stored.freshness.isUnproven || freshMs <= 0 || content.length > MAX_HELD_BYTES) return
      const startedAt = admitted.exchange.now
      const until = Math.min(startedAt + BOUND_MS, now + freshMs)
      copies.set(keyOf(admitted), { copy, startedAt, until, checkedAgainst: undefined, ready: undefined })
    },
    forget: (zone, path) => dropTimes.add(zone, path, clock()),
  }
}

/**
 * Returns true if no known purge ends the copy. `purges` is the same object until it is read anew, so each copy is judged
 * once by each list.
 */
function isCurrent(entry: MemoryEntry, purges: Purges | undefined): boolean {
  if (purges === undefined) return false
  if (entry.checkedAgainst === purges) return true
  if (isPurged(entry.copy.stored, purges)) return false
  entry.checkedAgainst = purges
  return true
}

function keyOf({ exchange, partition, zone }: AdmittedRequest): string {
  return `${zone.id} ${exchange.scheme} ${exchange.target.path}${partition.query} ${partition.name ?? ''}`
}

/** The times up to which copies of a zone, or of one path, are dropped. An entry goes once no copy is that old. */
class DropTimes {
  readonly #byPlace = new Map<string, number>()

  of(zone: Zone, path: string): number {
    if (this.#byPlace.size === 0) return Number.NEGATIVE_INFINITY
    return Math.max(this.#at(zone.id), this.#at(`${zone.id} ${path}`))
  }

  add(zone: Zone, path: string | undefined, now: number): void {
    for (const [place, at] of this.#byPlace) if (now - at > 2 * BOUND_MS) this.#byPlace.delete(place)
    const isFull = this.#byPlace.size >= MAX_ENDS
    this.#byPlace.set(path === undefined || isFull ? zone.id : `${zone.id} ${path}`, now)
  }

  #at(place: string): number {
    return this.#byPlace.get(place) ?? Number.NEGATIVE_INFINITY
  }
}

function respondFrom(entry: MemoryEntry, admitted: AdmittedRequest, boundSocket: BoundSocket): Response | undefined {
  const { fields, now } = admitted.exchange
  const { stored, content, unreadable } = entry.copy
  const read = (name: string): string | null => fields.get(name)
  if (read('range') !== null || needsOrigin(read)) return undefined
  if (stored.selection.length > 0 && !isSelected(stored.selection, selectingFields(fields, admitted.zone.originFields)))
    return undefined
  const age = ageMs(stored.freshness, stored.respondedAt, now)
  if (judgeFreshness(stored.freshness, age, wishesOf(read)) !== 'fresh') return undefined
  const make = (): Response => {
    const response = represent(stored, { body: content, unreadable, isReused: true }, { method: 'GET', read, now })
    // Neither the gate nor the origin took any time now.
    response.headers.delete('Server-Timing')
    return shape(response, admitted, { cache: FROM_MEMORY, now, boundSocket })
  }
  if (read('if-none-match') !== null || read('if-modified-since') !== null) return make()
  if (read('origin') !== null) return make()
  const ageSeconds = Math.floor(age / 1000)
  if (entry.ready?.ageSeconds !== ageSeconds) entry.ready = { ageSeconds, headers: make().headers }
  const { status } = stored
  return passthrough(hasContent(status) ? content : null, { status, headers: entry.ready.headers })
}

function hasContent(status: number): boolean {
  return status !== 204 && status !== 205
}
