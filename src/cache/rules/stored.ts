import { assess, type Freshness, type Received } from './freshness.ts'
import { nominated } from '../../http/rules/fields.ts'
import type { CachePolicy } from '../../access/route.ts'
import { type ReadField, select, type Selection, varyNames } from './vary.ts'

/** A stored response without its content. Plain data, so that any request of an isolate may read it. */
export interface Stored {
  readonly status: number
  /** As the origin sent them, but for those that end at this hop. Names in lower case. */
  readonly fields: StoredFields
  readonly freshness: Freshness
  /** Milliseconds since 1970. */
  readonly requestedAt: number
  readonly respondedAt: number
  readonly selection: Selection
  /** By which it can be purged: the zone, the canonical path, and the origin's `Cache-Tag`. */
  readonly zone: string
  readonly path: string
  /** Undefined where a cache in between may have taken them off: it might have any. */
  readonly tags: readonly string[] | undefined
}

/** The largest content that the gate holds in its own memory, wherever it comes from. */
export const MAX_HELD_BYTES = 128 * 1024

export type StoredFields = readonly (readonly [name: string, value: string])[]

/** RFC 9111 §3.1. The length is that of the content, whatever was said of it. */
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

/** Describe the content that is stored, which a 304 does not replace (RFC 9111 §3.2). */
const OF_THE_CONTENT = new Set(['content-encoding', 'content-length', 'content-range'])

/** Where a response belongs. */
export interface CopyOwner {
  readonly zone: string
  readonly path: string
}

/** What is stored of a response to a request with these fields; undefined when nothing may be. */
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
  // Whatever its origin says, a compressed response is not for those who cannot read it.
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
 * A response that is not stored, for those who wait for it already and send what it depends on: the failure of an origin
 * is the same for all of them. Undefined when it depends on everything.
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

/** `Cache-Tag` is a list; tags differ by more than case. */
function tagsOf(field: string | null): readonly string[] {
  const tags = (field ?? '').split(',').map((tag) => tag.trim().toLowerCase())
  return tags.filter((tag) => tag !== '')
}

/**
 * The stored response as a 304 freshens it (RFC 9111 §3.2, §4.3.4). Undefined when the 304 speaks of another one, or says
 * that it must not be stored any longer.
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
  const news = Array.from(fields).filter(([name]) => !OF_THE_CONTENT.has(name))
  const renewed = new Set(news.map(([name]) => name))
  const merged = [...stored.fields.filter(([name]) => !renewed.has(name)), ...news]
  // It was selected by more than a 304 may care to say.
  const varies = [joined(merged, 'vary'), ...stored.selection.map(([name]) => name)].filter((name) => name !== null)
  const read: ReadField = (name) => {
    if (name === 'vary') return varies.length === 0 ? null : varies.join(', ')
    return name === 'age' ? received.read(name) : joined(merged, name)
  }
  return store({ ...received, status: stored.status, read }, merged, request, stored, policy)
}

/** An entity-tag without its mark of weakness: what the weak comparison compares (RFC 9110 §8.8.3.2). */
export function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}

/** The value of a field, by its name in lower case; of several, joined by commas. */
export function fieldOf(stored: Stored, name: string): string | undefined {
  return joined(stored.fields, name) ?? undefined
}

function joined(fields: StoredFields, name: string): string | null {
  const values = fields.filter(([key]) => key === name).map(([, value]) => value)
  return values.length === 0 ? null : values.join(', ')
}
