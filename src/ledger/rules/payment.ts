/**
 * Machine payments: receipts of one use whose proof is still to be settled.
 *
 * Only the party that moves the money can say if it has moved. A payment's ledger is named by what moves the money, and
 * binds it to one request before anything is sent:
 *
 *   claimed → settling → settled | failed | unknown,   unknown → settling again → …
 *
 * `settling` is written down before anyone is called, so that a payment that may have moved money is never taken for one
 * that has not. `unknown` ends by evidence alone. Calls are made by the gate, for the request that brings the payment, and
 * by the ledger's host when its alarm rings.
 */
import type { Json } from '../../core/json.ts'
import type { CreditBought, OwedCredit } from './owed.ts'

/**
 * Everything needed to settle a payment, now or later. It is kept with the claim, so that gate and alarm ask for the same.
 */
export interface StoredPayment {
  /** The zone's id. */
  readonly zone: string
  /** The name of the rail, which alone interprets the rest. */
  readonly rail: string
  /** The payload that the client sent. */
  readonly payload: Json
  /** The gate's demand, as it was offered. */
  readonly requirements: Json
  /** The credit that the payment buys for an account. */
  readonly credit?: CreditBought
}

/** The outcome of a payment, as far as the party that moves the money can tell. */
export type Settlement =
  /** The money has moved. `reference` is that of a transaction, for example. */
  | { readonly kind: 'settled'; readonly reference: string }
  /** The money has not moved, and never will by what was sent. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reference?: string }

/**
 * Settles a payment. `tries` counts this call: above 1, an earlier one may have moved the money. A rejection and a late
 * answer count as `unknown`.
 */
export type Settle = (payment: StoredPayment, tries: number) => Promise<Settlement>

/** The payment of a charge. */
export interface ChargePayment {
  readonly stored: StoredPayment
  /**
   * The time after which the payment cannot be settled, in milliseconds since 1970. Undefined for unknown: it is then kept
   * for good.
   */
  readonly expires: number | undefined
  readonly settlement: SettlementState
}

export type SettlementState =
  /** Bound to a request; no settler was called. */
  | { readonly state: 'claimed'; readonly until: number }
  /** A settler is being called, for a request or for the alarm. After `until` its outcome is unknown. */
  | SettlingState
  | {
      readonly state: 'unknown'
      readonly tries: number
      readonly askAt: number | undefined
      readonly reference?: string
    }
  | { readonly state: 'settled'; readonly reference: string; readonly at: number }
  | { readonly state: 'failed'; readonly reason: string }

interface SettlingState {
  readonly state: 'settling'
  readonly by: string
  readonly until: number
  readonly tries: number
  readonly reference?: string
}

/** The state of a charge's payment, for the request that is to deliver. */
export type PaymentStatus =
  /** To be settled by `beginSettlement`, once the answer is there. */
  | { readonly state: 'claimed' }
  /** The outcome is unknown. This request has to call the settler at once. */
  | { readonly state: 'settling'; readonly tries: number }
  | { readonly state: 'settled'; readonly reference: string }
  | { readonly state: 'unknown'; readonly reference?: string }
  | { readonly state: 'failed'; readonly reason: string }

/** Announces that a request is about to have its payment settled. The same request again is the same command. */
export interface BeginSettlementCommand {
  readonly charge: string
  readonly request: string
}

export type BeginSettlementOutcome =
  | { readonly kind: 'begun'; readonly tries: number }
  | { readonly kind: 'settled'; readonly reference: string }
  /** `claim-expired`: the claim was released, because nobody began in time. */
  | {
      readonly kind: 'refused'
      readonly reason: 'charge-unknown' | 'claim-expired' | 'payment-failed' | 'settlement-unknown'
    }

/** Reports the outcome of a settlement. */
export interface EndSettlementCommand extends BeginSettlementCommand {
  readonly settlement: Settlement
}

