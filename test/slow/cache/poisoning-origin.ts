import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { open, shut } from '../../../tools/loopback.ts'

/** A request as it reached the origin. */
export type Arrival = {
  readonly method: string
  readonly target: string
  /** Names as sent, each with its value. */
  readonly fields: readonly (readonly [string, string])[]
}

export type Reflecting = {
  readonly url: string
  readonly arrivals: readonly Arrival[]
  readonly forget: () => void
  /** Answers to `/…/held/…` are held back from now on, until the returned function is called. */
  readonly hold: () => () => void
  /** Resolves when so many requests for targets that contain this have come since the last `forget`. */
  readonly came: (text: string, times: number) => Promise<void>
  readonly stop: () => Promise<void>
}

/** More than the sockets of two processes hold between them. */
export const LARGE_BYTES = 48 * 1024 * 1024

type Means = { readonly times: number; readonly held: Promise<void> }
type Behaviour = (request: IncomingMessage, response: ServerResponse, means: Means) => void | Promise<void>

/** An origin that trusts everyone: whatever it is sent is in what it answers, and every cache may keep that. */
export async function startReflecting(): Promise<Reflecting> {
  const arrivals: Arrival[] = []
  const asked = new Map<string, number>()
  const waiting: { readonly text: string; readonly times: number; readonly done: () => void }[] = []
  let held = Promise.resolve()
  const count = (text: string): number => arrivals.filter(({ target }) => target.includes(text)).length
  const server = createServer({ maxHeaderSize: 4 * 1024 * 1024 }, (request, response) => {
    const { method = '', url: target = '' } = request
    arrivals.push({ method, target, fields: pairs(request.rawHeaders) })
    const times = (asked.get(target) ?? 0) + 1
    asked.set(target, times)
    for (const { text, times: wanted, done } of waiting) if (target.includes(text) && count(text) >= wanted) done()
    const kind = target.split('/')[2]?.split(/[~?]/, 1)[0] ?? ''
    void (BEHAVIOURS[kind] ?? reflects)(request, response, { times, held })
  })
  server.keepAliveTimeout = 60_000
  return {
    url: await open(server),
    arrivals,
    forget: () => {
      arrivals.length = 0
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    came: (text, times) => {
      if (count(text) >= times) return Promise.resolve()
      return new Promise((done) => waiting.push({ text, times, done }))
    },
    stop: () => shut(server),
  }
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as [string, string]] : []))
}

/** Everything that it got, line by line. The order of the fields, which is the client's, is no part of it. */
function told({ method = '', url = '', rawHeaders }: IncomingMessage): string {
  const lines = pairs(rawHeaders).map(([name, value]) => `${name.toLowerCase()}: ${value}`)
  return [`${method} ${url}`, ...lines.toSorted()].join('\n')
}

const CACHEABLE = { 'content-type': 'text/plain', 'cache-control': 'public, max-age=60' }

/** What caches of all makes listen to before `Cache-Control`. */
const FOR_CACHES = {
  'cache-control': 'public, max-age=600, s-maxage=600, immutable',
  expires: 'Fri, 01 Jan 2100 00:00:00 GMT',
  pragma: 'cache',
  'cdn-cache-control': 'max-age=600',
  'cloudflare-cdn-cache-control': 'max-age=600',
  'netlify-cdn-cache-control': 'public, max-age=600',
  'vercel-cdn-cache-control': 'max-age=600',
  'akamai-cache-control': 'max-age=600',
  'edge-control': '!no-store, max-age=600',
  'surrogate-control': 'max-age=600',
  'surrogate-key': 'all',
  'cache-tag': 'all',
  'edge-cache-tag': 'all',
  'x-accel-expires': '600',
  'x-litespeed-cache-control': 'public,max-age=600',
  'x-litespeed-tag': 'all',
}

function end(request: IncomingMessage, response: ServerResponse, status: number, fields: Record<string, string>): void {
  response.writeHead(status, { ...CACHEABLE, ...fields })
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => response.end(`${told(request)}\n\n${Buffer.concat(chunks).toString('latin1')}`))
}

const reflects: Behaviour = (request, response) => end(request, response, 200, {})

/** What every request from the gate has. Whatever else comes is odd. */
const EXPECTED = new Set([
  'accept-encoding',
  'connection',
  'host',
  'traceparent',
  'user-agent',
  'x-forwarded-host',
  'x-forwarded-proto',
  'faregate-plan',
  'faregate-subject',
  'faregate-entitlements',
])

