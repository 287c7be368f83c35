import * as v from 'valibot'
import type { Bindings } from '../config/rules/bindings.ts'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { HOUR, names, safeUrl, secretName, secretValue, seconds, text } from '../config/rules/values.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EventSource } from '../endpoints/eventsource.ts'
import { sourceEndpoint } from '../endpoints/sourceevents.ts'
import type { EventCall, EventRefusal, EventReceiver, GenuineEvent } from '../standing/eventreceiver.ts'
import { STRIPE_API } from './api.ts'
import { readStripeEvent } from './events.ts'
import { isStripeSignature, verifySignature } from './signature.ts'
import type { StripeSource } from './source.ts'
import { applyStripeEvent, type StripeApplyError } from './standing.ts'

/** The webhook of a Stripe account. Stripe reports changes of accounts; an issuer of the zone still signs the tokens. */
export interface StripeOptions {
  /** Names the environment's secret of the webhook endpoint (`whsec_…`), or several while one is replaced. */
  secret: string | string[]
  /** The `iss` of the accounts' tokens: one of the zone's issuers. */
  issuer: string
  /** The meaning of `sub` in Stripe: the customer's id, or the value of a field of metadata. Default `customer`. */
  subject?: 'customer' | { metadata: string }
  /**
   * Names the environment's secret with an API key that may read subscriptions, entitlements and customers. Without it an
   * event's own statement counts: it covers the subscriptions that events have named, and a list of entitlements only if the
   * event holds all of it.
   */
  apiKey?: string
  /** https, or http on loopback. Default `https://api.stripe.com`. */
  apiUrl?: string
  /** The greatest age of a signature, in seconds. Default 300. */
  toleranceSeconds?: number
}

const SECRET_BYTES = 16
const MAX_BODY_BYTES = 512 * 1024

/**
 * Takes Stripe's webhooks at `POST /__faregate/events/stripe`, and updates the standing and entitlements of accounts.
 *
 * @example
 * ```ts zone
 * events: [stripe({ secret: 'STRIPE_WEBHOOK_SECRET', issuer: 'https://billing.example.com', apiKey: 'STRIPE_API_KEY' })]
 * ```
 */
export function stripe(options: StripeOptions): EventSource {
  const { faults, read } = pluginOptions(schema, options)
  return {
    name: 'stripe',
    path: 'stripe',
    endpoint: sourceEndpoint('stripe'),
    faults(bindings, { issuers }) {
      const issuer: unknown = options?.issuer
      // The zone takes no tokens of another issuer, so statements about its accounts would have no effect.
      const isUnknownIssuer = typeof issuer === 'string' && issuer !== '' && !issuers.includes(issuer)
      const issuerFault = { path: 'issuer', message: 'expected one of the issuers of the zone' }
      return isUnknownIssuer ? [...faults(bindings), issuerFault] : faults(bindings)
    },
    create: (bindings) => receiver(read(bindings)),
  }
}

function schema({ secrets }: Bindings): v.GenericSchema<unknown, StripeSource> {
  const secret = secretName(secrets, SECRET_BYTES)
  return v.pipe(
    v.strictObject({
      secret: v.pipe(
        names,
        v.check(
          (given) => given.every((name) => v.is(secret, name)),
          `expected names of secrets that the environment has, each of at least ${SECRET_BYTES} bytes`,
        ),
      ),
      issuer: text,
      subject: v.optional(
        v.union(
          [v.literal('customer'), v.strictObject({ metadata: text })],
          'expected "customer", or {metadata: "the name of a field"}',
        ),
        'customer',
      ),
      apiKey: v.optional(secretValue(secrets, SECRET_BYTES)),
      apiUrl: v.optional(safeUrl, STRIPE_API),
      toleranceSeconds: v.optional(seconds(1, HOUR), 300),
    }),
    v.transform(({ secret: given, apiKey: key, apiUrl: url, ...source }) => ({
      ...source,
      secrets: given.flatMap((name) => secrets.get(name) ?? []),
      api: key === undefined ? undefined : { url, key },
    })),
  )
}

function receiver(source: StripeSource): EventReceiver {
  return {
    name: 'stripe',
    path: 'stripe',
    issuer: source.issuer,
    maxBytes: MAX_BODY_BYTES,
    refuseUnread: (fields) => (isStripeSignature(fields.get('stripe-signature')) ? undefined : NOT_SIGNED),
    read: (body, fields, call) => readSigned(body, fields, source, call),
  }
}

async function readSigned(
  body: Uint8Array,
  fields: Headers,
  source: StripeSource,
  { now, clock, fetch }: EventCall,
): Promise<Result<GenuineEvent | undefined, EventRefusal>> {
  const signed = await verifySignature(fields.get('stripe-signature'), body, source, now)
  if (!signed.ok) return err(signed.error === 'time' ? TOO_OLD : NOT_SIGNED)
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
    detail: 'The event holds a part of the entitlements, and the configuration has no "apiKey" to ask for the others.',
  },
  ahead: {
    kind: 'refused',
    detail: 'The event is of a time more than five minutes from now.',
    reason: 'credential-not-yet-valid',
    check: 'time',
  },
}
