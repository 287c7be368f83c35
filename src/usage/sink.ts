import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import { loggableAddress } from '../core/error.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import type { Clock } from '../ports.ts'

/**
 * Who is told of charges: a webhook, a meter, a queue. One file each; a configuration lists those it tells under `usage`.
 * A sink hears of each record at least once, and knows one that comes again by its id.
 */
export interface UsageSink {
  readonly name: string
  /** Where records go, for the log: a URL without password and query, or the name of a binding. */
  readonly to: string
  /** What is wrong with its options in this environment; paths begin at the sink. */
  faults(bindings: Bindings): readonly Fault[]
  /** The sink for one round of records, whose problems `warn` is told. Called only if there are no faults. */
  create(platform: SinkPlatform, warn: Warn): Send
}

/** What a sink has of the platform. */
export interface SinkPlatform {
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly bindings: Bindings
}

/** Tells the log what went wrong, and of which record if it is about one. Never a secret, never an account. */
export type Warn = (problem: string, record?: string) => void

/**
 * Shows records to billing, and gives the positions of those it is not to see again: those it took, and those that were
 * passed over with a line in the log.
 */
export type Send = (records: readonly LedgerRecord[]) => Promise<readonly number[]>

/** The URL among the options of a factory, as the log may say it; empty if there is none. */
export function addressIn(options: unknown): string {
  const url = typeof options === 'object' && options !== null && 'url' in options ? options.url : undefined
  return typeof url === 'string' && URL.canParse(url) ? loggableAddress(url) : ''
}
