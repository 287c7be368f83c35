import { decodeUtf8 } from '../../core/escapes.ts'
import { compilePattern, fold } from './pattern.ts'
import { readTarget, type Target } from './target.ts'
import { comparableName, parameterName } from './query.ts'

/** A parameter that may carry a token in the URL of one route. */
export interface UrlParameter {
  readonly parameter: string
  /** The pattern of the route. */
  readonly route: string
}

/** What a request carried in its URL. It is in the target no more. */
export interface InUrl extends UrlParameter {
  /** As often as the parameter was there, decoded. */
  readonly values: readonly string[]
  /** False where another route answers, or the method is none that only reads: it is taken out, and counts for nothing. */
  readonly counts: boolean
}

/** A query without a parameter, in whatever spelling, and what that said; undefined where it is not there. */
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

/** True for whatever could be read as a path of this route. */
export function mayBeOf(route: string, { path, interpretations }: Target): boolean {
  const { folded } = compilePattern(route)
  return folded.test(fold(path)) || interpretations.some((reading) => folded.test(fold(reading.path)))
}

const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i

/** A URL of the route, on whatever host, without the parameter: what cannot be read as a path is none of another route. */
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
