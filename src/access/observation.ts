import { type DecidedRequest, decide, type Decision } from './decide.ts'
import { type Exchange, isPreflight } from '../http/rules/exchange.ts'
import type { Terms } from './offer.ts'
import { isPrefetch } from '../http/rules/prefetch.ts'
import { type Reason, REASONS, refusal } from '../core/problem.ts'
import type { Presented } from './proof.ts'

/** Until when a paid route is only watched, in milliseconds since 1970; undefined where it is enforced. */
export function observedUntil(terms: Terms, now: number): number | undefined {
  if (terms.kind !== 'paid' || terms.observedUntilMs === undefined) return undefined
  return now < terms.observedUntilMs ? terms.observedUntilMs : undefined
}

/**
 * Decides on a request, and where its route is only watched lets it pass as an anonymous reader's. What is only fetched ahead
 * takes nothing of anyone: whatever would be counted for it is refused here, before a ledger or a rate limit is asked.
 */
export function decideObserved(
  terms: Terms,
  presented: Presented | undefined,
  asked: DecidedRequest & Pick<Exchange, 'fields'>,
): Decision {
  const decision = decide(terms, presented, asked)
  if (observedUntil(terms, asked.now) === undefined)
    return isCounted(terms, decision) ? unlessAhead(decision, asked) : decision
  // A preflight is answered by the gate where the terms hold, and never refused.
  return observe(decision, isPreflight(asked.method, asked.fields))
}

/** True where anything is counted for what is served, or would be once it is confirmed: a charge, or a place under a rate. */
function isCounted(terms: Terms, decision: Decision): boolean {
  if (decision.action === 'preview') return false
  if (decision.action === 'refuse') return decision.toConfirm !== undefined
  if (decision.cost !== undefined) return true
  return terms.kind === 'paid' && terms.rates !== undefined && terms.rates.bound.length > 0
}

function unlessAhead(decision: Decision, { fields }: Pick<Exchange, 'fields'>): Decision {
  return isPrefetch(fields) ? { action: 'refuse', refusal: AHEAD, proof: decision.proof } : decision
}

const AHEAD = refusal(
  'prefetch-declined',
  'This is counted or charged once it is opened, so it is not fetched ahead. Nothing was charged.',
)

/**
 * What becomes of a decision that is only watched: it serves, knows nobody and demands nothing, and says what would have
 * happened. Whether the ledger would have granted it is not asked.
 */
export function observe(decision: Decision, wouldBeAnswered = false): Decision {
  if (decision.action !== 'serve' && !isLifted(decision.refusal.reason)) return decision
  const would = decision.action === 'serve' || wouldBeAnswered ? 'serve' : decision.refusal.reason
  const observed = { would, accountHash: decision.proof?.accountHash } as const
  return { action: 'serve', proof: undefined, cost: undefined, observed }
}

/** What the terms refuse. What cannot be known or read stays refused, and so does any reason that is not thought of here. */
function isLifted(reason: Reason): boolean {
  const { status } = REASONS[reason]
  return status === 402 || status === 403
}
