import type { CredentialFacts } from '../access/proof.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Log, LogRecord } from '../logrecord.ts'
import type { ClientFacts } from '../clientfacts.ts'
import type { Clock } from '../ports.ts'
import type { CompleteRefusal } from '../refusals/complete.ts'
import type { EventTargets } from '../standing/apply.ts'
import type { ResolveStanding } from '../standing/resolve.ts'
import type { Site } from '../site.ts'
import type { Sql } from '../tallies/sqltallies.ts'
import type { Condition } from '../tallies/rules/conditions.ts'
import type { Zone } from '../zone.ts'
import type { AnomalyStores } from '../zonestores.ts'
import type { AnomalyAnswer, AnomalyCommand } from './rules/anomalycommands.ts'
import type { Finding } from './rules/finding.ts'
import type { AnomalyPolicy } from './rules/policy.ts'

/** What watches requests for what is not normal. A configuration without one has none of it. */
export interface AnomalyPlugin {
  /** Creates what one isolate does for each request. */
  createWatcher(platform: WatcherPlatform): Watcher
  /** What one object that watches does. */
  readonly keeping: AnomalyKeeping
  /** Creates what reads findings. */
  createReader(stores: AnomalyStores | undefined): ReadFound
  /** Creates what notes an operator's word on a finding. */
  createSettler(stores: AnomalyStores | undefined): SettleFound
  /** Creates what forgets accounts. */
  createForgetter(stores: AnomalyStores | undefined): ForgetWatched
}

/** Forgets an account by its hash. Returns false if it is not known to be forgotten. */
export type ForgetWatched = (zone: Zone, account: string) => Promise<boolean>

/** Notes an operator's word on a finding. Returns false if it is not known to be noted. */
export type SettleFound = (
  zone: Zone,
  finding: Pick<Finding, 'suspect' | 'key' | 'reference'>,
  as: 'lifted' | 'confirmed',
) => Promise<boolean>

export interface AnomalyKeeping {
  /** `sql`: the object's own. Each command is within a transaction. */
  open(sql: Sql): (command: AnomalyCommand, now: number) => AnomalyAnswer
}

/** Reads what was found in a zone. Error: an object did not answer, so that less would be shown than there is. */
export type ReadFound = (zone: Site['zone']) => Promise<Result<FoundInZone, 'watch-unavailable'>>

/** Members of a log line that say from where and with what a request came, in hashes. */
export type TraceMembers = Pick<LogRecord, 'network' | 'country' | 'asn' | 'token' | 'plan' | 'issued'>

/** Returns them. Waits for nothing. */
export type TraceRequest = (
  request: Request,
  exchange: Exchange,
  credential: CredentialFacts | undefined,
) => TraceMembers

export interface Watcher {
  readonly traceRequest: TraceRequest
  /** Takes each line, and posts what concerns a signal. Absent if no platform keeps it: the log has the members all the same. */
  readonly observe: Log | undefined
  /** Refuses what comes too fast from whoever is slowed. Absent if nobody is. */
  readonly slowing?: Slowing | undefined
  readonly trips: TripWatch
  /** Returns what this isolate knows of a zone for alerts. Absent if it never acts. */
  readonly conditionsOf?: (zone: Pick<Zone, 'id'>) => readonly Condition[]
}

/** By what trips to the checkout are told apart, and which may not go on. */
export interface TripWatch {
  /** Returns the hash of the network that a request comes from, as the log has it. `now` is in milliseconds. */
  readonly networkOf: (request: Request, zone: Zone, now: number) => string | undefined
  /** What the gate acts by. Absent if it never acts. */
  readonly acting?: {
    /** Returns the refusal of a trip that begins in a network that is slowed, once too many do. */
    readonly slow: (zone: Zone, network: string | undefined) => Refusal | undefined
  }
}

/** Where those that are slowed are refused. */
export interface Slowing {
  /** Refuses accounts. */
  readonly resolve: ResolveStanding
  /** Refuses credentials that are not genuine. */
  readonly complete: CompleteRefusal
}

export interface WatcherPlatform extends ClientFacts {
  readonly sites: ReadonlyMap<string, Site>
  readonly stores: AnomalyStores | undefined
  /** Where holds are placed. */
  readonly targets: EventTargets
  readonly clock: Clock
}

/** What was found in a zone. */
export interface FoundInZone {
  /** `observe`: nothing was done about it. */
  readonly mode: AnomalyPolicy['mode']
  /** The latest first. */
  readonly findings: readonly Finding[]
  /** Observations of today (UTC) for which isolates had no room. */
  readonly dropped: number
}
