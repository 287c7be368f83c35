import type { Stored } from './stored.ts'

/** A request to ask the origin anew for part of one zone. */
export interface Purge {
  readonly everything: boolean
  /** Purges responses with any of these `Cache-Tag`s; lower case. */
  readonly tags: readonly string[]
  /** Purges responses at or below any of these paths. Canonical, without a trailing slash. */
  readonly pathPrefixes: readonly string[]
}

type PurgeTimes = Readonly<Record<string, number>>

/** The purges of one zone, as times in milliseconds since 1970: a response asked for at or before that time is not used. */
export interface Purges {
  readonly everythingAt: number
  readonly tags: PurgeTimes
  readonly pathPrefixes: PurgeTimes
}

export const NO_PURGES: Purges = { everythingAt: Number.NEGATIVE_INFINITY, tags: {}, pathPrefixes: {} }

/**
 * The time within which a purge holds everywhere, in milliseconds. One half is for an isolate's view of purges, the other
 * half for its copies in memory.
 */
export const PURGE_BOUND_MS = 5000

/** Adds one purge, made at `now`, to the known ones. */
export function addPurge(purges: Purges, purge: Purge, now: number): Purges {
  if (purge.everything) return mergePurges(purges, { ...NO_PURGES, everythingAt: now })
  const at = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, now]))
  return mergePurges(purges, { ...NO_PURGES, tags: at(purge.tags), pathPrefixes: at(purge.pathPrefixes) })
}

/**
 * A list with more names, or with more characters in all, is replaced by one purge of everything: every isolate reads the
 * list every few seconds.
 */
const MAX_PURGES = 1000
const MAX_CHARACTERS = 64 * 1024

/** Returns the union of two lists. */
export function mergePurges(one: Purges, other: Purges): Purges {
  const everythingAt = Math.max(one.everythingAt, other.everythingAt)
  const tags = laterOf(one.tags, other.tags, everythingAt)
  const pathPrefixes = laterOf(one.pathPrefixes, other.pathPrefixes, everythingAt)
  const all = [...tags, ...pathPrefixes]
  if (all.length > MAX_PURGES || charactersOf(all) > MAX_CHARACTERS) {
    return { ...NO_PURGES, everythingAt: Math.max(...all.map(([, at]) => at)) }
  }
  return { everythingAt, tags: Object.fromEntries(tags), pathPrefixes: Object.fromEntries(pathPrefixes) }
}

function charactersOf(times: readonly [string, number][]): number {
  return times.reduce((total, [name]) => total + name.length, 0)
}

function laterOf(one: PurgeTimes, other: PurgeTimes, since: number): [string, number][] {
  const times = new Map(Object.entries(one))
  for (const [name, at] of Object.entries(other)) times.set(name, Math.max(at, times.get(name) ?? at))
  return [...times].filter(([, at]) => at > since)
}

/** Returns true if `purges` contains everything that `others` contains. */
export function includesPurges(purges: Purges, others: Purges): boolean {
  const { everythingAt } = purges
  const holds =
    (times: PurgeTimes) =>
    ([name, at]: [string, number]) =>
      at <= Math.max(everythingAt, timeOf(times, name))
  return (
    others.everythingAt <= everythingAt &&
    Object.entries(others.tags).every(holds(purges.tags)) &&
    Object.entries(others.pathPrefixes).every(holds(purges.pathPrefixes))
  )
}

function timeOf(times: PurgeTimes, name: string): number {
  return (Object.hasOwn(times, name) ? times[name] : undefined) ?? Number.NEGATIVE_INFINITY
}

/** Returns each path whose purge would reach `path`: itself and all above it. `/` as a prefix is the empty string. */
export function prefixesOf(path: string): readonly string[] {
  const prefixes = ['']
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) prefixes.push(path.slice(0, end))
  const whole = path.replace(/\/$/, '')
  if (prefixes.at(-1) !== whole) prefixes.push(whole)
  return prefixes
}

/** Looking up n prefixes takes n² steps in all. Longer paths go through the purges instead. */
const MAX_LOOKED_UP = 32

function isBelowPurged(path: string, requestedAt: number, times: PurgeTimes): boolean {
  const prefixes = prefixesOf(path)
  if (prefixes.length <= MAX_LOOKED_UP) return prefixes.some((prefix) => requestedAt <= timeOf(times, prefix))
  return Object.entries(times).some(
    ([prefix, at]) => requestedAt <= at && (path === prefix || path.startsWith(`${prefix}/`)),
  )
}

/** The facts a purge is compared with. Unknown tags count as any tag. */
export type Purgeable = Pick<Stored, 'requestedAt' | 'path' | 'tags'>

/** Returns true if a response was asked for at or before its purge. */
export function isPurged({ requestedAt, path, tags }: Purgeable, purges: Purges): boolean {
  if (requestedAt <= purges.everythingAt) return true
  const isTagPurged = (name: string): boolean => requestedAt <= timeOf(purges.tags, name)
  return (tags ?? Object.keys(purges.tags)).some(isTagPurged) || isBelowPurged(path, requestedAt, purges.pathPrefixes)
}
