import { isEndpointTarget, readTarget } from './target.ts'

/** What a path pattern may look like, whether an operator configured it or a receipt names it. */

/** `*` is a whole segment; no query, `;`, white space, backslash or empty segment. */
export const PATH_PATTERN = /^\/(?:[^/*?#\\\s;]+\/|\*\/)*(?:[^/*?#\\\s;]+|\*)?$/

/** True where its escapes are UTF-8, and none hides what would divide a path. */
export function isDecodable(pattern: string): boolean {
  try {
    return pattern.isWellFormed() && !/[/\\;?#%]/.test(pattern.split('/').map(decodeURIComponent).join(''))
  } catch {
    return false
  }
}

/** True where a segment is `.` or `..`, escaped or not. */
export function hasDotSegments(pattern: string): boolean {
  return pattern.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
}

/** True for a pattern that is or could be read as a path under /__faregate, which is the gate's own. */
export function isEndpointPath(pattern: string): boolean {
  const target = readTarget(pattern, '')
  return target.ok && isEndpointTarget(target.value)
}

/** Parentheses that are a part of a name, as in `/wiki/Mercury_(planet)`, and group nothing. */
const IN_A_NAME = /(?<=[\w%\-\u0080-\uffff])\([\w%\u0080-\uffff][\w%\u0080-\uffff\-.,'!&=~]*\)(?![?*+])/g

/** By what other routers mark a placeholder, a group, an optional part or a regular expression. */
const PLACEHOLDERS: readonly RegExp[] = [
  /\{[^{}]*\}?|<[^<>]*>?|\[+[^[\]]*\]*/, // {id}, {id:\d+}, <int:id>, [id], [...slug], [0-9]
  /:[a-z_]\w*[?*+]?/i, // :id, :path*
  /\([^()]*\)?[?*+]?|\)/, // (.*), (group), (optional)?
  /\\.?|\^|[|"`>}\]]/, // what stands in no path at all: \d, ^, a|b
  /(?<=[^/])\*+\w*|\*(?=[^/])[*\w.-]*/, // **, *.php, *rest
  /\$(?=\w|\/|$)\w*/, // $id, $ at the end
  /(?<=\/)\+(?=\/|$)|\.\+/, // +, .+
  /\?(?=\/|$)/, // x?
  /(?<=\/)\.{3,}\w*/, // ...slug
  /%(?![0-9a-f]{2})[a-z]?/i, // %s
]

/** What another router would read as a placeholder, and this one literally; undefined where there is nothing of the kind. */
export function placeholderIn(pattern: string): string | undefined {
  const rest = pattern.replace(IN_A_NAME, '')
  for (const placeholder of PLACEHOLDERS) {
    const [found] = placeholder.exec(rest) ?? []
    if (found !== undefined) return found
  }
  return undefined
}

/** True where some request could have a path that the pattern takes. */
export function isReachable(pattern: string): boolean {
  return readTarget(pattern.replaceAll('*', 'x'), '').ok
}

/** True for a pattern that `compilePattern` can take. */
export function isPathPattern(text: string): boolean {
  return PATH_PATTERN.test(text) && isDecodable(text) && !hasDotSegments(text) && !isEndpointPath(text)
}

/** A path pattern, compiled: once as written, once with case folded. */
export interface Pattern {
  readonly source: string
  /** The same for all patterns that match the same: case, escapes and a slash at the end set aside. */
  readonly key: string
  readonly exact: RegExp
  readonly folded: RegExp
  /** Sorts before another when it is more specific: literal segments before `*`, longer before shorter. */
  readonly rank: string
}

/** Case folded as the most forgiving server would: `ı` and `I` are one letter. */
export function fold(text: string): string {
  return text.toUpperCase().toLowerCase()
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** A segment in both its spellings: `é` and `%C3%A9`. */
function spellings(segment: string): string {
  const decoded = decodeURIComponent(segment)
  const encoded = encodeURIComponent(decoded).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent)
  return decoded === encoded ? literal(decoded) : `(?:${literal(decoded)}|${literal(encoded)})`
}

/**
 * Compiles `/a/*` and its like. `*` stands for one segment, and at the end for everything below, the bare prefix
 * included: `/articles/*` covers `/articles`. Throws URIError on a malformed escape.
 */
export function compilePattern(path: string): Pattern {
  const segments = path.split('/').slice(1)
  const open = segments.at(-1) === '*'
  const fixed = (open ? segments.slice(0, -1) : segments).filter(
    (segment, index, all) => segment !== '' || index < all.length - 1,
  )
  const source = fixed.map((segment) => `/${segment === '*' ? '[^/]+' : spellings(segment)}`).join('')
  const pattern = `^${source}${open ? '(?:/.*)?' : '/?'}$`
  const rank = `${fixed.map((segment) => (segment === '*' ? 'b' : 'a')).join('')}${open ? 'c' : ''}`
  return {
    source: path,
    key: keyOf(segments),
    exact: new RegExp(pattern, 's'),
    folded: new RegExp(fold(pattern), 's'),
    rank: rank === '' ? ' ' : rank,
  }
}

function keyOf(segments: readonly string[]): string {
  const names = segments.map((segment) => (segment === '*' ? segment : `=${fold(decodeURIComponent(segment))}`))
  if (names.at(-1) === '=' && names.at(-2) !== '*') names.pop()
  return names.join('/')
}

/** `/a/b` before `/a/*` before `/*`. */
export function compareRanks(one: string, other: string): number {
  const length = Math.max(one.length, other.length)
  for (let index = 0; index < length; index++) {
    const difference = (one.charCodeAt(index) || 0x20) - (other.charCodeAt(index) || 0x20)
    if (difference !== 0) return difference
  }
  return 0
}
