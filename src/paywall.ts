import { cachePartitionOf } from './cache/rules/key.ts'
import type { Decision } from './access/decide.ts'
import { after, type Eventually } from './core/eventually.ts'
import { type Exchange, isPreflight, methodAsked } from './http/rules/exchange.ts'
import { methodFault } from './http/rules/method.ts'
import { decideObserved, observedUntil } from './access/observation.ts'
import { type Refusal, refusal } from './core/problem.ts'
import type { Presented } from './access/proof.ts'
import { ok, type Result } from './core/result.ts'
import { match, type Route } from './access/route.ts'
import { isEndpointTarget } from './http/rules/target.ts'
import type { Zone } from './zone.ts'
import { noteBug } from './refusals/bug.ts'
import { type Captured, capture } from './http/capture.ts'
import { type ReservedRequest, reserveRequest } from './ledger/charge.ts'
import { askToConfirm } from './ledger/confirm.ts'
import type { Reservation } from './ledger/reservation.ts'
import { type Content, fetchContent } from './content/content.ts'
import { withoutUrlTokens } from './rails/inurl.ts'
import { judgeContent } from './content/framing.ts'
import { answerPreflight, refuse } from './refusals/respond.ts'
import { answerNotFound, recordRequest, type Outcome } from './record.ts'
import type { Call, Origin, AdmittedRequest, WaitUntil } from './ports.ts'
import type { Verifiers } from './tokens/verify.ts'
import type { Site } from './site.ts'
import type { Services } from './services.ts'

/**
 * Answers one request: captured, matched, presented, decided, charged, served and settled. Never throws, and content leaves
 * by the arm named `serve` alone. What could be read as an endpoint of the gate's own has no origin. `origin` is the stage that answers what is let through. The answer is there at once where
 * nothing had to be waited for.
 */
export function handle(
  request: Request,
  services: Services,
  origin: Origin,
  waitUntil: WaitUntil,
): Eventually<Response> {
  const captured = capture(request, services.clock())
  const exchange = withoutUrlTokens(captured, services.sites.get(captured.host))
  if (isEndpointTarget(exchange.target))
    return answerNotFound(exchange, services.sites.get(exchange.host)?.zone, services)
  const close = (outcome: Outcome): Response => recordRequest(exchange, outcome, services)
  const fail = (error: unknown): Response => close(broken(error, exchange, services))
  try {
    const outcome = answer(request, exchange, services, origin, { now: exchange.now, waitUntil })
    return outcome instanceof Promise ? outcome.then(close).catch(fail) : close(outcome)
  } catch (error) {
    return fail(error)
  }
}

function answer(
  request: Request,
  exchange: Captured,
  services: Services,
  origin: Origin,
  call: Call,
): Eventually<Outcome> {
  const site = services.sites.get(exchange.host)
  if (site === undefined) return refused(exchange, site, undefined, HOST_UNKNOWN)
  if (exchange.ambiguity !== undefined) return refused(exchange, site, undefined, exchange.ambiguity)
  const unfit = methodFault(exchange.method)
  if (unfit !== undefined) return refused(exchange, site, undefined, unfit)
  const matched = match(site.zone.routes, exchange.target, methodAsked(exchange.method, exchange.fields))
  if (!matched.ok) return refused(exchange, site, undefined, matched.error)
  const route = matched.value
  const malformed = judgeContent(request, route)
  if (malformed !== undefined) return refused(exchange, site, route, malformed)
  if (isEnforced(route, exchange) && isPreflight(exchange.method, exchange.fields)) {
    const draft = answerPreflight(exchange, route.methods, site.zone)
    return { decision: 'preflight', draft, zone: site.zone, route, account: undefined }
  }
  return after(present(exchange, site, route, services, call), (presented) => {
    const decision = decideObserved(route.terms, presented, exchange)
    switch (decision.action) {
      case 'refuse':
        return after(askToConfirm(decision, exchange, site.zone, services.ledgers), (why) =>
          refused(exchange, site, route, why, decision.proof?.accountHash),
        )
      case 'serve': {
        const admitted = admit(request, exchange, site.zone, route, decision)
        return after(reserveRequest(decision.cost, admitted, services, call.waitUntil), (reserved) =>
          reserved.ok
            ? serve(reserved.value, site, services, origin, call)
            : refused(exchange, site, route, reserved.error, admitted.proof?.accountHash),
        )
      }
    }
  })
}

