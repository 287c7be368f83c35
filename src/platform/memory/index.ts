import type { LedgerOutside } from '../../ledger/host/outside.ts'
import { logError } from '../../log.ts'
import type { Platform } from '../../ports.ts'
import { web } from '../web/index.ts'
import { MemoryLedgers } from './ledgers.ts'

/** A platform whose alarms somebody rings. */
export interface MemoryPlatform extends Platform {
  /** Rings every alarm of a ledger that is due. */
  ring(): Promise<void>
}

const NOBODY: LedgerOutside = { sinks: new Map(), hasOutbox: false, settlerOf: () => undefined, warn: logError }

/**
 * All that a runtime may give, in the memory of one process, for tests and for trying a configuration. Nothing survives the
 * process, and two processes would sell the same thing twice.
 *
 * @example
 * ```ts
 * const { answer } = createGate(compiled, memory({ TOKEN_SECRET: 'a secret of thirty-two bytes ...' }))
 * ```
 */
export function memory(
  bindings: Readonly<Record<string, unknown>>,
  outside: Partial<LedgerOutside> = {},
  given: Partial<Pick<Platform, 'clock' | 'fetch' | 'log'>> = {},
): MemoryPlatform {
  const platform: Platform = { ...web(bindings), ...given }
  const kept = new MemoryLedgers(platform.clock, { ...NOBODY, ...outside })
  return {
    ...platform,
    ledgers: (name) => kept.named(name),
    bulletins: (zone) => kept.named(`bulletin ${JSON.stringify([zone])}`),
    ring: () => kept.ring(),
  }
}
