import * as v from 'valibot'
import {
  hasDotSegments,
  isDecodable,
  isEndpointPath,
  isPathPattern,
  isReachable,
  PATH_PATTERN,
  placeholderIn,
} from '../http/rules/pattern.ts'
import { compileParameter } from '../http/rules/query.ts'
import { queryKey } from '../access/route.ts'
import { text } from './rules/values.ts'

/** Matches groups of other routers' notations that contain no group of the same kind. */
const GROUP = /\{[^{}]*\}|<[^<>]*>|\[[^[\]]*\]|\((?!\w)[^()]*\)/g
const NESTED = 3

/** Matches what stands for any number of segments, in any notation. */
const MANY = /\*\*|\.[*+]|\*\w|\{\*|\+\}|:\w+[*+]|\.{3}|path:/

/** Rewrites the path with `*` for placeholders. Returns undefined if a placeholder is a part of a segment. */
function translated(path: string): string | undefined {
  let plain = path.replace(/^\^/, '').replace(/(?<=[^/])\$$/, '')
  for (let depth = 0; depth < NESTED; depth++) {
    plain = plain.replace(GROUP, (group) => (group.charAt(1) === '/' ? '/:g' : ':g'))
  }
  const segments = plain.split('/').map((segment) => (isWhole(segment) ? '*' : segment))
  const written = segments.join('/')
  // `/*` is every path, and `/*/` one segment.
  const pattern = written === '/*' && !MANY.test(path) ? '/*/' : written
  return placeholderIn(pattern) === undefined && isPathPattern(pattern) ? pattern : undefined
}

/** Returns true for a placeholder that is the whole segment: `:id`, `:id?`, `**`, `.*`, `$id`, `\d+`. */
function isWhole(segment: string): boolean {
  return /^(?:(?::\w+|\$\w*)(?::g)*[?*+]*|\.?\*+\w*|\.\+|\.{3,}\w*|\\[dw][+*]?|%[sd]|\+|(?::g)+[?*+]*)$/.test(segment)
}

const LITERAL = 'what is meant literally is percent-encoded, as ":" is by %3A'

function aboutPlaceholder(path: string, placeholder: string): string {
  const pattern = translated(path)
  const how =
    pattern === undefined
      ? '"*" is a whole segment, and there is none for a part of one'
      : `write ${quoted(pattern)}, where "*" is a whole segment, and at the end all below it`
  return `${quoted(path)}: ${quoted(placeholder)} is no pattern here: ${how}; ${LITERAL}`
}

function quoted(text: string): string {
  return `'${text}'`
}

/** Returns the fault of a route's path, with the way to write it. Undefined for a valid path. */
function pathFault(path: string): string | undefined {
  if (/^\/\/|^[a-z][\w+.-]*:\/\//i.test(path)) return 'expected a path alone: the hosts of a zone are its "hosts"'
  if (!/^\^?\//.test(path)) return 'expected a path that begins with "/", such as "/", "/articles/*" or "/a/*/b"'
  const placeholder = placeholderIn(path)
  if (placeholder !== undefined) return aboutPlaceholder(path, placeholder)
  if (path.includes('?')) return 'expected a path without a query: its parameters are named in "query"'
  if (!PATH_PATTERN.test(path)) return 'expected no fragment, ";", white space or "//" in a path'
  if (hasDotSegments(path)) return 'expected no "." or ".." segments'
  if (!isDecodable(path)) return 'expected escapes that are UTF-8, and none of what would divide a path'
  if (isEndpointPath(path)) return "expected a path outside /__faregate, which is the gate's own"
  return isReachable(path) ? undefined : 'expected a path that a request can have: no request with it is let through'
}

/** The path of a route. */
export const path = v.pipe(
  text,
  v.check(
    (value) => pathFault(value) === undefined,
    (issue) => pathFault(issue.input) ?? 'expected a path',
  ),
)

const NAME = 'expected the name of a parameter: letters, digits, "_", "-", "." and brackets'
const VALUE = 'expected true, or the value of the parameter: what is named here must be there'

/** The query that a route requires. */
export const query = v.pipe(
  v.custom<Record<string, unknown>>((given) => !Array.isArray(given), 'expected an object such as {rest_route: true}'),
  v.record(v.pipe(v.string(), v.regex(/^[\w.[\]-]+$/, NAME)), v.union([v.literal(true), text], VALUE)),
  v.check((given) => Object.keys(given).length > 0, 'expected at least one parameter'),
  v.check(
    (given) =>
      new Set(Object.keys(given).map((name) => queryKey([compileParameter({ name, value: undefined })]))).size ===
      Object.keys(given).length,
    'expected names that every server tells apart: "a.b" and "A_b" are one to some',
  ),
)
