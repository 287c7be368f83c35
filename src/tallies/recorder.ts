/**
 * Adds up what one isolate answers, and posts it to the objects that keep it.
 *
 * A request adds to a sum in memory, and that is all it waits for. Ten seconds after the first, the sums of each zone are
 * posted together, once: an isolate that dies, and a post that fails, lose ten seconds of traffic and no money.
 */
import type { Log } from '../logrecord.ts'
import { withTimeout } from '../http/timeout.ts'
import { logWarning } from '../log.ts'
import { createPosting, POST_MS } from '../posting.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { RecorderPlatform } from './plugin.ts'
import { encodeTally } from './rules/encoding.ts'
import { Tally } from './rules/tally.ts'
import { FIRST, SHARDS, type ZoneTallies, zonesIn } from './zones.ts'

/** Of `2026-11-29T08:00`. */
const MINUTE_LENGTH = 16
/** Whoever watches a zone is told this often that somebody is at work in it. */
const NOTE_EVERY_MS = 60_000

/** Creates the log that adds up. */
export function createRecorder({ sites, stores, clock, random, conditionsOf }: RecorderPlatform): Log {
  const zones = zonesIn(sites)
  const waiting = new Map<string, Map<string, Tally>>()
  let configuration: string | undefined
  const flush = async (): Promise<void> => {
    const posts = [...waiting]
    waiting.clear()
    configuration ??= await fingerprintOf(sites)
    const shard = Math.floor(random() * SHARDS)
    const told = posts.map(async ([name, minutes]) => {
      const zone = zones.get(name)
      if (zone !== undefined) await Promise.all([postTo(zone, shard, minutes, configuration ?? ''), noteTo(zone)])
    })
    await Promise.all(told)
  }
  const notedAt = new Map<string, number>()
  /** Tells whoever watches a zone what this isolate alone knows, at most once a minute. */
  const noteTo = async ({ id, place, zone }: ZoneTallies): Promise<void> => {
    const now = clock()
    const sinceMs = now - (notedAt.get(id) ?? Number.NEGATIVE_INFINITY)
    if (conditionsOf === undefined || (sinceMs >= 0 && sinceMs < NOTE_EVERY_MS)) return
    notedAt.set(id, now)
    const note = { kind: 'note', zone: id, conditions: conditionsOf(zone) } as const
    const answer = await withTimeout(
      stores(id, FIRST, place)(note).catch(() => undefined),
      POST_MS,
    )
    if (answer?.ok !== true) notedAt.delete(id)
  }
  const postTo = async (
    { id, place, timeZone }: ZoneTallies,
    shard: number,
    minutes: ReadonlyMap<string, Tally>,
    fingerprint: string,
  ): Promise<void> => {
    const encoded = Array.from(minutes, ([minute, tally]) => [Date.parse(`${minute}Z`), encodeTally(tally)] as const)
    const command = { kind: 'post', timeZone, minutes: encoded, configuration: fingerprint } as const
    const answer = await withTimeout(
      stores(id, shard, place)(command).catch(() => undefined),
      POST_MS,
    )
    if (answer?.ok !== true) logWarning({ tallies: 'ten seconds of traffic were not added up', zone: id })
  }
  const posting = createPosting(clock, flush)
  return (record, waitUntil) => {
    if (record.zone === undefined) return
    const isFirst = waiting.size === 0
    tallyOf(waiting, record.zone, record.time).record(record)
    posting(isFirst, waitUntil)
  }
}

/** Returns the sums of a minute: that of the request's time, as the log has it. */
function tallyOf(waiting: Map<string, Map<string, Tally>>, zone: string, time: string): Tally {
  const minutes = waiting.get(zone) ?? new Map<string, Tally>()
  waiting.set(zone, minutes)
  const minute = time.slice(0, MINUTE_LENGTH)
  const tally = minutes.get(minute) ?? new Tally()
  minutes.set(minute, tally)
  return tally
}
