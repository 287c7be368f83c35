/**
 * The product, in order: capture, match, present, decide, reserve, content, commit.
 *
 * Every step before `serve` can refuse, and content leaves through `serve` alone, so a request that no step understands is
 * refused. A bug in any step is caught at the top: it answers 500, charges nothing and serves nothing. Steps return a value
 * or a promise of one, because most requests wait for nothing: refusals, and copies from memory.
 */
import { cachePartitionOf } from './cache/rules/key.ts'
import { type Decision, withPreview } from './access/decide.ts'
import { after, type Eventually } from './core/eventually.ts'
import { type Exchange, isPreflight, methodAsked } from './http/rules/exchange.ts'
import { methodFault } from './http/rules/method.ts'
import { decideObserved, observedUntil } from './access/observation.ts'
import type { Refusal } from './core/problem.ts'
import { chargedFieldsIn, credentialFactsOf, fieldsIn, type Presented } from './access/proof.ts'
import { match, type Route } from './access/route.ts'
import { ok, type Result } from './core/result.ts'
import { isEndpointTarget } from './http/rules/target.ts'
import { capture } from './http/capture.ts'
import { isCounted, reserveRequest } from './ledger/charge.ts'
import type { ReservedRequest } from './ledger/chargeledger.ts'
import { type Content, fetchContent } from './content/content.ts'
import { replayContent } from './content/replay.ts'
import { withoutUrlTokens } from './rails/inurl.ts'
import { judgeContent } from './content/framing.ts'
import { judgeAnswer, passRefined, type RefinedPassing, serveRefined } from './refining.ts'
import type { RefusalHooks } from './refusals/complete.ts'
import { answerPreflight, terminalOf } from './refusals/respond.ts'
import { answerNotFound, recordRequest, type Outcome } from './record.ts'
import { broken, HOST_UNKNOWN, NOWHERE, type Passing, refuseCompleted, refusedOutcome } from './refusing.ts'
import { judgeExemptions, type NamedExempted } from './exemptions/exempt.ts'
import type { RefusedDecision } from './exemptions/exemption.ts'
import type { Metered } from './access/meter.ts'
import type { Origin, AdmittedRequest, WaitUntil } from './ports.ts'
import type { Services } from './services.ts'
import { present } from './standing/present.ts'
import type { ChargedFacts } from './logrecord.ts'

const NO_HOOKS: RefusalHooks = { completing: [], sealReference: undefined }

/**
 * Answers one request: captures, matches, presents, decides, reserves, serves and records. Never throws. Content leaves
 * through the arm named `serve` alone. A target that might be read as one of the gate's endpoints is answered 404 and has no
 * origin. `origin` is the stage that answers admitted requests. Returns no promise if nothing had to be waited for.
 */
export function handle(
  request: Request,
  services: Services,
  origin: Origin,
  waitUntil: WaitUntil,
  hooks: RefusalHooks = NO_HOOKS,
): Eventually<Response> {
  const captured = capture(request, services.clock())
  const site = services.sites.get(captured.host)
  const exchange = withoutUrlTokens(captured, site)
  if (isEndpointTarget(exchange.target)) return answerNotFound(exchange, site?.zone, services)
  const close = (outcome: Outcome): Response => recordRequest(exchange, outcome, services, waitUntil, request)
  if (site === undefined) return close(refusedOutcome(exchange, NOWHERE, HOST_UNKNOWN))
  const fail = (error: unknown): Response => close(broken(error, exchange, site))
  try {
    const call = { now: exchange.now, waitUntil }
    const outcome = answer({ request, exchange, site, services, origin, call, hooks })
    return outcome instanceof Promise ? outcome.then(close).catch(fail) : close(outcome)
  } catch (error) {
    return fail(error)
  }
}

