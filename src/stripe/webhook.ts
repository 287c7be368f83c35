import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EventSource } from '../endpoints/eventsource.ts'
import { sourceEndpoint } from '../endpoints/sourceevents.ts'
import type { EventCall, EventRefusal, EventReceiver, GenuineEvent } from '../standing/eventreceiver.ts'
import type { BillingEvent } from '../standing/rules/event.ts'
import { logWarning } from '../log.ts'
import { createStripeClient } from './api.ts'
import { readStripeEvent } from './events.ts'
import { stripeLogin } from './login.ts'
import { applyMoneyBack, type MoneyBackEvent, readMoneyBack } from './moneyback.ts'
import { type Selling, STRIPE_ISSUER } from './offers.ts'
import { type StripeOptions, stripeSchema } from './options.ts'
import { refundPayment } from './refund.ts'
import { applySoldEvent, readSoldEvent, type SoldEvent } from './sold.ts'
import { isStripeSignature, verifySignature } from './signature.ts'
import type { StripeApi, StripeSource } from './source.ts'
import { applyStripeEvent, type StripeApplyError } from './standing.ts'
import { endCheckout, readTripPayment, type StripeTripPayment } from './trippayment.ts'

const MAX_BODY_BYTES = 512 * 1024

/**
 * Takes Stripe's webhooks at `POST /__faregate/events/stripe`, and updates the standing and entitlements of accounts. With `sell`
 * it also sells, and signs in who has bought: see [selling with Stripe](start/stripe.md).
 *
 * @example
 * ```ts zone
 * events: [stripe({ secret: 'STRIPE_WEBHOOK_SECRET', issuer: 'https://billing.example.com', key: 'STRIPE_API_KEY' })]
 * ```
 */
export function stripe(options: StripeOptions): EventSource {
  const { faults, read } = pluginOptions(stripeSchema, options)
  const sell: unknown = options?.sell
  return {
    name: 'stripe',
    path: 'stripe',
    endpoint: sourceEndpoint('stripe'),
    ...(sell !== undefined && { login: stripeLogin(sell, options?.signIn, read) }),
    faults(bindings, { issuers }) {
      const issuer: unknown = options?.issuer
      // The zone takes no tokens of another issuer, so statements about its accounts would have no effect.
      const isUnknownIssuer =
        sell === undefined && typeof issuer === 'string' && issuer !== '' && !issuers.includes(issuer)
      const issuerFault = { path: 'issuer', message: 'expected one of the issuers of the zone' }
      return isUnknownIssuer ? [...faults(bindings), issuerFault] : faults(bindings)
    },
    create: (bindings) => receiver(read(bindings)),
  }
}

function receiver(source: StripeSource): EventReceiver {
  return {
    name: 'stripe',
    path: 'stripe',
    issuer: source.issuer,
    maxBytes: MAX_BODY_BYTES,
    refuseUnread: (fields) => (isStripeSignature(fields.get('stripe-signature')) ? undefined : NOT_SIGNED),
    read: (body, fields, call) => readSigned(body, fields, source, call),
    ...(source.selling !== undefined && source.api !== undefined && { refund: refundOf(source.selling, source.api) }),
  }
}

function refundOf({ offers }: Selling, source: StripeApi): NonNullable<EventReceiver['refund']> {
  return (order, { clock, fetch, zone }) => {
    const api = createStripeClient(source, fetch, (problem) => logWarning({ stripe: 'refund', problem }))
    return refundPayment(order, { api, offers, zone: zone.id, now: clock() / 1000 })
  }
}

