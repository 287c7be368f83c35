import { lifetimeOf, staleSeconds } from './directives.ts'

/**
 * A model of Workers Cache as its documentation describes it: what stands before the `fetch` of an entrypoint. Nothing runs
 * it locally, so the product's platform stage is held against this. Every copy is for who has the same path, query and
 * props: there is no host in the key, and no scheme.
 */
export interface WorkersCache {
  fetch(call: EntrypointCall, request: Request): Promise<Response>
  /** What `ctx.cache` is in an entrypoint. */
  context(entrypoint: string): CacheContext
}

export interface EntrypointCall {
  readonly entrypoint: string
  readonly props: unknown
  readonly run: (request: Request) => Promise<Response>
  readonly waitUntil: (work: Promise<unknown>) => void
}

interface Entry {
  readonly entrypoint: string
  readonly key: string
  readonly variant: readonly (readonly [name: string, value: string | null])[]
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
  readonly storedAt: number
}

type Status = 'HIT' | 'MISS' | 'EXPIRED' | 'REVALIDATED' | 'UPDATING' | 'STALE' | 'BYPASS' | 'DYNAMIC'

/** What every request says on arrival, whatever its client said. */
const REWRITTEN_ENCODING = 'gzip, br'
/** Read or made by the cache, and not shown to whoever is behind it. */
const STRIPPED = ['cache-tag', 'cloudflare-cdn-cache-control']

export function createWorkersCache(clock: () => number): WorkersCache {
  let entries: Entry[] = []
  const filling = new Map<string, Promise<void>>()

  const find = (key: string, request: Request): Entry | undefined =>
    entries.find(
      (entry) => entry.key === key && entry.variant.every(([name, value]) => request.headers.get(name) === value),
    )
  const drop = (entry: Entry): void => {
    entries = entries.filter((other) => other !== entry)
  }
  const put = (entry: Entry): void => {
    const isReplaced = ({ key, variant }: Entry): boolean =>
      key === entry.key && JSON.stringify(variant) === JSON.stringify(entry.variant)
    entries = [entry, ...entries.filter((other) => !isReplaced(other))]
  }

  /** Gives the response on as it comes, and keeps a copy once all of it has come. */
  const take = (response: Response, call: EntrypointCall, request: Request, key: string, status: Status): Response => {
    const { headers } = response
    const read = (name: string): string | null => headers.get(name)
    const isStored = request.method === 'GET' && lifetimeOf(response.status, read, clock()) !== undefined
    if (!isStored || response.body === null) {
      if (isStored) put(entryOf(response, new Uint8Array(), call.entrypoint, key, request, clock()))
      else return shown(response, response.body, 'BYPASS')
      return shown(response, null, status)
    }
    const storedAt = clock()
    const [given, kept] = response.body.tee()
    const stored = new Response(kept).arrayBuffer().then(
      (body) => put(entryOf(response, new Uint8Array(body), call.entrypoint, key, request, storedAt)),
      () => undefined, // it broke off
    )
    filling.set(key, stored)
    call.waitUntil(stored.finally(() => filling.delete(key)))
    // A half of a stream that was teed cannot be piped as one from elsewhere can.
    return sliced(shown(response, given.pipeThrough(new TransformStream()), status), request)
  }

  const ask = async (
    call: EntrypointCall,
    request: Request,
    key: string,
    old: Entry | undefined,
  ): Promise<Response> => {
    const asked = new Request(request)
    const tag = old?.headers.get('etag')
    if (tag) asked.headers.set('if-none-match', tag)
    const response = await call.run(asked)
    if (old === undefined) return take(response, call, request, key, 'MISS')
    if (response.status === 304) {
      const renewed = freshened(old, response, clock())
      drop(old)
      if (lifetimeOf(renewed.status, (name) => renewed.headers.get(name), clock()) !== undefined) put(renewed)
      return answer(renewed, request, clock(), 'REVALIDATED')
    }
    if (response.status >= 500 && ageOf(old, clock()) < lifetime(old) + staleOf(old).onError) {
      await response.body?.cancel()
      return answer(old, request, clock(), 'STALE')
    }
    if (response.status < 500) drop(old)
    return take(response, call, request, key, 'EXPIRED')
  }

  const fetch = async (call: EntrypointCall, arriving: Request): Promise<Response> => {
    const isRead = arriving.method === 'GET' || arriving.method === 'HEAD'
    const request = new Request(arriving)
    request.headers.set('accept-encoding', REWRITTEN_ENCODING)
    if (!isRead || request.headers.has('upgrade')) return dynamic(await call.run(request))
    if (request.headers.has('authorization')) return shown(await call.run(request), undefined, 'BYPASS')
    const { pathname, search } = new URL(request.url)
    const key = JSON.stringify([call.entrypoint, pathname, search, call.props])
    await filling.get(key) // concurrent misses are collapsed
    const found = find(key, request)
    if (found === undefined) return ask(call, request, key, undefined)
    const age = ageOf(found, clock())
    if (age < lifetime(found)) return answer(found, request, clock(), 'HIT')
    if (age >= lifetime(found) + staleOf(found).meanwhile) return ask(call, request, key, found)
    call.waitUntil(ask(call, request, key, found).then((response) => response.arrayBuffer()))
    return answer(found, request, clock(), 'UPDATING')
  }

  const purge = async (entrypoint: string, { tags, purgeEverything }: CachePurgeOptions): Promise<CachePurgeResult> => {
    const named = new Set(tags?.map((tag) => tag.toLowerCase()))
    entries = entries.filter(
      (entry) =>
        entry.entrypoint !== entrypoint || !(purgeEverything === true || tagsOf(entry).some((tag) => named.has(tag))),
    )
    return { success: true, errors: [] }
  }
  return {
    fetch,
    context: (entrypoint) => ({
      purge: (options) => purge(entrypoint, options),
      invalidate: (options) => purge(entrypoint, options),
    }),
  }
}

