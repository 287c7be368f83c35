import type { TallyAnswer, TallyCommand } from './rules/commands.ts'
import type { TallyStorage } from './rules/book.ts'
import type { Log } from '../logrecord.ts'
import type { Clock } from '../ports.ts'
import type { TallyStores } from './rules/stores.ts'
import type { Site } from '../site.ts'
import type { Zone } from '../zone.ts'
import type { Condition } from './rules/conditions.ts'
import type { Result } from '../core/result.ts'
import type { Sql } from './sqltallies.ts'
import type { UsageSink } from '../usage/sink.ts'

/** What adds up the traffic and the money of all zones, for endpoints that show it. A configuration without one has none. */
export interface TallyPlugin {
  /** Creates the log that adds up what this isolate answers, and posts it now and then. */
  createRecorder(platform: RecorderPlatform): Log
  /** Returns the sink that adds up what ledgers tell billing. */
  sinkFor(sites: ReadonlyMap<string, Site>, terms: TallySinkTerms): UsageSink
  /** Returns the account of a hash among those near a limit. Error: it is not known. */
  findNear(
    stores: TallyStores | undefined,
    zone: Zone,
    hash: string,
  ): Promise<Result<NearAccount | undefined, 'tallies-unavailable'>>
  /** Takes an account off all lists. Returns false if it is not known that this was done. */
  forgetNear(stores: TallyStores | undefined, zone: Zone, account: NearAccount): Promise<boolean>
  /** What one object that keeps them does. */
  readonly keeping: TallyKeeping
}

export interface TallySinkTerms {
  /** The key of the log's hashes of accounts. */
  readonly accountKey: string | undefined
  /** True to list the accounts that are near a limit. */
  readonly listsNear: boolean
}

/** An account that was listed. */
export interface NearAccount {
  readonly issuer: string
  readonly account: string
}

export interface TallyKeeping {
  open(sql: Sql): TallyStorage
  apply(storage: TallyStorage, command: TallyCommand, now: number): TallyAnswer
}

export interface RecorderPlatform {
  readonly sites: ReadonlyMap<string, Site>
  readonly stores: TallyStores
  readonly clock: Clock
  /** Returns a number from 0 to 1, 1 excluded. */
  readonly random: () => number
  /** Returns what this isolate alone knows of a zone. Absent if nobody watches the zones. */
  readonly conditionsOf?: ((zone: Zone) => readonly Condition[]) | undefined
}
