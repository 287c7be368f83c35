/**
 * Asks a site as a stranger would, politely: two requests at once, a bounded number in all, within one site.
 */
import { gunzipSync } from 'node:zlib'
import type { Candidate } from './candidate.ts'

export interface Answer {
  readonly status: number
  /** The final URL, after redirects within the site. */
  readonly url: string
  readonly contentType: string
  readonly body: string
}

export interface AskOptions {
  /** The most requests in all, redirects included. */
  readonly most: number
  /** The time between two requests of a strand, in milliseconds. */
  readonly delayMs: number
  readonly timeoutMs: number
  /** The origins that may be asked. */
  readonly origins: ReadonlySet<string>
}

/** Fields of a request that hold a credential. */
export type Credential = Readonly<Record<string, string>>

export interface Asker {
  /**
   * Returns the answer; undefined if there was none: no connection, no time, or no requests left. A redirect to another site
   * is an answer. The credential goes to no other origin than the first.
   */
  readonly ask: (candidate: Candidate, credential?: Credential) => Promise<Answer | undefined>
  /** The number of requests made. */
  readonly asked: () => number
  readonly isSpent: () => boolean
}

const MOST_REDIRECTS = 4
const MOST_BYTES = 4 * 1024 * 1024

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'user-agent': 'faregate-leaks' }

export function createAsker({ most, delayMs, timeoutMs, origins }: AskOptions): Asker {
  let asked = 0
  async function once(url: URL, candidate: Candidate, fields: Credential): Promise<Response | undefined> {
    if (asked >= most || !origins.has(url.origin)) return undefined
    asked += 1
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    return fetch(url, {
      method: candidate.method ?? 'GET',
      headers: { ...BROWSER, ...candidate.headers, ...fields },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(candidate.body !== undefined && { body: candidate.body }),
    })
  }
  async function ask(candidate: Candidate, credential: Credential = {}): Promise<Answer | undefined> {
    let url = new URL(candidate.url)
    const { origin } = url
    let request = candidate
    try {
      for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
        const response = await once(url, request, url.origin === origin ? credential : {})
        if (response === undefined) return undefined
        const next = redirectOf(response, url)
        if (next === undefined || !origins.has(next.origin)) return await answerOf(response, url)
        await response.body?.cancel()
        url = next
        // Browsers follow the redirect of a form with GET, and so does whoever looks for a copy.
        request = {
          kind: candidate.kind,
          url: next.href,
          ...(candidate.method === undefined && { headers: candidate.headers ?? {} }),
        }
      }
    } catch {
      return undefined
    }
    return undefined
  }
  return { ask, asked: () => asked, isSpent: () => asked >= most }
}

function redirectOf(response: Response, from: URL): URL | undefined {
  const location = response.headers.get('location')
  if (response.status < 300 || response.status > 399 || location === null) return undefined
  return URL.parse(location, from) ?? undefined
}

async function answerOf(response: Response, url: URL): Promise<Answer> {
  const contentType = response.headers.get('content-type') ?? ''
  const bytes = await readBytes(response)
  return { status: response.status, url: url.href, contentType, body: new TextDecoder().decode(unpacked(bytes)) }
}

async function readBytes({ body }: Response): Promise<Uint8Array> {
  if (body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.byteLength
    // Leaving the loop cancels the rest.
    if (size > MOST_BYTES) break
  }
  return Buffer.concat(chunks)
}

/** A file that is kept compressed comes as it is. */
function unpacked(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES })
  } catch {
    return bytes
  }
}
