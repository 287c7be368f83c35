/**
 * Asks no cache of Cloudflare's, and leaves nothing in one. `cache: 'no-store'` does the same, but writes `Cache-Control:
 * no-cache` and `Pragma: no-cache` into the request: an origin would be told what no client said.
 */
const UNCACHED = { cacheTtl: -1, cacheLevel: 'bypass' }

/** `fetch` past every cache on the way. */
export const fetchUncached: typeof fetch = (input, init) => fetch(input, { ...init, cf: UNCACHED })

/**
 * The same, of a server. `connectTo`: Cloudflare connects to that host in place of the URL's, if it is proxied in the same
 * zone; otherwise, and outside Cloudflare, it is not looked at. `copied`: a GET with content, of which method and content are
 * taken: only a copy of one may have content (Fetch §5.3).
 */
export function fetchFromServer(
  { url, connectTo }: { readonly url: string; readonly connectTo?: string },
  init: RequestInit,
  copied?: Request,
): Promise<Response> {
  return fetch(copied === undefined ? url : new Request(url, copied), {
    ...init,
    cf: connectTo === undefined ? UNCACHED : { ...UNCACHED, resolveOverride: connectTo },
  })
}
