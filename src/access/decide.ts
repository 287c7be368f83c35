/**
 * The decision on one request: a pure function of the route's terms, the credentials found, the request and the time.
 *
 * Everything that could make a decision depend on I/O has happened before: tokens are verified, and their standing is
 * resolved. So the same function serves the gate, `explain` and the check of open streams, and can be tested as a table.
 * Content leaves through the arm `serve` and no other, and if that arm carries a cost only after the ledger has granted it.
 * Of an entitlement and a payment that both fail, the payment's refusal is given if the route has a price, else the
 * entitlement's.
 */
import { judgeAuthority, judgePurchase } from './consent.ts'
import { accountCost, type Cost, paymentCost, type PaymentCost, type ReceiptCost, receiptCost } from './cost.ts'
import { covers, type Entitlement, judgeStanding } from './entitlement.ts'
import type { ExemptedBy } from './exempted.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { judgeBeginning, judgeLifetime } from './lifetime.ts'
import { isPaidBy, type Offer, type Terms } from './offer.ts'
import { type Check, REASONS, refusal, type Reason, type Refusal } from '../core/problem.ts'
import type { Payment } from './payment.ts'
import {
  entitlementIn,
  type EntitlementPresentation,
  paymentIn,
  type PaymentPresentation,
  type Presented,
  type Proof,
} from './proof.ts'
import { type Receipt, resourceElsewhere, shortfall, underpayment } from './receipt.ts'
import type { Money } from '../core/money.ts'

/**
 * The decision on a request. Content leaves through the arm `serve` alone; if the arm has a cost, only after the ledger has
 * granted the cost.
 */
export type Decision =
  | {
      readonly action: 'serve'
      readonly proof: Proof | undefined
      readonly cost: Cost | undefined
      readonly observed?: Observed
      readonly fallback?: Fallback
      readonly exempt?: ExemptedBy
    }
  | {
      readonly action: 'refuse'
      readonly refusal: Refusal
      readonly proof: Proof | undefined
      /** The price that a confirmation would let the proof pay. */
      readonly toConfirm?: Money
      /** Who could pay the same, should nothing be left of the proof. */
      readonly otherPayer?: Proof
    }
  | {
      /** A refusal whose body carries the free part of the page. */
      readonly action: 'preview'
      readonly refusal: Refusal
      readonly proof: Proof | undefined
    }

/** A decision before previews are considered. */
export type Judgement = Exclude<Decision, { action: 'preview' }>

/** A receipt or payment that came beside a token: it pays if the token's plan is used up. */
export type Fallback =
  | { readonly proof: Receipt; readonly cost: ReceiptCost }
  | { readonly proof: Payment; readonly cost: PaymentCost }

/** The decision that a watched route would have made. The account is for the log alone. */
export interface Observed {
  readonly would: 'serve' | Reason
  readonly accountHash: string | undefined
  /** The proof without which the watched route would not have served. For deciding again: nothing else may depend on it. */
  readonly proof?: Proof
}

/** The facts of a request that a decision reads; `now` is in milliseconds since 1970. */
export type DecidedRequest = Pick<Exchange, 'method' | 'target' | 'now'>

export type PaidTerms = Extract<Terms, { kind: 'paid' }>

function refuse(reason: Reason, check: Check, detail: string, proof?: Proof): Judgement {
  return { action: 'refuse', refusal: refusal(reason, detail, { check }), proof }
}

/** Decides on a request. Judges time claims and standing at every use, never at the time a token is cached. */
export function decide(terms: Terms, presented: Presented | undefined, request: DecidedRequest): Decision {
  return withPreview(judgeTerms(terms, presented, request), terms, request)
}

/** Lets a refusal show part of the page, if the terms have previews and payment would open the page. */
export function withPreview(decision: Judgement, terms: Terms, request: Pick<DecidedRequest, 'method'>): Decision {
  if (terms.kind !== 'paid' || terms.preview === undefined || decision.action === 'serve') return decision
  return isPreviewed(decision, request)
    ? { action: 'preview', refusal: decision.refusal, proof: decision.proof }
    : decision
}

/** Returns true if a refusal may show part of the page: payment would open the page, and no price waits to be confirmed. */
function isPreviewed({ refusal: { reason }, toConfirm }: Refused, { method }: Pick<DecidedRequest, 'method'>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return toConfirm === undefined && REASONS[reason].status === 402 && reason !== 'security-hold'
}

