import { causeOf } from '../core/error.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import { logWarning } from '../log.ts'
import type { SinkPlatform, UsageSink } from './sink.ts'

/** Shows records to one sink. `progress` is asked once if it has something to say in the log. Never rejects. */
type SendTold = (records: readonly LedgerRecord[], progress: () => object) => Promise<readonly number[]>

/**
 * The sinks of a configuration, each by what it is and where it sends. What goes wrong is in the log, with where it was to go
 * and what `progress` says.
 */
export function createSinks(sinks: readonly UsageSink[], platform: SinkPlatform): ReadonlyMap<string, SendTold> {
  return new Map(sinks.map((sink) => [`${sink.name} ${sink.to}`, sendTo(sink, platform)]))
}

function sendTo(sink: UsageSink, platform: SinkPlatform): SendTold {
  return async (records, progress) => {
    let known: object | undefined
    const warn = (usage: string, record?: string): void => {
      known ??= progress()
      logWarning({ usage, to: sink.to, record, ...known })
    }
    try {
      return await sink.create(platform, warn)(records)
    } catch (error) {
      warn(causeOf(error))
      return []
    }
  }
}
