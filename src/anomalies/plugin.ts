import type { CredentialFacts } from '../access/proof.ts'
import type { Result } from '../core/result.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Log, LogRecord } from '../logrecord.ts'
import type { ClientFacts } from '../clientfacts.ts'
import type { Clock } from '../ports.ts'
import type { Site } from '../site.ts'
import type { Sql } from '../tallies/sqltallies.ts'
import type { AnomalyStores } from '../zonestores.ts'
import type { AnomalyAnswer, AnomalyCommand } from './rules/anomalycommands.ts'
import type { Finding } from './rules/finding.ts'

/** What watches requests for what is not normal. A configuration without one has none of it. */
export interface AnomalyPlugin {
  /** Creates what one isolate does for each request. */
  createWatcher(platform: WatcherPlatform): Watcher
  /** What one object that watches does. */
  readonly keeping: AnomalyKeeping
  /** Creates what reads findings. */
  createReader(stores: AnomalyStores | undefined): ReadFound
}

export interface AnomalyKeeping {
  /** `sql`: the object's own. Each command is within a transaction. */
  open(sql: Sql): (command: AnomalyCommand, now: number) => AnomalyAnswer
}

/** Reads what was found in a zone. Error: an object did not answer, so that less would be shown than there is. */
export type ReadFound = (zone: Site['zone']) => Promise<Result<FoundInZone, 'watch-unavailable'>>

/** Members of a log line that say from where and with what a request came, in hashes. */
export type Traces = Pick<LogRecord, 'network' | 'country' | 'asn' | 'token' | 'plan'>

/** Returns them. Waits for nothing. */
export type TraceRequest = (request: Request, exchange: Exchange, credential: CredentialFacts | undefined) => Traces

export interface Watcher {
  readonly traceRequest: TraceRequest
  /** Takes each line, and posts what concerns a signal. Absent if no platform keeps it: the log has the members all the same. */
  readonly observe: Log | undefined
}

export interface WatcherPlatform extends ClientFacts {
  readonly sites: ReadonlyMap<string, Site>
  readonly stores: AnomalyStores | undefined
  readonly clock: Clock
}

/** What was found in a zone. */
export interface FoundInZone {
  /** The latest first. */
  readonly findings: readonly Finding[]
  /** Observations of today (UTC) for which isolates had no room. */
  readonly dropped: number
}
