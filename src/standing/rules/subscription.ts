import { type Standing, stricter } from '../../access/entitlement.ts'

/**
 * Standing by subscription. An account may have several, one ends and another goes on, and what is said of them comes in any
 * order: so each has the latest that was said of it, and the best of them counts for the account.
 */
export interface SubscriptionStanding {
  readonly id: string
  /** When it was so, seconds since 1970. */
  readonly at: number
  readonly standing: Standing
  /** True for one that never comes back, whatever is said of it later: an old invoice may still be paid. */
  readonly hasEnded: boolean
}

/** How many of an account are told apart. Those that opened nothing are forgotten first, and of those the earliest. */
export const MOST_SUBSCRIPTIONS = 64

/** Of each the latest statement, and of two at the same time the stricter; in the order of their ids. Undefined for none. */
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
  const kept = joined.size <= MOST_SUBSCRIPTIONS ? [...joined.values()] : mostTelling([...joined.values()])
  return kept.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function laterOf(one: SubscriptionStanding, other: SubscriptionStanding): SubscriptionStanding {
  if (one.hasEnded !== other.hasEnded) return one.hasEnded ? one : other
  if (one.at !== other.at) return one.at > other.at ? one : other
  return { ...one, standing: stricter(one.standing, other.standing) }
}

function mostTelling(all: readonly SubscriptionStanding[]): readonly SubscriptionStanding[] {
  const isOpen = ({ standing }: SubscriptionStanding): number => Number(standing === 'active')
  return all.toSorted((a, b) => isOpen(b) - isOpen(a) || b.at - a.at).slice(0, MOST_SUBSCRIPTIONS)
}

/**
 * How an account stands by the best of its subscriptions, and since when: it is active since that was last said of one, and
 * is not since the last of them ceased to be. Undefined where there are none.
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
  const telling = standing === 'active' ? subscriptions.filter((each) => each.standing === 'active') : subscriptions
  return { at: lastAt(telling), standing }
}

/** When the last of it was said. */
export function lastAt(subscriptions: readonly SubscriptionStanding[] = []): number {
  return subscriptions.reduce((last, { at }) => Math.max(last, at), Number.NEGATIVE_INFINITY)
}
