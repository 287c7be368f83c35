import { decodeUtf8 } from '../../core/escapes.ts'
import { compilePattern, fold } from './pattern.ts'
import { readTarget, type Target } from './target.ts'
import { comparableName, compileParameter, namesAny, parameterName } from './query.ts'

/** A parameter that may carry a token in the URLs of one route. */
export interface UrlParameter {
  readonly parameter: string
  /** The pattern of the route. */
  readonly route: string
}

/** A token found in the URL of a request, and taken out of the target. */
export interface InUrl extends UrlParameter {
  /** The decoded values, one for each occurrence of the parameter. */
  readonly values: readonly string[]
  /**
   * False if another route answers, or if the method is not safe: the token is still taken out, and counts for nothing.
   */
  readonly counts: boolean
}

/**
 * Removes a parameter from a query, and returns its values. Returns undefined if the query lacks it. A spelling that only some
 * servers read as the parameter is removed as well, without a value: another case, another escape, or a part after `;`.
 */
export function takeParameter(
  query: string,
  name: string,
): { readonly query: string; readonly values: readonly string[] } | undefined {
  const exact = comparableName(name)
  const wanted = [compileParameter({ name, value: undefined })]
  const [kept, values]: [string[], string[]] = [[], []]
  let isFound = false
  for (const part of query.slice(1).split('&')) {
    if (parameterName(part) === exact && !part.includes(';')) {
      values.push(decode(part.slice(part.indexOf('=') + 1 || part.length)))
      isFound = true
    } else if (namesAny(part, wanted)) {
      const others = part.split(';').filter((piece) => !namesAny(piece, wanted))
      if (others.length > 0) kept.push(others.join(';'))
      isFound = true
    } else kept.push(part)
  }
  return isFound ? { query: kept.length === 0 ? '' : `?${kept.join('&')}`, values } : undefined
}

/**
 * Removes from a target everything that `shape` matches: parameters with it are dropped, and in the path it becomes `-`, so
 * that no segment turns into another. Returns the target itself if it has none. `shape` has the flag `g`.
 */
export function withoutMatches(target: Target, shape: RegExp): Target {
  const query = withoutPieces(target.query, shape)
  const path = withoutSegments(target.path, shape)
  if (path === target.path) return query === target.query ? target : { ...target, query }
  const read = readTarget(path, query)
  if (read.ok) return { ...read.value, path, query }
  const interpretations = target.interpretations.map((one) => ({ ...one, path: withoutSegments(one.path, shape) }))
  return { path, query, interpretations }
}

function withoutSegments(path: string, shape: RegExp): string {
  if (unescaped(path).search(shape) < 0) return path
  return path
    .split('/')
    .map((segment) => withoutMatchesIn(segment, shape, '-'))
    .join('/')
}

/**
 * Replaces everything in a text that `shape` matches. A text that has a match only once escapes are read is replaced as a
 * whole: nobody can say where the match ends.
 */
export function withoutMatchesIn(text: string, shape: RegExp, by: string): string {
  if (!text.includes('%')) return text.search(shape) < 0 ? text : text.replaceAll(shape, by)
  return unescaped(text).search(shape) < 0 ? text : by
}

function withoutPieces(query: string, shape: RegExp): string {
  if (query === '' || unescaped(query).search(shape) < 0) return query
  const kept = query
    .slice(1)
    .split('&')
    .map((part) => part.split(';').filter((piece) => unescaped(piece).search(shape) < 0))
    .filter((pieces) => pieces.length > 0)
  return kept.length === 0 ? '' : `?${kept.map((pieces) => pieces.join(';')).join('&')}`
}

const MAX_DEPTH = 3
const ASCII_ESCAPE = /%([0-7][0-9a-f])/gi

/** Decodes escapes of ASCII characters, as often as any server does. */
function unescaped(text: string): string {
  let rest = text
  for (let depth = 0; depth < MAX_DEPTH && rest.includes('%'); depth += 1)
    rest = rest.replace(ASCII_ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return rest
}

/** Returns true for a target that some server could read as a path of this route. */
export function mayBeOf(route: string, { path, interpretations }: Target): boolean {
  const { folded } = compilePattern(route)
  return folded.test(fold(path)) || interpretations.some((reading) => folded.test(fold(reading.path)))
}

const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i

/**
 * Removes the parameter from a URL of the route, on any host. A URL with an unreadable path is treated as one of the
 * route.
 */
export function withoutParameter(url: string, { parameter, route }: UrlParameter): string {
  const hash = url.indexOf('#')
  const end = hash < 0 ? url.length : hash
  const mark = url.indexOf('?')
  const taken = mark < 0 || mark > end ? undefined : takeParameter(url.slice(mark, end), parameter)
  if (taken === undefined) return url
  const before = url.slice(0, mark)
  const target = readTarget(before.replace(AUTHORITY, ''), '')
  return target.ok && !mayBeOf(route, target.value) ? url : `${before}${taken.query}${url.slice(end)}`
}

function decode(text: string): string {
  return decodeUtf8(text.replaceAll('+', ' ')) ?? text
}
