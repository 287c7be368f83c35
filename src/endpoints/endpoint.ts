import { isPreflight } from '../http/rules/exchange.ts'
import { err, type Result } from '../core/result.ts'
import { type Captured, capture } from '../http/capture.ts'
import type { CompleteRefusal } from '../paywall.ts'
import type { Call, PurgeCopies } from '../ports.ts'
import { recordEndpoint, type EndpointFacts } from '../record.ts'
import { noteBug } from '../refusals/bug.ts'
import { endpointProblem, type EndpointProblem, whyOf } from '../refusals/endpointproblem.ts'
import { answerPreflight, respond } from '../refusals/respond.ts'
import type { Services } from '../services.ts'
import type { Site } from '../site.ts'
import { AuditEntry, auditFacts } from './audit.ts'

/**
 * What a configuration lists under `endpoints`: one of the gate's own endpoints, still without the services that it stands
 * on. What no configuration names is in no bundle, so whatever an endpoint alone needs it makes itself, in `create`.
 */
export interface EndpointFactory {
  /** Below `/__faregate/`: words of lower-case letters, digits and `-`, with `/` between each two. */
  readonly path: string
  /** Called once in each isolate. */
  create(services: Services): Endpoint
  /** Adds to the refusals of the pipeline what makes them curable at this endpoint. */
  readonly completeRefusal?: CompleteRefusal
}

const PATH = /^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/

/** True if this can be the path of an endpoint. */
export function isEndpointName(path: unknown): boolean {
  return typeof path === 'string' && PATH.test(path)
}

/**
 * One of the gate's own endpoints. It answers what it is asked, and nothing else: `answerEndpoint` captures the request, finds
 * its site, refuses other methods, answers preflights, catches what is thrown, and leaves the one record in the log.
 */
export interface Endpoint {
  /** Any other is answered 405. */
  readonly methods: readonly string[]
  /** What it does, for the log's audit; absent for an endpoint that changes nothing. */
  readonly action?: string
  /** The answer if it throws: for an endpoint that changes something, that the outcome is not known. Default: 500. */
  readonly onUnknown?: EndpointProblem
  /** Says on an answer which pages of other sites may read it. Preflights are answered if it is there. */
  readonly expose?: (answer: Headers, exchange: Captured) => void
  answer(asked: EndpointRequest, call: EndpointCall): Promise<Result<Response, EndpointProblem>>
}

export interface EndpointRequest {
  /** Its body is the endpoint's to read. */
  readonly request: Request
  readonly exchange: Captured
  readonly site: Site
  /** To be filled in by an endpoint that has an action. */
  readonly audit: AuditEntry
}

export interface EndpointCall extends Call {
  readonly purge: PurgeCopies
}

/** What the answer to any endpoint needs. */
export type EndpointServices = Pick<Services, 'sites' | 'clock' | 'log' | 'hashAccount'>

/** Answers a request for an endpoint. Never throws. */
export async function answerEndpoint(
  endpoint: Endpoint,
  request: Request,
  services: EndpointServices,
  outside: Omit<EndpointCall, 'now'>,
): Promise<Response> {
  const exchange = capture(request, services.clock())
  const site = services.sites.get(exchange.host)
  if (endpoint.expose !== undefined && isPreflight(exchange.method, exchange.fields)) {
    const allowed = respond(answerPreflight(exchange, endpoint.methods), 0, exchange.now)
    return recordEndpoint(exchange, allowed, site?.zone, services)
  }
  const audit = new AuditEntry(endpoint.action ?? '')
  const call = { ...outside, now: exchange.now }
  const done = await attempt(endpoint, { request, exchange, site, audit }, call).catch((error: unknown) => {
    noteBug(error, exchange.id)
    return err(endpoint.onUnknown ?? BROKEN)
  })
  const answer = done.ok ? done.value : endpointProblem(done.error, exchange)
  endpoint.expose?.(answer.headers, exchange)
  const response = exchange.method === 'HEAD' ? new Response(null, answer) : answer
  const facts = endpoint.action === undefined ? {} : await factsOf(audit, done.ok, site, services)
  return recordEndpoint(exchange, response, site?.zone, services, { ...facts, ...whyOf(done) })
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

/** Methods of an endpoint that only tells something. */
export const READ: readonly string[] = ['GET', 'HEAD']

const HOST_UNKNOWN: EndpointProblem = {
  status: 421,
  title: 'Misdirected Request',
  detail: 'No site is served here under this host name.',
  reason: 'host-unknown',
}
/** What a bug is answered with. */
export const BROKEN: EndpointProblem = {
  status: 500,
  title: 'Internal error',
  detail: 'Something here is broken. Nothing was charged.',
  reason: 'internal-error',
}
