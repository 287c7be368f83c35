import type { Stored } from './stored.ts'

/** What is to be asked of the origin anew, in one zone. */
export interface Purge {
  readonly everything: boolean
  /** Whatever carries one of these `Cache-Tag`s; in lower case. */
  readonly tags: readonly string[]
  /** Whatever lies at one of these paths or below it. Canonical, without a slash at the end. */
  readonly pathPrefixes: readonly string[]
}

type Times = Readonly<Record<string, number>>

/** When what was purged, in one zone: nothing asked for before that is used any more. Milliseconds since 1970. */
export interface Purges {
  readonly everythingAt: number
  readonly tags: Times
  readonly pathPrefixes: Times
}

export const NO_PURGES: Purges = { everythingAt: Number.NEGATIVE_INFINITY, tags: {}, pathPrefixes: {} }

/**
 * How soon a purge holds everywhere. Half of it is for what an isolate knows of purges, and half for what it holds in
 * memory.
 */
export const PURGE_BOUND_MS = 5000

/** What was purged, and this at `now`. */
export function addPurge(purges: Purges, purge: Purge, now: number): Purges {
  if (purge.everything) return mergePurges(purges, { ...NO_PURGES, everythingAt: now })
  const at = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, now]))
  return mergePurges(purges, { ...NO_PURGES, tags: at(purge.tags), pathPrefixes: at(purge.pathPrefixes) })
}

/**
 * More names than that, or longer ones in all, are not remembered one by one: everything is then purged once, and the list
 * begins anew. Every isolate reads it every few seconds.
 */
const MAX_PURGES = 1000
const MAX_CHARACTERS = 64 * 1024

/** All that is purged as one or the other says. */
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

function laterOf(one: Times, other: Times, since: number): [string, number][] {
  const times = new Map(Object.entries(one))
  for (const [name, at] of Object.entries(other)) times.set(name, Math.max(at, times.get(name) ?? at))
  return [...times].filter(([, at]) => at > since)
}

/** True when all that `others` says is purged, `purges` says as well. */
export function includesPurges(purges: Purges, others: Purges): boolean {
  const { everythingAt } = purges
  const holds =
    (times: Times) =>
    ([name, at]: [string, number]) =>
      at <= Math.max(everythingAt, timeOf(times, name))
  return (
    others.everythingAt <= everythingAt &&
    Object.entries(others.tags).every(holds(purges.tags)) &&
    Object.entries(others.pathPrefixes).every(holds(purges.pathPrefixes))
  )
}

function timeOf(times: Times, name: string): number {
  return (Object.hasOwn(times, name) ? times[name] : undefined) ?? Number.NEGATIVE_INFINITY
}

/** Each path that a purge could name to reach this one: itself and all above it. `/` is named `` as a prefix. */
export function prefixesOf(path: string): readonly string[] {
  const prefixes = ['']
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) prefixes.push(path.slice(0, end))
  const whole = path.replace(/\/$/, '')
  if (prefixes.at(-1) !== whole) prefixes.push(whole)
  return prefixes
}

/** To look up each of n prefixes takes n² steps. Where there are more than that, the purges are gone through instead. */
const MAX_LOOKED_UP = 32

function isBelowPurged(path: string, requestedAt: number, times: Times): boolean {
  const prefixes = prefixesOf(path)
  if (prefixes.length <= MAX_LOOKED_UP) return prefixes.some((prefix) => requestedAt <= timeOf(times, prefix))
  return Object.entries(times).some(
    ([prefix, at]) => requestedAt <= at && (path === prefix || path.startsWith(`${prefix}/`)),
  )
}

/** What a purge looks at. Tags that are not known might be any. */
export type Purgeable = Pick<Stored, 'requestedAt' | 'path' | 'tags'>

/** True for what was asked for before it was purged. */
export function isPurged({ requestedAt, path, tags }: Purgeable, purges: Purges): boolean {
  if (requestedAt <= purges.everythingAt) return true
  const isTagPurged = (name: string): boolean => requestedAt <= timeOf(purges.tags, name)
  return (tags ?? Object.keys(purges.tags)).some(isTagPurged) || isBelowPurged(path, requestedAt, purges.pathPrefixes)
}
