import { selectingFields } from '../core/copykey.ts'
import { ageMs, judge, wishesOf } from '../core/freshness.ts'
import { isSelected } from '../core/vary.ts'
import type { Zone } from '../core/zone.ts'
import type { Copy, Passage } from '../ports.ts'
import { Remembered } from '../tokens/remembered.ts'
import { represent } from './cache/represent.ts'
import { type BoundSocket, shape } from './shape.ts'

/**
 * Small copies that were asked for lately, in the gate itself: a hop to any cache costs more than all that the gate does.
 * Each is held no longer than a revocation may take, so that whatever ends a copy elsewhere ends it here.
 */
export interface Hot {
  /** The response to this request, shaped for its client; undefined where the next stage has to answer. */
  find(passage: Passage): Response | undefined
  keep(passage: Passage, copy: Copy, now: number): void
  forget(zone: Zone): void
}

/** How soon a purge or a change holds here, whoever made it. */
const BOUND_MS = 5000
const MAX_COPY_BYTES = 128 * 1024
const MAX_BYTES = 16 * 1024 * 1024

interface Held {
  readonly copy: Copy
  readonly until: number
  /** The fields of the answer at one age in seconds, for all who ask for nothing special. */
  ready: { readonly ageSeconds: number; readonly headers: Headers } | undefined
}

export function createHot(boundSocket: BoundSocket): Hot {
  const zones = new WeakMap<Zone, Remembered<Held>>()
  return {
    find(passage) {
      const { exchange, share, zone } = passage
      if (share.partition === undefined || exchange.method !== 'GET') return undefined
      const held = zones.get(zone)?.get(keyOf(passage))
      if (held === undefined || exchange.now >= held.until) return undefined
      return answer(held, passage, boundSocket)
    },
    keep(passage, copy, now) {
      const { stored, content } = copy
      const { freshness, respondedAt } = stored
      const freshMs = freshness.isUnproven ? 0 : freshness.lifetimeMs - ageMs(freshness, respondedAt, now)
      if (freshMs <= 0 || content.length > MAX_COPY_BYTES) return
      const known = zones.get(passage.zone) ?? new Remembered<Held>(MAX_BYTES, ({ copy: kept }) => kept.content.length)
      known.set(keyOf(passage), { copy, until: now + Math.min(BOUND_MS, freshMs), ready: undefined })
      zones.set(passage.zone, known)
    },
    forget: (zone) => zones.delete(zone),
  }
}

function keyOf({ exchange, share }: Passage): string {
  return `${exchange.scheme} ${exchange.target.path}${share.query} ${share.partition ?? ''}`
}

function answer(held: Held, passage: Passage, boundSocket: BoundSocket): Response | undefined {
  const { fields, now } = passage.exchange
  const { stored, content } = held.copy
  const read = (name: string): string | null => fields.get(name)
  if (read('range') !== null) return undefined
  if (stored.selection.length > 0 && !isSelected(stored.selection, selectingFields(fields))) return undefined
  const age = ageMs(stored.freshness, stored.respondedAt, now)
  if (judge(stored.freshness, age, wishesOf(read)) !== 'fresh') return undefined
  const make = (): Response => {
    const response = represent(stored, { body: content }, { method: 'GET', read, now })
    response.headers.set('Server-Timing', 'gate;dur=0, origin;dur=0')
    return shape(response, 'hit; detail=memory', passage, now, boundSocket)
  }
  if (read('if-none-match') !== null || read('if-modified-since') !== null || read('origin') !== null) return make()
  const ageSeconds = Math.floor(age / 1000)
  if (held.ready?.ageSeconds !== ageSeconds) held.ready = { ageSeconds, headers: make().headers }
  const { status } = stored
  return new Response(hasContent(status) ? content : null, {
    status,
    headers: held.ready.headers,
    encodeBody: 'manual',
  })
}

function hasContent(status: number): boolean {
  return status !== 204 && status !== 205
}