type Refused = Extract<Judgement, { action: 'refuse' }>

function judgeTerms(terms: Terms, presented: Presented | undefined, request: DecidedRequest): Judgement {
  if (terms.kind === 'free')
    return { action: 'serve', proof: usableEntitlement(entitlementIn(presented), request.now), cost: undefined }
  if (terms.kind === 'closed' && terms.lever !== undefined)
    return { action: 'refuse', refusal: terms.lever.refusal, proof: undefined }
  if (terms.kind === 'closed') return refuse('not-for-sale', 'cover', 'Nothing that is sold here opens this.')
  const entitlement = entitlementIn(presented)
  const payment = payableIn(presented, terms)
  const byEntitlement = entitlement && judgeEntitlement(terms, entitlement, request)
  if (byEntitlement !== undefined && payment === undefined) return byEntitlement
  const byPayment = payment && judgePayment(terms, payment, request, entitlement)
  if (byEntitlement !== undefined && isFinal(byEntitlement)) return withFallback(byEntitlement, byPayment)
  if (byPayment === undefined)
    return refuse(
      'payment-required',
      'presented',
      'This needs a payment or a subscription, and the request carried no credential.',
    )
  if (payment?.authority !== undefined) return byEither(byEntitlement, byPayment)
  // If the route has no price, no receipt could open it, and the entitlement's fault says more.
  return terms.offer.price === undefined ? (byEntitlement ?? byPayment) : byPayment
}

/** Returns the payment that counts. One that a browser sends by itself does not where nothing has a price. */
function payableIn(presented: Presented | undefined, { offer }: PaidTerms): PaymentPresentation | undefined {
  const payment = paymentIn(presented)
  return offer.price === undefined && payment?.authority !== undefined ? undefined : payment
}

/** Judges by a receipt that a browser sends by itself: it stands in nobody's way who could pay otherwise. */
function byEither(byEntitlement: Judgement | undefined, byReceipt: Judgement): Judgement {
  if (byReceipt.action === 'serve' || byEntitlement === undefined) return byReceipt
  if (byEntitlement.action === 'serve' || byReceipt.toConfirm === undefined) return byEntitlement
  const { proof: otherPayer, toConfirm } = byEntitlement
  return toConfirm === undefined ? byReceipt : { ...byReceipt, ...(otherPayer && { otherPayer }) }
}

function withFallback(decision: Judgement, byPayment: Judgement | undefined): Judgement {
  if (decision.action === 'refuse' || decision.cost === undefined || byPayment?.action !== 'serve') return decision
  const { proof, cost } = byPayment
  if (proof?.kind === 'receipt' && cost?.from === 'receipt') return { ...decision, fallback: { proof, cost } }
  if (proof?.kind === 'payment' && cost?.from === 'payment') return { ...decision, fallback: { proof, cost } }
  return decision
}

/**
 * Returns true if a receipt beside the entitlement must not be spent: the entitlement covers the request or may do so, or a
 * hold applies, which no payment lifts. A price is paid with the receipt rather than from credit: the receipt was sent to
 * pay with.
 */
function isFinal(decision: Judgement): boolean {
  if (decision.action === 'serve') return decision.cost?.from !== 'account' || decision.cost.price === undefined
  const { reason } = decision.refusal
  return reason === 'credential-ambiguous' || reason === 'security-hold' || REASONS[reason].status === 503
}

/** Returns the entitlement if it is valid. On a free route an invalid credential counts as none. */
export function usableEntitlement(
  presented: EntitlementPresentation | undefined,
  now: number,
): Entitlement | undefined {
  if (presented === undefined || !presented.proof.ok) return undefined
  const proof = presented.proof.value
  return (judgeTime(proof, now) ?? judgeAccount(proof)) ? undefined : proof
}

function judgeEntitlement(terms: PaidTerms, presented: EntitlementPresentation, request: DecidedRequest): Judgement {
  if (!presented.proof.ok) return { action: 'refuse', refusal: presented.proof.error, proof: undefined }
  const proof = presented.proof.value
  const decision = judgeTime(proof, request.now) ?? judgeAccount(proof) ?? judgeCover(terms, proof)
  return presented.authority === undefined ? decision : judgeAuthority(terms, decision, presented, request)
}