function entryOf(
  { status, headers }: Response,
  body: Uint8Array,
  entrypoint: string,
  key: string,
  request: Request,
  storedAt: number,
): Entry {
  const names = (headers.get('vary') ?? '').split(',').map((name) => name.trim())
  const variant = names.filter((name) => name !== '').map((name) => [name, request.headers.get(name)] as const)
  return { entrypoint, key, variant, status, headers: new Headers(headers), body, storedAt }
}

function tagsOf({ headers }: Entry): string[] {
  return (headers.get('cache-tag') ?? '').split(',').map((tag) => tag.trim().toLowerCase())
}

/** Seconds, whole ones as the field has. */
function ageOf({ headers, storedAt }: Entry, now: number): number {
  return Number(headers.get('age') ?? 0) + Math.floor((now - storedAt) / 1000)
}

function lifetime({ status, headers, storedAt }: Entry): number {
  return lifetimeOf(status, (name) => headers.get(name), storedAt) ?? 0
}

function staleOf({ headers }: Entry): { meanwhile: number; onError: number } {
  return staleSeconds((name) => headers.get(name))
}

/** RFC 9111 §4.3.4. */
function freshened(old: Entry, { headers }: Response, storedAt: number): Entry {
  const renewed = new Headers(old.headers)
  renewed.delete('age')
  headers.forEach((value, name) => {
    if (!['content-length', 'content-encoding', 'content-range'].includes(name)) renewed.set(name, value)
  })
  return { ...old, headers: renewed, storedAt }
}

function shown(response: Response, body: ReadableStream | null | undefined, status: Status): Response {
  const { headers } = response
  const given = new Headers(headers)
  for (const name of STRIPPED) given.delete(name)
  given.set('cf-cache-status', status)
  const shownBody = body === undefined ? response.body : body
  return new Response(shownBody, { status: response.status, headers: given, encodeBody: 'manual' })
}

function dynamic(response: Response): Response {
  return response.status === 101 ? response : shown(response, undefined, 'DYNAMIC')
}

function answer(entry: Entry, request: Request, now: number, how: Status): Response {
  const headers = new Headers(entry.headers)
  for (const name of STRIPPED) headers.delete(name)
  headers.set('cf-cache-status', how)
  headers.set('age', String(ageOf(entry, now)))
  headers.set('content-length', String(entry.body.length))
  const { status, body } = entry
  const part = status === 200 ? partOf(request, headers, body.length) : undefined
  if (part === 'unsatisfiable') {
    headers.set('content-range', `bytes */${body.length}`)
    headers.delete('content-length')
    return new Response(null, { status: 416, headers })
  }
  const [first, end] = part ?? [0, body.length]
  if (part !== undefined) {
    headers.set('content-range', `bytes ${first}-${end - 1}/${body.length}`)
    headers.set('content-length', String(end - first))
  }
  const hasNone = request.method === 'HEAD' || status === 204 || status === 304
  return new Response(hasNone ? null : body.slice(first, end), {
    status: part === undefined ? status : 206,
    headers,
    encodeBody: 'manual',
  })
}

/** First byte and the one after the last. */
function partOf(request: Request, headers: Headers, length: number): [number, number] | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get('range') ?? '') ?? []
  if ((from === '' && to === '') || (from !== '' && to !== '' && Number(to) < Number(from))) return undefined
  const condition = request.headers.get('if-range')
  if (condition !== null && condition !== headers.get('etag') && condition !== headers.get('last-modified'))
    return undefined
  const first = from === '' ? Math.max(0, length - Number(to)) : Number(from)
  const end = from === '' || to === '' ? length : Math.min(length, Number(to) + 1)
  return first < end ? [first, end] : 'unsatisfiable'
}

/** A part of what has just come: its length is known where the response says it. */
function sliced(response: Response, request: Request): Response {
  const length = response.headers.get('content-length')
  if (response.status !== 200 || length === null || response.body === null) return response
  const part = partOf(request, response.headers, Number(length))
  if (part === undefined || part === 'unsatisfiable') return response
  const headers = new Headers(response.headers)
  headers.set('content-range', `bytes ${part[0]}-${part[1] - 1}/${length}`)
  headers.set('content-length', String(part[1] - part[0]))
  return new Response(response.body.pipeThrough(between(part)), { status: 206, headers, encodeBody: 'manual' })
}

function between([first, end]: readonly [number, number]): TransformStream<Uint8Array, Uint8Array> {
  let seen = 0
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const part = chunk.subarray(Math.max(0, first - seen), Math.max(0, end - seen))
      seen += chunk.length
      if (part.length > 0) controller.enqueue(part)
    },
  })
}
