import type { Decision } from './decide.ts'
import type { Lever } from './lever.ts'
import type { Metering } from './limit.ts'
import type { MeteredUnits } from './meter.ts'
import type { Pack } from './pack.ts'
import type { PreviewPolicy } from './previewpolicy.ts'
import type { Rates } from './ratelimit.ts'
import type { Money } from '../core/money.ts'
import type { CredentialStatus, Refusal, TermsStatuses } from '../core/problem.ts'

/**
 * The terms of a route: free, closed to everyone, or paid by any one of the entitlements or by the price of a request. Paid
 * terms may be only watched for a time.
 */
export type Terms =
  | { readonly kind: 'free' }
  | {
      readonly kind: 'closed'
      /** Present if an operator has closed it for a time: what everyone is told. */
      readonly lever?: Lever & { readonly refusal: Refusal }
    }
  | {
      readonly kind: 'paid'
      readonly offer: Offer
      readonly metering: Metering
      /** The names that the route's meter counts beside `metering`. */
      readonly metered?: MeteredUnits
      readonly rates?: Rates
      /** Asks for confirmation of a price paid with the cookie only if another site began the request. */
      readonly confirm?: 'other-sites'
      /** What is public of its pages: a reader who is asked to pay is shown that. */
      readonly preview?: PreviewPolicy
      /** In milliseconds since 1970. */
      /** False if answers to requests under an idempotency key are not kept. */
      readonly keepsAnswers?: false
      readonly observedUntilMs: number | undefined
      /** Present if an operator has opened it for a time: makes what is decided that of an open route. */
      readonly lever?: Lever & { decide(decision: Decision): Decision }
      /** True if a watched route serves only who presents a genuine credential. */
      readonly observesCredentialed?: true
      /** The status of `credential-*`. Default 402. */
      readonly credentialStatus?: CredentialStatus
      /** The status of a request without any credential, where clients begin their sign-in by it. Default 402. */
      readonly anonymousStatus?: CredentialStatus
    }

/** Returns the status of `credential-*` on a route, if its terms say one. */
export function credentialStatusOf({ terms }: { readonly terms: Terms }): CredentialStatus | undefined {
  return terms.kind === 'paid' ? terms.credentialStatus : undefined
}

/** Returns the statuses that the terms of a route say. */
export function statusesOf({ terms }: { readonly terms: Terms }): TermsStatuses {
  if (terms.kind !== 'paid') return NO_STATUSES
  return { ofCredentials: terms.credentialStatus, ofNone: terms.anonymousStatus }
}

const NO_STATUSES: TermsStatuses = { ofCredentials: undefined, ofNone: undefined }

/** The ways on sale to open a route. */
export interface Offer {
  /** Any one of these opens the route. Empty if only a payment for each request does. */
  readonly entitlements: readonly string[]
  readonly price: Money | undefined
  /** False if nothing on sale would open the route: a reader without the entitlement is refused for good. */
  readonly onSale: boolean
  readonly title: string | undefined
  readonly description: string | undefined
  /** The path pattern covered, as configured. */
  readonly resource: string
  /** The names of what the zone's logins sell that opens the route; absent if all of it may. */
  readonly names?: readonly string[]
  /** What a machine payment may buy in place of one request. Absent if nothing. */
  readonly packs?: readonly Pack[]
  /** The names of the rails whose payments count here; absent if those of all do. */
  readonly paidBy?: readonly string[]
  /** True if a payment is settled before the origin is asked, because its work is costly or cannot be undone. */
  readonly settlesFirst?: true
}

/** Returns true if payments of a rail count for the offer. */
export function isPaidBy({ paidBy }: Pick<Offer, 'paidBy'>, rail: string): boolean {
  return paidBy === undefined || paidBy.includes(rail)
}
