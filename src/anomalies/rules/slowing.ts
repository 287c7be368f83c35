/**
 * How slow a slowed suspect is: an account as fast as in its busiest usual hour twice over, and no slower than a person; of a
 * network, credentials that are not genuine a few a minute.
 */
import type { Suspect } from './observation.ts'
import { usualPeak } from './rate.ts'
import type { SuspectState } from './state.ts'

/** A suspect that is slowed: so many requests a minute are answered in one isolate, and the others refused. */
export interface Slowed {
  readonly suspect: Suspect
  readonly key: string
  /** Seconds since 1970. */
  readonly until: number
  readonly perMinute: number
}

const LEAST_OF_ACCOUNT = 60
const OF_NETWORK = 10
const MINUTES = 60

/** Returns how a suspect is slowed at `now`, in seconds; undefined if it is not. */
export function slowedAt(state: SuspectState, key: string, now: number): Slowed | undefined {
  const { suspect, taken, states } = state
  if (taken?.step !== 'slow' || taken.until === undefined || taken.until <= now) return undefined
  const peak = suspect === 'account' ? Math.ceil((2 * usualPeak(states['rate'])) / MINUTES) : 0
  const perMinute = suspect === 'account' ? Math.max(LEAST_OF_ACCOUNT, peak) : OF_NETWORK
  return { suspect, key, until: taken.until, perMinute }
}
