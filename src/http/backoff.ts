import type { Clock, WaitUntil } from '../ports.ts'

/** How often a request looks whether the fetch that another one makes has ended. */
const POLL_MS = 10
const FIRST_REST_MS = 1000

/**
 * When one isolate last fetched something, and how that went. Requests cannot await each other's promises in workerd, so
 * one fetches and the others look here until it has.
 */
export interface Backoff {
  readonly policy: { readonly cooldownMs: number; readonly timeoutMs: number }
  /** When the last fetch began, whatever became of it. */
  attemptedAt: number
  inFlight: boolean
  /** When the last fetch failed, and how many have since one succeeded. */
  failedAt: number | undefined
  failures: number
}

/** Where nothing was fetched yet. */
export const NO_BACKOFF = {
  attemptedAt: Number.NEGATIVE_INFINITY,
  inFlight: false,
  failedAt: undefined,
  failures: 0,
} as const

/** How long nothing is fetched after a failure: it doubles with each, up to the cool-down: a host that is back soon is asked soon. */
export function restMs({ failures, policy }: Backoff): number {
  return Math.min(policy.cooldownMs, FIRST_REST_MS * 2 ** (failures - 1))
}

/** True while a failure is too recent to try again. */
export function isResting(attempts: Backoff, now: number): boolean {
  return attempts.failedAt !== undefined && isWithin(restMs(attempts), attempts.failedAt, now)
}

/** A fetch whose request died with it counts as ended once its time limit has passed twice. */
export function isFetching(attempts: Backoff, now: number): boolean {
  return attempts.inFlight && isWithin(attempts.policy.timeoutMs * 2, attempts.attemptedAt, now)
}

/** A clock that ran back does not say how long ago something was: then it is not waited for. */
export function isWithin(ms: number, since: number, now: number): boolean {
  return now >= since && now - since < ms
}

/** Makes the fetch, or waits for the request that does. Never throws where `fetchIt` never does. */
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
  if (waited && !attempts.inFlight) return // it has ended; one that died with its request is still marked
  const work = fetchIt()
  waitUntil(work) // the others wait for this one, even if its client leaves
  await work
}

/** Makes the fetch and notes how it went. What is thrown, by `work` alone, is its failure, with a message for the log. */
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
