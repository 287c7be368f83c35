/**
 * Watches what one isolate answers, and tells the objects that know the suspects.
 *
 * A request adds to a list in memory, and that is all it waits for. Ten seconds after the first, the list of each zone is
 * posted, once: an isolate that dies, and a post that fails, lose ten seconds of observations.
 */
import { withTimeout } from '../http/timeout.ts'
import { logWarning } from '../log.ts'
import type { Log, LogRecord } from '../logrecord.ts'
import { createPosting, POST_MS } from '../posting.ts'
import { zonesIn, type ZoneTallies, shardOf } from '../tallies/zones.ts'
import type { AnomalyStores } from '../zonestores.ts'
import type { WatcherPlatform } from './plugin.ts'
import { type Observation, suspectOf } from './rules/observation.ts'
import type { AnomalyPolicy } from './rules/policy.ts'
import { type SeenInZone, WatchBatch } from './rules/watchbatch.ts'
import { type PostOutcome, postedPolicy, type WatchedObservation } from './rules/anomalycommands.ts'

/** Does what an object answers to what it was told. Never throws. */
type Act = (outcome: PostOutcome, zone: ZoneTallies) => Promise<void>

/** Creates the log that watches. */
export function createWatchLog(
  policy: AnomalyPolicy,
  stores: AnomalyStores,
  { sites, clock }: Pick<WatcherPlatform, 'sites' | 'clock'>,
  act?: Act,
): Log {
  const zones = zonesIn(sites)
  const batch = new WatchBatch()
  const posted = postedPolicy(policy)
  const flush = async (): Promise<void> => {
    const told = Array.from(batch.take(), async ([name, seen]) => {
      const zone = zones.get(name)
      if (zone !== undefined) await Promise.all(postsOf(seen).map((post) => postTo(zone, post)))
    })
    await Promise.all(told)
  }
  const postTo = async (zone: ZoneTallies, { shard, ...post }: ShardPost): Promise<void> => {
    const { id, place } = zone
    const answer = await withTimeout(
      stores(id, shard, place)({ kind: 'post', policy: posted, ...post }).catch(() => undefined),
      POST_MS,
    )
    if (answer?.ok !== true) logWarning({ anomalies: 'ten seconds of traffic were not watched', zone: id })
    else if (answer.value !== undefined) await act?.(answer.value, zone)
  }
  const posting = createPosting(clock, flush)
  return (record, waitUntil) => {
    const isFirst = batch.isEmpty
    if (record.zone !== undefined) batch.add(record.zone, observationOf(record))
    if (!batch.isEmpty) posting(isFirst, waitUntil)
  }
}

interface ShardPost {
  readonly shard: number
  readonly observations: WatchedObservation[]
  readonly dropped: number
}

/** Sends all that is seen of a suspect to one object; what was dropped is told to the first. */
function postsOf({ seen, dropped }: SeenInZone): readonly ShardPost[] {
  const posts = new Map<number, ShardPost>()
  const of = (shard: number): ShardPost => {
    const post = posts.get(shard) ?? { shard, observations: [], dropped: shard === 0 ? dropped : 0 }
    posts.set(shard, post)
    return post
  }
  if (dropped > 0) of(0)
  for (const { suspects, observation } of seen) {
    const byShard = Map.groupBy(suspects, (suspect) => shardOf(suspectOf(suspect, observation) ?? ''))
    for (const [shard, some] of byShard) of(shard).observations.push({ suspects: some, observation })
  }
  return [...posts.values()]
}

/** Returns what detectors read of a line. The `trip` of a line is a step; its name is `checkout`. */
function observationOf(record: LogRecord): Observation {
  const { time, id, zone, route, decision, reason, status, rail, credential, account, plan, charged } = record
  const { network, country, asn, token, issued, observed, checkout, eventId } = record
  const hasBegun = record.trip === 'begun' && checkout !== undefined
  return {
    time,
    id,
    zone,
    route,
    decision,
    reason,
    status,
    rail,
    credential,
    account,
    plan,
    charged,
    network,
    country,
    asn,
    token,
    issued,
    observed,
    trip: checkout,
    event: record.event ?? (hasBegun ? 'trip-begun' : undefined),
    eventId,
  }
}
