import type { Observed } from './access/decide.ts'
import type { CredentialFacts } from './access/proof.ts'
import type { Exchange, Field } from './http/rules/exchange.ts'
import type { Check, Reason } from './core/problem.ts'
import { type Route, routeName } from './access/route.ts'
import type { Zone } from './zone.ts'
import type { Clock, WaitUntil } from './ports.ts'
import type { Content } from './content/content.ts'
import { dateText, timeText } from './http/date.ts'
import { type EndpointProblem, endpointProblem } from './refusals/endpointproblem.ts'
import { type Reply, respond } from './refusals/respond.ts'
import type { TraceRequest } from './anomalies/plugin.ts'
import type { AuditFacts, ChargedFacts, Log, LogRecord, TripStep } from './logrecord.ts'

/** The outcome of a request: content to serve, or a reply of the gate's own. */
export type Outcome = OutcomeContext &
  (
    | {
        readonly decision: 'serve'
        readonly content: Content
        readonly observed: Observed['would'] | undefined
        readonly charged: ChargedFacts | undefined
        readonly exempt?: string | undefined
      }
    | {
        readonly decision: 'refuse' | 'prefetch' | 'preflight'
        readonly reply: Reply
        readonly reason?: Reason
        readonly check?: Check | undefined
        readonly reference?: string | undefined
      }
  )

interface OutcomeContext {
  readonly zone: Zone | undefined
  readonly route: Route | undefined
  readonly account: string | undefined
  readonly credential?: CredentialFacts | undefined
  readonly model?: string | undefined
  /** Response fields beside those of the content or reply. */
  readonly fields?: readonly Field[]
}

interface RecordServices {
  readonly clock: Clock
  readonly log: Log
  /** Absent unless something watches for what is not normal. */
  readonly traceRequest?: TraceRequest | undefined
}

/** Closes the record of a request: writes its line in the log, and tells the client how long each part took. */
export function recordRequest(
  exchange: Exchange,
  outcome: Outcome,
  { clock, log, traceRequest }: RecordServices,
  waitUntil: WaitUntil,
  request: Request,
): Response {
  const now = clock()
  const totalMs = now - exchange.now
  const served = outcome.decision === 'serve' ? outcome : undefined
  const declined = outcome.decision === 'serve' ? undefined : outcome
  log(
    {
      time: timeText(exchange.now),
      id: exchange.id,
      trace: exchange.trace?.traceId,
      zone: outcome.zone?.name,
      route: outcome.route && routeName(outcome.route),
      method: exchange.method,
      status: outcome.decision === 'serve' ? outcome.content.response.status : outcome.reply.status,
      decision: outcome.decision,
      reason: declined?.reason,
      check: declined?.check,
      reference: declined?.reference,
      observed: served?.observed,
      rail: outcome.credential?.rail,
      credential: outcome.credential && (outcome.credential.isVerified ? 'verified' : 'refused'),
      model: outcome.model,
      exempt: served?.exempt,
      format: declined?.reply.format,
      account: outcome.account,
      charged: served?.charged,
      audit: undefined,
      cache: served?.content.cache,
      originMs: served?.content.originMs,
      bytes: served && lengthOf(served.content.response, exchange.method),
      totalMs,
      ...traceRequest?.(request, exchange, outcome.credential),
    },
    waitUntil,
  )
  const isServed = outcome.decision === 'serve'
  const response = isServed ? timed(outcome.content, totalMs, now) : respond(outcome.reply, totalMs, now)
  if (outcome.fields !== undefined && response.status !== 101) addFields(response.headers, outcome.fields)
  // The page may load and link to other sites: they are not told a URL that held a token.
  if (exchange.inUrl !== undefined && response.status !== 101) response.headers.set('Referrer-Policy', 'no-referrer')
  return response
}

/** Returns the length of content that a response announces; undefined if it has none or does not say. */
function lengthOf({ status, headers }: Response, method: string): number | undefined {
  if (method === 'HEAD' || status === 304) return undefined
  const length = Number(headers.get('content-length') ?? Number.NaN)
  return Number.isSafeInteger(length) ? length : undefined
}

