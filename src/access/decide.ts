import { confirmationOf, nameOf } from './confirmation.ts'
import {
  accountCost,
  type AccountCost,
  type Cost,
  paymentCost,
  type PaymentCost,
  type ReceiptCost,
  receiptCost,
  takes,
} from './cost.ts'
import { covers, type Entitlement, judgeStanding } from './entitlement.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { judgeBeginning, judgeLifetime } from './lifetime.ts'
import type { Offer, Terms } from './offer.ts'
import { type Check, REASONS, refusal, type Reason, type Refusal } from '../core/problem.ts'
import type { Payment } from './payment.ts'
import { entitlementIn, type EntitlementPresentation, paymentIn, type Presented, type Proof } from './proof.ts'
import { type Receipt, shortfall, underpayment } from './receipt.ts'
import type { Result } from '../core/result.ts'
import type { Money } from '../core/money.ts'

/**
 * What becomes of a request. Content leaves through the arm named `serve` and through no other, and where it has a demand
 * only after the ledger has granted that.
 */
export type Decision =
  | {
      readonly action: 'serve'
      readonly proof: Proof | undefined
      readonly cost: Cost | undefined
      readonly observed?: Observed
      readonly fallback?: Fallback
    }
  | {
      readonly action: 'refuse'
      readonly refusal: Refusal
      readonly proof: Proof | undefined
      /** The price that would be paid, were it confirmed. */
      readonly toConfirm?: Money
    }
  | {
      /** A refusal whose body carries the free part of the page. */
      readonly action: 'preview'
      readonly refusal: Refusal
      readonly proof: Proof | undefined
    }

/** A decision before it is known whether its refusal shows anything of the page. */
type Judgement = Exclude<Decision, { action: 'preview' }>

/** A receipt or payment that came beside a token: it pays where the token's plan is used up. */
export type Fallback =
  | { readonly proof: Receipt; readonly cost: ReceiptCost }
  | { readonly proof: Payment; readonly cost: PaymentCost }

/** What would have happened where a route is only watched. Who asked is for the log alone. */
export interface Observed {
  readonly would: 'serve' | Reason
  readonly accountHash: string | undefined
}

/** What a decision looks at of the request itself; `now` is in milliseconds since 1970. */
export type DecidedRequest = Pick<Exchange, 'method' | 'target' | 'now'>

type Paid = Extract<Terms, { kind: 'paid' }>

function refuse(reason: Reason, check: Check, detail: string, proof?: Proof): Judgement {
  return { action: 'refuse', refusal: refusal(reason, detail, { check }), proof }
}

/**
 * Decides on what was asked for, what was presented and what time it is. Time claims and standing are judged here, at
 * every use, and never when a token is remembered.
 */
export function decide(terms: Terms, presented: Presented | undefined, asked: DecidedRequest): Decision {
  const decision = judge(terms, presented, asked)
  if (terms.kind !== 'paid' || terms.preview === undefined || decision.action === 'serve') return decision
  return isPreviewed(decision, asked)
    ? { action: 'preview', refusal: decision.refusal, proof: decision.proof }
    : decision
}

/** A page is shown in part to whoever could pay for all of it, unless there is a price to confirm first. */
function isPreviewed({ refusal: { reason }, toConfirm }: Refused, { method }: DecidedRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return toConfirm === undefined && REASONS[reason].status === 402 && reason !== 'security-hold'
}

type Refused = Extract<Judgement, { action: 'refuse' }>

function judge(terms: Terms, presented: Presented | undefined, asked: DecidedRequest): Judgement {
  if (terms.kind === 'free')
    return { action: 'serve', proof: usable(entitlementIn(presented), asked.now), cost: undefined }
  if (terms.kind === 'closed') return refuse('not-for-sale', 'cover', 'Nothing that is sold here opens this.')
  const entitlement = entitlementIn(presented)
  const payment = paymentIn(presented)
  const byEntitlement = entitlement && judgeEntitlement(terms, entitlement, asked)
  if (byEntitlement !== undefined && payment === undefined) return byEntitlement
  const byPayment = payment && judgePayment(terms, payment.proof, asked)
  if (byEntitlement !== undefined && isFinal(byEntitlement)) return withFallback(byEntitlement, byPayment)
  if (byPayment === undefined)
    return refuse(
      'payment-required',
      'presented',
      'This needs a payment or a subscription, and the request carried no credential.',
    )
  // Where no receipt could have opened it, what is wrong with the entitlement says more.
  return terms.offer.price === undefined ? (byEntitlement ?? byPayment) : byPayment
}

function withFallback(decision: Judgement, byPayment: Judgement | undefined): Judgement {
  if (decision.action === 'refuse' || decision.cost === undefined || byPayment?.action !== 'serve') return decision
  const { proof, cost } = byPayment
  if (proof?.kind === 'receipt' && cost?.from === 'receipt') return { ...decision, fallback: { proof, cost } }
  if (proof?.kind === 'payment' && cost?.from === 'payment') return { ...decision, fallback: { proof, cost } }
  return decision
}

/**
 * True where a receipt beside it is not spent: for what the entitlement covers, or may cover for all we know, and for a
 * hold, which no payment lifts. A price is rather paid with the receipt than from credit: it is what was sent to pay with.
 */
function isFinal(decision: Judgement): boolean {
  if (decision.action === 'serve') return decision.cost?.from !== 'account' || decision.cost.price === undefined
  const { reason } = decision.refusal
  return reason === 'credential-ambiguous' || reason === 'security-hold' || REASONS[reason].status === 503
}

