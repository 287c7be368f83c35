/** `fetch` of the platform. */
type Fetch = typeof globalThis.fetch

/** The limits of a download from a foreign host, and the `Accept` field to send. */
export interface DownloadOptions {
  readonly accept: string
  readonly timeoutMs: number
  readonly maxBytes: number
}

const MAX_REDIRECTS = 3

/**
 * Returns the body of a `200` at `url`, as text. Follows redirects within the same origin only. Throws Error, with a
 * message fit for the log, on everything else: another status, too many bytes, too slow, unreachable.
 */
export async function download(fetch: Fetch, url: string, options: DownloadOptions): Promise<string> {
  const signal = AbortSignal.timeout(options.timeoutMs)
  let at = url
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await fetchOnce(fetch, at, signal, { accept: options.accept })
    if (response.status === 200) return readBounded(response, options.maxBytes)
    await response.body?.cancel()
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null)
      throw new Error(`status ${response.status}`)
    const next = new URL(location, at)
    if (next.origin !== new URL(url).origin) throw new Error('redirected to another origin')
    at = next.href
  }
  throw new Error('too many redirects')
}

/** Fetches a URL. Returns a redirect like any other answer, so that `headers` go to one address and to no other. */
function fetchOnce(
  fetch: Fetch,
  url: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(url, { redirect: 'manual', cache: 'no-store', signal, headers })
}

/** Reads a body as text. Throws Error if the body has more than `maxBytes`. */
export async function readBounded(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new Error(`more than ${maxBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
