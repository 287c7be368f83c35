/**
 * Bypasses Cloudflare's caches in both directions. `cache: 'no-store'` would do the same, but adds `Cache-Control: no-cache`
 * and `Pragma: no-cache` to the request: the origin would receive fields that no client sent.
 */
const UNCACHED = { cacheTtl: -1, cacheLevel: 'bypass' }

/** `fetch` without any cache on the way. */
export const fetchUncached: typeof fetch = (input, init) => fetch(input, { ...init, cf: UNCACHED })

/**
 * Fetches from a server without a cache. `connectTo`: Cloudflare connects to that host instead of the URL's, if the host is
 * proxied in the same zone; otherwise, and outside Cloudflare, it is ignored. `copied`: a GET with content, whose method and
 * content are used, because only a copy of such a request may have content (Fetch §5.3).
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
