import type { CachePolicy } from '../../src/core/route.ts'

/** Nothing is stored, and nothing is changed about what the origin says. */
export const OFF: CachePolicy = {
  partition: 'off',
  maxAgeSeconds: 0,
  freshness: {
    defaultSeconds: undefined,
    mostSeconds: undefined,
    alwaysSeconds: undefined,
    heuristicSeconds: undefined,
    staleWhileRevalidateSeconds: 0,
    staleIfErrorSeconds: 0,
  },
  query: undefined,
  stripsSetCookie: false,
  requestFields: [],
  maxBytes: 16 * 1024 * 1024,
}
