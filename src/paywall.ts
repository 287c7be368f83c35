import { decide, type Presented } from './core/decide.ts'
import { type Exchange, isPreflight } from './core/exchange.ts'
import { type Refusal, refusal } from './core/problem.ts'
import { match, type Route } from './core/route.ts'
import type { Zone } from './core/zone.ts'
import { type Captured, capture } from './edge/capture.ts'
import { type BoundSocket, fetchContent } from './edge/content.ts'
import { answerPreflight, refuse } from './edge/respond.ts'
import { settle, type Outcome } from './edge/settle.ts'
import type { Call, Clock, Log, Origin, WaitUntil } from './ports.ts'
import type { Rail } from './rails/rail.ts'
import type { Verify } from './tokens/verify.ts'

/** A zone and the ways to pay in it. */
export interface Site {
  readonly zone: Zone
  readonly rails: readonly Rail[]
}

/** Everything the pipeline stands on, made once in each isolate. */
export interface House {
  /** The site of a host, lower case and without port. */
  readonly sites: ReadonlyMap<string, Site>
  readonly verify: Verify
  readonly clock: Clock
  readonly log: Log
  readonly boundSocket: BoundSocket
}

/**
 * Answers one request: captured, matched, presented, decided, served and settled. Never throws, and content leaves by the
 * arm named `serve` alone. `origin` is the stage that answers what is let through.
 */
export async function handle(request: Request, house: House, origin: Origin, waitUntil: WaitUntil): Promise<Response> {
  const exchange = capture(request, house.clock())
  const call: Call = { now: exchange.now, waitUntil }
  let outcome: Outcome
  try {
    outcome = await answer(request, exchange, house, origin, call)
  } catch (error) {
    console.error(
      JSON.stringify({ id: exchange.id, error: error instanceof Error ? error.name : 'unknown', at: stackOf(error) }),
    )
    outcome = refused(
      exchange,
      house.sites.get(exchange.host),
      undefined,
      refusal('internal-error', 'Something here is broken. Nothing was charged.'),
    )
  }
  return settle(exchange, outcome, house)
}

async function answer(
  request: Request,
  exchange: Captured,
  house: House,
  origin: Origin,
  call: Call,
): Promise<Outcome> {
  const site = house.sites.get(exchange.host)
  if (site === undefined)
    return refused(exchange, site, undefined, refusal('host-unknown', 'No site is served here under this host name.'))
  if (exchange.ambiguity !== undefined) return refused(exchange, site, undefined, exchange.ambiguity)
  const matched = match(site.zone.routes, exchange.target, exchange.method)
  if (!matched.ok) return refused(exchange, site, undefined, matched.error)
  const route = matched.value
  if (route.terms.kind === 'paid' && isPreflight(exchange.method, exchange.fields)) {
    return {
      decision: 'preflight',
      draft: answerPreflight(exchange, route),
      zone: site.zone,
      route,
      account: undefined,
    }
  }
  const decision = decide(route.terms, await present(exchange, site, route, house.verify, call), exchange.now)
  switch (decision.action) {
    case 'refuse':
      return refused(exchange, site, route, decision.refusal, decision.proof?.accountHash)
    case 'serve': {
      const passage = { zone: site.zone, route, exchange, proof: decision.proof, request }
      const content = await fetchContent(passage, site.rails, origin, house)
      if (!content.ok) return refused(exchange, site, route, content.error, decision.proof?.accountHash)
      return { decision: 'serve', content: content.value, zone: site.zone, route, account: decision.proof?.accountHash }
    }
  }
}

/** The first rail that the request speaks presents; where no one's identity matters, none is asked. */
export async function present(
  exchange: Exchange,
  { zone, rails }: Site,
  route: Route,
  verify: Verify,
  call: Call,
): Promise<Presented> {
  if (route.terms.kind === 'closed' || (route.terms.kind === 'free' && route.cache.partition === 'shared'))
    return undefined
  for (const rail of rails) {
    const presented = await rail.present(exchange, zone, verify, call)
    if (presented !== undefined) return presented
  }
  return undefined
}

function refused(
  exchange: Captured,
  site: Site | undefined,
  route: Route | undefined,
  why: Refusal,
  account?: string,
): Outcome {
  const offer = route?.terms.kind === 'paid' ? route.terms.offer : undefined
  const draft = refuse(why, exchange, { zone: site?.zone, rails: site?.rails ?? [], offer })
  return { decision: 'refuse', draft, reason: why.reason, zone: site?.zone, route, account }
}

/** Where a bug was, without its message: a message may quote what the client sent. */
function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack?.split('\n').slice(1, 4).join(' ').trim() : undefined
}
