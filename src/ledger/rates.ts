import { failureName } from '../core/error.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import type { BoundRate } from '../access/ratelimit.ts'
import type { RateLimiter } from '../ports.ts'
import { withTimeout } from '../http/timeout.ts'
import { logWarning } from '../log.ts'

/** The time limit of a call to the platform's rate limiter. */
const RATE_MS = 1000

/** The detail for every rate limit, whichever side counts. */
export const TOO_MANY = 'Too many requests in a short time. Nothing was charged.'

/**
 * Asks rate limits of the platform, all under one key. Returns the refusal `too-many-requests`, or undefined if all have
 * room. A limit that fails or does not answer lets the request pass, with a line in the log: the reader has paid, the limit
 * protects the origin, and the platform documents its counts as approximate and local to each location. The ledger counts
 * exactly, for routes that need that.
 */
export async function askRates(
  bound: readonly BoundRate[],
  key: string,
  rates: RateLimiter | undefined,
): Promise<Refusal | undefined> {
  const answers = await Promise.all(bound.map(({ binding }) => hasRoom(binding, key, rates)))
  const waits = bound.filter((_, index) => answers[index] === false).map(({ seconds }) => seconds)
  if (waits.length === 0) return undefined
  return refusal('too-many-requests', TOO_MANY, { check: 'charge', retryAfterSeconds: Math.max(...waits) })
}

/** Asks one rate limit. Key and error stay out of the log: the key names an account, and the error may quote it. */
async function hasRoom(binding: string, key: string, rates: RateLimiter | undefined): Promise<boolean> {
  try {
    const answer = await withTimeout(
      rates === undefined ? Promise.reject(new Error('absent')) : rates(binding, key),
      RATE_MS,
    )
    if (answer !== undefined) return answer
    warn(binding, 'timeout')
  } catch (error) {
    warn(binding, failureName(error))
  }
  return true
}

function warn(binding: string, error: string): void {
  logWarning({ rate: binding, error })
}
