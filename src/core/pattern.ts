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

/** True for a pattern that `compilePattern` can take. */
export function isPathPattern(text: string): boolean {
  return PATH_PATTERN.test(text) && isDecodable(text) && !hasDotSegments(text) && !isOwnPath(text)
}