async function readSigned(
  body: Uint8Array,
  fields: Headers,
  source: StripeSource,
  { now, clock, fetch, zone }: EventCall,
): Promise<Result<GenuineEvent | undefined, EventRefusal>> {
  const signed = await verifySignature(fields.get('stripe-signature'), body, source, now)
  if (!signed.ok) return err(signed.error === 'time' ? TOO_OLD : NOT_SIGNED)
  const { selling, api } = source
  if (selling !== undefined && api !== undefined) {
    const content = parse(body)
    const back = readMoneyBack(content)
    if (back !== undefined) return ok(moneyBackEvent(back, selling, api, { clock, fetch, zone }))
    const sold = readSoldEvent(content)
    if (!sold.ok) return err(MALFORMED)
    const paid = readTripPayment(content, zone.id, selling.isLive)
    return ok(soldEvent(sold.value, paid, selling, api, { clock, fetch, zone }))
  }
  const read = readStripeEvent(parse(body))
  if (!read.ok) return err(MALFORMED)
  const event = read.value
  if (event === undefined) return ok(undefined)
  return ok({
    id: event.id,
    async resolve() {
      const applied = await applyStripeEvent(event, source, { clock, fetch })
      return applied.ok ? applied : err(APPLY_REFUSALS[applied.error])
    },
  })
}

/** Returns an event about what was sold, or about a payment on the way there, or both. */
function soldEvent(
  sold: SoldEvent | undefined,
  paid: StripeTripPayment | undefined,
  selling: Selling,
  source: StripeApi,
  outside: Pick<EventCall, 'clock' | 'fetch' | 'zone'>,
): GenuineEvent | undefined {
  const id = sold?.id ?? paid?.id
  if (id === undefined) return undefined
  const api = createStripeClient(source, outside.fetch, (problem) => logWarning({ stripe: id, problem }))
  return {
    id,
    async resolve() {
      const applied = sold === undefined ? ok(undefined) : await applySoldEvent(sold, selling, source, outside)
      if (!applied.ok) return err(APPLY_REFUSALS[applied.error])
      return ok(paid === undefined ? applied.value : withPayment(applied.value, paid))
    },
    ...(paid?.payment.kind === 'payment-declined' && { endTrip: () => endCheckout(paid, api) }),
  }
}

function withPayment(event: BillingEvent | undefined, { id, payment }: StripeTripPayment): BillingEvent {
  if (event === undefined) return { id, issuer: STRIPE_ISSUER, account: undefined, changes: [payment] }
  return { ...event, changes: [...event.changes, payment] }
}

function moneyBackEvent(
  event: MoneyBackEvent,
  { offers }: Selling,
  source: StripeApi,
  { clock, fetch, zone }: Pick<EventCall, 'clock' | 'fetch' | 'zone'>,
): GenuineEvent {
  const api = createStripeClient(source, fetch, (problem) => logWarning({ stripe: event.id, problem }))
  const resolve = () => applyMoneyBack(event, { api, offers, zone: zone.id, now: clock() / 1000 })
  return { id: event.id, resolve }
}

/** Parses JSON in UTF-8 without a byte order mark (RFC 8259 §8.1). Returns undefined for any other bytes. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return undefined
  }
}

const MALFORMED: EventRefusal = { kind: 'refused', detail: 'The body is not an event of Stripe.' }
const NOT_SIGNED: EventRefusal = {
  kind: 'refused',
  detail: 'No signature in "Stripe-Signature" fits the body and a secret of this endpoint.',
  reason: 'credential-invalid',
  check: 'signature',
}
const TOO_OLD: EventRefusal = {
  kind: 'refused',
  detail: 'The signature is too old.',
  reason: 'credential-expired',
  check: 'time',
}
const APPLY_REFUSALS: Record<StripeApplyError, EventRefusal> = {
  unavailable: {
    kind: 'again',
    detail: 'The API of Stripe gave no answer to what the event is about. Send it again.',
  },
  'key-needed': {
    kind: 'again',
    detail: 'The event holds a part of the entitlements, and the configuration has no "key" to ask for the others.',
  },
  ahead: {
    kind: 'refused',
    detail: 'The event is of a time more than five minutes from now.',
    reason: 'credential-not-yet-valid',
    check: 'time',
  },
}