/** The outcome now known. It may tell more than the report, if another report came before. */
export type EndSettlementOutcome =
  /** `owed`: the payment has settled, and its account has not got the credit that it bought. */
  | { readonly kind: 'ended'; readonly settlement: Settlement; readonly owed?: OwedCredit }
  | { readonly kind: 'refused'; readonly reason: 'charge-unknown' }

/** The id under which the alarm settles. No request has it. */
export const ALARM = 'alarm'
/** The reason of a claim released before any settler was called. */
export const RELEASED = 'released'
/** Longer than any settler may take: after that, the caller is gone. */
const SETTLING_MS = 30_000
const RETRY_AFTER_MS = [5_000, 15_000, 60_000] as const
const RETRY_EVERY_MS = 300_000
/** The time after a payment's expiry in which evidence may still come. */
const EVIDENCE_MS = 120_000
/** The time to wait for evidence if the payment has no known expiry. */
const DAY_MS = 86_400_000

export function asking(by: string, before: SettlementState, now: number): SettlingState {
  const { tries, reference } = { tries: 0, reference: undefined, ...before }
  const known = reference === undefined || before.state === 'settled' ? {} : { reference }
  return { state: 'settling', by, until: now + SETTLING_MS, tries: tries + 1, ...known }
}

/** Returns the state after a settler could not tell. It is asked again until no more evidence can come. */
export function unknownAfter(
  { tries, reference: known }: SettlingState,
  heard: string | undefined,
  evidenceUntil: number,
  now: number,
): SettlementState {
  const at = now + (RETRY_AFTER_MS[tries - 1] ?? RETRY_EVERY_MS)
  const reference = heard ?? known
  const askAt = now < evidenceUntil ? at : undefined
  return { state: 'unknown', tries, askAt, ...(reference === undefined ? {} : { reference }) }
}

export function evidenceUntil({ expires }: ChargePayment, since: number): number {
  return (expires ?? since + DAY_MS) + EVIDENCE_MS
}

/** Returns true while the outcome is open and a settler will still be asked. */
export function isPending({ settlement }: ChargePayment): boolean {
  return settlement.state === 'settling' || (settlement.state === 'unknown' && settlement.askAt !== undefined)
}

/** Returns true if the money has moved, or may have: a settler was called, and the outcome is unknown. */
export function mayHavePaid({ settlement: { state } }: ChargePayment): boolean {
  return state === 'settled' || state === 'settling' || state === 'unknown'
}

/** Returns true if the charge is kept: the money has moved, or nobody will ever know. */
export function isKept({ settlement }: ChargePayment): boolean {
  return settlement.state === 'settled' || settlement.state === 'unknown'
}

/** Returns the time at which a payment needs attention, apart from its requests. */
export function actsAt({ settlement }: ChargePayment): number | undefined {
  switch (settlement.state) {
    case 'claimed':
    case 'settling':
      return settlement.until
    case 'unknown':
      return settlement.askAt
    case 'settled':
    case 'failed':
      return undefined
  }
}

export function paymentStatus({ settlement }: ChargePayment): PaymentStatus {
  switch (settlement.state) {
    case 'claimed':
      return { state: 'claimed' }
    case 'settling':
      return { state: 'settling', tries: settlement.tries }
    case 'settled':
      return { state: 'settled', reference: settlement.reference }
    case 'unknown':
      return { state: 'unknown', ...(settlement.reference !== undefined && { reference: settlement.reference }) }
    case 'failed':
      return { state: 'failed', reason: settlement.reason }
  }
}

export function settlementOf({ settlement }: ChargePayment): Settlement {
  switch (settlement.state) {
    case 'settled':
      return { kind: 'settled', reference: settlement.reference }
    case 'failed':
      return { kind: 'failed', reason: settlement.reason }
    case 'claimed':
      return { kind: 'unknown' }
    case 'settling':
    case 'unknown':
      return { kind: 'unknown', ...(settlement.reference !== undefined && { reference: settlement.reference }) }
  }
}
