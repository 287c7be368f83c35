import type { Context, Next } from 'hono'
import { wantsStoredOnly } from '../../http/rules/directives.ts'
import type { Entitlement } from '../../access/entitlement.ts'
import { readerOf } from '../../access/proof.ts'
import { err, ok } from '../../core/result.ts'
import { cutWhenAborted, ofApp } from '../../http/passthrough.ts'
import { received } from '../../http/received.ts'
import type { App } from '../../gate.ts'
import type { Clock, Origin, PurgeCopies, WaitUntil } from '../../ports.ts'
import { createUsageReport } from './usagereport.ts'

/** What the app behind the paywall is told of who reads a page, and what it tells of that: `c.var.faregate`. */
export interface Reader {
  /** Undefined for who is anonymous, and for who pays with a receipt. */
  readonly account: string | undefined
  readonly plan: string | undefined
  readonly entitlements: readonly string[]
  /**
   * Tells what the request has used, by the names that the meter of its route counts. Called again, it adds up; what comes after
   * the body has ended is not counted. A route without a meter counts nothing of it. Throws a `TypeError` for anything but
   * whole numbers from 0 on.
   *
   * @example
   * ```ts
   * c.var.faregate.report({ rows: 12 })
   * ```
   */
  readonly report: (units: Readonly<Record<string, number>>) => void
}

/** For `new Hono<PaywallEnv>()`: what the paywall sets for the app's handlers. */
export interface PaywallEnv {
  Variables: { faregate: Reader }
}

/**
 * Has a gate answer a request in front of what follows in the app, which is its origin: that sees the request as an origin
 * would. The answer is the context's.
 */
export async function passThrough(
  c: Context<PaywallEnv>,
  next: Next,
  request: Request,
  { answer, clock }: { readonly answer: App; readonly clock: Clock },
): Promise<undefined> {
  let isAsked = false
  const origin: Origin = async ({ proof, exchange, partition, route }, outgoing) => {
    if (partition.name !== undefined && wantsStoredOnly(exchange.fields)) return ok({ response: notStored() })
    // An app answers a request once, whatever a meter thinks of that.
    if (isAsked) return err('origin-unreachable')
    isAsked = true
    const isWhole = noteTexts(c)
    replaceRequest(c, route.terms.kind === 'paid' ? () => cutWhenAborted(outgoing()) : outgoing)
    const usage = createUsageReport()
    c.set('faregate', readerFor(readerOf(proof), usage.report))
    await next()
    const whole = isWhole(c.res)
    const response = received(changeable(exchange.method === 'HEAD' ? headOf(c.res) : c.res), clock(), true)
    const isAsItIs = whole && !response.headers.has('content-encoding')
    return ok({ response: isAsItIs ? response : ofApp(response), isWhole: whole, reported: usage.reported })
  }
  const response = await answer(await unread(c, request), { origin, purge: NO_COPIES }, waitUntilOf(c))
  c.res = undefined // else Hono would lay the app's own fields over these
  c.res = response
  return undefined
}

/**
 * The request, with its content again if that was taken from it: by a gate before, which passes it on as `c.req.raw`, or by
 * a middleware of the app that has read it through `c.req`, which then forgets what it has read. Rejects if nothing has kept
 * what was read.
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

/** What an app is told of a reader whom nobody has asked for. */
export function anonymous(): Reader {
  return readerFor(undefined, createUsageReport().report)
}

/** Nothing of what the app answers is kept here. */
const NO_COPIES: PurgeCopies = async () => true

/** Whoever asks for what was delivered before is not to have it made again. */
function notStored(): Response {
  return new Response(null, { status: 504, headers: { 'cache-control': 'no-store' } })
}

function readerFor(known: Entitlement | undefined, report: Reader['report']): Reader {
  return { account: known?.account, plan: known?.plan, entitlements: known?.entitlements ?? [], report }
}

/** Tells of the last response that the app made of a text, so that it is not watched as a stream is. */
function noteTexts(c: Context): (response: Response) => boolean {
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

/** The app sees the request as an origin would. It is made when the app first looks: most handlers read the path alone. */
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

/** What the app made itself can be changed; what it fetched elsewhere cannot, and is copied. */
function changeable(response: Response): Response {
  try {
    response.headers.delete('faregate-failure')
    return response
  } catch {
    return new Response(response.body, response)
  }
}

/** Hono answers HEAD with what the app makes for GET, and lets its content lie: a stream would go on for nobody. */
function headOf(response: Response): Response {
  response.body?.cancel().catch(() => undefined)
  return new Response(null, response)
}

/** Runtimes without a way to outlive a request let its work run on by themselves. */
function waitUntilOf(c: Context): WaitUntil {
  try {
    const { executionCtx } = c
    return (work) => executionCtx.waitUntil(work)
  } catch {
    return () => undefined
  }
}
