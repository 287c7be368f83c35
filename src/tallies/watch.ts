import type { Bindings } from '../config/rules/bindings.ts'
import type { Clock } from '../ports.ts'
import type { Site } from '../site.ts'
import type { KnownFetches } from '../tokens/known.ts'
import type { UsageSink } from '../usage/sink.ts'
import type { Zone } from '../zone.ts'
import type { TallyStorage } from './rules/book.ts'
import type { Condition } from './rules/conditions.ts'
import type { TallyStores } from './rules/stores.ts'

/** What looks at the sums of each zone once a minute, where no request waits. A configuration without one has none. */
export interface WatchPlugin {
  /** Returns what this isolate alone knows of a zone. */
  conditionsOf(zone: Zone, fetched: KnownFetches, now: number): readonly Condition[]
  /** Returns the sink with its failures noted. */
  watchedSink(sink: UsageSink, sites: ReadonlyMap<string, Site>): UsageSink
  /** Creates what looks. */
  createWatch(platform: WatchPlatform): WatchTallies
}

export interface WatchPlatform {
  readonly sites: ReadonlyMap<string, Site>
  readonly stores: TallyStores
  readonly clock: Clock
  readonly fetch: typeof fetch
  readonly bindings: Bindings
  /** The gate's own endpoints, for messages to link to. */
  readonly endpoints: readonly { readonly path: string; readonly host?: string | undefined }[]
}

/** The first of the objects that keep the tallies of a zone: the one that looks at all of them. */
export interface WatchingObject {
  readonly storage: TallyStorage
  /** Runs work in one transaction. */
  readonly transact: <T>(work: () => T) => T
}

/** Looks once. Returns false if nobody need look again before something is noted. Never rejects. */
export type WatchTallies = (object: WatchingObject) => Promise<boolean>
