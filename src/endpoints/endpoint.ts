/**
 * The interface of the gate's own endpoints, and the one shell around all of them.
 *
 * Each endpoint would otherwise capture the request, find its site, refuse other methods, answer preflights, catch bugs and
 * write a line in the log, and each would do so a little differently. The shell does everything but the answer.
 */
import { isPreflight } from '../http/rules/exchange.ts'
import { err, type Result } from '../core/result.ts'
import { type Captured, capture } from '../http/capture.ts'
import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import type { CompleteRefusal } from '../refusals/complete.ts'
import type { Call, Origin, PurgeCopies } from '../ports.ts'
import { answerNotFound, recordEndpoint, type EndpointFacts, type PaymentFacts, type TripFacts } from '../record.ts'
import type { Words } from '../pages/words.ts'
import type { OpenReference, SealReference } from '../refusals/describe.ts'
import { withoutUrlTokens } from '../rails/inurl.ts'
import { logBug } from '../refusals/bug.ts'
import { endpointProblem, type EndpointProblem, whyOf } from '../refusals/endpointproblem.ts'
import { answerPreflight, respond } from '../refusals/respond.ts'
import type { Services } from '../services.ts'
import type { Site } from '../site.ts'
import type { CreateLevers } from '../standing/levers.ts'
import type { TallyPlugin } from '../tallies/plugin.ts'
import type { WatchPlugin } from '../tallies/watch.ts'
import type { AnomalyPlugin } from '../anomalies/plugin.ts'
import { AuditEntry, auditFacts } from './audit.ts'
import type { OperatorOrder } from './operator.ts'

/**
 * One of the gate's own endpoints, as a configuration lists it under `endpoints`, without the services it needs. An endpoint
 * that no configuration names is in no bundle; so `create` makes services for one endpoint alone.
 */
export interface EndpointFactory {
  /** The path below `/__faregate/`: words of lower-case letters, digits and `-`, separated by `/`. */
  readonly path: string
  /** True if it answers for one of many things: below its path, a request has one more segment, which names the thing. */
  readonly isOfOne?: true
  /** The only host at which it answers, if it has one of its own: one that serves nothing else. */
  readonly host?: string | undefined
  /** True if the endpoint works with keys of the gate: a configuration without `secrets.gate` is at fault then. */
  readonly needsGateKey?: true
  /** True if the endpoint tells accounts apart by their hashes: a configuration without `log.accountKey` is at fault then. */
  readonly needsAccountKey?: true
  /** The English words of its pages, by group and key: texts in their place are checked against them. */
  readonly words?: Words
  /** Returns the faults of the options in this environment; paths begin at the endpoint. */
  faults?(bindings: Bindings): readonly Fault[]
  /** Creates the endpoint. Called once in each isolate, and only if there are no faults. */
  create(services: Services, peers?: EndpointPeers): Endpoint
  /** The order that it takes from operators. */
  readonly order?: OperatorOrder
  /** What adds up what happens, for this endpoint to show. */
  readonly tallies?: TallyPlugin
  /** Creates the levers that this endpoint pulls. */
  readonly levers?: CreateLevers
  /** What watches these sums, for this endpoint to tell of. */
  readonly watch?: WatchPlugin
  /** True if it shows the accounts that are near a limit. */
  readonly listsNear?: true
  /** Returns what watches for what is not normal, for this endpoint to show. Called once, and only if there are no faults. */
  anomalies?(bindings: Bindings): AnomalyPlugin
  /** Completes refusals of the pipeline that this endpoint can cure. */
  readonly completeRefusal?: CompleteRefusal
  /** Makes the references of refusals, if this endpoint opens them. */
  readonly sealReference?: SealReference
  /** Opens them. */
  readonly openReference?: OpenReference
}

/** What the endpoints of a configuration may use of each other. */
export interface EndpointPeers {
  /** Opens references of refusals. Absent if no endpoint makes them. */
  readonly openReference?: OpenReference | undefined
  /** What adds up what happens. Absent if no endpoint shows it. */
  readonly tallies?: TallyPlugin | undefined
  /** The orders of operators, by the path of their endpoint. */
  readonly orders?: ReadonlyMap<string, OperatorOrder>
}

const PATH = /^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/

/** Returns true if `path` can be the path of an endpoint. */
export function isEndpointName(path: unknown): boolean {
  return typeof path === 'string' && PATH.test(path)
}

/**
 * One of the gate's own endpoints. `answerEndpoint` does everything but the answer: it captures the request, finds the site,
 * refuses other methods, answers preflights, catches bugs, and writes the record in the log.
 *
 * @example
 * ```ts
 * // src/endpoints/status.ts
 * import { ok } from '../core/result.ts'
 * import { endpointAnswer } from '../refusals/endpointproblem.ts'
 * import { type EndpointFactory, READ } from './endpoint.ts'
 *
 * export function status(): EndpointFactory {
 *   return {
 *     path: 'status',
 *     create: () => ({
 *       methods: READ,
 *       answer: async ({ site }, { now }) => ok(endpointAnswer({ zone: site.zone.name, now })),
 *     }),
 *   }
 * }
 * ```
 */
