/** When a server that fails is left alone, and for how long. */
export interface HealthPolicy {
  /** It is ejected when its failures outnumber its successes by so many. */
  readonly failures: number
  /** The first time. Each further one in a row is twice as long, up to the most. */
  readonly ejectMs: number
  readonly maxEjectMs: number
}

/** What is known of a server from its answers alone: nobody asks it how it is. */
export interface Health {
  /** One up for a failure and one down for a success, never below 0: a server that fails every other time counts too. */
  readonly failures: number
  /** How often it was ejected since it last took its share; 0 while it does. */
  readonly ejections: number
  /** Milliseconds since 1970. */
  readonly ejectedUntil: number
  /**
   * Counts ejections and returns. An answer counts only in the epoch it was asked for in, so that requests which were
   * under way at an ejection do not lengthen it.
   */
  readonly epoch: number
}

export const HEALTHY: Health = { failures: 0, ejections: 0, ejectedUntil: 0, epoch: 0 }

/** `due`: its ejection is over, and one request shall try it before it takes its share again. */
export type Fitness = 'fit' | 'due' | 'ejected'

/** Whether a server may be asked now, in milliseconds since 1970. */
export function fitnessOf(health: Health, now: number): Fitness {
  if (health.ejections === 0) return 'fit'
  return now < health.ejectedUntil ? 'ejected' : 'due'
}

/** Keeps other requests away from an ejected server while one tries it, and no longer than that try may take. */
export function onTrial(health: Health, until: number): Health {
  return { ...health, ejectedUntil: Math.max(health.ejectedUntil, until) }
}

/** An ejected server that answers is back, one failure away from the next ejection until more answers have come. */
export function afterSuccess(health: Health, policy: HealthPolicy): Health {
  if (health.ejections > 0) return { ...HEALTHY, failures: policy.failures - 1, epoch: health.epoch + 1 }
  return health.failures === 0 ? health : { ...health, failures: health.failures - 1 }
}

/**
 * `wasDue`: the request was the trial of a server whose ejection was over. Only that doubles the ejection: requests that
 * had nowhere else to go would soon have made it as long as it can be.
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
