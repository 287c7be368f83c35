import type { Route } from '../../access/route.ts'
import { compilePattern } from '../../http/rules/pattern.ts'

/** Returns true if a route of the configuration is for this very path and takes GET: it comes before a document. */
export function isTaken(path: string, routes: readonly Pick<Route, 'path' | 'query' | 'methods'>[]): boolean {
  const { key } = compilePattern(path)
  return routes.some(
    ({ path: other, query, methods = ['GET'] }) =>
      query === undefined && methods.includes('GET') && compilePattern(other).key === key,
  )
}
