import { isOwnTarget, readTarget } from './target.ts'

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
export function isOwnPath(pattern: string): boolean {
  const target = readTarget(pattern, '')
  return target.ok && isOwnTarget(target.value)
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
  return PATH_PATTERN.test(text) && isDecodable(text) && !hasDotSegments(text) && !isOwnPath(text)
}
