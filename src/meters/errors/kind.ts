import type { JsonMembers } from '../../core/json.ts'
import type { Reason } from '../../core/problem.ts'
import type { Remedy } from '../../core/remedy.ts'
import type { AmountLeftView, OfferFacts } from '../../refusals/describe.ts'
import type { ErrorFacts } from '../llm/provider.ts'

/** The kinds of errors that providers of language models tell apart. */
export type ErrorKind =
  | 'invalid'
  | 'credential'
  | 'billing'
  | 'inactive'
  | 'forbidden'
  | 'model'
  | 'conflict'
  | 'too-large'
  | 'rate'
  | 'timeout'
  | 'overloaded'
  | 'unavailable'
  | 'internal'

/** The kind of every reason. */
const KINDS: Record<Reason, ErrorKind> = {
  'payment-required': 'billing',
  'credential-malformed': 'credential',
  'credential-ambiguous': 'credential',
  'credential-invalid': 'credential',
  'credential-not-yet-valid': 'credential',
  'credential-expired': 'credential',
  'subscription-inactive': 'inactive',
  'payment-declined': 'inactive',
  'security-hold': 'inactive',
  'credit-insufficient': 'billing',
  'usage-limit-reached': 'billing',
  'entitlement-insufficient': 'billing',
  'payment-insufficient': 'billing',
  'payment-spent': 'billing',
  'not-for-sale': 'forbidden',
  'origin-not-allowed': 'forbidden',
  'not-found': 'model',
  'model-not-found': 'model',
  'too-many-requests': 'rate',
  'idempotency-conflict': 'conflict',
  'method-not-allowed': 'invalid',
  'request-malformed': 'invalid',
  'target-ambiguous': 'invalid',
  'host-unknown': 'invalid',
  'content-encoding-unsupported': 'invalid',
  'content-too-large': 'too-large',
  'request-timeout': 'timeout',
  'origin-timeout': 'timeout',
  overloaded: 'overloaded',
  'temporarily-closed': 'overloaded',
  'prefetch-declined': 'overloaded',
  'keys-unavailable': 'unavailable',
  'standing-unavailable': 'unavailable',
  'payments-unavailable': 'unavailable',
  'settlement-unknown': 'unavailable',
  'ledger-unavailable': 'unavailable',
  misconfigured: 'unavailable',
  'origin-unreachable': 'unavailable',
  'internal-error': 'internal',
}

export function errorKindOf({ refusal }: ErrorFacts): ErrorKind {
  return KINDS[refusal.reason]
}

/** Returns the id of the request, as it stands in the log. */
export function requestIdOf({ refused: { instance } }: ErrorFacts): string {
  return instance.slice('urn:uuid:'.length)
}

/**
 * Returns a body with the members of the provider's own shape, then those of the problem document, then what rails add. The shape
 * keeps its names; so does the problem against the rails. `type` of the problem is `problem` if the shape has a `type`.
 */
export function withProblem(shape: JsonMembers, { refused, members }: ErrorFacts): JsonMembers {
  const { type, title, status, detail, instance, reference, reason, check, offer, left, needed, remedies } = refused
  const facts: JsonMembers = {
    ...('type' in shape ? { problem: type } : { type }),
    title,
    status,
    detail,
    instance,
    ...(reference === undefined ? {} : { reference }),
    reason,
    ...(check === undefined ? {} : { check }),
    ...(offer === undefined ? {} : { offer: offerView(offer) }),
    ...(left === undefined ? {} : { left: leftView(left) }),
    ...(needed === undefined ? {} : { needed: leftView(needed) }),
    remedies: remedies.map(remedyView),
  }
  return { ...shape, ...facts, ...members, ...facts, ...shape }
}

function offerView({ price, ...offer }: OfferFacts): JsonMembers {
  return { ...offer, ...(price === undefined ? {} : { price: { ...price } }) }
}

function leftView({ credit, units }: AmountLeftView): JsonMembers {
  return { ...(credit === undefined ? {} : { credit: { ...credit } }), ...(units === undefined ? {} : { units }) }
}

/** Returns a remedy for JSON. */
export function remedyView({ rel, href, title }: Remedy): JsonMembers {
  return { rel, href, title }
}

/** Writes an event of a stream (HTML §9.2.6). */
export function sseEvent(data: JsonMembers, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`
}
