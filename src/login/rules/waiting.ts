/**
 * How long a page that waits for a payment rests before it asks again.
 */

/** Seconds between two questions: short at first, as most payments are minutes late at most. */
const INTERVALS = [2, 3, 5, 8, 13, 20, 30] as const
const LONGEST = 30
/** The time after which a page asks no more by itself. */
export const WAIT_SECONDS = 600

/** Returns the seconds until the next question; undefined if the page has asked for ten minutes. `waited` is in seconds. */
export function nextQuestion(waited: number): number | undefined {
  if (waited >= WAIT_SECONDS) return undefined
  let sum = 0
  for (const interval of INTERVALS) {
    sum += interval
    if (waited < sum) return interval
  }
  return LONGEST
}
