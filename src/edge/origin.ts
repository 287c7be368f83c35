import { err, ok, type Result } from '../core/result.ts'
import { match, type TimeLimits } from '../core/route.ts'
import { readTarget } from '../core/target.ts'
import type { Server, Zone } from '../core/zone.ts'
import type { Clock, OriginFailure } from '../ports.ts'

/** Opens and closes a TCP connection; rejects when that fails. Whoever runs us knows how, or not at all. */
export type Dial = (host: string) => Promise<void>

/** A server known by a binding: another Worker. */
export type Bindings = (name: string) => { fetch(request: Request): Promise<Response> } | undefined

/** What the calls of one isolate to its origin servers share. */
export interface Reach {
  readonly clock: Clock
  readonly dial: Dial | undefined
  readonly bindings: Bindings
  /** When each server last answered, by URL. */
  readonly answeredAt: Map<string, number>
}

/** A server that answered this lately is taken to accept connections. */
const WARM_MS = 30_000

/** Cloudflare answers these for an origin that it could not reach. */
const UNREACHABLE_STATUS = new Set([520, 521, 522, 523, 525, 526, 527, 530])
const TIMEOUT_STATUS = 524

/**
 * Sends a request to a server, within its time limits. Redirects are the client's to follow, and no cache on the way
 * may keep the answer. Errors: `origin-unreachable`, `origin-timeout`, `misconfigured`.
 */
export async function callServer(
  request: Request,
  server: Server,
  limits: TimeLimits,
  reach: Reach,
): Promise<Result<Response, OriginFailure>> {
  const abort = new AbortController()
  let failure: OriginFailure = 'origin-unreachable'
  const giveUp = (why: OriginFailure) => () => {
    failure = why
    abort.abort()
  }
  const timers = [setTimeout(giveUp('origin-timeout'), limits.responseMs)]
  if (server.kind === 'url') timers.push(...knock(server, limits, reach, giveUp('origin-unreachable')))
  try {
    const response = await send(request, server, abort.signal, reach)
    if (response === undefined) return err('misconfigured')
    if (server.kind === 'url') reach.answeredAt.set(server.url, reach.clock())
    return judge(response, server)
  } catch {
    return err(failure)
  } finally {
    for (const timer of timers) clearTimeout(timer)
  }
}

/**
 * `fetch` does not tell a connection that will not open from an answer that is late. So a server that has not answered
 * lately is dialled beside the request, and a dial that hangs ends both. A dial that is refused proves nothing: some
 * hosts may be fetched from and not connected to.
 */
function knock(
  server: Server & { kind: 'url' },
  limits: TimeLimits,
  { clock, dial, answeredAt }: Reach,
  giveUp: () => void,
): ReturnType<typeof setTimeout>[] {
  const answered = answeredAt.get(server.url) ?? Number.NEGATIVE_INFINITY
  if (dial === undefined || limits.connectMs >= limits.responseMs || clock() - answered < WARM_MS) return []
  const timer = setTimeout(giveUp, limits.connectMs)
  const stop = (): void => clearTimeout(timer)
  dial(server.host).then(stop, stop)
  return [timer]
}

async function send(
  request: Request,
  server: Server,
  signal: AbortSignal,
  { bindings }: Reach,
): Promise<Response | undefined> {
  if (server.kind === 'binding') return bindings(server.binding)?.fetch(new Request(request, { signal }))
  return fetch(`${server.url}${targetOf(request)}`, {
    method: request.method,
    headers: request.headers,
    body: request.body,
    redirect: 'manual',
    cache: 'no-store',
    signal,
  })
}

function judge(response: Response, server: Server): Result<Response, OriginFailure> {
  if (UNREACHABLE_STATUS.has(response.status)) return err('origin-unreachable')
  if (response.status === TIMEOUT_STATUS) return err('origin-timeout')
  return ok(server.kind === 'url' ? atTheGate(response, server.url) : response)
}

/** A redirect to the server itself leads to the same page at the gate: clients are not shown the way around it. */
function atTheGate(response: Response, serverUrl: string): Response {
  const location = response.headers.get('location')
  if (location === null || !location.startsWith(serverUrl)) return response
  const target = location.slice(serverUrl.length)
  if (target !== '' && !/^[/?#]/.test(target)) return response
  const redirect = new Response(response.body, response)
  redirect.headers.set('location', target.startsWith('/') ? target : `/${target}`)
  return redirect
}

/** Path and query of a request that the gate made: canonical already. */
function targetOf({ url }: Request): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2))
}

/** The time limits of the route that a request from the gate falls on. */
export function limitsFor(request: Request, zone: Zone): TimeLimits {
  const [path = '', query] = targetOf(request).split('?', 2)
  const target = readTarget(path, query === undefined ? '' : `?${query}`)
  const route = target.ok ? match(zone.routes, target.value, request.method) : target
  return route.ok ? route.value.limits : zone.routes.unmatched.limits
}
