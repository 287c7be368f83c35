/**
 * The product, in order: capture, match, present, decide, reserve, content, commit.
 *
 * Every step before `serve` can refuse, and content leaves through `serve` alone, so a request that no step understands is
 * refused. A bug in any step is caught at the top: it answers 500, charges nothing and serves nothing. Steps return a value
 * or a promise of one, because most requests wait for nothing: refusals, and copies from memory.
 */
import { cachePartitionOf } from './cache/rules/key.ts'
import type { Decision } from './access/decide.ts'
import { after, type Eventually } from './core/eventually.ts'
import { type Exchange, isPreflight, methodAsked } from './http/rules/exchange.ts'
import { methodFault } from './http/rules/method.ts'
import { decideObserved, observedUntil } from './access/observation.ts'
import { type Refusal, refusal } from './core/problem.ts'
import { fieldsIn, type Presented } from './access/proof.ts'
import { match, type Route } from './access/route.ts'
import { ok, type Result } from './core/result.ts'
import { isEndpointTarget } from './http/rules/target.ts'
import { logBug } from './refusals/bug.ts'
import { type Captured, capture } from './http/capture.ts'
import { isCounted, reserveRequest } from './ledger/charge.ts'
import type { ReservedRequest } from './ledger/chargeledger.ts'
import { type Content, fetchContent } from './content/content.ts'
import { replayContent } from './content/replay.ts'
import { fetchPage } from './content/preview.ts'
import { withoutUrlTokens } from './rails/inurl.ts'
import { judgeContent } from './content/framing.ts'
import { refuseWithPreview } from './refusals/preview.ts'
import { completeInTurn, type RefusalHooks } from './refusals/complete.ts'
import { answerPreflight, refuse, terminalOf } from './refusals/respond.ts'
import type { RefusalContext } from './refusals/template.ts'
import { answerNotFound, recordRequest, type Outcome } from './record.ts'
import type { Metered } from './access/meter.ts'
import type { Call, Origin, AdmittedRequest, WaitUntil } from './ports.ts'
import type { Site } from './site.ts'
import type { Services } from './services.ts'
import { present } from './standing/present.ts'
import type { ChargedFacts } from './logrecord.ts'

const NO_HOOKS: RefusalHooks = { completing: [], sealReference: undefined }

/** One request on its way through the pipeline. */
interface Passing {
  readonly request: Request
  readonly exchange: Captured
  readonly site: Site
  readonly services: Services
  readonly origin: Origin
  readonly call: Call
  readonly hooks: RefusalHooks
}

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
  const close = (outcome: Outcome): Response => recordRequest(exchange, outcome, services, waitUntil)
  if (site === undefined) return close(refused(exchange, NOWHERE, HOST_UNKNOWN))
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
  const { request, exchange, site, services, call } = passing
  const unfit = exchange.ambiguity ?? methodFault(exchange.method)
  if (unfit !== undefined) return refused(exchange, { site, route: undefined }, unfit)
  const matched = match(site.zone.routes, exchange.target, methodAsked(exchange.method, exchange.fields))
  if (!matched.ok) return refused(exchange, { site, route: undefined }, matched.error)
  const route = matched.value
  const malformed = judgeContent(request, exchange.method, route)
  if (malformed !== undefined) return refused(exchange, { site, route }, malformed)
  if (isEnforced(route, exchange) && isPreflight(exchange.method, exchange.fields)) {
    const reply = answerPreflight(exchange, route.methods, site.zone)
    return { decision: 'preflight', reply, zone: site.zone, route, account: undefined }
  }
  const presented = present(exchange, site, route, services, call)
  return presented instanceof Promise
    ? presented.then((found) => decideOn(found, route, passing))
    : decideOn(presented, route, passing)
}

/** Returns true if the route's terms are enforced: the gate answers preflights for such terms only. */
function isEnforced({ terms }: Route, { now }: Exchange): boolean {
  return terms.kind === 'paid' && observedUntil(terms, now) === undefined
}

function decideOn(presented: Presented | undefined, route: Route, passing: Passing): Eventually<Outcome> {
  const outcome = carryOut(decideObserved(route.terms, presented, passing.exchange), presented, route, passing)
  const fields = fieldsIn(presented)
  return fields === undefined ? outcome : after(outcome, (known) => ({ ...known, fields }))
}

function carryOut(
  decision: Decision,
  presented: Presented | undefined,
  route: Route,
  passing: Passing,
): Eventually<Outcome> {
  switch (decision.action) {
    case 'refuse':
      return refuseCompleted(decision, presented !== undefined, route, passing)
    case 'preview':
      return refuseShowing(decision, presented !== undefined, route, passing)
    case 'serve': {
      const admitted = admit(decision, route, passing)
      return isCounted(decision.cost, route) ? serveCounted(decision.cost, admitted, passing) : serve(admitted, passing)
    }
  }
}

type Served = Extract<Decision, { action: 'serve' }>
type Refused = Extract<Decision, { action: 'refuse' }>
type Previewed = Extract<Decision, { action: 'preview' }>

