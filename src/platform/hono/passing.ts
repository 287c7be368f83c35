import type { Context, Next } from 'hono'
import { wantsStoredOnly } from '../../http/rules/directives.ts'
import type { Entitlement } from '../../access/entitlement.ts'
import { readerOf } from '../../access/proof.ts'
import { err, ok } from '../../core/result.ts'
import { cutWhenAborted, ofApp } from '../../http/passthrough.ts'
import { received } from '../../http/received.ts'
import type { App } from '../../gate.ts'
import type { Origin, PurgeCopies, WaitUntil } from '../../ports.ts'
import type { MeterPlatform } from '../../meters/plugin.ts'
import { askNamed, isNamed } from './named.ts'
import { noteArrival } from './peer.ts'
import { createUsageReport } from './usagereport.ts'

/** The reader of a request, as handlers see it in `c.var.faregate`. Handlers also report usage here. */
export interface Reader {
  /** Undefined for an anonymous reader, and for a reader who pays with a receipt. */
  readonly account: string | undefined
  readonly plan: string | undefined
  readonly entitlements: readonly string[]
  /**
   * Reports units that the request has used, by the names that the route's meter counts. Further calls add up; calls after
   * the end of the body are not counted. A route without a meter counts nothing. Throws a `TypeError` unless every number is
   * whole and at least 0.
   *
   * @example
   * ```ts
   * import { Hono } from 'hono'
   * import type { PaywallEnv } from 'faregate/hono'
   *
   * const app = new Hono<PaywallEnv>()
   * app.get('/query', (c) => {
   *   c.var.faregate.report({ rows: 12 })
   *   return c.text('12 rows')
   * })
   * ```
   */
  readonly report: (units: Readonly<Record<string, number>>) => void
}

/** The variables that the paywall sets for handlers: `new Hono<PaywallEnv>()`. */
export interface PaywallEnv {
  Variables: { faregate: Reader }
}

/**
 * Lets a gate answer a request, with the rest of the app as the origin. The app sees the request as an origin would. The
 * answer becomes the context's.
 */
export async function passThrough(
  c: Context<PaywallEnv>,
  next: Next,
  request: Request,
  { answer, platform }: { readonly answer: App; readonly platform: Pick<MeterPlatform, 'clock' | 'fetch'> },
): Promise<undefined> {
  let isAsked = false
  const origin: Origin = async (admitted, outgoing) => {
    const { proof, exchange, partition, route } = admitted
    if (isNamed(admitted)) return askNamed(admitted, outgoing, platform)
    if (partition.name !== undefined && wantsStoredOnly(exchange.fields)) return ok({ response: notStored() })
    // An app answers a request once, even if a meter would retry.
    if (isAsked) return err('origin-unreachable')
    isAsked = true
    const isWhole = trackTexts(c)
    replaceRequest(c, route.terms.kind === 'paid' ? () => cutWhenAborted(outgoing()) : outgoing)
    const usage = createUsageReport()
    c.set('faregate', readerFor(readerOf(proof), usage.report))
    await next()
    const whole = isWhole(c.res)
    const response = received(changeable(exchange.method === 'HEAD' ? headOf(c.res) : c.res), platform.clock(), true)
    const isAsItIs = whole && !response.headers.has('content-encoding')
    return ok({ response: isAsItIs ? response : ofApp(response), isWhole: whole, reported: usage.reported })
  }
  const asked = await unread(c, request)
  noteArrival(asked, { request, env: c.env })
  const response = await answer(asked, { origin, purge: NO_COPIES }, waitUntilOf(c))
  c.res = undefined // Otherwise Hono would merge the app's own fields into this response.
  c.res = response
  return undefined
}

/**
 * Returns the request, with its content again if something took the content: a gate before, which passes it on as
 * `c.req.raw`, or a middleware of the app, whose `c.req` forgets what it has read. Rejects if nothing kept the content.
 */
async function unread({ req }: Context, request: Request): Promise<Request> {
  const { url, method, signal } = request
  if (!isTaken(request)) return request
  const headers = new Headers(request.headers)
  const { raw } = req
  if (raw.body !== null && !isTaken(raw)) {
    const length = raw.headers.get('content-length')
    if (length === null) headers.delete('content-length')
    else headers.set('content-length', length)
    return new Request(url, { method, headers, body: raw.body, signal, duplex: 'half' } as RequestInit)
  }
  const body = await req.arrayBuffer()
  req.bodyCache = {}
  headers.set('content-length', String(body.byteLength))
  return new Request(url, { method, headers, body, signal })
}

function isTaken({ body, bodyUsed }: Request): boolean {
  return bodyUsed || body?.locked === true
}

/** Returns the reader of a request without a decision. */
export function anonymous(): Reader {
  return readerFor(undefined, createUsageReport().report)
}

/** Purges nothing: responses of the app are not kept. */
const NO_COPIES: PurgeCopies = async () => true

/** Answers a request that wants a stored response only: the app must not make it again. */
function notStored(): Response {
  return new Response(null, { status: 504, headers: { 'cache-control': 'no-store' } })
}

function readerFor(known: Entitlement | undefined, report: Reader['report']): Reader {
  return { account: known?.account, plan: known?.plan, entitlements: known?.entitlements ?? [], report }
}

/** Notes the last response that the app made of a text. Such a response is whole, and is not watched like a stream. */
function trackTexts(c: Context): (response: Response) => boolean {
  let last: unknown
  const note =
    <A extends unknown[], R>(make: (...args: A) => R) =>
    (...args: A): R => {
      const made = make(...args)
      last = made
      return made
    }
  Object.assign(c, { text: note(c.text), json: note(c.json), html: note(c.html) })
  return (response) => response === last
}

/**
 * Shows the app the request as an origin would see it. The request is made when the app first reads it: most handlers read
 * the path alone.
 */
function replaceRequest(c: Context, outgoing: () => Request): void {
  let made: Request | undefined
  Object.defineProperty(c.req, 'raw', {
    configurable: true,
    get: () => (made ??= outgoing()),
    set: (given: Request) => {
      made = given
    },
  })
}

/** Returns a response whose fields can be changed. A response that the app fetched elsewhere is copied. */
function changeable(response: Response): Response {
  try {
    response.headers.delete('faregate-failure')
    return response
  } catch {
    return new Response(response.body, response)
  }
}

/** Answers HEAD. Hono makes the response of GET and leaves its content unread: a stream would run on. */
function headOf(response: Response): Response {
  response.body?.cancel().catch(() => undefined)
  return new Response(null, response)
}

/** Returns the runtime's `waitUntil`. A runtime without one lets work outlive its request anyway. */
function waitUntilOf(c: Context): WaitUntil {
  try {
    const { executionCtx } = c
    return (work) => executionCtx.waitUntil(work)
  } catch {
    return () => undefined
  }
}
