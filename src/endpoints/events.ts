import { failureName } from '../core/error.ts'
import type { Check, Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { AHEAD_SECONDS } from '../standing/rules/standing.ts'
import type { Zone } from '../zone.ts'
import { type BodyTerms, readText, type TextFault } from '../http/body.ts'
import { type Captured, capture } from '../http/capture.ts'
import { AuditEntry, auditFacts } from './audit.ts'
import { NOT_STORED, endpointProblem, type EndpointProblem, UNREAD, whyOf } from '../refusals/endpointproblem.ts'
import { recordEndpoint } from '../record.ts'
import { applyEvent } from '../standing/apply.ts'
import { HOST_UNKNOWN, NOT_POST, RETRY } from './operator.ts'
import type { WaitUntil } from '../ports.ts'
import { EXPOSED, isExposed } from '../tokens/bearer.ts'
import { MAX_EVENT_BYTES } from '../tokens/jws.ts'
import type { Services } from '../services.ts'

/** Of the registry "Security Event Token Error Codes" (RFC 8935 §2.4). */
type Err =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed'
  | 'access_denied'

/** The event is at fault, and sent again as it is it will be refused again. */
interface Refused {
  readonly err: Err
  readonly description: string
  readonly reason: Refusal['reason'] | undefined
  readonly check?: Check | undefined
}

/** `own`: the request is, or the gate. */
type EventFault = { readonly refused: Refused } | { readonly own: EndpointProblem }

/**
 * `POST /__faregate/events`: takes a Security Event Token as RFC 8935 has it pushed. 202 when all of it holds, 400 when
 * nothing will ever come of it, 503 when it is to be sent again: its sender's clock may be a little ahead. Never throws.
 */
export async function answerEvent(request: Request, services: Services, waitUntil: WaitUntil): Promise<Response> {
  const exchange = capture(request, services.clock())
  const zone = services.sites.get(exchange.host)?.zone
  const audit = new AuditEntry('event')
  const taken = await take(request, exchange, zone, services, waitUntil, audit).catch((error: unknown) => {
    console.error(JSON.stringify({ id: exchange.id, event: failureName(error) }))
    return err({ own: NOT_TAKEN })
  })
  const facts = await auditFacts(audit, taken.ok, zone, services.hashAccount)
  if (taken.ok) return recordEndpoint(exchange, new Response(null, ACCEPTED), zone, services, facts)
  const fault = taken.error
  if ('own' in fault)
    return recordEndpoint(exchange, endpointProblem(fault.own, exchange), zone, services, {
      ...facts,
      ...whyOf(err(fault.own)),
    })
  const { reason, check } = fault.refused
  return recordEndpoint(exchange, refuse(fault.refused), zone, services, { ...facts, reason, check })
}

async function take(
  request: Request,
  exchange: Captured,
  zone: Zone | undefined,
  services: Services,
  waitUntil: WaitUntil,
  audit: AuditEntry,
): Promise<Result<undefined, EventFault>> {
  if (zone === undefined) return err({ own: HOST_UNKNOWN })
  if (exchange.method !== 'POST') return err({ own: NOT_POST })
  // RFC 8935 pushes over TLS: an event says of whom it is.
  if (isExposed(exchange)) return err(faultOf(EXPOSED))
  const body = await read(request, services)
  if (!body.ok) return err(bodyFault(body.error))
  const event = await services.verifyEvent(body.value, zone, { now: exchange.now, waitUntil })
  if (!event.ok) return err(faultOf(event.error))
  audit.by = event.value.issuer
  audit.subject = event.value
  const applied = await applyEvent(event.value, zone, services)
  if (applied.ok) return ok(undefined)
  return err(applied.error === 'ledger-unavailable' ? { own: NOT_TAKEN } : invalidRequest(applied.error.refused))
}

async function read(request: Request, { makeRoom }: Services): Promise<Result<string, TextFault>> {
  const room = makeRoom(BODY)
  try {
    return await readText(request, EVENT_TYPE, room)
  } finally {
    room.close()
  }
}

function bodyFault(fault: TextFault): EventFault {
  if (fault === 'broken' || fault === 'late' || fault === 'no-room') return { own: UNREAD[fault] }
  return invalidRequest(BODY_FAULTS[fault])
}

function refuse({ err: code, description }: Refused): Response {
  const headers = { 'content-language': 'en', ...NOT_STORED }
  return Response.json({ err: code, description }, { status: 400, headers })
}

function invalidRequest(description: string): EventFault {
  return { refused: { err: 'invalid_request', description, reason: undefined } }
}

const ERRS: Partial<Record<Check, Err>> = {
  transport: 'access_denied',
  issuer: 'invalid_issuer',
  audience: 'invalid_audience',
  algorithm: 'invalid_key',
  key: 'invalid_key',
  signature: 'authentication_failed',
}

function faultOf({ reason, check, detail, retryAfterSeconds = Infinity }: Refusal): EventFault {
  if (reason === 'keys-unavailable') return { own: NO_KEYS }
  // No clock that is kept at all is further ahead: an event from beyond that is refused, so that its sender hears of it.
  if (reason === 'credential-not-yet-valid' && retryAfterSeconds <= AHEAD_SECONDS)
    return {
      own: { ...UNAVAILABLE, detail: `${detail} Send it again then.`, reason, fields: after(retryAfterSeconds) },
    }
  const code = reason === 'entitlement-insufficient' ? 'access_denied' : ERRS[check ?? 'claims']
  return { refused: { err: code ?? 'invalid_request', description: detail, reason, check } }
}

function after(seconds: number): typeof RETRY {
  return { 'retry-after': String(Math.max(1, seconds)) }
}

const EVENT_TYPE = /^application\/secevent\+jwt[ \t]*(?:;|$)/i
const ACCEPTED = { status: 202, headers: NOT_STORED }
/** Anyone may send one: who signed it is known once all of it is read. */
const BODY: BodyTerms = { maxBytes: MAX_EVENT_BYTES, mostMs: 5000, isAnonymous: true }
const BODY_FAULTS: Record<Exclude<TextFault, keyof typeof UNREAD>, string> = {
  'media-type': 'The Content-Type must be application/secevent+jwt.',
  coding: 'The content must not be compressed.',
  'too-large': `The content is longer than ${MAX_EVENT_BYTES} bytes.`,
  'not-text': 'The content is not text in UTF-8.',
}
const UNAVAILABLE = { status: 503, title: 'Service Unavailable' }
const NO_KEYS: EndpointProblem = {
  ...UNAVAILABLE,
  detail: 'The keys to verify the event with could not be fetched. Nothing was done. Send it again.',
  reason: 'keys-unavailable',
  fields: RETRY,
}
const NOT_TAKEN: EndpointProblem = {
  ...UNAVAILABLE,
  detail: 'It is not known whether all of the event holds. Send it again as it is.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
