/**
 * Asks no cache of Cloudflare's, and leaves nothing in one. `cache: 'no-store'` does the same, but writes `Cache-Control:
 * no-cache` and `Pragma: no-cache` into the request: an origin would be told what no client said.
 */
const UNCACHED = { cacheTtl: -1, cacheLevel: 'bypass' }

/** `fetch` past every cache on the way. */
export function fetchUncached(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, cf: UNCACHED })
}
