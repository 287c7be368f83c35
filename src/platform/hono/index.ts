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
import { web } from '../web/index.ts'
import { anonymous, passThrough, type PaywallEnv } from './passing.ts'
import { type Paywall, standBefore } from './terms.ts'

export type { PaywallEnv, Reader } from './passing.ts'
export { type HandlerTerms, price, requires } from './terms.ts'

/**
 * The paywall as middleware, for an app that is its own origin: `app.use(paywall(config))`, before its routes. The app
 * gets the request as an origin would, without the credential. Zones need no `origin`. What has to be counted or kept
 * needs a platform that keeps it: on Cloudflare Workers `paywall(config, cloudflare)`, with the class of `ledger` bound as
 * `LEDGER`; both are of `faregate/cloudflare`. A configuration without routes leaves what is paid for to the handlers, which
 * say so with `requires` and `price`. Faults of the configuration are logged at the first request, and everything is then
 * answered 503 `misconfigured`.
 *
 * @example
 * ```ts
 * app.use(paywall(config, cloudflare))
 * ```
 */
export function paywall(config: Config, platform: PlatformFactory = web): MiddlewareHandler<PaywallEnv> {
  let made: Paywall | undefined
  return async (c, next) => {
    const given = (made ??= build(config, platform(env(c))))
    const request = c.req.raw
    standBefore(c, given, request)
    const { services } = given
    return services !== undefined && leavesToHandlers(services) && !isForGate(request, services)
      ? passOn(c, next, services)
      : passThrough(c, next, request, given)
  }
}

function build(config: Config, platform: Platform): Paywall {
  const compiled = compile(config, platform.bindings, { needsOrigin: false })
  if (!compiled.ok) logError({ misconfigured: compiled.error })
  const { clock, bindings } = platform
  return { config, bindings, clock, ...createGate(compiled, platform) }
}

/** True if no path is paid for: handlers alone say what is. */
function leavesToHandlers({ sites }: Services): boolean {
  for (const { zone } of sites.values())
    if (zone.routes.entries.length > 0 || zone.routes.unmatched.terms.kind !== 'free') return false
  return true
}

/** True for an endpoint of the gate's own, and for what could be read as one. */
function isForGate(request: Request, { clock }: Services): boolean {
  const { target, ambiguity } = capture(request, clock())
  return ambiguity !== undefined || isEndpointTarget(target)
}

/** The app answers; but a preflight that no handler of its own answers is for a page that is about to pay. */
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
