import { causeOf } from '../core/error.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import { logWarning } from '../log.ts'
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

function sendTo(sink: UsageSink, platform: SinkPlatform): SendRecords {
  return async (records, progress) => {
    let progressFacts: object | undefined
    const warn = (usage: string, record?: string): void => {
      progressFacts ??= progress()
      logWarning({ usage, to: sink.to, record, ...progressFacts })
    }
    try {
      return await sink.create(platform, warn)(records)
    } catch (error) {
      warn(causeOf(error))
      return []
    }
  }
}
