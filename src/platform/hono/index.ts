import { env } from 'hono/adapter'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { createGate } from '../../gate.ts'
import { compile } from '../../config/config.ts'
import type { Config } from '../../config/options.ts'
import { capture } from '../../http/capture.ts'
import { isPreflight } from '../../http/rules/exchange.ts'
import { isEndpointTarget } from '../../http/rules/target.ts'
import { logError } from '../../log.ts'
import { answerPreflight, respond } from '../../refusals/respond.ts'
import type { Services } from '../../services.ts'
import type { Platform, PlatformFactory } from '../../ports.ts'
import { direct } from './node.ts'
import { anonymous, passThrough, type PaywallEnv } from './passing.ts'
import { type Paywall, recordPassage } from './terms.ts'

export { node, type NodeOptions } from './node.ts'
export type { PaywallEnv, Reader } from './passing.ts'
export { type HandlerTerms, price, requires } from './terms.ts'

/**
 * The paywall as middleware, for an app that is its own origin. Mount it before the app's routes. The app receives each
 * request as an origin would, without the credential. Zones need no `origin`.
 *
 * Counting and keeping need a platform that keeps data: on Cloudflare Workers pass `cloudflare`, and bind the class of
 * `ledger` as `LEDGER`; both are exported by `faregate/cloudflare`. In Node, Bun or Deno behind a proxy pass `node`, which says
 * whose word counts for who asks. If the configuration has no routes, handlers ask to be
 * paid with `requires` and `price`; the others get each request as it came, with the credential. Faults of the configuration
 * are logged at the first request; every request is then answered 503 `misconfigured`.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { cloudflare } from 'faregate/cloudflare'
 * import { paywall, type PaywallEnv } from 'faregate/hono'
 * import config from './faregate.config.ts'
 *
 * const app = new Hono<PaywallEnv>()
 * app.use(paywall(config, cloudflare))
 * app.get('/articles/:id', (c) => c.text(`for ${c.var.faregate.account ?? 'anyone'}`))
 * export default app
 * ```
 */
export function paywall(config: Config, platform: PlatformFactory = direct): MiddlewareHandler<PaywallEnv> {
  let made: Paywall | undefined
  return async (c, next) => {
    const given = (made ??= build(config, platform(env(c))))
    const request = c.req.raw
    const { services } = given
    const isLeft = services !== undefined && leavesToHandlers(services) && !isForGate(request, services)
    recordPassage(c, given, request, isLeft ? 0 : 1)
    return isLeft ? passOn(c, next, services) : passThrough(c, next, request, given)
  }
}

function build(config: Config, platform: Platform): Paywall {
  const compiled = compile(config, platform.bindings, { needsOrigin: false, platform })
  if (!compiled.ok) logError({ misconfigured: compiled.error })
  return { config, platform, ...createGate(compiled, platform) }
}

/** Returns true if the configuration has no paid path: only handlers ask to be paid. */
function leavesToHandlers({ sites }: Services): boolean {
  for (const { zone } of sites.values())
    if (zone.routes.entries.length > 0 || zone.routes.unmatched.terms.kind !== 'free') return false
  return true
}

/** Returns true for the gate's own endpoints, and for targets that might be read as one. */
function isForGate(request: Request, { clock }: Services): boolean {
  const { target, ambiguity } = capture(request, clock())
  return ambiguity !== undefined || isEndpointTarget(target)
}

/** Passes the request on to the app. Answers a preflight without a handler: the page is about to pay. */
async function passOn(c: Context<PaywallEnv>, next: Next, services: Services): Promise<undefined> {
  const exchange = capture(c.req.raw, services.clock())
  c.set('faregate', anonymous())
  await next()
  if (c.res.status !== 404 || !isPreflight(exchange.method, exchange.fields)) return undefined
  const zone = services.sites.get(exchange.host)?.zone
  const response = respond(answerPreflight(exchange, undefined, zone), 0, exchange.now)
  c.res = undefined
  c.res = response
  return undefined
}
