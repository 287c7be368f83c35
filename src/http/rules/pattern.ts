import { isEndpointTarget, readTarget } from './target.ts'

/** The grammar of path patterns, in a configuration and in a receipt. */

/** `*` is a whole segment. Excluded: a query, `;`, white space, a backslash, an empty segment. */
export const PATH_PATTERN = /^\/(?:[^/*?#\\\s;]+\/|\*\/)*(?:[^/*?#\\\s;]+|\*)?$/

/** Returns true if the escapes of a pattern are UTF-8, and none hides a character that would divide a path. */
export function isDecodable(pattern: string): boolean {
  try {
    return pattern.isWellFormed() && !/[/\\;?#%]/.test(pattern.split('/').map(decodeURIComponent).join(''))
  } catch {
    return false
  }
}

/** Returns true if a segment is `.` or `..`, escaped or not. */
export function hasDotSegments(pattern: string): boolean {
  return pattern.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
}

/** Returns true for a pattern that some server could read as a path under /__faregate, which belongs to the gate. */
export function isEndpointPath(pattern: string): boolean {
  const target = readTarget(pattern, '')
  return target.ok && isEndpointTarget(target.value)
}

/** Parentheses inside a name, as in `/wiki/Mercury_(planet)`. They group nothing. */
const IN_A_NAME = /(?<=[\w%\-\u0080-\uffff])\([\w%\u0080-\uffff][\w%\u0080-\uffff\-.,'!&=~]*\)(?![?*+])/g

/** Notations of other routers for a placeholder, a group, an optional part or a regular expression. */
const PLACEHOLDERS: readonly RegExp[] = [
  /\{[^{}]*\}?|<[^<>]*>?|\[+[^[\]]*\]*/, // {id}, {id:\d+}, <int:id>, [id], [...slug], [0-9]
  /:[a-z_]\w*[?*+]?/i, // :id, :path*
  /\([^()]*\)?[?*+]?|\)/, // (.*), (group), (optional)?
  /\\.?|\^|[|"`>}\]]/, // never in a path: \d, ^, a|b
  /(?<=[^/])\*+\w*|\*(?=[^/])[*\w.-]*/, // **, *.php, *rest
  /\$(?=\w|\/|$)\w*/, // $id, $ at the end
  /(?<=\/)\+(?=\/|$)|\.\+/, // +, .+
  /\?(?=\/|$)/, // x?
  /(?<=\/)\.{3,}\w*/, // ...slug
  /%(?![0-9a-f]{2})[a-z]?/i, // %s
]

/**
 * Returns a part that another router would read as a placeholder and this one takes literally; undefined if there is
 * none.
 */
export function placeholderIn(pattern: string): string | undefined {
  const rest = pattern.replace(IN_A_NAME, '')
  for (const placeholder of PLACEHOLDERS) {
    const [found] = placeholder.exec(rest) ?? []
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns true if some request could have a path that the pattern matches. */
export function isReachable(pattern: string): boolean {
  return readTarget(pattern.replaceAll('*', 'x'), '').ok
}

/** Returns true for a pattern fit for `compilePattern`. */
export function isPathPattern(text: string): boolean {
  return PATH_PATTERN.test(text) && isDecodable(text) && !hasDotSegments(text) && !isEndpointPath(text)
}

/** A compiled path pattern: once as written, once with case folded. */
export interface Pattern {
  readonly source: string
  /** Equal for patterns that match the same paths: case, escapes and a slash at the end set aside. */
  readonly key: string
  readonly exact: RegExp
  readonly folded: RegExp
  /** For each segment its spellings, case folded; undefined for `*`, and if its case depends on what stands beside it. */
  readonly segments: readonly (readonly string[] | undefined)[]
  /** True if the pattern matches everything below its segments. */
  readonly isOpen: boolean
  /** Sorts the more specific pattern first: literal segments before `*`, longer before shorter. */
  readonly rank: string
}

/** Folds case as the most forgiving server would: `ı` and `I` are one letter. */
export function fold(text: string): string {
  return text.toUpperCase().toLowerCase()
}

/** Returns the words of a lower-case text: letters, digits, and the characters that join them. */
export function patternWords(text: string): readonly string[] {
  return text.split(/[^\p{L}\p{N}\p{M}_~-]+/u).filter((word) => word !== '')
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Returns both spellings of a segment, `é` and `%C3%A9`, if they differ. */
function spellingsOf(segment: string): readonly string[] {
  const decoded = decodeURIComponent(segment)
  const encoded = encodeURIComponent(decoded).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent)
  return decoded === encoded ? [decoded] : [decoded, encoded]
}

function expressionOf(segment: string): string {
  const spellings = spellingsOf(segment).map(literal)
  return spellings.length === 1 ? spellings.join('') : `(?:${spellings.join('|')})`
}

/** A sigma is folded by its place in a word: the only letter with a context. */
function foldedSpellings(segment: string): readonly string[] | undefined {
  const spellings = segment === '*' ? [] : spellingsOf(segment)
  return segment === '*' || spellings.some((spelling) => /[Σσς]/.test(spelling)) ? undefined : spellings.map(fold)
}

/**
 * Compiles a pattern such as `/a/*`. `*` matches one segment; at the end it matches everything below, the bare prefix
 * included: `/articles/*` covers `/articles`. Throws URIError on a malformed escape.
 */
export function compilePattern(path: string): Pattern {
  const segments = path.split('/').slice(1)
  const open = segments.at(-1) === '*'
  const fixed = (open ? segments.slice(0, -1) : segments).filter(
    (segment, index, all) => segment !== '' || index < all.length - 1,
  )
  const source = fixed.map((segment) => `/${segment === '*' ? '[^/]+' : expressionOf(segment)}`).join('')
  const pattern = `^${source}${open ? '(?:/.*)?' : '/?'}$`
  const rank = `${fixed.map((segment) => (segment === '*' ? 'b' : 'a')).join('')}${open ? 'c' : ''}`
  return {
    source: path,
    key: keyOf(segments),
    exact: new RegExp(pattern, 's'),
    folded: new RegExp(fold(pattern), 's'),
    segments: fixed.map(foldedSpellings),
    isOpen: open,
    rank: rank === '' ? ' ' : rank,
  }
}

function keyOf(segments: readonly string[]): string {
  const names = segments.map((segment) => (segment === '*' ? segment : `=${fold(decodeURIComponent(segment))}`))
  if (names.at(-1) === '=' && names.at(-2) !== '*') names.pop()
  return names.join('/')
}

/** Compares by rank: `/a/b` before `/a/*` before `/*`. */
export function compareRanks(one: string, other: string): number {
  const length = Math.max(one.length, other.length)
  for (let index = 0; index < length; index++) {
    const difference = (one.charCodeAt(index) || 0x20) - (other.charCodeAt(index) || 0x20)
    if (difference !== 0) return difference
  }
  return 0
}
