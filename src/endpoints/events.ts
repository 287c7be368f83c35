import type { Check, Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { AHEAD_SECONDS } from '../standing/rules/standing.ts'
import { type BodyTerms, readText, type TextFault } from '../http/body.ts'
import type { EndpointFactory, EndpointRequest } from './endpoint.ts'
import { NOT_STORED, type EndpointProblem, UNREAD } from '../refusals/endpointproblem.ts'
import { applyEvent } from '../standing/apply.ts'
import { createEventVerifier, type VerifyEvent } from '../standing/eventtoken.ts'
import { notePayment } from './notedpayment.ts'
import { RETRY } from './operator.ts'
import type { Call } from '../ports.ts'
import { EXPOSED, isExposed } from '../tokens/bearer.ts'
import { MAX_EVENT_BYTES } from '../tokens/jws.ts'
import type { Services } from '../services.ts'

/** From the registry "Security Event Token Error Codes" (RFC 8935 §2.4). */
type Err =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed'
  | 'access_denied'

/**
 * `POST /__faregate/events`: takes a Security Event Token pushed by RFC 8935. 202 if the whole event is applied, 400 if it
 * can never be applied, 503 if it must be sent again: the sender's clock may be a little ahead.
 *
 * @example
 * ```ts options
 * endpoints: [events()]
 * ```
 */
export function events(): EndpointFactory {
  return {
    path: 'events',
    create(services) {
      const verifyEvent = createEventVerifier(services)
      return {
        methods: ['POST'],
        action: 'event',
        onUnknown: NOT_TAKEN,
        answer: (asked, call) => take(asked, call, { ...services, verifyEvent }),
      }
    },
  }
}

interface EventServices extends Pick<Services, 'makeRoom' | 'ledgers' | 'bulletins'> {
  readonly verifyEvent: VerifyEvent
}

async function take(
  { request, exchange, site: { zone }, audit, noted }: EndpointRequest,
  call: Call,
  services: EventServices,
): Promise<Result<Response, EndpointProblem>> {
  // RFC 8935 pushes over TLS: an event names its account.
  if (isExposed(exchange)) return err(faultOf(EXPOSED))
  const body = await read(request, services)
  if (!body.ok) return err(bodyFault(body.error))
  const event = await services.verifyEvent(body.value, zone, call)
  if (!event.ok) return err(faultOf(event.error))
  audit.by = event.value.signer
  audit.signedBy = event.value.signedBy
  audit.subject = event.value
  const applied = await applyEvent(event.value, zone, services, audit.toAct({ event: event.value.id }))
  if (applied.ok) {
    notePayment(event.value, noted)
    return ok(new Response(null, ACCEPTED))
  }
  return err(applied.error === 'ledger-unavailable' ? NOT_TAKEN : refusedAs('invalid_request', applied.error.refused))
}

async function read(request: Request, { makeRoom }: EventServices): Promise<Result<string, TextFault>> {
  const room = makeRoom(BODY)
  try {
    return await readText(request, EVENT_TYPE, room)
  } finally {
    room.close()
  }
}

function bodyFault(fault: TextFault): EndpointProblem {
  if (fault === 'broken' || fault === 'late' || fault === 'no-room') return UNREAD[fault]
  return refusedAs('invalid_request', BODY_FAULTS[fault])
}

/** Refuses an event that would be refused again as it is, in the form of RFC 8935 §2.3. */
function refusedAs(code: Err, detail: string, why: Pick<EndpointProblem, 'reason' | 'check'> = {}): EndpointProblem {
  return {
    status: 400,
    title: 'Bad Request',
    detail,
    ...why,
    fields: { 'content-type': 'application/json', 'content-language': 'en' },
    body: { err: code, description: detail },
  }
}

const ERRS: Partial<Record<Check, Err>> = {
  transport: 'access_denied',
  issuer: 'invalid_issuer',
  audience: 'invalid_audience',
  algorithm: 'invalid_key',
  key: 'invalid_key',
  signature: 'authentication_failed',
}

function faultOf({ reason, check, detail, retryAfterSeconds = Infinity }: Refusal): EndpointProblem {
  if (reason === 'keys-unavailable') return NO_KEYS
  if (reason === 'standing-unavailable') return NO_ORDERS
  // A kept clock is at most this far ahead. An event from further ahead is refused, so that its sender learns of it.
  if (reason === 'credential-not-yet-valid' && retryAfterSeconds <= AHEAD_SECONDS)
    return { ...UNAVAILABLE, detail: `${detail} Send it again then.`, reason, fields: retryAfter(retryAfterSeconds) }
  const code = reason === 'entitlement-insufficient' ? 'access_denied' : ERRS[check ?? 'claims']
  return refusedAs(code ?? 'invalid_request', detail, { reason, check })
}

function retryAfter(seconds: number): typeof RETRY {
  return { 'retry-after': String(Math.max(1, seconds)) }
}

const EVENT_TYPE = /^application\/secevent\+jwt[ \t]*(?:;|$)/i
const ACCEPTED = { status: 202, headers: NOT_STORED }
/** Anyone may send a body: its signer is known only after all of it is read. */
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
const NO_ORDERS: EndpointProblem = {
  ...UNAVAILABLE,
  detail:
    'It cannot be known now whether the key that signed the event is still trusted. Nothing was done. Send it again.',
  reason: 'standing-unavailable',
  fields: RETRY,
}
const NOT_TAKEN: EndpointProblem = {
  ...UNAVAILABLE,
  detail: 'It is not known whether all of the event holds. Send it again as it is.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