/** The field that a target names: `/paid/vary~accept/1`. */
function named({ url = '' }: IncomingMessage): string {
  return decodeURIComponent(url.split('/')[2]?.split('~')[1] ?? '')
}

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  /** Builds a URL from what it is told of its own name. */
  redirect: (request, response) => {
    const { headers } = request
    const host = [headers['x-forwarded-host'], headers['x-host'], headers['forwarded'], headers.host].find(Boolean)
    const scheme = headers['x-forwarded-proto'] ?? headers['x-forwarded-scheme'] ?? 'http'
    end(request, response, 301, { location: `${scheme as string}://${host as string}/moved` })
  },
  /** Refuses what it does not know, and has the refusal kept. */
  error: (request, response) => {
    const names = pairs(request.rawHeaders).map(([name]) => name.toLowerCase())
    const isOdd = names.some((name) => !EXPECTED.has(name))
    const isLarge = told(request).length > 8000
    end(request, response, isLarge ? 500 : isOdd ? 400 : request.method === 'GET' ? 200 : 404, {})
  },
  /** Does what the fields ask for. */
  act: (request, response) => {
    const { headers } = request
    const tags = { etag: '"tag"', 'last-modified': 'Sun, 01 Nov 2026 00:00:00 GMT' }
    if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined)
      return end(request, response, 412, tags)
    if (headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined)
      return void response.writeHead(304, { ...CACHEABLE, ...tags, 'x-told': headers['if-none-match'] ?? '-' }).end()
    if (headers.range !== undefined) return end(request, response, 206, { ...tags, 'content-range': 'bytes 0-1/2' })
    if (headers.accept !== undefined && !headers.accept.includes('*/*')) return end(request, response, 406, {})
    return end(request, response, 200, tags)
  },
  /** Says honestly what its answer depends on. */
  vary: (request, response) => end(request, response, 200, { vary: named(request) }),
  /** Says so only while it does not: an application that sets `Vary` on one branch alone. */
  absent: (request, response) =>
    end(request, response, 200, request.headers[named(request)] === undefined ? { vary: named(request) } : {}),
  /** Says so only where it does. */
  present: (request, response) =>
    end(request, response, 200, request.headers[named(request)] === undefined ? {} : { vary: named(request) }),
  /** Names one field more each time that it gets all it has named. */
  further: (request, response) => {
    const next = ['x-a', 'x-b', 'x-c', 'x-d'].findIndex((name) => request.headers[name] === undefined)
    const names = ['x-a', 'x-b', 'x-c', 'x-d'].slice(0, next === -1 ? 4 : next + 1)
    end(request, response, 200, { vary: names.join(', ') })
  },
  /** An old copy to begin with; whatever confirms or replaces it is good for a minute. */
  stale: (request, response, { times }) =>
    end(request, response, 200, {
      etag: `"${times === 1 ? 'old' : 'new'}"`,
      'cache-control': times === 1 ? 'max-age=0' : 'max-age=60',
    }),
  behind: (request, response, { times }) =>
    end(request, response, 200, {
      'cache-control': times === 1 ? 'max-age=0, stale-while-revalidate=60' : 'max-age=60',
    }),
  /** Confirms the old copy, in fields that say what it was told. */
  confirms: (request, response, { times }) => {
    if (times === 1) return end(request, response, 200, { etag: '"old"', 'cache-control': 'max-age=0' })
    const headed = pairs(request.rawHeaders).map(([name, value]) => [`x-told-${name.toLowerCase()}`, value] as const)
    const fields = {
      etag: '"old"',
      'cache-control': 'max-age=60',
      ...Object.fromEntries(headed.toSorted(([one], [other]) => (one < other ? -1 : 1))),
    }
    return void response.writeHead(304, fields).end()
  },
  /** A page with a validator, and every field by which some cache would keep it. */
  kept: (request, response) =>
    end(request, response, 200, { etag: '"kept"', 'last-modified': 'Sun, 01 Nov 2026 00:00:00 GMT', ...FOR_CACHES }),
  broken: (request, response) => end(request, response, 500, FOR_CACHES),
  moved: (request, response) => end(request, response, 308, { location: '/elsewhere', ...FOR_CACHES }),
  /** Says that there is more than it sends. */
  short: (_request, response) => {
    response.writeHead(200, { ...CACHEABLE, 'content-length': '10' })
    response.write('short', () => response.destroy())
  },
  /** The same, with content in chunks of which the last never comes. */
  endless: (_request, response) => {
    response.writeHead(200, CACHEABLE)
    response.write('short', () => response.destroy())
  },
  /** A head at once, and the content when it may go. */
  slow: async (_request, response, { held }) => {
    response.writeHead(200, CACHEABLE)
    response.write('begun\n')
    await held
    response.end('ended\n')
  },
  /** More than a route of small copies keeps, and more than any buffer on the way holds. */
  large: async (_request, response, { held }) => {
    response.writeHead(200, CACHEABLE)
    response.write('begun\n')
    await held
    const chunk = Buffer.alloc(256 * 1024, 'x')
    for (let sent = 0; sent < LARGE_BYTES; sent += chunk.length) {
      if (!response.write(chunk)) await new Promise((done) => response.once('drain', done))
      if (response.destroyed) return
    }
    response.end()
  },
  held: async (request, response, { held }) => {
    await held
    end(request, response, 200, {})
  },
  /** Fails, and says of what that depends: what many wait for is not kept. */
  failing: async (request, response, { held }) => {
    await held
    end(request, response, 500, { vary: named(request), 'cache-control': 'no-store' })
  },
}
