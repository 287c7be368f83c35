import type { Exchange } from './exchange.ts'

/** The longest path and query that are told of a page. */
export const MAX_RESOURCE_TARGET = 512

/** Returns the URL of a page for payers, cut down if it is long: fields have limits, and nobody signs it. */
export function resourceUrl({ origin, target: { path, query } }: Pick<Exchange, 'origin' | 'target'>): string {
  if (path.length + query.length <= MAX_RESOURCE_TARGET) return `${origin}${path}${query}`
  return path.length <= MAX_RESOURCE_TARGET ? `${origin}${path}` : `${origin}/`
}