/** On a free route a credential that is not good counts as none. */
function usable(presented: EntitlementPresentation | undefined, now: number): Entitlement | undefined {
  if (presented === undefined || !presented.proof.ok) return undefined
  const proof = presented.proof.value
  return (judgeTime(proof, now) ?? judgeAccount(proof)) ? undefined : proof
}

function judgeEntitlement(terms: Paid, presented: EntitlementPresentation, asked: DecidedRequest): Judgement {
  if (!presented.proof.ok) return { action: 'refuse', refusal: presented.proof.error, proof: undefined }
  const proof = presented.proof.value
  const decision = judgeTime(proof, asked.now) ?? judgeAccount(proof) ?? judgeCover(terms, proof)
  return presented.authority === undefined ? decision : judgeAuthority(terms, decision, presented, asked)
}

type How = Pick<EntitlementPresentation, 'authority' | 'confirmed'>

/** What came by itself takes no more than whoever had it sent is known to want. */
function judgeAuthority(terms: Paid, decision: Judgement, how: How, asked: DecidedRequest): Judgement {
  if (decision.action === 'refuse') return decision
  const { cost, proof } = decision
  if (cost?.from !== 'account' || !takes(cost)) return decision
  if (cost.price !== undefined) return judgePrice(terms, { ...decision, cost }, cost.price, how, asked)
  return how.authority === 'read' ? { action: 'refuse', refusal: FROM_ELSEWHERE, proof } : decision
}

const FROM_ELSEWHERE: Refusal = {
  ...refusal('payment-required', 'The credential was sent from another site, where it authorises no charge.', {
    check: 'presented',
  }),
  isToReopen: true,
}

type Priced = Extract<Judgement, { action: 'serve' }> & { readonly cost: AccountCost }

/** A price is paid where it was confirmed, and where the route says so for whatever a page of ours began. */
function judgePrice(
  { confirm, metered }: Paid,
  decision: Priced,
  price: Money,
  { authority, confirmed = [] }: How,
  { method, now }: DecidedRequest,
): Judgement {
  // What a meter will count is not known yet, so it cannot be confirmed.
  const isConfirmable = metered === undefined && (method === 'GET' || method === 'HEAD')
  const confirmation = isConfirmable ? confirmationOf(confirmed, price, now) : undefined
  if (confirmation !== undefined) {
    return { ...decision, cost: { ...decision.cost, confirmation: nameOf(confirmation) } }
  }
  if (authority === 'spend' && confirm === 'other-sites') return decision
  const { proof } = decision
  if (authority === 'read') return { action: 'refuse', refusal: FROM_ELSEWHERE, proof }
  if (metered !== undefined) return { action: 'refuse', refusal: UNKNOWN_PRICE, proof }
  return { action: 'refuse', refusal: UNCONFIRMED, proof, ...(isConfirmable && { toConfirm: price }) }
}

const UNKNOWN_PRICE = refusal(
  'payment-required',
  'What this costs is known once it is answered, so it is not paid with a cookie. Send the token as a bearer token.',
  { check: 'presented' },
)

const UNCONFIRMED = refusal(
  'payment-required',
  'The price is paid from credit with a cookie once its reader has confirmed that, on the page that a browser is shown here.',
  { check: 'presented' },
)

/**
 * A payment ends when it can be settled no longer: one that has settled by then, or may have, is still good for what it paid,
 * which its ledger alone knows.
 */
function judgeTime(proof: Proof, now: number): Judgement | undefined {
  const untimely = proof.kind === 'payment' ? judgeBeginning(proof, now) : judgeLifetime(proof, now)
  return untimely === undefined ? undefined : { action: 'refuse', refusal: untimely, proof }
}

function judgeAccount(proof: Entitlement): Judgement | undefined {
  const refused = judgeStanding(proof.standing)
  return refused === undefined ? undefined : { action: 'refuse', refusal: refused, proof }
}

/** Covered by an entitlement, else paid from the account's credit where there is a price. */
function judgeCover(terms: Paid, proof: Entitlement): Judgement {
  const { offer } = terms
  if (covers(proof, offer.entitlements)) return { action: 'serve', proof, cost: accountCost(proof, terms, undefined) }
  if (!offer.onSale) return notForSale(proof)
  if (offer.price !== undefined) return { action: 'serve', proof, cost: accountCost(proof, terms, offer.price) }
  return uncovered(offer, proof)
}

/** Refuses an entitlement that is not one of those that open this. */
export function uncovered(offer: Offer, proof: Proof): Judgement {
  const wanted =
    offer.entitlements.length === 0
      ? 'a payment for each request'
      : offer.entitlements.map((name) => `"${name}"`).join(' or ')
  return refuse(
    'entitlement-insufficient',
    'cover',
    `The token is genuine, but does not cover this: it asks for ${wanted}.`,
    proof,
  )
}

function notForSale(proof: Proof): Judgement {
  return refuse('not-for-sale', 'cover', 'The token is genuine, but nothing that is sold would open this to it.', proof)
}

function judgePayment(
  { offer, rates }: Paid,
  presented: Result<Receipt | Payment, Refusal>,
  asked: DecidedRequest,
): Judgement {
  if (!presented.ok) return { action: 'refuse', refusal: presented.error, proof: undefined }
  const proof = presented.value
  const untimely = judgeTime(proof, asked.now)
  if (untimely !== undefined) return untimely
  if (!offer.onSale) return notForSale(proof)
  const short = proof.kind === 'receipt' ? shortfall(proof, offer, asked) : underpayment(proof, offer)
  if (short !== undefined) return refuse('payment-insufficient', 'cover', short, proof)
  return {
    action: 'serve',
    proof,
    cost: proof.kind === 'receipt' ? receiptCost(proof, rates) : paymentCost(proof, rates),
  }
}