export interface Endpoint {
  /** Other methods are answered 405. */
  readonly methods: readonly string[]
  /** The action's name in the audit; absent for an endpoint that changes nothing, or names what it does as it does it. */
  readonly action?: string
  /** The answer to a bug. An endpoint that changes something answers that the outcome is unknown. Default: 500. */
  readonly onUnknown?: EndpointProblem | ((asked: Pick<EndpointRequest, 'exchange' | 'site'>) => EndpointProblem)
  /**
   * Adds the fields that let pages of other sites read the answer. Preflights are answered only for an endpoint with this
   * member.
   */
  readonly expose?: (answer: Headers, exchange: Captured) => void
  /**
   * Finds the site of a request, for an endpoint with a host of its own. Undefined where it does not answer: the request is
   * then answered as if there were no such endpoint.
   */
  readonly siteAt?: (exchange: Captured) => Site | undefined
  answer(asked: EndpointRequest, call: EndpointCall): Promise<Result<Response, EndpointProblem>>
}

export interface EndpointRequest {
  /** The request; its body is not read yet. */
  readonly request: Request
  /** Its target holds no token. */
  readonly exchange: Captured
  readonly site: Site
  /** An endpoint with an action fills this in. */
  readonly audit: AuditEntry
  /** An endpoint of trips fills this in. */
  readonly noted: Noted
}

/** What the line in the log says beside the request itself. */
export interface Noted {
  trip?: TripFacts
  /** What billing says of a payment on a trip. */
  payment?: PaymentFacts
}

export interface EndpointCall extends Call {
  readonly purge: PurgeCopies
  /** The stage behind the gate; absent if nothing is. */
  readonly origin?: Origin
}

/** The services that every endpoint's answer needs. */
export type EndpointServices = Pick<Services, 'sites' | 'clock' | 'log' | 'hashAccount'>

/** Answers a request for an endpoint. Never throws. */
export async function answerEndpoint(
  endpoint: Endpoint,
  request: Request,
  services: EndpointServices,
  outside: Omit<EndpointCall, 'now'>,
): Promise<Response> {
  const captured = capture(request, services.clock())
  const ofHost = services.sites.get(captured.host)
  const site = endpoint.siteAt === undefined ? ofHost : endpoint.siteAt(captured)
  const exchange = withoutUrlTokens(captured, site ?? ofHost)
  if (endpoint.siteAt !== undefined && site === undefined) return answerNotFound(exchange, ofHost?.zone, services)
  if (endpoint.expose !== undefined && isPreflight(exchange.method, exchange.fields)) {
    const allowed = respond(answerPreflight(exchange, endpoint.methods), 0, exchange.now)
    return recordEndpoint(exchange, allowed, site?.zone, services)
  }
  const audit = new AuditEntry(endpoint.action ?? '', exchange.id)
  const noted: Noted = {}
  const call = { ...outside, now: exchange.now }
  const done = await attempt(endpoint, { request, exchange, site, audit, noted }, call).catch((error: unknown) => {
    logBug(error, exchange.id)
    return err(problemOfBug(endpoint, exchange, site))
  })
  const answer = done.ok ? done.value : endpointProblem(done.error, exchange, site?.zone.pages)
  endpoint.expose?.(answer.headers, exchange)
  const response = exchange.method === 'HEAD' ? new Response(null, answer) : answer
  const facts = audit.action === '' ? {} : await factsOf(audit, done.ok, site, services)
  const said = { ...facts, ...whyOf(done), ...noted }
  return recordEndpoint(exchange, response, site?.zone, services, said, call.waitUntil)
}

async function attempt(
  endpoint: Endpoint,
  { site, ...asked }: Omit<EndpointRequest, 'site'> & { readonly site: Site | undefined },
  call: EndpointCall,
): Promise<Result<Response, EndpointProblem>> {
  if (site === undefined) return err(HOST_UNKNOWN)
  if (!endpoint.methods.includes(asked.exchange.method)) return err(notAllowed(endpoint.methods))
  return endpoint.answer({ ...asked, site }, call)
}

function problemOfBug({ onUnknown }: Endpoint, exchange: Captured, site: Site | undefined): EndpointProblem {
  if (typeof onUnknown !== 'function') return onUnknown ?? BROKEN
  return site === undefined ? BROKEN : onUnknown({ exchange, site })
}

async function factsOf(
  audit: AuditEntry,
  isDone: boolean,
  site: Site | undefined,
  { hashAccount }: EndpointServices,
): Promise<EndpointFacts> {
  return auditFacts(audit, isDone && !audit.isIdle, site?.zone, hashAccount)
}

function notAllowed(methods: readonly string[]): EndpointProblem {
  return {
    status: 405,
    title: 'Method Not Allowed',
    detail: `This is a ${methods[0]}.`,
    fields: { allow: methods.join(', ') },
  }
}

/** The methods of an endpoint that changes nothing. */
export const READ: readonly string[] = ['GET', 'HEAD']

const HOST_UNKNOWN: EndpointProblem = {
  status: 421,
  title: 'Misdirected Request',
  detail: 'No site is served here under this host name.',
  reason: 'host-unknown',
}
/** The answer to a bug. */
export const BROKEN: EndpointProblem = {
  status: 500,
  title: 'Internal error',
  detail: 'Something here is broken. Nothing was charged.',
  reason: 'internal-error',
}
