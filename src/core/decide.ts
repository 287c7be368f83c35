import { covers, type Entitlement } from './entitlement.ts'
import { judgeLifetime } from './lifetime.ts'
import type { Offer, Terms } from './offer.ts'
import { type Check, refusal, type Reason, type Refusal } from './problem.ts'
import type { Result } from './result.ts'

/** What becomes of a request. Content leaves through the arm named `serve` and through no other. */
export type Decision =
  | { readonly action: 'serve'; readonly proof: Entitlement | undefined }
  | { readonly action: 'refuse'; readonly refusal: Refusal; readonly proof: Entitlement | undefined }

/** What a client presented: nothing, a proof, or something that is none. */
export type Presented = Result<Entitlement, Refusal> | undefined

function refuse(reason: Reason, check: Check, detail: string, proof?: Entitlement): Decision {
  return { action: 'refuse', refusal: refusal(reason, detail, { check }), proof }
}

/**
 * Decides on what was asked for, what was presented and what time it is (milliseconds since 1970). Time claims and
 * standing are judged here, at every use, and never when a token is remembered.
 */
export function decide(terms: Terms, presented: Presented, now: number): Decision {
  if (terms.kind === 'free') return { action: 'serve', proof: usable(presented, now) }
  if (terms.kind === 'closed') return refuse('not-for-sale', 'cover', 'Nothing that is sold here opens this.')
  if (presented === undefined)
    return refuse(
      'payment-required',
      'presented',
      'This needs a payment or a subscription, and the request carried no credential.',
    )
  if (!presented.ok) return { action: 'refuse', refusal: presented.error, proof: undefined }
  const proof = presented.value
  const untimely = judgeTime(proof, now)
  if (untimely !== undefined) return untimely
  return judgeStanding(proof) ?? judgeCover(terms.offer, proof)
}

/** On a free route a credential that is not good counts as none. */
function usable(presented: Presented, now: number): Entitlement | undefined {
  if (presented === undefined || !presented.ok) return undefined
  const proof = presented.value
  return (judgeTime(proof, now) ?? judgeStanding(proof)) ? undefined : proof
}

function judgeTime(proof: Entitlement, now: number): Decision | undefined {
  const untimely = judgeLifetime(proof, now)
  return untimely === undefined ? undefined : { action: 'refuse', refusal: untimely, proof }
}

function judgeStanding(proof: Entitlement): Decision | undefined {
  switch (proof.standing) {
    case 'active':
      return undefined
    case 'inactive':
      return refuse('subscription-inactive', 'standing', 'The subscription of this account is not active.', proof)
    case 'past-due':
      return refuse('payment-declined', 'standing', 'The last payment of this account was declined.', proof)
    case 'on-hold':
      return refuse('security-hold', 'standing', 'This account is held for review. Support can lift the hold.', proof)
  }
}

function judgeCover(offer: Offer, proof: Entitlement): Decision {
  if (covers(proof, offer.entitlements)) return { action: 'serve', proof }
  if (!offer.onSale)
    return refuse(
      'not-for-sale',
      'cover',
      'The token is genuine, but nothing that is sold would open this to it.',
      proof,
    )
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
