import type { Server } from './rules/pool.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Clock, Dial, OriginFailure, WaitUntil } from '../ports.ts'
import { type Address, addressOf } from '../http/address.ts'
import { PASSTHROUGH } from '../http/passthrough.ts'
import { received } from '../http/received.ts'
import type { Upload } from '../http/upload.ts'
import { contentOf } from '../http/content.ts'

/** Returns a server known by a binding, another Worker; undefined if there is no such binding. */
export type OriginBindings = (name: string) => { fetch(request: Request): Promise<Response> } | undefined

/** Fetches from an address past all caches; must not store the response either. */
export type FetchUncached = (address: Address, init: RequestInit, copied?: Request) => Promise<Response>

/** The dependencies shared by all calls of one isolate to its servers. */
export interface Reach {
  readonly clock: Clock
  /** A random number from 0 to 1, 1 excluded. */
  readonly random: () => number
  readonly dial: Dial | undefined
  readonly fetch: FetchUncached
  /** True if `fetch` honours `connectTo` of an address. */
  readonly canConnectElsewhere: boolean
  readonly bindings: OriginBindings
  /** Keeps the runtime alive until the work is done. */
  readonly waitUntil: WaitUntil
  /** Returns a signal that is aborted once the client has gone. */
  readonly left: () => AbortSignal
  /** Warns the operator of a fault that no check of the configuration could find. */
  readonly warn: (message: string) => void
  /** The time of each server's last answer, by URL; removed when the server fails. */
  readonly answeredAt: Map<string, number>
}

/** The parameters of one call that may differ between calls for one request. */
export interface ServerCall {
  readonly headers: Headers
  readonly connectMs: number
  readonly responseMs: number
  readonly upload: Upload | undefined
  /** Aborted once the client has gone. Undefined if the call need not end then. */
  readonly left: AbortSignal | undefined
  /** Path and query to ask for, in place of the request's. */
  readonly at?: string | undefined
}

/** A server that answered within this time, and has not failed since, is assumed to accept connections. */
const WARM_MS = 30_000

/** Statuses that Cloudflare answers for an unreachable origin. */
const UNREACHABLE_STATUS = new Set([520, 521, 522, 523, 525, 526, 527, 530])
const TIMEOUT_STATUS = 524

/**
 * Sends a request to one server, within the time of the call. Redirects are returned, not followed, and no cache on the
 * way may keep the answer. A failure of the client goes before any other. Errors: `origin-unreachable`, `origin-timeout`,
 * `misconfigured`; `request-malformed`, `request-timeout`.
 */
export async function callServer(
  request: Request,
  server: Server,
  call: ServerCall,
  reach: Reach,
): Promise<Result<Response, OriginFailure>> {
  const abort = new AbortController()
  let failure: OriginFailure = 'origin-unreachable'
  const giveUp = (why: OriginFailure) => () => {
    failure = why
    abort.abort()
  }
  const { upload, left } = call
  const late = (): void => giveUp(upload?.isAwaited() === true ? 'request-timeout' : 'origin-timeout')()
  upload?.watch((fault) => giveUp(fault)())
  left?.addEventListener('abort', giveUp('request-malformed'))
  const timers = [setTimeout(late, call.responseMs)]
  if (server.kind === 'url') timers.push(...dialBeside(server, call, reach, giveUp('origin-unreachable')))
  try {
    const response = await send(request, server, call, abort.signal, reach)
    if (response === undefined) return err('misconfigured')
    if (server.kind === 'url') reach.answeredAt.set(server.url, reach.clock())
    return refuseUnreachable(received(response, reach.clock()))
  } catch {
    if (server.kind === 'url' && !isOfClient(failure)) reach.answeredAt.delete(server.url)
    return err(failure)
  } finally {
    for (const timer of timers) clearTimeout(timer)
  }
}

/** Returns true for a failure of the client, which says nothing about a server. */
export function isOfClient(failure: OriginFailure): boolean {
  return failure === 'request-malformed' || failure === 'request-timeout'
}

/**
 * Dials a server that has not answered lately, beside the request, and gives up if the dial hangs.
 *
 * `fetch` does not tell a connection that will not open from an answer that is late. A dial that is refused proves
 * nothing: some hosts may be fetched from but not connected to.
 */
function dialBeside(
  server: Server & { kind: 'url' },
  { connectMs, responseMs }: ServerCall,
  { clock, dial, answeredAt }: Reach,
  giveUp: () => void,
): ReturnType<typeof setTimeout>[] {
  const answered = answeredAt.get(server.url) ?? Number.NEGATIVE_INFINITY
  if (dial === undefined || connectMs >= responseMs || clock() - answered < WARM_MS) return []
  const timer = setTimeout(giveUp, connectMs)
  const stop = (): void => clearTimeout(timer)
  dial(server.host).then(stop, stop)
  return [timer]
}

async function send(
  request: Request,
  server: Server,
  { headers, upload, at = targetOf(request) }: ServerCall,
  signal: AbortSignal,
  { bindings, fetch, canConnectElsewhere }: Reach,
): Promise<Response | undefined> {
  const { method, url } = request
  const common = { headers, redirect: 'manual', signal, ...PASSTHROUGH } as const
  const copied = method === 'GET' && contentOf(request) !== null ? request : undefined
  const init = copied === undefined ? { ...common, method, body: upload?.body ?? null } : common
  if (server.kind === 'binding')
    return bindings(server.binding)?.fetch(new Request(copied === undefined ? url : new Request(url, copied), init))
  return fetch(addressOf(server, url, at, canConnectElsewhere), init, copied)
}

function refuseUnreachable(response: Response): Result<Response, OriginFailure> {
  const isTimeout = response.status === TIMEOUT_STATUS
  if (!isTimeout && !UNREACHABLE_STATUS.has(response.status)) return ok(response)
  discard(response)
  return err(isTimeout ? 'origin-timeout' : 'origin-unreachable')
}

/** Cancels a response that nobody will read. */
export function discard({ body }: Response): void {
  body?.cancel().catch(() => undefined)
}

/** Returns path and query of a request made by the gate. Both are canonical already. */
export function targetOf({ url }: Request): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2))
}
