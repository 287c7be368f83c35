import { needsOrigin } from '../cache/rules/conditional.ts'
import { selectingFields } from '../cache/rules/key.ts'
import { ageMs, judgeFreshness, wishesOf } from '../cache/rules/freshness.ts'
import { isPurged, NO_PURGES, PURGE_BOUND_MS, type Purges } from '../cache/rules/purge.ts'
import { MAX_HELD_BYTES } from '../cache/rules/stored.ts'
import { isSelected } from '../cache/rules/vary.ts'
import type { Zone } from '../zone.ts'
import type { Call, Clock, Copy, AdmittedRequest } from '../ports.ts'
import { LruCache } from '../core/lru.ts'
import { represent } from '../cache/represent.ts'
import type { PurgeFeed } from '../cache/purgenews.ts'
import { passthrough } from '../http/passthrough.ts'
import { type BoundSocket, shape } from './shape.ts'

/**
 * Small copies that were asked for lately, in the gate itself: a hop to any cache costs more than all that the gate does.
 * A purge made elsewhere ends them as soon as the zone's bulletin tells of it. The bulletin does not tell of a change by an
 * unsafe method, of a newer version in a store, or of a `Vary` that came later: a post for each would cost more than what
 * it saves. So a copy is held no longer than those may take, however fresh it is and whatever is known of purges.
 */
export interface MemoryCache {
  /** The response to this request, shaped for its client; undefined where the next stage has to answer. */
  find(admitted: AdmittedRequest, call: Call): Response | undefined
  keep(admitted: AdmittedRequest, copy: Copy): void
  /** What requests brought that have begun by now is not used any more: in the whole zone, or at one path. */
  forget(zone: Zone, path?: string): void
}

/** How the log and `Cache-Status` call it. */
export const FROM_MEMORY = 'hit; detail=memory'
/** How soon a purge or a change holds here, whoever made it, counted from the request that brought the copy. */
const BOUND_MS = PURGE_BOUND_MS / 2
const MAX_BYTES = 16 * 1024 * 1024
const MAX_ENDS = 1000

interface Held {
  readonly copy: Copy
  /** When the request began that brought it: what ended later, it may not have heard of. */
  readonly began: number
  readonly until: number
  /** By which it was judged last, and stood. */
  judgedBy: Purges | undefined
  /** The fields of the answer at one age in seconds, for all who ask for nothing special. */
  ready: { readonly ageSeconds: number; readonly headers: Headers } | undefined
}

/** Without news of purges a copy is held all the same. */
export function createMemoryCache(boundSocket: BoundSocket, clock: Clock, news?: PurgeFeed): MemoryCache {
  const copies = new LruCache<Held>(MAX_BYTES, ({ copy }) => copy.content.length)
  const ends = new Ends()
  return {
    find(admitted, call) {
      const { exchange, partition, zone } = admitted
      if (partition.name === undefined || exchange.method !== 'GET') return undefined
      // Looked at before it is needed: what is old is read behind this request, for those that find a copy.
      const purges = news === undefined ? NO_PURGES : news.known(zone, call)
      const held = copies.get(keyOf(admitted))
      if (held === undefined || exchange.now >= held.until) return undefined
      if (ends.of(zone, exchange.target.path) >= held.began) return undefined
      return stands(held, purges) ? answer(held, admitted, boundSocket) : undefined
    },
    keep(admitted, copy) {
      const { stored, content } = copy
      const now = clock()
      const freshMs = stored.freshness.lifetimeMs - ageMs(stored.freshness, stored.respondedAt, now)
      if (stored.freshness.isUnproven || freshMs <= 0 || content.length > MAX_HELD_BYTES) return
      const began = admitted.exchange.now
      const until = Math.min(began + BOUND_MS, now + freshMs)
      copies.set(keyOf(admitted), { copy, began, until, judgedBy: undefined, ready: undefined })
    },
    forget: (zone, path) => ends.add(zone, path, clock()),
  }
}

/** What is known of purges is the same object until it is read anew, so that a copy is judged once by each. */
function stands(held: Held, purges: Purges | undefined): boolean {
  if (purges === undefined) return false
  if (held.judgedBy === purges) return true
  if (isPurged(held.copy.stored, purges)) return false
  held.judgedBy = purges
  return true
}

function keyOf({ exchange, partition, zone }: AdmittedRequest): string {
  return `${zone.name} ${exchange.scheme} ${exchange.target.path}${partition.query} ${partition.name ?? ''}`
}

/** Until when the copies of a zone, or of one path in it, are no longer good. An end is past when no copy is so old. */
class Ends {
  readonly #byPlace = new Map<string, number>()

  of(zone: Zone, path: string): number {
    if (this.#byPlace.size === 0) return Number.NEGATIVE_INFINITY
    return Math.max(this.#at(zone.name), this.#at(`${zone.name} ${path}`))
  }

  add(zone: Zone, path: string | undefined, now: number): void {
    for (const [place, at] of this.#byPlace) if (now - at > 2 * BOUND_MS) this.#byPlace.delete(place)
    const isMuch = this.#byPlace.size >= MAX_ENDS
    this.#byPlace.set(path === undefined || isMuch ? zone.name : `${zone.name} ${path}`, now)
  }

  #at(place: string): number {
    return this.#byPlace.get(place) ?? Number.NEGATIVE_INFINITY
  }
}

function answer(held: Held, admitted: AdmittedRequest, boundSocket: BoundSocket): Response | undefined {
  const { fields, now } = admitted.exchange
  const { stored, content, unreadable } = held.copy
  const read = (name: string): string | null => fields.get(name)
  if (read('range') !== null || needsOrigin(read)) return undefined
  if (stored.selection.length > 0 && !isSelected(stored.selection, selectingFields(fields, admitted.zone.originFields)))
    return undefined
  const age = ageMs(stored.freshness, stored.respondedAt, now)
  if (judgeFreshness(stored.freshness, age, wishesOf(read)) !== 'fresh') return undefined
  const make = (): Response => {
    const response = represent(stored, { body: content, unreadable, isReused: true }, { method: 'GET', read, now })
    response.headers.set('Server-Timing', 'gate;dur=0, origin;dur=0')
    return shape(response, admitted, { cache: FROM_MEMORY, now, boundSocket })
  }
  if (read('if-none-match') !== null || read('if-modified-since') !== null) return make()
  if (admitted.zone.origins.size > 0 && read('origin') !== null) return make()
  const ageSeconds = Math.floor(age / 1000)
  if (held.ready?.ageSeconds !== ageSeconds) held.ready = { ageSeconds, headers: make().headers }
  const { status } = stored
  return passthrough(hasContent(status) ? content : null, { status, headers: held.ready.headers })
}

function hasContent(status: number): boolean {
  return status !== 204 && status !== 205
}