/** Refuses; the page that a browser is shown may have a form that cures the refusal, as the one that confirms a price. */
function refuseCompleted(
  decision: Refused,
  hasCredential: boolean,
  route: Route,
  passing: Passing,
): Eventually<Outcome> {
  const { exchange, site } = passing
  const account = decision.proof?.accountHash
  return after(completed(decision, route, passing), (known) => {
    const reference = hasCredential ? referenceOf(known, route, passing, account) : undefined
    return refused(exchange, { site, route, reference }, known, account)
  })
}

/** Lets the endpoints complete a refusal. */
function completed(decision: Refused, route: Route, { exchange, site, services, hooks }: Passing): Eventually<Refusal> {
  return completeInTurn(hooks.completing, decision, exchange, { site, route }, services.ledgers)
}

/** Refuses with the free part of the page, fetched as for an anonymous reader. */
function refuseShowing(
  { refusal: why, proof }: Previewed,
  hasCredential: boolean,
  route: Route,
  passing: Passing,
): Eventually<Outcome> {
  const { request, exchange, site, services, origin, call } = passing
  const asked = { request, exchange, zone: site.zone, route }
  const reference = hasCredential ? referenceOf(why, route, passing, proof?.accountHash) : undefined
  const context = { site, route, reference }
  const reply = refuseWithPreview(why, exchange, context, () =>
    fetchPage(asked, site.rails, origin, services.memory, call),
  )
  return after(reply, (written) => refused(exchange, context, why, proof?.accountHash, written))
}

/** Seals the facts of a refusal that had a credential, for whoever has to explain it later. */
function referenceOf(
  why: Refusal,
  route: Route,
  { exchange: { id, now }, site: { zone }, hooks }: Passing,
  account = why.account,
): string | undefined {
  return hooks.sealReference?.({ zone, id, now, route, refusal: why, account })
}

function admit(decision: Served, route: Route, { request, exchange, site }: Passing): AdmittedRequest {
  const { proof, observed, fallback } = decision
  const partition = cachePartitionOf(exchange, route, proof)
  const terminal = (why: Refusal): Uint8Array | undefined => terminalOf(why, exchange, site, route)
  return { zone: site.zone, route, exchange, proof, observed, fallback, request, partition, terminal }
}

/** Serves a request that counts nothing, without a reservation. */
function serve(admitted: AdmittedRequest, passing: Passing): Eventually<Outcome> {
  const content = fetchContent(admitted, passing.site.rails, passing.origin, passing.services, passing.call)
  return content instanceof Promise
    ? content.then((fetched) => outcomeOf(fetched, admitted, passing))
    : outcomeOf(content, admitted, passing)
}

/** Reserves the request's cost, then commits or releases it by the outcome of the content. */
async function serveCounted(cost: Served['cost'], admitted: AdmittedRequest, passing: Passing): Promise<Outcome> {
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
  { site, services, origin, call }: Passing,
): Promise<Result<Content, Refusal>> {
  let used: Metered['used'] | undefined
  const noteCost = (noted: typeof used): void => void (used = noted)
  const noting = admitted.bound === undefined ? admitted : { ...admitted, noteCost }
  const before = reservation.beforeOrigin && (() => reservation.beforeOrigin?.() ?? ok(undefined))
  const content =
    kept === undefined
      ? await fetchContent(noting, site.rails, origin, services, call, before)
      : ok(replayContent(kept, admitted, services))
  if (!content.ok) {
    if (used !== undefined && reservation.forfeit !== undefined) reservation.forfeit(used)
    else reservation.release()
    return content
  }
  const { response: fetched, used: measured, isTimed: isHeld } = content.value
  const response = await reservation.commit(fetched, measured, isHeld)
  return response.ok ? ok({ ...content.value, response: response.value }) : response
}

function outcomeOf(
  content: Result<Content, Refusal>,
  admitted: AdmittedRequest,
  passing: Passing,
  charged?: ChargedFacts,
): Eventually<Outcome> {
  const { zone, route, exchange, proof, observed } = admitted
  const account = (observed ?? proof)?.accountHash
  if (content.ok)
    return { decision: 'serve', content: content.value, zone, route, account, observed: observed?.would, charged }
  const decision: Refused = { action: 'refuse', refusal: content.error, proof }
  return after(completed(decision, route, passing), (why) => {
    const reference = proof === undefined ? undefined : referenceOf(why, route, passing, account)
    return refused(exchange, { site: passing.site, route, reference }, why, account)
  })
}

const HOST_UNKNOWN = refusal('host-unknown', 'No site is served here under this host name.')
const INTERNAL_ERROR = refusal('internal-error', 'Something here is broken. Nothing was charged.')

/** Answers a bug: without content, and with nothing of the client's in the log. */
function broken(error: unknown, exchange: Captured, site: Site): Outcome {
  logBug(error, exchange.id)
  return refused(exchange, { site, route: undefined }, INTERNAL_ERROR)
}

function refused(
  exchange: Exchange,
  context: PassingContext,
  why: Refusal,
  account = why.account,
  reply = refuse(why, exchange, context),
): Outcome {
  const { site, route, reference } = context
  const decision = why.reason === 'prefetch-declined' ? 'prefetch' : 'refuse'
  const { reason, check } = why
  return { decision, reply, reason, check, reference, zone: site?.zone, route, account }
}

/** The context of a refusal in the pipeline. */
interface PassingContext extends RefusalContext {
  readonly site: Site | undefined
}

const NOWHERE: PassingContext = { site: undefined, route: undefined }
