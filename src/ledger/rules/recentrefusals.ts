import type { ChargeRefused, Conflict } from './commands.ts'
import type { Facts } from './record.ts'

/** A charge that was refused, without anything being written. Undefined members are those of the refusal that it lacks. */
export interface RefusedCharge extends Pick<ChargeRefused, 'reason'> {
  /** The id of the request. */
  readonly request: string
  readonly at: number
  readonly route: Facts[string] | undefined
  readonly method: Facts[string] | undefined
  readonly check: ChargeRefused['check'] | undefined
  readonly conflict: Conflict | undefined
  readonly retryAfterSeconds: number | undefined
}

/** The last refusals that a ledger has in memory. */
export interface RecentRefusals {
  /** The time from which on it remembers, in milliseconds since 1970. */
  readonly since: number
  /** At most twenty, latest first. */
  readonly last: readonly RefusedCharge[]
}
