import type { Purge } from './purge.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { readTarget } from '../../http/rules/target.ts'

/** The members an operator may send in the body of a purge. */
const MEMBERS = ['tags', 'pathPrefixes', 'everything']
const MAX_NAMES = 100

/** A tag as `Cache-Tag` lists it: printable ASCII without space and comma. */
const TAG = /^[!-+\--~]{1,1024}$/

/** A sentence for the operator, beginning with the place of the fault. */
type PurgeFault = Result<never, string>

/**
 * Parses the body of a purge: `{"tags": […], "pathPrefixes": […], "everything": true}`, at least one of them. The error is a
 * sentence that names the fault and its place.
 */
export function readPurge(body: unknown): Result<Purge, string> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return err('The body is not an object such as {"pathPrefixes": ["/articles"]}.')
  }
  const unknownMember = Object.keys(body).find((name) => !MEMBERS.includes(name))
  if (unknownMember !== undefined) return err(`${unknownMember}: not one of ${MEMBERS.join(', ')}.`)
  const given: { tags?: unknown; pathPrefixes?: unknown; everything?: unknown } = body
  if (given.everything !== undefined && given.everything !== true) return err('everything: expected true, or nothing.')
  const tags = readList('tags', given.tags, readTag)
  if (!tags.ok) return tags
  const pathPrefixes = readList('pathPrefixes', given.pathPrefixes, readPrefix)
  if (!pathPrefixes.ok) return pathPrefixes
  const names = tags.value.length + pathPrefixes.value.length
  if (names > MAX_NAMES) return err(tooMany(names))
  if (names === 0 && given.everything === undefined)
    return err(`The body names nothing: expected ${MEMBERS.join(', ')}.`)
  return ok({ everything: given.everything === true, tags: tags.value, pathPrefixes: pathPrefixes.value })
}

function tooMany(names: number): string {
  return `The body has ${names} names; at most ${MAX_NAMES} can be purged at once.`
}

function readList(
  member: string,
  list: unknown,
  read: (item: string, place: string) => Result<string, string>,
): Result<string[], string> {
  if (list === undefined) return ok([])
  if (!Array.isArray(list)) return err(`${member}: expected a list of strings.`)
  if (list.length > MAX_NAMES) return err(tooMany(list.length))
  const names = new Set<string>()
  for (const [index, item] of list.entries()) {
    const place = `${member}[${index}]`
    if (typeof item !== 'string') return err(`${place}: expected a string.`)
    const name = read(item, place)
    if (!name.ok) return name
    names.add(name.value)
  }
  return ok([...names])
}

function readTag(tag: string, place: string): Result<string, string> {
  if (!TAG.test(tag)) return err(`${place}: expected 1 to 1024 printable ASCII characters without space and comma.`)
  return ok(tag.toLowerCase())
}

/** A whole segment in the form of another router's placeholder. A literal one is percent-encoded. */
const PLACEHOLDER = /\/(?::[a-z_]\w*|\{[^{}/]*\}|\[[^[\]/]*\]|<[^<>/]*>)\+?(?=\/|$)/i

/** Canonicalises a prefix to the spelling of stored paths, without a trailing slash. `/` is the empty prefix. */
function readPrefix(prefix: string, place: string): Result<string, string> {
  const fault = (expected: string): PurgeFault => err(`${place}: expected ${expected}.`)
  const path = prefix.replace(/\/\*$/, '/')
  if (!path.startsWith('/')) return fault('a path that begins with "/"')
  if (/[?#]/.test(path)) return fault('a path without query and fragment: all queries of a path are purged')
  if (path.includes('*')) return fault('"*" at the end alone, as in "/articles/*"')
  if (PLACEHOLDER.test(path)) return fault('no placeholder of other routers: "/articles/*" is all below "/articles"')
  const target = readTarget(path, '')
  if (!target.ok) return fault('a path that every server reads alike')
  return ok(target.value.path.replace(/\/$/, ''))
}