/** The gate speaks for the terms of a route only while they hold. */
function isEnforced({ terms }: Route, { now }: Exchange): boolean {
  return terms.kind === 'paid' && observedUntil(terms, now) === undefined
}

type Served = Extract<Decision, { action: 'serve' }>

function admit(request: Request, exchange: Exchange, zone: Zone, route: Route, decision: Served): AdmittedRequest {
  const { proof, observed, fallback } = decision
  return {
    zone,
    route,
    exchange,
    proof,
    observed,
    fallback,
    request,
    partition: cachePartitionOf(exchange, route, proof),
  }
}

function serve(
  { admitted, reservation }: ReservedRequest,
  site: Site,
  services: Services,
  origin: Origin,
  call: Call,
): Eventually<Outcome> {
  const { zone, route, exchange, proof, observed } = admitted
  const account = (observed ?? proof)?.accountHash
  const fetched = orDrop(reservation, () => fetchContent(admitted, site.rails, origin, services, call))
  return after(fetched, (content) => {
    if (!content.ok) reservation?.release()
    return after(content.ok ? delivered(content.value, reservation) : content, (given) =>
      given.ok
        ? {
            decision: 'serve',
            content: given.value,
            zone,
            route,
            account,
            observed: observed?.would,
            charged: reservation?.charged(),
          }
        : refused(exchange, site, route, given.error, account),
    )
  })
}

/** A bug costs its client nothing. */
function orDrop<T>(reservation: Reservation | undefined, work: () => Eventually<T>): Eventually<T> {
  if (reservation === undefined) return work()
  const drop = (error: unknown): never => {
    reservation.release()
    throw error
  }
  try {
    const done = work()
    return done instanceof Promise ? done.catch(drop) : done
  } catch (error) {
    return drop(error)
  }
}

function delivered(content: Content, reservation: Reservation | undefined): Eventually<Result<Content, Refusal>> {
  if (reservation === undefined) return ok(content)
  const given = orDrop(reservation, () => reservation.commit(content.response))
  return after(given, (delivery) => (delivery.ok ? ok({ ...content, response: delivery.value }) : delivery))
}

/** What is presented, as it stands now; where no one's identity matters, none is asked. */
export function present(
  exchange: Exchange,
  site: Site,
  { terms, cache }: Route,
  services: Verifiers & Pick<Services, 'resolveStanding'>,
  call: Call,
): Eventually<Presented | undefined> {
  if (terms.kind === 'closed' || (terms.kind === 'free' && cache.partition === 'shared')) return undefined
  return after(presentAsSigned(exchange, site, services, call), (presented) =>
    services.resolveStanding(presented, site.zone, call),
  )
}

/** Each rail presents what it finds, of each kind the first counts: as it was signed, whatever was said of it since. */
export function presentAsSigned(
  exchange: Exchange,
  { zone, rails }: Site,
  verifiers: Verifiers,
  call: Call,
): Eventually<Presented | undefined> {
  const from = (index: number, before: Presented | undefined): Eventually<Presented | undefined> => {
    const rail = rails[index]
    if (rail === undefined) return before
    return after(rail.present(exchange, zone, verifiers, call), (presented) =>
      from(index + 1, before === undefined ? presented : { ...presented, ...before }),
    )
  }
  return from(0, undefined)
}

const HOST_UNKNOWN = refusal('host-unknown', 'No site is served here under this host name.')
const INTERNAL_ERROR = refusal('internal-error', 'Something here is broken. Nothing was charged.')

/** A bug: no content, and nothing of what the client sent in the log. */
function broken(error: unknown, exchange: Captured, services: Services): Outcome {
  noteBug(error, exchange.id)
  return refused(exchange, services.sites.get(exchange.host), undefined, INTERNAL_ERROR)
}

function refused(
  exchange: Exchange,
  site: Site | undefined,
  route: Route | undefined,
  why: Refusal,
  account?: string,
): Outcome {
  const draft = refuse(why, exchange, { site, route })
  const decision = why.reason === 'prefetch-declined' ? 'prefetch' : 'refuse'
  return {
    decision,
    draft,
    reason: why.reason,
    check: why.check,
    zone: site?.zone,
    route,
    account: account ?? why.account,
  }
}