const UNSHARED = /(?:^|,)[ \t]*(?:private|no-store)[ \t]*(?:,|$)/i

/**
 * Adds the fields of one reader, as a renewed cookie. A free page may say that every cache keeps it: one before the gate would
 * then hand the cookie to the next reader.
 */
function addFields(headers: Headers, fields: readonly Field[]): void {
  for (const [name, value] of fields) headers.append(name, value)
  if (UNSHARED.test(headers.get('cache-control') ?? '')) return
  headers.set('cache-control', 'private, no-cache')
  headers.delete('expires')
  headers.delete('pragma')
}

/**
 * Adds `Date` and `Server-Timing`. A WebSocket has no fields left to write, and a response from memory has them already.
 */
function timed({ response, originMs, isTimed }: Content, totalMs: number, now: number): Response {
  if (isTimed || response.status === 101) return response
  if (!response.headers.has('date')) response.headers.set('Date', dateText(now))
  response.headers.append('Server-Timing', `gate;dur=${totalMs - originMs}, origin;dur=${originMs}`)
  return response
}

/** The members of an endpoint's line in the log, beside those of the request itself. */
export interface EndpointFacts {
  readonly reason?: Reason | undefined
  readonly check?: string | undefined
  readonly account?: string | undefined
  readonly audit?: AuditFacts
  readonly trip?: TripFacts | undefined
  readonly payment?: PaymentFacts | undefined
}

/** A step of a trip, and the offer that it is about. */
export interface TripFacts {
  readonly step: TripStep
  readonly offer: string | undefined
  /** The name of a trip to the checkout, and the hash of the network at which it began: if trips are watched. */
  readonly checkout?: string | undefined
  readonly network?: string | undefined
}

/** What billing says of a payment on a trip. */
export type PaymentFacts = Pick<LogRecord, 'event' | 'eventId' | 'checkout' | 'network'>

/**
 * Closes the record of a request for an endpoint of the gate's own: writes its line in the log, and dates the response.
 */
export function recordEndpoint(
  exchange: Exchange,
  response: Response,
  zone: Zone | undefined,
  { clock, log }: { clock: Clock; log: Log },
  { reason, check, account, audit, trip, payment }: EndpointFacts = {},
  waitUntil?: WaitUntil,
): Response {
  const now = clock()
  const record: LogRecord = {
    time: timeText(exchange.now),
    id: exchange.id,
    trace: exchange.trace?.traceId,
    zone: zone?.name,
    route: undefined,
    method: exchange.method,
    status: response.status,
    decision: 'own',
    reason,
    check,
    reference: undefined,
    observed: undefined,
    rail: undefined,
    credential: undefined,
    model: undefined,
    exempt: undefined,
    trip: trip?.step,
    offer: trip?.offer,
    event: payment?.event,
    eventId: payment?.eventId,
    checkout: payment?.checkout ?? trip?.checkout,
    network: payment?.network ?? trip?.network,
    account,
    charged: undefined,
    audit,
    cache: undefined,
    originMs: undefined,
    bytes: undefined,
    totalMs: now - exchange.now,
  }
  // What is watched must be told, though no other request comes here.
  log(record, record.checkout === undefined ? undefined : waitUntil)
  response.headers.set('Date', dateText(now))
  if (exchange.inUrl !== undefined) response.headers.set('Referrer-Policy', 'no-referrer')
  return response
}

const NOT_FOUND: EndpointProblem = { status: 404, title: 'Not Found', detail: 'The gate has nothing here.' }

/** Answers a request for an endpoint that does not exist, and closes its record. */
export function answerNotFound(
  exchange: Exchange,
  zone: Zone | undefined,
  services: { clock: Clock; log: Log },
): Response {
  return recordEndpoint(exchange, endpointProblem(NOT_FOUND, exchange, zone?.pages), zone, services)
}
