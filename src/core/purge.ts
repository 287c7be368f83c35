import type { Stored } from './stored.ts'

/** What is to be asked of the origin anew, in one zone. */
export interface Purge {
  readonly everything: boolean
  /** Whatever carries one of these `Cache-Tag`s; in lower case. */
  readonly tags: readonly string[]
  /** Whatever lies at one of these paths or below it. Canonical, without a slash at the end. */
  readonly pathPrefixes: readonly string[]
}

/** When what was purged, in one zone: nothing asked for before that is used any more. Milliseconds since 1970. */
export interface Purges {
  readonly everythingAt: number
  readonly tags: Readonly<Record<string, number>>
  readonly pathPrefixes: Readonly<Record<string, number>>
}

export const NO_PURGES: Purges = { everythingAt: Number.NEGATIVE_INFINITY, tags: {}, pathPrefixes: {} }

/** More than so many are not remembered one by one: everything is then purged once, and the list begins anew. */
const MAX_PURGES = 1000

export function addPurge(purges: Purges, purge: Purge, now: number): Purges {
  if (purge.everything) return { ...NO_PURGES, everythingAt: now }
  const added = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, now]))
  const tags = { ...purges.tags, ...added(purge.tags) }
  const pathPrefixes = { ...purges.pathPrefixes, ...added(purge.pathPrefixes) }
  if (Object.keys(tags).length + Object.keys(pathPrefixes).length > MAX_PURGES) {
    return { ...NO_PURGES, everythingAt: now }
  }
  return { everythingAt: purges.everythingAt, tags, pathPrefixes }
}

/** Each path that a purge could name to reach this one: itself and all above it. `/` is named `` as a prefix. */
export function prefixesOf(path: string): readonly string[] {
  const prefixes = ['']
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) prefixes.push(path.slice(0, end))
  const whole = path.replace(/\/$/, '')
  if (prefixes.at(-1) !== whole) prefixes.push(whole)
  return prefixes
}

/** True for a copy that was asked for before it was purged. */
export function isPurged(stored: Pick<Stored, 'requestedAt' | 'path' | 'tags'>, purges: Purges): boolean {
  const { requestedAt, path, tags } = stored
  if (requestedAt <= purges.everythingAt) return true
  const hit = (times: Readonly<Record<string, number>>) => (name: string) =>
    Object.hasOwn(times, name) && requestedAt <= (times[name] ?? Number.NEGATIVE_INFINITY)
  return tags.some(hit(purges.tags)) || prefixesOf(path).some(hit(purges.pathPrefixes))
}
