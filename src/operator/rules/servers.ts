import { type Fitness, fitnessOf } from '../../origin/rules/health.ts'
import type { Pool, PoolState } from '../../origin/rules/pool.ts'

/** A server of a pool, as one isolate sees it. */
export interface SeenServer {
  readonly name: string
  /** `drained`: its weight is 0. */
  readonly state: Fitness | 'drained'
  /** In milliseconds since 1970; absent if it was not ejected. */
  readonly ejectedUntil?: number
  /** How many more calls failed than went well, as its ejection counts them. */
  readonly failures: number
}

/** Returns the servers of a pool, without those that meters bring: they are somebody else's. */
export function seenServers({ members }: Pool, known: PoolState, now: number): readonly SeenServer[] {
  return members.flatMap(({ name, weight, isNamedOnly }, place): SeenServer[] => {
    const health = known.members[place]?.health
    if (isNamedOnly === true || health === undefined) return []
    const state = weight === 0 ? 'drained' : fitnessOf(health, now)
    const until = state === 'ejected' ? { ejectedUntil: health.ejectedUntil } : {}
    return [{ name, state, failures: health.failures, ...until }]
  })
}
