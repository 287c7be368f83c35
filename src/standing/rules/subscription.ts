import { type Standing, stricter } from '../../access/entitlement.ts'
import type { SubscriptionStanding } from '../../access/statements.ts'

export type { SubscriptionStanding } from '../../access/statements.ts'

/**
 * The most subscriptions told apart for one account. Inactive ones are forgotten first, the earliest of them before others.
 */
export const MOST_SUBSCRIPTIONS = 64

/**
 * Joins by subscription: the latest statement of each, and the stricter of two at the same time. Sorted by id; undefined if
 * there are none.
 */
export function joinSubscriptions(
  one: readonly SubscriptionStanding[] = [],
  other: readonly SubscriptionStanding[] = [],
): readonly SubscriptionStanding[] | undefined {
  const joined = new Map(one.map((each) => [each.id, each]))
  for (const each of other) {
    const known = joined.get(each.id)
    joined.set(each.id, known === undefined ? each : laterOf(known, each))
  }
  if (joined.size === 0) return undefined
  const kept = joined.size <= MOST_SUBSCRIPTIONS ? [...joined.values()] : mostRelevant([...joined.values()])
  return kept.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function laterOf(one: SubscriptionStanding, other: SubscriptionStanding): SubscriptionStanding {
  if (one.hasEnded !== other.hasEnded) return one.hasEnded ? one : other
  if (one.at !== other.at) return one.at > other.at ? one : other
  return { ...one, standing: stricter(one.standing, other.standing) }
}

function mostRelevant(all: readonly SubscriptionStanding[]): readonly SubscriptionStanding[] {
  const isOpen = ({ standing }: SubscriptionStanding): number => Number(standing === 'active')
  return all.toSorted((a, b) => isOpen(b) - isOpen(a) || b.at - a.at).slice(0, MOST_SUBSCRIPTIONS)
}

/**
 * Returns the best standing of the subscriptions, and its time: for active, the last time one was stated active; otherwise
 * the last statement of any. Undefined if there are none.
 */
export function bestOf(
  subscriptions: readonly SubscriptionStanding[] = [],
): Pick<SubscriptionStanding, 'at' | 'standing'> | undefined {
  const [first, ...others] = subscriptions
  if (first === undefined) return undefined
  const standing = others.reduce<Standing>(
    (best, each) => (stricter(best, each.standing) === best ? each.standing : best),
    first.standing,
  )
  const relevant = standing === 'active' ? subscriptions.filter((each) => each.standing === 'active') : subscriptions
  return { at: lastAt(relevant), standing }
}

/** Returns the time of the last statement. */
export function lastAt(subscriptions: readonly SubscriptionStanding[] = []): number {
  return subscriptions.reduce((last, { at }) => Math.max(last, at), Number.NEGATIVE_INFINITY)
}