/**
 * Judges when a proof is valid. A payment has a beginning only: one that has settled in time, or may have, stays good for
 * what it paid, and its ledger alone knows.
 */
function judgeTime(proof: Proof, now: number): Judgement | undefined {
  const timeRefusal = proof.kind === 'payment' ? judgeBeginning(proof, now) : judgeLifetime(proof, now)
  return timeRefusal === undefined ? undefined : { action: 'refuse', refusal: timeRefusal, proof }
}

function judgeAccount(proof: Entitlement): Judgement | undefined {
  const refused = judgeStanding(proof.standing)
  return refused === undefined ? undefined : { action: 'refuse', refusal: refused, proof }
}

/** Serves an account by its entitlements, else by the route's price from its credit. */
function judgeCover(terms: PaidTerms, proof: Entitlement): Judgement {
  const { offer } = terms
  if (covers(proof, offer.entitlements)) return { action: 'serve', proof, cost: accountCost(proof, terms, undefined) }
  if (!offer.onSale) return notForSale(proof)
  if (offer.price !== undefined) return { action: 'serve', proof, cost: accountCost(proof, terms, offer.price) }
  return uncovered(offer, proof)
}

/** Refuses a proof that none of the offer's entitlements covers. */
export function uncovered(offer: Offer, proof: Proof): Judgement {
  const wanted =
    offer.entitlements.length === 0
      ? 'a payment for each request'
      : offer.entitlements.map((name) => `"${name}"`).join(' or ')
  const detail = `The token is genuine, but does not cover this: it asks for ${wanted}.`
  const plan = proof.kind === 'entitlement' ? proof.plan : undefined
  const facts = plan === undefined ? {} : { facts: { plan } }
  return { action: 'refuse', refusal: refusal('entitlement-insufficient', detail, { check: 'cover', ...facts }), proof }
}

function notForSale(proof: Proof): Judgement {
  return refuse('not-for-sale', 'cover', 'The token is genuine, but nothing that is sold would open this to it.', proof)
}

function paymentShortage(proof: Payment, offer: Offer): string | undefined {
  return isPaidBy(offer, proof.rail) ? underpayment(proof, offer) : 'This is not sold for payments of this kind.'
}

function judgePayment(
  terms: PaidTerms,
  presented: PaymentPresentation,
  request: DecidedRequest,
  entitlement: EntitlementPresentation | undefined,
): Judgement {
  if (!presented.proof.ok) return { action: 'refuse', refusal: presented.proof.error, proof: undefined }
  const { offer, rates } = terms
  const proof = presented.proof.value
  const timeRefusal = judgeTime(proof, request.now)
  if (timeRefusal !== undefined) return timeRefusal
  if (!offer.onSale) return notForSale(proof)
  const shortage = proof.kind === 'receipt' ? shortfall(proof, offer, request) : paymentShortage(proof, offer)
  if (shortage !== undefined) {
    const resource = proof.kind === 'receipt' ? resourceElsewhere(proof, request) : undefined
    const facts = resource === undefined ? {} : { facts: { resource } }
    return { action: 'refuse', refusal: refusal('payment-insufficient', shortage, { check: 'cover', ...facts }), proof }
  }
  if (proof.kind === 'receipt')
    return judgePurchase(terms, { action: 'serve', proof, cost: receiptCost(proof, rates) }, presented, request)
  const { amount, pack } = proof
  if (pack?.gives.kind !== 'credit') return { action: 'serve', proof, cost: paymentCost(proof, rates) }
  if (entitlement?.proof.ok === false) return { action: 'refuse', refusal: entitlement.proof.error, proof }
  const filled = entitlement?.proof.value
  if (filled === undefined) return refuse('payment-insufficient', 'cover', NO_ACCOUNT, proof)
  const { issuer, account } = filled
  const units = amount.units - (offer.price?.units ?? 0n)
  const cost = paymentCost(proof, rates, { issuer, account, amount: { ...amount, units } })
  return judgeTime(filled, request.now) ?? judgeAccount(filled) ?? { action: 'serve', proof, cost }
}

const NO_ACCOUNT =
  'This buys credit for the account whose token comes beside the payment, and the request has no such token. Nothing was charged.'
