import { decodeUtf8 } from '../../core/escapes.ts'
import { compilePattern, fold } from './pattern.ts'
import { readTarget, type Target } from './target.ts'
import { comparableName, parameterName } from './query.ts'

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
 * Removes a parameter from a query, in whatever spelling, and returns its values. Returns undefined if the query lacks
 * it.
 */
export function takeParameter(
  query: string,
  name: string,
): { readonly query: string; readonly values: readonly string[] } | undefined {
  const parameters = query.slice(1).split('&')
  const wanted = comparableName(name)
  const kept = parameters.filter((parameter) => parameterName(parameter) !== wanted)
  if (kept.length === parameters.length) return undefined
  const values = parameters.flatMap((parameter) =>
    parameterName(parameter) === wanted
      ? [decode(parameter.slice(parameter.indexOf('=') + 1 || parameter.length))]
      : [],
  )
  return { query: kept.length === 0 ? '' : `?${kept.join('&')}`, values }
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
