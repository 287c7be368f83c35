import { causeOf } from '../core/error.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import { logWarning } from '../log.ts'
import type { LimitWatch } from '../ledger/rules/thresholds.ts'
import type { SinkPlatform, UsageSink } from './sink.ts'

/** Sends records to one sink. Calls `progress` once if there is a problem to log. Never rejects. */
type SendRecords = (records: readonly LedgerRecord[], progress: () => object) => Promise<readonly number[]>

/**
 * Creates the sinks of a configuration, by name and address. A problem is logged with the sink's address and the members of
 * `progress`.
 */
export function createSinks(sinks: readonly UsageSink[], platform: SinkPlatform): ReadonlyMap<string, SendRecords> {
  return new Map(sinks.map((sink) => [`${sink.name} ${sink.to}`, sendTo(sink, platform)]))
}

/** Returns what ledgers watch limits with, for all thresholds that some sink is told of; undefined if there are none. */
export function limitWatchOf(sinks: readonly UsageSink[]): LimitWatch | undefined {
  const events = sinks.flatMap(({ limits }) => limits ?? [])
  const thresholds = new Set(events.flatMap(({ thresholds: told }) => told))
  return events[0]?.watch([...thresholds].sort((one, other) => one - other))
}

/** Returns true for what a sink is shown: each charge, the thresholds that it names, and what is not normal if it hears that. */
function isFor({ limits, hearsAnomalies }: UsageSink, { limit, anomaly }: LedgerRecord): boolean {
  if (anomaly !== undefined) return hearsAnomalies === true
  return limit === undefined || limits?.thresholds.includes(limit.threshold) === true
}

function sendTo(sink: UsageSink, platform: SinkPlatform): SendRecords {
  return async (records, progress) => {
    let progressFacts: object | undefined
    const warn = (usage: string, record?: string): void => {
      progressFacts ??= progress()
      logWarning({ usage, to: sink.to, record, ...progressFacts })
    }
    // Most records are of charges.
    const shown = records.every((record) => isFor(sink, record))
      ? records
      : records.filter((record) => isFor(sink, record))
    const others = shown === records ? [] : records.filter((record) => !shown.includes(record))
    try {
      const taken = shown.length === 0 ? [] : await sink.create(platform, warn)(shown)
      return [...taken, ...others.map(({ position }) => position)]
    } catch (error) {
      warn(causeOf(error))
      return []
    }
  }
}
