/**
 * Fetches one thing for a whole isolate: an issuer's keys, or a status list.
 *
 * Many requests may need it at once, its host may be down, and a fetch may die with its request. Not every runtime lets a
 * request await the promise of another (`Platform.sharesPromises`), and fetches are rare. So the state of the fetch is plain
 * data that all requests read: one request fetches, and the others poll until the fetch has ended, or counts as dead. After
 * a failure nothing is fetched for a time; the pause doubles with each failure, up to the cool-down of the policy. Callers
 * keep the fetched copy, and decide if an old copy may serve meanwhile.
 */

import type { Clock, WaitUntil } from '../ports.ts'

/** The interval at which a request polls a fetch made by another. */
const POLL_MS = 10
const FIRST_REST_MS = 1000

/** The state of the fetches of one thing, in one isolate. Times are in milliseconds since 1970. */
export interface Backoff {
  readonly policy: { readonly cooldownMs: number; readonly timeoutMs: number }
  /** The start of the last fetch, successful or not. */
  attemptedAt: number
  inFlight: boolean
  /** The time of the last failure; undefined after a success. `failures` counts those since the last success. */
  failedAt: number | undefined
  failures: number
}

/** The state before the first fetch. */
export const NO_BACKOFF = {
  attemptedAt: Number.NEGATIVE_INFINITY,
  inFlight: false,
  failedAt: undefined,
  failures: 0,
} as const

/**
 * Returns the pause after a failure: doubled with each, up to the cool-down, so that a host soon back is soon asked
 * again.
 */
export function restMs({ failures, policy }: Backoff): number {
  return Math.min(policy.cooldownMs, FIRST_REST_MS * 2 ** (failures - 1))
}

/** Returns true while the last failure is too recent to try again. */
export function isResting(attempts: Backoff, now: number): boolean {
  return attempts.failedAt !== undefined && isWithin(restMs(attempts), attempts.failedAt, now)
}

/**
 * Returns true while a fetch is in flight. A fetch that died with its request counts as ended after twice its time limit.
 */
export function isFetching(attempts: Backoff, now: number): boolean {
  return attempts.inFlight && isWithin(attempts.policy.timeoutMs * 2, attempts.attemptedAt, now)
}

/**
 * Returns true if less than `ms` have passed since `since`. Returns false if the clock ran back: the age is unknown then,
 * and nobody waits for it.
 */
export function isWithin(ms: number, since: number, now: number): boolean {
  return now >= since && now - since < ms
}

/** Makes the fetch, or waits for the request that is making it. Never throws if `fetchIt` never does. */
export async function tryFetchOrWait(
  attempts: Backoff,
  clock: Clock,
  fetchIt: () => Promise<void>,
  waitUntil: WaitUntil,
): Promise<void> {
  let waited = false
  while (isFetching(attempts, clock())) {
    waited = true
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  if (waited && !attempts.inFlight) return // it has ended; a fetch that died with its request is still marked
  const work = fetchIt()
  waitUntil(work) // the other requests wait for this fetch, even if its client leaves
  await work
}

/**
 * Makes the fetch and notes its outcome. An error of `work` is a failure of the fetch; its message goes to `onFailure`,
 * and has to be fit for the log.
 */
export async function tryFetch(
  attempts: Backoff,
  clock: Clock,
  work: (asOf: number) => Promise<void>,
  onFailure: (message: string) => void,
): Promise<void> {
  const asOf = clock()
  attempts.attemptedAt = asOf
  attempts.inFlight = true
  try {
    await work(asOf)
    attempts.failedAt = undefined
    attempts.failures = 0
  } catch (error) {
    attempts.failedAt = clock()
    attempts.failures++
    onFailure(error instanceof Error ? error.message : 'failed')
  } finally {
    attempts.inFlight = false
  }
}
