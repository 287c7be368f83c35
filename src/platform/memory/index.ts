import type { LedgerHost } from '../../ledger/host/host.ts'
import type { LedgerOutside } from '../../ledger/host/outside.ts'
import type { LedgerPlace } from '../../ledger/rules/place.ts'
import { logError } from '../../log.ts'
import type { Platform } from '../../ports.ts'
import { web } from '../web/index.ts'
import { MemoryLedgers } from './ledgers.ts'
import { memoryTallies } from './tallies.ts'
import { memoryAnomalies } from './anomalies.ts'

/** A platform in memory. Its alarms ring only if somebody calls `ring`. */
export interface MemoryPlatform extends Platform {
  /** Rings every alarm of a ledger that is due. */
  ring(): Promise<void>
}

const NOBODY: LedgerOutside = { sinks: new Map(), hasOutbox: false, settlerOf: () => undefined, warn: logError }

/**
 * Returns a platform in the memory of one process with everything that a runtime may offer, for tests and for trying a
 * configuration. Nothing survives the process, and two processes would sell the same thing twice.
 *
 * @example
 * ```ts
 * // src/platform/memory/trial.ts
 * import config from '../../../faregate.config.ts'
 * import { compile } from '../../config/config.ts'
 * import { createGate } from '../../gate.ts'
 * import { memory } from './index.ts'
 *
 * const platform = memory({ TOKEN_SECRET: 'a secret of thirty-two bytes ...' })
 * export const { answer } = createGate(compile(config, platform.bindings, { needsOrigin: false }), platform)
 * ```
 */
export function memory(
  bindings: Readonly<Record<string, unknown>>,
  outside: Partial<LedgerOutside> = {},
  given: Partial<Pick<Platform, 'clock' | 'fetch' | 'log'>> = {},
): MemoryPlatform {
  const platform: Platform = { ...web(bindings), ...given }
  // As on platforms with places: the same name in another jurisdiction is another ledger.
  const named = (name: string, { jurisdiction }: LedgerPlace): LedgerHost =>
    kept.named(jurisdiction === undefined ? name : `${jurisdiction} ${name}`)
  const kept = new MemoryLedgers(platform.clock, { ...NOBODY, ledgers: named, ...outside })
  const tallies = memoryTallies(platform.clock)
  return {
    ...platform,
    ledgers: named,
    bulletins: (zone, place) => named(`bulletin ${JSON.stringify([zone])}`, place),
    tallies: (zone, shard, { jurisdiction = '' }) => tallies(JSON.stringify([zone, shard, jurisdiction])),
    anomalies: memoryAnomalies(platform.clock),
    ring: () => kept.ring(),
  }
}
