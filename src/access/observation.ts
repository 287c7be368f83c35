/**
 * Trial of a paid route: until a date its decisions are made and logged, but not enforced.
 *
 * An operator who puts a paywall before a running site wants to see who would be refused before anyone is. A watched route
 * therefore serves every request as an anonymous reader's: no identity reaches the origin, nothing is charged, and the log
 * says what the decision would have been. The outcome of the ledger is not asked, so a quota used up does not show. Only
 * refusals for payment (402, 403) are lifted; a request that cannot be understood is refused as ever.
 */
import { type DecidedRequest, decide, type Decision, type PaidTerms } from './decide.ts'
import { type Exchange, isPreflight } from '../http/rules/exchange.ts'
import type { Terms } from './offer.ts'
import { isPrefetch } from '../http/rules/prefetch.ts'
import { type Reason, REASONS, refusal } from '../core/problem.ts'
import type { Presented } from './proof.ts'

/** Returns the time until which a paid route is only watched, in milliseconds since 1970; undefined if it is enforced. */
export function observedUntil(terms: Terms, now: number): number | undefined {
  if (terms.kind !== 'paid' || terms.observedUntilMs === undefined) return undefined
  return now < terms.observedUntilMs ? terms.observedUntilMs : undefined
}

/** Returns the lever that opens the terms at this time. */
export function openedBy(terms: Terms, now: number): PaidTerms['lever'] {
  return terms.kind === 'paid' && terms.lever !== undefined && now < terms.lever.untilMs ? terms.lever : undefined
}

/**
 * Decides on a request. Serves it as an anonymous reader's if its route is only watched, or opened by a lever. Refuses a prefetch that anything
 * would be counted for, before a ledger or a rate limit is asked.
 */
export function decideObserved(
  terms: Terms,
  presented: Presented | undefined,
  request: DecidedRequest & Pick<Exchange, 'fields'>,
): Decision {
  const decision = decide(terms, presented, request)
  if (observedUntil(terms, request.now) === undefined) {
    const lever = openedBy(terms, request.now)
    if (lever !== undefined) return lever.decide(decision)
    return isCounted(terms, decision) ? refusePrefetch(decision, request) : decision
  }
  // On an enforced route the gate answers preflights itself, and never refuses them.
  return observe(decision, isPreflight(request.method, request.fields), isOnlyCredentialed(terms))
}

/** Returns true if a watched route serves nobody unknown: what it serves costs its operator money. */
export function isOnlyCredentialed(terms: Terms): boolean {
  return terms.kind === 'paid' && terms.observesCredentialed === true
}

/** Returns true if serving counts anything, now or after a confirmation: a charge, or a place under a rate. */
function isCounted(terms: Terms, decision: Decision): boolean {
  if (decision.action === 'preview') return false
  if (decision.action === 'refuse') return decision.toConfirm !== undefined
  if (decision.cost !== undefined) return true
  return terms.kind === 'paid' && terms.rates !== undefined && terms.rates.bound.length > 0
}

function refusePrefetch(decision: Decision, { fields }: Pick<Exchange, 'fields'>): Decision {
  return isPrefetch(fields) ? { action: 'refuse', refusal: PREFETCH_DECLINED, proof: decision.proof } : decision
}

const PREFETCH_DECLINED = refusal(
  'prefetch-declined',
  'This is counted or charged once it is opened, so it is not fetched ahead. Nothing was charged.',
)

/**
 * Turns a decision into that of a watched route: serves an anonymous reader at no cost, and records the original decision.
 * Does not ask if the ledger would have granted the cost. `onlyCredentialed`: the refusal of a request without a genuine credential
 * stands.
 */
export function observe(decision: Decision, wouldBeAnswered = false, onlyCredentialed = false): Decision {
  if (onlyCredentialed && decision.proof === undefined) return decision
  if (decision.action !== 'serve' && !isLifted(decision.refusal.reason)) return decision
  const would = decision.action === 'serve' || wouldBeAnswered ? 'serve' : decision.refusal.reason
  const { proof } = decision
  const observed = { would, accountHash: proof?.accountHash, ...(onlyCredentialed && proof && { proof }) } as const
  return { action: 'serve', proof: undefined, cost: undefined, observed }
}

/** Returns true for a refusal by the terms. Other refusals stand, and so does any reason added later. */
function isLifted(reason: Reason): boolean {
  return REASONS[reason].status === 402 || reason === 'not-for-sale'
}
