/**
 * A machine payment is a receipt of one use whose proof is still to be settled: only whoever moves the money can say that
 * it has moved. Its ledger is named by what moves the money, and binds it to one request before anything is sent:
 *
 *   claimed → settling → settled | failed | unknown,   unknown → settling again → …
 *
 * `settling` is written down before anyone is called, so that a payment that may have moved money is never taken for one
 * that has not. `unknown` ends by evidence alone. The calls are made by the gate, for the request that brings the payment,
 * and by the ledger's host, when its alarm rings.
 */
import type { Json } from '../../core/json.ts'

/** What it takes to settle a payment, now or later: kept with the claim, so that gate and alarm ask for the same. */
export interface StoredPayment {
  readonly zone: string
  /** The name of the rail that knows what the rest means. */
  readonly rail: string
  /** What the client sent. */
  readonly payload: Json
  /** What the gate demanded, as it was offered. */
  readonly requirements: Json
}

/** What became of a payment, as far as whoever moves the money can say. */
export type Settlement =
  /** The money has moved. `reference`: as of a transaction. */
  | { readonly kind: 'settled'; readonly reference: string }
  /** It has not moved, and by what was sent it never will. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reference?: string }

/**
 * Has a payment settled. `tries` counts this one: above 1, an earlier one may have moved the money. A rejection and an
 * answer that does not come in time are `unknown`.
 */
export type Settle = (payment: StoredPayment, tries: number) => Promise<Settlement>

/** The payment of a charge. */
export interface ChargePayment {
  readonly stored: StoredPayment
  /** When it can no longer be settled, in milliseconds since 1970. Undefined: nobody knows, and it is kept for good. */
  readonly expires: number | undefined
  readonly settlement: SettlementState
}

export type SettlementState =
  /** Bound to a request, and nobody was called. */
  | { readonly state: 'claimed'; readonly until: number }
  /** Being asked for, in the name of a request or of the alarm; when that should have ended, nobody knows the outcome. */
  | Asking
  | {
      readonly state: 'unknown'
      readonly tries: number
      readonly askAt: number | undefined
      readonly reference?: string
    }
  | { readonly state: 'settled'; readonly reference: string; readonly at: number }
  | { readonly state: 'failed'; readonly reason: string }

interface Asking {
  readonly state: 'settling'
  readonly by: string
  readonly until: number
  readonly tries: number
  readonly reference?: string
}

/** Where the payment of a charge stands, for whoever is to deliver. */
export type PaymentStatus =
  /** To be settled: `beginSettlement`, once the answer is there. */
  | { readonly state: 'claimed' }
  /** Nobody knows whether it was settled. To be asked for at once, in the name of this request. */
  | { readonly state: 'settling'; readonly tries: number }
  | { readonly state: 'settled'; readonly reference: string }
  | { readonly state: 'unknown'; readonly reference?: string }
  | { readonly state: 'failed'; readonly reason: string }

/** Says that a request is about to have its payment settled. The same request again is the same command. */
export interface BeginSettlementCommand {
  readonly charge: string
  readonly request: string
}

export type BeginSettlementOutcome =
  | { readonly kind: 'begun'; readonly tries: number }
  | { readonly kind: 'settled'; readonly reference: string }
  /** `claim-expired`: the claim was released, for nobody had begun in time. */
  | {
      readonly kind: 'refused'
      readonly reason: 'charge-unknown' | 'claim-expired' | 'payment-failed' | 'settlement-unknown'
    }

/** Says what was heard of a payment. */
export interface EndSettlementCommand extends BeginSettlementCommand {
  readonly settlement: Settlement
}

/** What is known now, which may be more than was heard: another may have heard of it before. */
export type EndSettlementOutcome =
  | { readonly kind: 'ended'; readonly settlement: Settlement }
  | { readonly kind: 'refused'; readonly reason: 'charge-unknown' }

/** In whose name the alarm asks. No request has such an id. */
export const ALARM = 'alarm'
/** Why a claim failed of which nobody has asked to be settled. */
export const RELEASED = 'released'
/** Longer than any settler may take: after that, whoever asked is gone. */
const ASKING_MS = 30_000
const ASK_AFTER_MS = [5_000, 15_000, 60_000] as const
const ASK_EVERY_MS = 300_000
/** Evidence may come a little after a payment has expired. */
const EVIDENCE_MS = 120_000
/** How long evidence is waited for where nothing tells when a payment expires. */
const DAY_MS = 86_400_000

export function asking(by: string, before: SettlementState, now: number): Asking {
  const { tries, reference } = { tries: 0, reference: undefined, ...before }
  const known = reference === undefined || before.state === 'settled' ? {} : { reference }
  return { state: 'settling', by, until: now + ASKING_MS, tries: tries + 1, ...known }
}

/** What is left where the one who asked could not tell. It is asked again until there can be no more evidence. */
export function unknownAfter(
  { tries, reference: known }: Asking,
  heard: string | undefined,
  evidenceUntil: number,
  now: number,
): SettlementState {
  const at = now + (ASK_AFTER_MS[tries - 1] ?? ASK_EVERY_MS)
  const reference = heard ?? known
  const askAt = now < evidenceUntil ? at : undefined
  return { state: 'unknown', tries, askAt, ...(reference === undefined ? {} : { reference }) }
}

export function evidenceUntil({ expires }: ChargePayment, since: number): number {
  return (expires ?? since + DAY_MS) + EVIDENCE_MS
}

/** True while a payment may yet turn out either way, and somebody is to find out. */
export function isPending({ settlement }: ChargePayment): boolean {
  return settlement.state === 'settling' || (settlement.state === 'unknown' && settlement.askAt !== undefined)
}

/** True if the money has moved, or somebody has been asked to move it and nobody knows. */
export function mayHavePaid({ settlement: { state } }: ChargePayment): boolean {
  return state === 'settled' || state === 'settling' || state === 'unknown'
}

/** True where what was paid is kept: the money has moved, or nobody will ever know. */
export function isKept({ settlement }: ChargePayment): boolean {
  return settlement.state === 'settled' || settlement.state === 'unknown'
}

/** When something has to be done about a payment, whatever becomes of its requests. */
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
