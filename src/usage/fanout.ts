import { causeOf } from '../core/error.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import type { Send, SinkPlatform, UsageSink } from './sink.ts'
import { logWarning } from '../log.ts'

/** Shows records to every sink. `progress` is asked once for each sink that has something to say in the log. */
type SendToAll = (records: readonly LedgerRecord[], progress: () => object) => Promise<readonly number[]>

/**
 * Shows each record to every sink, and gives the positions of those that all of them have. What one sink did not take is
 * shown to all of them again. What goes wrong is in the log, with where it was to go and what `progress` says. Never throws.
 */
export function createFanout(sinks: readonly UsageSink[], platform: SinkPlatform): SendToAll {
  return async (records, progress) => {
    const taken = await Promise.all(sinks.map((sink) => sendTo(sink, platform, records, progress)))
    const [first = [], ...others] = taken
    const sets = others.map((positions) => new Set(positions))
    return first.filter((position) => sets.every((set) => set.has(position)))
  }
}

async function sendTo(
  sink: UsageSink,
  platform: SinkPlatform,
  records: readonly LedgerRecord[],
  progress: () => object,
): Promise<readonly number[]> {
  let known: object | undefined
  const warn = (usage: string, record?: string): void => {
    known ??= progress()
    logWarning({ usage, to: sink.to, record, ...known })
  }
  try {
    const send: Send = sink.create(platform, warn)
    return await send(records)
  } catch (error) {
    warn(causeOf(error))
    return []
  }
}
