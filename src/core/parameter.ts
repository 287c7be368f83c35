import { parameterName } from './copykey.ts'

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
  const kept = parameters.filter((parameter) => parameterName(parameter) !== name)
  if (kept.length === parameters.length) return undefined
  const values = parameters.flatMap((parameter) =>
    parameterName(parameter) === name ? [decode(parameter.slice(parameter.indexOf('=') + 1 || parameter.length))] : [],
  )
  return { query: kept.length === 0 ? '' : `?${kept.join('&')}`, values }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
