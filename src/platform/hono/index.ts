import { env } from 'hono/adapter'
import type { Context, MiddlewareHandler } from 'hono'
import { type App, createApp } from '../../gate.ts'
import { compile, type Fault } from '../../config/config.ts'
import type { Config } from '../../config/options.ts'
import { wantsStoredOnly } from '../../http/rules/directives.ts'
import type { Entitlement } from '../../access/entitlement.ts'
import { readerOf } from '../../access/proof.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { answerMisconfigured } from '../../refusals/misconfigured.ts'
import { cutWhenAborted, ofApp } from '../../http/passthrough.ts'
import { received } from '../../http/received.ts'
import { createServices } from '../../services.ts'
import { objectsOf } from '../cloudflare/ledgers.ts'
import { ratesOf } from '../cloudflare/rates.ts'
import { boundSocket } from '../cloudflare/socket.ts'
import type { Origin, PurgeCopies, WaitUntil } from '../../ports.ts'

/** Who reads a page, for the app behind the paywall: `c.var.faregate`. Undefined for who is anonymous, and with a receipt. */
export type Reader = Pick<Entitlement, 'account' | 'plan' | 'entitlements'>

/** For `new Hono<PaywallEnv>()`: what the paywall sets for the app's handlers. */
export interface PaywallEnv {
  Variables: { faregate: Reader | undefined }
}

/**
 * The paywall as middleware, for an app that is its own origin: `app.use(paywall(config))`, before its routes. The app
 * gets the request as an origin would, without the credential. Zones need no `origin`. What has to be counted or kept
 * needs the class of `ledger`, of `faregate/cloudflare`, bound as `LEDGER`. Faults of the configuration are logged at the
 * first request, and everything is then answered 503 `misconfigured`.
 */
export function paywall(config: Config): MiddlewareHandler<PaywallEnv> {
  let gate: Result<App, readonly Fault[]> | undefined
  return async (c, next) => {
    gate ??= build(config, env(c))
    if (!gate.ok) return answerMisconfigured(c.req.raw)
    const origin: Origin = async ({ proof, exchange, partition, route }, outgoing) => {
      if (partition.name !== undefined && wantsStoredOnly(exchange.fields)) return ok({ response: notStored() })
      const isWhole = noteTexts(c)
      replaceRequest(c, route.terms.kind === 'paid' ? () => cutWhenAborted(outgoing()) : outgoing)
      const reader = readerOf(proof)
      c.set('faregate', reader === undefined ? undefined : shown(reader))
      await next()
      const whole = isWhole(c.res)
      const response = received(changeable(exchange.method === 'HEAD' ? headOf(c.res) : c.res), Date.now(), true)
      const isAsItIs = whole && !response.headers.has('content-encoding')
      return ok({ response: isAsItIs ? response : ofApp(response), isWhole: whole })
    }
    const response = await gate.value(c.req.raw, { origin, purge: NO_COPIES }, waitUntilOf(c))
    c.res = undefined // else Hono would lay the app's own fields over these
    c.res = response
    return undefined
  }
}

function build(config: Config, given: Record<string, unknown>): Result<App, readonly Fault[]> {
  const compiled = compile(config, given, { needsOrigin: false })
  if (compiled.ok) {
    const platform = { clock: () => Date.now(), fetch: async (request: Request) => fetch(request), bindings: given }
    const services = createServices(compiled.value, boundSocket, objectsOf(given), ratesOf(given), platform)
    return ok(createApp(services))
  }
  console.error(JSON.stringify({ misconfigured: compiled.error }))
  return err(compiled.error)
}

/** Nothing of what the app answers is kept here. */
const NO_COPIES: PurgeCopies = async () => true

/** Whoever asks for what was delivered before is not to have it made again. */
function notStored(): Response {
  return new Response(null, { status: 504, headers: { 'cache-control': 'no-store' } })
}

function shown({ account, plan, entitlements }: Entitlement): Reader {
  return { account, plan, entitlements }
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