function answer(passing: Passing): Eventually<Outcome> {
  const { request, exchange, site } = passing
  const unfit = exchange.ambiguity ?? methodFault(exchange.method)
  if (unfit !== undefined) return refusedOutcome(exchange, { site, route: undefined }, unfit)
  const matched = match(site.zone.routes, exchange.target, methodAsked(exchange.method, exchange.fields))
  if (!matched.ok) return refusedOutcome(exchange, { site, route: undefined }, matched.error)
  const route = matched.value
  const malformed = judgeContent(request, exchange.method, route)
  if (malformed !== undefined) return refusedOutcome(exchange, { site, route }, malformed)
  const { protocol } = route
  if (isEnforced(route, exchange) && isPreflight(exchange.method, exchange.fields)) {
    const reply = answerPreflight(exchange, protocol?.methods ?? route.methods, site.zone)
    return { decision: 'preflight', reply, zone: site.zone, route, account: undefined }
  }
  return after(withLevers(route, passing), (now) =>
    protocol === undefined || now.terms.kind === 'closed'
      ? presentTo(now, passing)
      : passRefined(protocol, now, passing, presentTo),
  )
}

/** Returns the route as operators have it for now. */
function withLevers(route: Route, { site, services, call }: Passing): Eventually<Route> {
  return services.levers?.apply(route, site.zone, call) ?? route
}

/** Returns true if terms are enforced on the route: the gate answers preflights for such routes only. */
function isEnforced({ terms, protocol }: Route, { now }: Exchange): boolean {
  return protocol !== undefined || (terms.kind === 'paid' && observedUntil(terms, now) === undefined)
}

function presentTo(route: Route, passing: RefinedPassing): Eventually<Outcome> {
  const { exchange, site, services, call } = passing
  const presented = present(exchange, site, route, services, call)
  return presented instanceof Promise
    ? presented.then((found) => decideOn(found, route, passing))
    : decideOn(presented, route, passing)
}

function decideOn(presented: Presented | undefined, route: Route, passing: RefinedPassing): Eventually<Outcome> {
  const decision = decideObserved(route.terms, presented, passing.exchange)
  const outcome = carryOut(decision, presented, route, passing)
  const fields = fieldsIn(presented)
  const ifCharged = chargedFieldsIn(presented, decision.proof)
  if (fields === undefined && ifCharged.length === 0) return outcome
  return after(outcome, (known) => {
    const ofCharge = known.decision === 'serve' && known.charged !== undefined ? ifCharged : []
    return { ...known, fields: [...(known.fields ?? []), ...(fields ?? []), ...ofCharge] }
  })
}

function carryOut(
  decision: Decision,
  presented: Presented | undefined,
  route: Route,
  passing: RefinedPassing,
): Eventually<Outcome> {
  switch (decision.action) {
    case 'refuse':
    case 'preview':
      return unlessExempt(decision, presented, route, passing)
    case 'serve': {
      const admitted = admit(decision, presented, route, passing)
      return serveRefined(presented, route, passing, () =>
        isCounted(decision.cost, route) ? serveCounted(decision.cost, admitted, passing) : serve(admitted, passing),
      )
    }
  }
}

type Served = Extract<Decision, { action: 'serve' }>
type ServedExempt = Extract<NamedExempted, { kind: 'serve' }>

/** Refuses, unless an exemption of the zone opens the page. */
function unlessExempt(
  decision: RefusedDecision,
  presented: Presented | undefined,
  route: Route,
  passing: RefinedPassing,
): Eventually<Outcome> {
  const { request, exchange, site, services, call } = passing
  const { exemptions } = site
  const credential = credentialFactsOf(presented, decision.proof)
  if (exemptions === undefined) return refuseCompleted(decision, credential, route, passing)
  const clientAddress = (): string | undefined => services.clientAddress(request)
  const { ledgers, hashAccount } = services
  const asked = { request, exchange, zone: site.zone, route, ledgers, hashAccount, clientAddress, call }
  return after(judgeExemptions(exemptions, decision, asked), (judged) => {
    if (judged?.kind === 'serve') return serveExempt(judged, presented, route, passing)
    const why = judged === undefined ? decision : { ...decision, refusal: judged.refusal }
    return refuseCompleted(why, credential, route, passing)
  })
}

/** Serves what an exemption opened, as to an anonymous reader; its fields are added to content alone. */
function serveExempt(
  { by, refusedAs, proof, cost, fieldsFor, release }: ServedExempt,
  presented: Presented | undefined,
  route: Route,
  passing: RefinedPassing,
): Eventually<Outcome> {
  const exempt = { by, ...(refusedAs && { refusedAs }) }
  const partition = cachePartitionOf(passing.exchange, route, undefined)
  const admitted = { ...admit({ action: 'serve', proof, cost }, presented, route, passing), partition, exempt }
  const outcome = isCounted(cost, route) ? serveCounted(cost, admitted, passing) : serve(admitted, passing)
  return after(outcome, (known) => {
    if (known.decision !== 'serve') release?.()
    if (known.decision !== 'serve' || fieldsFor === undefined) return known
    return after(fieldsFor(known.content.response), (fields) => (fields.length === 0 ? known : { ...known, fields }))
  })
}

