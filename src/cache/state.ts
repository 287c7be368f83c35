import { type CopyKey, keyText, selectingFields } from './rules/key.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { NO_PURGES, type Purges } from './rules/purge.ts'
import type { Result } from '../core/result.ts'
import type { ReadField } from './rules/vary.ts'
import type { Answer, Clock, Origin, OriginFailure, AdmittedRequest, WaitUntil } from '../ports.ts'
import type { LruCache } from '../core/lru.ts'
import type { PurgeFeed } from './purgenews.ts'
import type { Fills } from './fill.ts'
import type { VariantStore } from './lookup.ts'
import type { PurgeList } from './purges.ts'
import type { SelectingRequest } from './represent.ts'

/** The state that all lookups of one isolate share. */
export interface CacheState {
  readonly variants: VariantStore
  readonly purges: PurgeList
  /** Undefined if no bulletin tells of purges made in other isolates. */
  readonly news: PurgeFeed | undefined
  readonly fills: Fills
  readonly clock: Clock
  /**
   * By fill key, the time until which responses are known to be unshareable: requests do not wait for one another until
   * then.
   */
  readonly unshared: LruCache<number>
  /** By fill key, the last failures of leaders. */
  readonly failed: LruCache<LastFailures>
}

/** The last failure, and the times of the last two. A request older than both has seen two failures. */
export interface LastFailures {
  readonly failure: OriginFailure
  readonly lastAt: number
  readonly lastButOneAt: number
}

/** One request that a stored response may answer. */
export interface Lookup {
  readonly admitted: AdmittedRequest
  readonly outgoing: () => Request
  readonly next: Origin
  readonly waitUntil: WaitUntil
  readonly key: CopyKey
  /** Key and partition as one text. */
  readonly fillKey: string
  /** Reads the request fields that may select a variant: those that can reach the origin of a copy. */
  readonly selecting: ReadField
  readonly request: SelectingRequest
}

export type Answered = Result<Answer, OriginFailure>

/** Returns the lookup of a request, or undefined if no copy can answer it. */
export function lookupOf(
  admitted: AdmittedRequest,
  outgoing: () => Request,
  next: Origin,
  waitUntil: WaitUntil,
): Lookup | undefined {
  const { exchange, zone, partition } = admitted
  const { method, fields, scheme, target, now } = exchange
  const { name, query } = partition
  if (name === undefined) return undefined
  const key = { zone: zone.id, scheme, path: target.path, query, partition: name }
  return {
    admitted,
    outgoing,
    next,
    waitUntil,
    key,
    fillKey: `${keyText(key)}\n${name}`,
    selecting: selectingFields(fields, zone.originFields),
    request: { method, read: (field) => fields.get(field), now },
  }
}

/** Learns what was purged in other isolates, before a copy is used or kept. */
export function applyPurges({ admitted, waitUntil }: Lookup, { news, purges, clock }: CacheState): Eventually<Purges> {
  const { zone } = admitted
  if (news === undefined) return NO_PURGES
  return after(news.latest(zone, { now: clock(), waitUntil }), (heard) => {
    purges.learn(zone.id, heard)
    return heard
  })
}
