import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import { loggableAddress } from '../core/error.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import type { LimitWatch } from '../ledger/rules/thresholds.ts'
import type { Clock } from '../ports.ts'
import type { TallyStores } from '../tallies/rules/stores.ts'

/**
 * A receiver of charges: a webhook, a meter, a queue. Each sink is one file; a configuration lists its sinks under `usage`.
 *
 * A sink receives each record at least once, and recognises a repeated record by its id.
 *
 * @example
 * ```ts
 * // src/usage/console.ts
 * import type { UsageSink } from './sink.ts'
 *
 * export function consoleSink(): UsageSink {
 *   return {
 *     name: 'console',
 *     to: 'console',
 *     faults: () => [],
 *     create: () => async (records) => {
 *       for (const { id, kept } of records) console.log(id, kept.uses)
 *       return records.map(({ position }) => position)
 *     },
 *   }
 * }
 * ```
 */
export interface UsageSink {
  readonly name: string
  /** The receiver's address for the log: a URL without password and query, or the name of a binding. */
  readonly to: string
  /** Present if the sink is also told of used shares of limits. Without it, it is shown records of charges alone. */
  readonly limits?: LimitEvents
  /** Present if the sink is also told what was done to an account that is not normal. */
  readonly hearsAnomalies?: true
  /** Returns the faults of the options in this environment; paths begin at the sink. */
  faults(bindings: Bindings): readonly Fault[]
  /**
   * Creates the function that sends one round of records, and reports problems to `warn`. Called only if there are no
   * faults.
   */
  create(platform: SinkPlatform, warn: Warn): Send
}

/** What a sink is told of limits: `limitEvents` makes it. */
export interface LimitEvents {
  /** In per cent of a limit. */
  readonly thresholds: readonly number[]
  /** Makes what ledgers find out with, for the thresholds of all sinks, ascending. */
  readonly watch: (thresholds: readonly number[]) => LimitWatch
}

/** The part of the platform that a sink may use. */
export interface SinkPlatform {
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly bindings: Bindings
  /** The stores of sums; absent if there is none. */
  readonly tallies?: TallyStores | undefined
}

/** Logs a problem, and the record it concerns, if any. Never receives a secret or an account. */
export type Warn = (problem: string, record?: string) => void

/**
 * Sends records to billing. Returns the positions that must not be sent again: those that billing took, and those passed
 * over with a line in the log.
 */
export type Send = (records: readonly LedgerRecord[]) => Promise<readonly number[]>

/** Returns the URL of a factory's options in a form that may be logged, or an empty text. */
export function addressIn(options: unknown): string {
  const url = typeof options === 'object' && options !== null && 'url' in options ? options.url : undefined
  return typeof url === 'string' && URL.canParse(url) ? loggableAddress(url) : ''
}
