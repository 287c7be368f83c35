import { failureName } from '../core/error.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { BillingEvent } from '../standing/rules/event.ts'
import { readStripeEvent, type StripeEvent } from './events.ts'
import type { Zone } from '../zone.ts'
import { type BodyTerms, readBytes } from '../http/body.ts'
import { type Captured, capture } from '../http/capture.ts'
import { AuditEntry, auditFacts } from '../endpoints/audit.ts'
import { endpointAnswer, endpointProblem, type EndpointProblem, UNREAD, whyOf } from '../refusals/endpointproblem.ts'
import { recordEndpoint } from '../record.ts'
import { applyStripeEvent, type StripeApplyError } from './standing.ts'
import type { applyEvent } from '../standing/apply.ts'
import { isStripeSignature, type SignedBy, verifySignature } from './signature.ts'
import { badRequest, HOST_UNKNOWN, NOT_POST } from '../endpoints/operator.ts'
import type { Services } from '../services.ts'

/** What of the house it needs. */
export type Desk = Pick<Services, 'sites' | 'clock' | 'log' | 'makeRoom' | 'hashAccount'> & {
  readonly applyEvent: (event: BillingEvent, zone: Zone) => ReturnType<typeof applyEvent>
}

interface Taken {
  /** False where it says nothing about an account. */
  readonly applied: boolean
}

const MAX_BODY_BYTES = 512 * 1024
/** Anyone may send one: whether Stripe signed it is known once all of it is read. */
const BODY: BodyTerms = { maxBytes: MAX_BODY_BYTES, mostMs: 5000, isAnonymous: true }

/**
 * Answers `POST /__faregate/events/stripe`, a webhook of Stripe's: 200 for an event that was applied, or that is nothing to
 * us, whatever it is; 400 for what Stripe did not sign, or what we use and cannot read; 503 where it must come again. Never
 * throws.
 */
export async function answerStripe(request: Request, desk: Desk): Promise<Response> {
  const exchange = capture(request, desk.clock())
  const zone = desk.sites.get(exchange.host)?.zone
  const audit = new AuditEntry('stripe')
  const done = await attempt(request, exchange, zone, desk, audit).catch((error: unknown) => {
    console.error(JSON.stringify({ id: exchange.id, stripe: failureName(error) }))
    return err(NOT_APPLIED)
  })
  const response = done.ok ? endpointAnswer(done.value) : endpointProblem(done.error, exchange)
  const facts = await auditFacts(audit, done.ok && done.value.applied, zone, desk.hashAccount)
  return recordEndpoint(exchange, response, zone, desk, { ...facts, ...whyOf(done) })
}

async function attempt(
  request: Request,
  exchange: Captured,
  zone: Zone | undefined,
  desk: Desk,
  audit: AuditEntry,
): Promise<Result<Taken, EndpointProblem>> {
  if (zone === undefined) return err(HOST_UNKNOWN)
  if (zone.stripe === undefined) return err(NO_STRIPE)
  if (exchange.method !== 'POST') return err(NOT_POST)
  const event = await readSigned(request, zone.stripe, exchange.now, desk)
  if (!event.ok) return event
  if (event.value === undefined) return ok({ applied: false })
  audit.by = 'stripe'
  audit.details = { event: event.value.id }
  const told = await applyStripeEvent(event.value, zone.stripe, desk.clock)
  if (!told.ok) return err(UNTOLD[told.error])
  if (told.value === undefined) return ok({ applied: false })
  audit.subject = told.value
  const applied = await desk.applyEvent(told.value, zone)
  if (applied.ok) return ok({ applied: true })
  if (applied.error === 'ledger-unavailable') return err(NOT_APPLIED)
  console.warn(JSON.stringify({ stripe: event.value.id, problem: 'refused' }))
  return err(REFUSED)
}

/** The event that Stripe signed; undefined for one that is nothing to us. */
async function readSigned(
  request: Request,
  signedBy: SignedBy,
  now: number,
  { makeRoom }: Desk,
): Promise<Result<StripeEvent | undefined, EndpointProblem>> {
  const field = request.headers.get('stripe-signature')
  if (!isStripeSignature(field)) return err(NOT_SIGNED)
  const room = makeRoom(BODY)
  try {
    const body = await readBytes(request, room)
    if (!body.ok) return err(body.error === 'too-large' ? TOO_LARGE : UNREAD[body.error])
    const signed = await verifySignature(field, body.value, signedBy, now)
    if (!signed.ok) return err(signed.error === 'time' ? TOO_OLD : NOT_SIGNED)
    const event = readStripeEvent(parse(body.value))
    return event.ok ? event : err(MALFORMED)
  } finally {
    room.close()
  }
}

/** JSON in UTF-8 without a byte order mark (RFC 8259 §8.1); undefined where it is none. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return undefined
  }
}

const UNAVAILABLE = { status: 503, title: 'Service Unavailable', fields: { 'retry-after': '30' } }
const NOT_APPLIED: EndpointProblem = {
  ...UNAVAILABLE,
  detail: 'It is not known whether the event was applied. Send it again.',
  reason: 'ledger-unavailable',
}
const NO_ANSWER: EndpointProblem = {
  ...UNAVAILABLE,
  detail: 'The API of Stripe gave no answer to what the event is about. Send it again.',
}
const KEY_NEEDED: EndpointProblem = {
  ...UNAVAILABLE,
  detail: 'The event holds a part of the entitlements, and the configuration has no "apiKey" to ask for the others.',
}
const NO_STRIPE: EndpointProblem = {
  status: 404,
  title: 'Not Found',
  detail: 'No events of Stripe are taken here: the configuration has no "stripe".',
}
const TOO_LARGE: EndpointProblem = {
  status: 413,
  title: 'Content Too Large',
  detail: `The body is longer than ${MAX_BODY_BYTES} bytes.`,
}
const MALFORMED = badRequest('The body is not an event of Stripe.')
const REFUSED = badRequest('The event was refused.')
const NOT_SIGNED: EndpointProblem = {
  ...badRequest('No signature in "Stripe-Signature" fits the body and a secret of this endpoint.'),
  reason: 'credential-invalid',
  check: 'signature',
}
const TOO_OLD: EndpointProblem = {
  ...badRequest('The signature is too old.'),
  reason: 'credential-expired',
  check: 'time',
}
const AHEAD: EndpointProblem = {
  ...badRequest('The event is of a time more than five minutes from now.'),
  reason: 'credential-not-yet-valid',
  check: 'time',
}
const UNTOLD: Record<StripeApplyError, EndpointProblem> = {
  unavailable: NO_ANSWER,
  'key-needed': KEY_NEEDED,
  ahead: AHEAD,
}