function admit(
  decision: Served,
  presented: Presented | undefined,
  route: Route,
  { request, exchange, site }: Passing,
): AdmittedRequest {
  const { proof, observed, fallback, exempt } = decision
  const partition = cachePartitionOf(exchange, route, proof)
  const terminal = (why: Refusal): Uint8Array | undefined => terminalOf(why, exchange, site, route)
  const credential = credentialFactsOf(presented, proof)
  const shown = { proof, credential, observed, fallback, ...(exempt && { exempt }) }
  return { zone: site.zone, route, exchange, ...shown, request, partition, terminal }
}

/** Serves a request that counts nothing, without a reservation. */
function serve(admitted: AdmittedRequest, passing: Passing): Eventually<Outcome> {
  const content = fetchContent(admitted, passing.site.rails, passing.origin, passing.services, passing.call)
  return content instanceof Promise
    ? content.then((fetched) => outcomeOf(fetched, admitted, passing))
    : outcomeOf(content, admitted, passing)
}

/** Reserves the request's cost, then commits or releases it by the outcome of the content. */
async function serveCounted(
  cost: Served['cost'],
  admitted: AdmittedRequest,
  passing: RefinedPassing,
): Promise<Outcome> {
  const reserved = await reserveRequest(cost, admitted, passing.services, passing.call.waitUntil)
  if (!reserved.ok) return outcomeOf(reserved, admitted, passing)
  const { reservation } = reserved.value
  const content = await fetchReserved(reserved.value, passing).catch((error: unknown) => {
    reservation.release() // a bug costs its client nothing
    throw error
  })
  return outcomeOf(content, reserved.value.admitted, passing, content.ok ? reservation.charged() : undefined)
}

async function fetchReserved(
  { admitted, reservation, kept }: ReservedRequest,
  { site, services, origin, call, refined }: RefinedPassing,
): Promise<Result<Content, Refusal>> {
  let used: Metered['used'] | undefined
  const noteCost = (noted: typeof used): void => void (used = noted)
  const noting = admitted.bound === undefined ? admitted : { ...admitted, noteCost }
  const before = reservation.beforeOrigin && (() => reservation.beforeOrigin?.() ?? ok(undefined))
  const content =
    kept === undefined
      ? await fetchContent(noting, site.rails, origin, services, call, before)
      : ok(replayContent(kept, admitted, site.rails, services))
  if (!content.ok) {
    if (used !== undefined && reservation.forfeit !== undefined) reservation.forfeit(used)
    else reservation.release()
    return content
  }
  const { response: given, used: measured, isTimed: isHeld } = content.value
  const { response: fetched, isFailed } = await judgeAnswer(kept === undefined ? refined : undefined, given)
  if (isFailed) {
    reservation.release()
    return ok({ ...content.value, response: fetched })
  }
  const response = await reservation.commit(fetched, measured, isHeld)
  return response.ok ? ok({ ...content.value, response: response.value }) : response
}

function outcomeOf(
  content: Result<Content, Refusal>,
  admitted: AdmittedRequest,
  passing: Passing,
  charged?: ChargedFacts,
): Eventually<Outcome> {
  const { zone, route, exchange, proof, credential, observed, bound } = admitted
  const account = (observed ?? proof)?.accountHash
  if (content.ok)
    return {
      decision: 'serve',
      content: content.value,
      zone,
      route,
      account,
      credential,
      model: bound?.amount.breakdown?.of,
      observed: observed?.would,
      exempt: admitted.exempt?.by,
      charged,
    }
  const why = admitted.exempt?.refusedAs?.(content.error) ?? content.error
  const decision = withPreview({ action: 'refuse', refusal: why, proof }, route.terms, exchange)
  if (decision.action === 'serve') throw new TypeError('a refusal became content')
  return refuseCompleted(decision, credential, route, passing)
}
