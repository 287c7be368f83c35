import type { Refusal } from '../../../core/problem.ts'
import type { JsonMembers } from '../../../core/json.ts'
import type { Exchange } from '../../../http/rules/exchange.ts'
import { MAX_RESOURCE_TARGET, resourceUrl } from '../../../http/rules/resourceurl.ts'
import { joinBase64Json } from './base64json.ts'
import type { X402Offer } from './requirements.ts'

const MAX_ERROR = 160

/** Writes `PAYMENT-REQUIRED`: what x402 v2 asks for this request. */
export function writePaymentRequired(
  { tailFor }: X402Offer,
  why: Refusal,
  exchange: Pick<Exchange, 'origin' | 'target'>,
): string {
  const [error, url] = [JSON.stringify(errorOf(why)), JSON.stringify(resourceUrl(exchange))]
  return joinBase64Json(`{"x402Version":2,"error":${error},"resource":{"url":${url}`, tailFor(why.reason))
}

/** Returns the members of a refusal's body by which clients of x402 v1 pay. A slot stands for the URL of the page. */
export function v1Members({ v1 }: X402Offer, why: Refusal): JsonMembers {
  return v1.length === 0 ? {} : { x402Version: 1, error: errorOf(why), accepts: v1 }
}

function errorOf({ reason, detail }: Refusal): string {
  return reason === 'payment-required' ? REQUIRED : `${reason}: ${detail.slice(0, MAX_ERROR)}`
}

const REQUIRED = 'PAYMENT-SIGNATURE header is required'

/** Returns how long `PAYMENT-REQUIRED` may become, in bytes, whatever is refused. */
export function longestPaymentRequired(offer: X402Offer, address: string): number {
  const beginning = `{"x402Version":2,"error":"${'x'.repeat(MAX_REASON + MAX_ERROR)}","resource":{"url":"${address}${'x'.repeat(MAX_RESOURCE_TARGET)}"`
  return joinBase64Json(beginning, offer.tailFor('credit-insufficient')).length
}

/** No slug of a reason is longer. */
const MAX_REASON = 32
