/**
 * Passive health of a server: judged by its answers alone, without probes.
 *
 * A server that fails should get no requests for a while, and get them back as soon as it is well. A score rises with
 * each failure and falls with each success; at the limit of the policy the server is ejected. Once the ejection is over,
 * one request tries the server while the others stay away. Success brings it back, failure doubles the next ejection. All
 * functions are pure: they take the health and return the next.
 */

/** The policy of ejection: after how many failures, and for how long. */
export interface HealthPolicy {
  /** The surplus of failures over successes at which a server is ejected. */
  readonly failures: number
  /** The length of the first ejection. Each further one in a row is twice as long, up to `maxEjectMs`. */
  readonly ejectMs: number
  readonly maxEjectMs: number
}

/** The health of a server, as one isolate knows it. */
export interface Health {
  /**
   * Raised by a failure, lowered by a success, never below 0: a success now and then does not hide a server that mostly
   * fails.
   */
  readonly failures: number
  /** Ejections since the server last took its share; 0 while it takes it. */
  readonly ejections: number
  /** Milliseconds since 1970. */
  readonly ejectedUntil: number
  /**
   * Counts ejections and returns. An outcome counts only in the epoch of its call, so that requests under way at an
   * ejection do not lengthen it.
   */
  readonly epoch: number
}

export const HEALTHY: Health = { failures: 0, ejections: 0, ejectedUntil: 0, epoch: 0 }

/** `due`: the ejection is over, and one request has to try the server before it takes its share again. */
export type Fitness = 'fit' | 'due' | 'ejected'

/** Returns whether a server may be called at `now`, in milliseconds since 1970. */
export function fitnessOf(health: Health, now: number): Fitness {
  if (health.ejections === 0) return 'fit'
  return now < health.ejectedUntil ? 'ejected' : 'due'
}

/** Keeps other requests away from a server on trial until `until`, the end of the trial at the latest. */
export function onTrial(health: Health, until: number): Health {
  return { ...health, ejectedUntil: Math.max(health.ejectedUntil, until) }
}

/**
 * Returns the health after a success. An ejected server is back; until more successes have come, one failure ejects it
 * again.
 */
export function afterSuccess(health: Health, policy: HealthPolicy): Health {
  if (health.ejections > 0) return { ...HEALTHY, failures: policy.failures - 1, epoch: health.epoch + 1 }
  return health.failures === 0 ? health : { ...health, failures: health.failures - 1 }
}

/**
 * Returns the health after a failure. `wasDue`: the request was the trial of a server whose ejection was over. Only a
 * failed trial doubles the ejection: requests with nowhere else to go would soon have made it as long as it can be.
 */
export function afterFailure(health: Health, policy: HealthPolicy, wasDue: boolean, now: number): Health {
  const failures = health.failures + 1
  if (health.ejections === 0 && failures < policy.failures) return { ...health, failures }
  const ejections = health.ejections === 0 || wasDue ? health.ejections + 1 : health.ejections
  const epoch = health.ejections === 0 ? health.epoch + 1 : health.epoch
  return { failures: policy.failures, ejections, ejectedUntil: now + ejectionMs(policy, ejections), epoch }
}

function ejectionMs({ ejectMs, maxEjectMs }: HealthPolicy, ejections: number): number {
  return Math.min(ejectMs * 2 ** (ejections - 1), maxEjectMs)
}
