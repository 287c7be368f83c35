import { DAY_MS } from './calendar.ts'
import type { Head } from './book.ts'

/** What owners did to the credentials of an account on one day. */
export interface OwnerActs {
  /** Days since 1970. */
  readonly day: number
  readonly count: number
}

/**
 * The most acts of a day that make or change something: the audit keeps each for good, and the bulletin, which every isolate
 * holds, for a day. Whoever has stolen a token may use them up, so nobody is kept from disabling and removing.
 */
export const MOST_OWNER_ACTS = 50

/** Counts a further act. Undefined if the day has had as many as it may. */
export function withOwnerAct({ ownerActs }: Head, now: number): OwnerActs | undefined {
  const day = Math.floor(now / DAY_MS)
  const count = ownerActs?.day === day ? ownerActs.count : 0
  return count < MOST_OWNER_ACTS ? { day, count: count + 1 } : undefined
}
