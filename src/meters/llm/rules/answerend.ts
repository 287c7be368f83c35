/**
 * What an answer costs that has come to its end, whatever the end.
 *
 * A provider's report at the end is the best knowledge, and an answer that is complete without one has an unknown usage: that costs the
 * reservation. Of an answer that broke off, what came bounds what was used. Of one that was cancelled before anything came, only its
 * request is known.
 */

/** How an answer ended. `whole`: in order. `broken`: the provider broke it off. `cancelled`: the gate did, after its client had left. */
export type AnswerEnd = 'whole' | 'broken' | 'cancelled'

/** What is known of an answer's usage. */
export interface UsageKnowledge {
  /** True if the provider has reported the usage to the end. */
  readonly hasFinal: boolean
  /** True if what came bounds what was used. */
  readonly hasSoFar: boolean
  /** True if anything of the answer came, and not an error in its place. */
  readonly hasBegun: boolean
  /** True if the provider has reported a failure in the answer. */
  readonly hasFailed: boolean
}

/**
 * What the charge of an answer follows from. `unreported`: the request alone. `reserved`: nothing is known, and the reservation is kept.
 * `nothing`: an error came in place of an answer.
 */
export type UsageSource = 'final' | 'so-far' | 'unreported' | 'reserved' | 'nothing'

export function usageSource(end: AnswerEnd, known: UsageKnowledge): UsageSource {
  if (known.hasFailed && !known.hasBegun) return 'nothing'
  if (known.hasFinal) return 'final'
  if (end === 'whole' && !known.hasFailed) return 'reserved'
  if (!known.hasBegun) return end === 'cancelled' ? 'unreported' : 'reserved'
  return known.hasSoFar ? 'so-far' : 'reserved'
}

/**
 * Returns what becomes of an answer whose client has left: cancelled if what it used is known as it goes, or nobody would wait for it;
 * else read to the report at its end.
 */
export function afterLeaving(isRunning: boolean, drainSeconds: number): 'cancel' | 'drain' {
  return isRunning || drainSeconds <= 0 ? 'cancel' : 'drain'
}
