/**
 * The gate as a Cloudflare Worker: two entrypoints and a Durable Object class.
 *
 * Cloudflare's own cache can only stand before a Worker's entrypoint, and a response that must be paid for cannot be
 * answered from a cache before the gate. So the gate and the call to the origin are two entrypoints of one Worker: the gate
 * decides on every request, and the cache stands between them. Counting needs a single place, so ledgers are Durable
 * Objects.
 */
import { env } from 'cloudflare:workers'
import { createPurgeFeed } from '../../cache/purgenews.ts'
import { createEmbeddedCache } from '../../cache/stage.ts'
import { type Compiled, compile, type Fault } from '../../config/config.ts'
import type { Config } from '../../config/options.ts'
import { bindingsOf } from '../../config/rules/bindings.ts'
import type { Eventually } from '../../core/eventually.ts'
import type { Result } from '../../core/result.ts'
import { createGate } from '../../gate.ts'
import type { Sink } from '../../ledger/host/outside.ts'
import { HISTORY_MS } from '../../ledger/journal/journalbook.ts'
import { DAY_MS } from '../../ledger/rules/calendar.ts'
import { logError } from '../../log.ts'
import type { Platform } from '../../ports.ts'
import { createSettlers } from '../../rails/settlers.ts'
import { createSinks, limitWatchOf } from '../../usage/sinks.ts'
import { LedgerObject } from './ledger/ledger.ts'
import { type OriginEntrypoint, originOf } from './origin.ts'
import { cloudflare } from './platform.ts'
import { upstreamOf } from './stages.ts'

export { cloudflare } from './platform.ts'
export type { LedgerObject as Ledger } from './ledger/ledger.ts'

/** The default entrypoint. An object, because the runtime would construct a class for each request. */
interface GateEntrypoint {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Eventually<Response>
}

/** The two entrypoints of the Worker and its Durable Object class. */
export interface Entrypoints {
  readonly Gate: GateEntrypoint
  readonly Origin: OriginEntrypoint
  readonly Ledger: typeof LedgerObject
}

/**
 * Creates the Worker of a configuration. Export `Gate` as the default, and `Origin` and `Ledger` by these names. Faults of
 * the configuration are logged at start; the gate then answers 503 `misconfigured` to every request.
 *
 * @example
 * ```ts
 * import { faregate } from 'faregate/cloudflare'
 * import config from './faregate.config.ts'
 *
 * const { Gate, Origin, Ledger } = faregate(config)
 * export default Gate
 * export { Ledger, Origin }
 * ```
 */
export function faregate(config: Config): Entrypoints {
  const platform = workerPlatform()
  const compiled = compileForWorker(config, platform, true)
  return {
    Gate: gateOf(compiled, platform),
    Origin: originOf(compiled, platform),
    Ledger: ledgerOf(compiled, platform),
  }
}

/**
 * Creates the Durable Object class alone, for an app with the paywall of `faregate/hono`. Export the class as `Ledger`, and
 * bind `LEDGER` to the export. Faults of the configuration are logged at start; until they are gone, no charge is sent to
 * billing.
 *
 * @example
 * ```ts
 * import { ledger } from 'faregate/cloudflare'
 * import config from './faregate.config.ts'
 *
 * export const Ledger = ledger(config)
 * ```
 */
export function ledger(config: Config): typeof LedgerObject {
  const platform = workerPlatform()
  return ledgerOf(compileForWorker(config, platform, false), platform)
}

/** Returns the platform of this Worker. */
function workerPlatform(): Platform {
  return cloudflare(env as unknown as Record<string, unknown>)
}

function compileForWorker(
  config: Config,
  platform: Platform,
  needsOrigin: boolean,
): Result<Compiled, readonly Fault[]> {
  const compiled = compile(config, platform.bindings, { needsOrigin, platform })
  if (!compiled.ok) logError({ misconfigured: compiled.error })
  return compiled
}

/**
 * Creates the class of ledgers that send charges to the configured sinks. Without sinks, ledgers record nothing for export,
 * and keep earlier records for a week. With a faulty configuration, ledgers keep every record until it is mended.
 */
function ledgerOf(compiled: Result<Compiled, readonly Fault[]>, platform: Platform): typeof LedgerObject {
  if (!compiled.ok) return LedgerObject
  const { usage, sites, historyDays, tallies, anomalies, endpoints, watch: watchPlugin } = compiled.value
  const settlers = createSettlers(sites.values(), platform)
  const watch = limitWatchOf(usage)
  const bindings = bindingsOf(platform.bindings)
  const senders = createSinks(usage, { ...platform, bindings })
  const { tallies: stores } = platform
  const watching = stores && watchPlugin?.createWatch({ ...platform, sites, stores, bindings, endpoints })
  return class extends LedgerObject {
    protected override readonly sinks: ReadonlyMap<string, Sink> = senders
    protected override readonly hasOutbox: boolean = usage.length > 0
    protected override readonly limits = watch
    protected override readonly historyMs: number = historyDays === undefined ? HISTORY_MS : historyDays * DAY_MS
    protected override readonly ledgers = platform.ledgers
    protected override readonly keeping = tallies?.keeping
    protected override readonly watch = watching
    protected override readonly anomalies = anomalies?.keeping
    protected override readonly settlerOf = (zone: string, rail: string) => settlers.of(zone, rail)?.settle
  }
}

/** The memory of one isolate for copies if there is no Cache API, in bytes. */
const MAX_STORE_BYTES = 64 * 1024 * 1024

function gateOf(compiled: Result<Compiled, readonly Fault[]>, platform: Platform): GateEntrypoint {
  const { answer, services } = createGate(compiled, platform)
  const news = services?.bulletins && createPurgeFeed(services.bulletins)
  const embedded = createEmbeddedCache(platform.copies(MAX_STORE_BYTES), platform.clock, news)
  return {
    fetch(request, _env, ctx) {
      const waitUntil = (work: Promise<unknown>): void => ctx.waitUntil(work)
      return answer(request, upstreamOf(ctx, embedded, platform.clock, waitUntil), waitUntil)
    },
  }
}
