/**
 * What a credential may take that its owner did not send: a cookie, or a password that the browser adds.
 *
 * Another site may have caused the request, so whatever is counted or paid needs a sign that the owner wants it: a page that is
 * opened counts a quota, and a price or a use of a receipt is confirmed on a page of ours, unless the route trusts every
 * request that a page of ours began. A pass is not confirmed: after its first use it costs nothing, and that use is what it
 * was bought for.
 */
import { confirmationOf, nameOf } from './confirmation.ts'
import { type AccountCost, type ReceiptCost, takes } from './cost.ts'
import type { DecidedRequest, Judgement, PaidTerms } from './decide.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import type { Money } from '../core/money.ts'
import type { EntitlementPresentation, PaymentPresentation } from './proof.ts'

type Consent = Pick<EntitlementPresentation, 'authority' | 'confirmed' | 'paysNoPrice'>

/** Limits an account's credential to what its owner is known to want. */
export function judgeAuthority(
  terms: PaidTerms,
  decision: Judgement,
  consent: Consent,
  request: DecidedRequest,
): Judgement {
  if (decision.action === 'refuse') return decision
  const { cost, proof } = decision
  if (cost?.from !== 'account' || !takes(cost)) return decision
  if (cost.price === undefined)
    return consent.authority === 'read' ? { action: 'refuse', refusal: FROM_ELSEWHERE, proof } : decision
  if (consent.paysNoPrice) return { action: 'refuse', refusal: PAYS_NO_PRICE, proof }
  return judgePrice(terms, { ...decision, cost }, cost.price, consent, request, OF_CREDIT)
}

/** Limits a receipt that a browser added to what its holder is known to want. One sent on purpose has no limit. */
export function judgePurchase(
  terms: PaidTerms,
  decision: Priced<ReceiptCost>,
  { authority, confirmed }: Pick<PaymentPresentation, 'authority' | 'confirmed'>,
  request: DecidedRequest,
): Judgement {
  const { cost, proof } = decision
  const { price } = terms.offer
  if (authority === undefined || price === undefined) return decision
  if ('passSeconds' in cost.receipt)
    return authority === 'read' ? { action: 'refuse', refusal: FROM_ELSEWHERE, proof } : decision
  return judgePrice(terms, decision, price, { authority, ...(confirmed && { confirmed }) }, request, OF_RECEIPT)
}

const FROM_ELSEWHERE: Refusal = {
  ...refusal('payment-required', 'The credential was sent from another site, where it authorises no charge.', {
    check: 'presented',
  }),
  isToReopen: true,
}

type Priced<C> = Extract<Judgement, { action: 'serve' }> & { readonly cost: C }

/** The refusals of a price that was not confirmed, and of one that nobody could confirm. */
interface PriceRefusals {
  readonly unconfirmed: Refusal
  readonly unknown: Refusal
}

/** Lets a price be paid if the reader confirmed it, or if the route trusts every request that a page of ours began. */
function judgePrice(
  { confirm, metered }: PaidTerms,
  decision: Priced<AccountCost> | Priced<ReceiptCost>,
  price: Money,
  { authority, confirmed = [] }: Consent,
  { method, now }: DecidedRequest,
  words: PriceRefusals,
): Judgement {
  // A meter's count is not known yet, so nobody can confirm its price.
  const isConfirmable = metered === undefined && (method === 'GET' || method === 'HEAD')
  const confirmation = isConfirmable ? confirmationOf(confirmed, price, now) : undefined
  if (confirmation !== undefined) {
    return { ...decision, cost: { ...decision.cost, confirmation: nameOf(confirmation) } }
  }
  if (authority === 'spend' && confirm === 'other-sites') return decision
  const { proof } = decision
  if (authority === 'read') return { action: 'refuse', refusal: FROM_ELSEWHERE, proof }
  if (metered !== undefined) return { action: 'refuse', refusal: words.unknown, proof }
  return { action: 'refuse', refusal: words.unconfirmed, proof, ...(isConfirmable && { toConfirm: price }) }
}

const PAYS_NO_PRICE = refusal('payment-required', 'This credential counts quotas, and pays no price.', {
  check: 'presented',
})

const OF_CREDIT: PriceRefusals = {
  unconfirmed: refusal(
    'payment-required',
    'A price is paid from credit with a cookie only after its reader has confirmed that.',
    { check: 'presented' },
  ),
  unknown: refusal(
    'payment-required',
    'What this costs is known once it is answered, so it is not paid with a cookie. Send the token as a bearer token.',
    { check: 'presented' },
  ),
}

const OF_RECEIPT: PriceRefusals = {
  unconfirmed: refusal(
    'payment-required',
    'What was bought is used up with a cookie only after its reader has confirmed that.',
    { check: 'presented' },
  ),
  unknown: refusal(
    'payment-required',
    'What this uses is known once it is answered, so a receipt in a cookie does not open it. Send the receipt on purpose.',
    { check: 'presented' },
  ),
}
