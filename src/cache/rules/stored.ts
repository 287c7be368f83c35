import { assess, type Freshness, type Received } from './freshness.ts'
import { nominated } from '../../http/rules/fields.ts'
import type { CachePolicy } from '../../access/route.ts'
import { type ReadField, select, type Selection, varyNames } from './vary.ts'

/** A stored response without its content. Plain data, readable by any request of an isolate. */
export interface Stored {
  readonly status: number
  /** The fields as the origin sent them, except the hop-by-hop ones. Names in lower case. */
  readonly fields: StoredFields
  readonly freshness: Freshness
  /** Milliseconds since 1970. */
  readonly requestedAt: number
  readonly respondedAt: number
  readonly selection: Selection
  /** Zone, canonical path and the origin's `Cache-Tag`: a purge refers to these. */
  readonly zone: string
  readonly path: string
  /** Undefined if a cache in between may have removed the tags: the response then counts as having any. */
  readonly tags: readonly string[] | undefined
}

/** The largest content that the gate holds in its own memory, of any source. */
export const MAX_HELD_BYTES = 128 * 1024

export type StoredFields = readonly (readonly [name: string, value: string])[]

/** The fields that are not stored (RFC 9111 §3.1). `content-length` is computed from the content instead. */
const NOT_STORED = new Set([
  'age',
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The fields that describe the stored content: a 304 does not replace them (RFC 9111 §3.2). */
const OF_THE_CONTENT = new Set(['content-encoding', 'content-length', 'content-range'])

/** The zone and path a response belongs to. */
export interface CopyOwner {
  readonly zone: string
  readonly path: string
}

/**
 * Returns the part of a response to store. `request` reads the fields of the request. Undefined if nothing may be stored.
 */
export function store(
  received: Received,
  fields: Iterable<readonly [string, string]>,
  request: ReadField,
  place: CopyOwner,
  policy: CachePolicy,
): Stored | undefined {
  const freshness = assess(received, policy)
  const names = varyNames(received.read('vary'))
  if (freshness === undefined || names === undefined) return undefined
  if (freshness.lifetimeMs <= freshness.initialAgeMs && !hasValidator(received.read)) return undefined
  // A compressed response depends on `Accept-Encoding` even if its origin does not say so.
  const isCoded = received.read('content-encoding') !== null && !names.includes('accept-encoding')
  const selecting = isCoded ? [...names, 'accept-encoding'] : names
  return { ...describe(received, fields, place, policy), freshness, selection: select(selecting, request) }
}

const NOT_FRESH: Freshness = {
  initialAgeMs: 0,
  lifetimeMs: 0,
  isUnproven: true,
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  coversServerErrors: false,
}

/**
 * Returns a response to share without storing, with the requests that wait for it now: an origin's failure is the same for
 * all that send the same selecting fields. Undefined if the response varies by everything.
 */
export function transient(
  received: Received,
  fields: Iterable<readonly [string, string]>,
  request: ReadField,
  place: CopyOwner,
  policy: CachePolicy,
): Stored | undefined {
  const names = varyNames(received.read('vary'))
  if (names === undefined) return undefined
  return { ...describe(received, fields, place, policy), freshness: NOT_FRESH, selection: select(names, request) }
}

function describe(
  { status, read, requestedAt, respondedAt }: Received,
  fields: Iterable<readonly [string, string]>,
  { zone, path }: CopyOwner,
  policy: CachePolicy,
): Omit<Stored, 'freshness' | 'selection'> {
  const ended = nominated(read('connection'))
  const kept = Array.from(fields).filter(
    ([name]) => !NOT_STORED.has(name) && !ended.has(name) && !(name === 'set-cookie' && policy.stripsSetCookie),
  )
  return { status, fields: kept, requestedAt, respondedAt, zone, path, tags: tagsOf(read('cache-tag')) }
}

function hasValidator(read: ReadField): boolean {
  return read('etag') !== null || read('last-modified') !== null
}

/** Splits `Cache-Tag` into its tags, in lower case: tags are compared without case. */
function tagsOf(field: string | null): readonly string[] {
  const tags = (field ?? '').split(',').map((tag) => tag.trim().toLowerCase())
  return tags.filter((tag) => tag !== '')
}

/**
 * Returns the stored response as updated by a 304 (RFC 9111 §3.2, §4.3.4). Undefined if the 304 refers to another response,
 * or forbids further storage.
 */
export function freshen(
  stored: Stored,
  received: Received,
  fields: Iterable<readonly [string, string]>,
  request: ReadField,
  policy: CachePolicy,
): Stored | undefined {
  const tag = received.read('etag')
  if (tag !== null && opaque(tag) !== opaque(fieldOf(stored, 'etag') ?? tag)) return undefined
  const updates = Array.from(fields).filter(([name]) => !OF_THE_CONTENT.has(name))
  const updated = new Set(updates.map(([name]) => name))
  const merged = [...stored.fields.filter(([name]) => !updated.has(name)), ...updates]
  // Keeps the selection: a 304 may omit part of `Vary`.
  const varies = [joined(merged, 'vary'), ...stored.selection.map(([name]) => name)].filter((name) => name !== null)
  const read: ReadField = (name) => {
    if (name === 'vary') return varies.length === 0 ? null : varies.join(', ')
    return name === 'age' ? received.read(name) : joined(merged, name)
  }
  return store({ ...received, status: stored.status, read }, merged, request, stored, policy)
}

/** Returns an entity-tag without its weakness mark, for the weak comparison (RFC 9110 §8.8.3.2). */
export function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}

/** Returns the value of a field by its lower-case name; several values are joined by commas. */
export function fieldOf(stored: Stored, name: string): string | undefined {
  return joined(stored.fields, name) ?? undefined
}

function joined(fields: StoredFields, name: string): string | null {
  const values = fields.filter(([key]) => key === name).map(([, value]) => value)
  return values.length === 0 ? null : values.join(', ')
}
