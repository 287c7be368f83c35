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
import { logError } from '../../log.ts'
import type { Platform } from '../../ports.ts'
import { createSettlers } from '../../rails/settlers.ts'
import { createSinks } from '../../usage/sinks.ts'
import { LedgerObject } from './ledger/ledger.ts'
import { type OriginEntrypoint, originOf } from './origin.ts'
import { cloudflare } from './platform.ts'
import { upstreamOf } from './stages.ts'

export { cloudflare } from './platform.ts'
export type { LedgerObject as Ledger } from './ledger/ledger.ts'

/** The default entrypoint. An object, for the runtime makes a class anew for each request. */
interface GateEntrypoint {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Eventually<Response>
}

/** The two entrypoints of the Worker, and its Durable Object class. */
export interface Entrypoints {
  readonly Gate: GateEntrypoint
  readonly Origin: OriginEntrypoint
  readonly Ledger: typeof LedgerObject
}

/**
 * The Worker of a configuration: `Gate`, to be its default export, and the `Origin` entrypoint and the `Ledger` class, to
 * be exported by those names. Faults of the configuration are logged at start, and the gate then answers 503 `misconfigured` to everything.
 */
export function faregate(config: Config): Entrypoints {
  const platform = here()
  const compiled = compiledHere(config, platform, true)
  return {
    Gate: gateOf(compiled, platform),
    Origin: originOf(compiled, platform),
    Ledger: ledgerOf(compiled, platform),
  }
}

/**
 * The Durable Object class alone, for an app with the paywall of `faregate/hono`: to be exported as `Ledger` and bound as
 * `LEDGER`. Faults of the configuration are logged at start, and billing is then told of no charge until they are gone.
 */
export function ledger(config: Config): typeof LedgerObject {
  const platform = here()
  return ledgerOf(compiledHere(config, platform, false), platform)
}

/** The platform of this Worker. */
function here(): Platform {
  return cloudflare(env as unknown as Record<string, unknown>)
}

function compiledHere(
  config: Config,
  { bindings }: Platform,
  needsOrigin: boolean,
): Result<Compiled, readonly Fault[]> {
  const compiled = compile(config, bindings, { needsOrigin })
  if (!compiled.ok) logError({ misconfigured: compiled.error })
  return compiled
}

/**
 * Ledgers that tell billing of charges, where the configuration says who that is, and keep nothing to tell where it says
 * nobody; what was recorded before that, they keep for a week. While it has faults they keep all that there is to tell.
 */
function ledgerOf(compiled: Result<Compiled, readonly Fault[]>, platform: Platform): typeof LedgerObject {
  if (!compiled.ok) return LedgerObject
  const { usage, sites } = compiled.value
  const settlers = createSettlers(sites.values(), platform)
  const told = createSinks(usage, { ...platform, bindings: bindingsOf(platform.bindings) })
  return class extends LedgerObject {
    protected override readonly sinks: ReadonlyMap<string, Sink> = told
    protected override readonly hasOutbox: boolean = usage.length > 0
    protected override readonly settlerOf = (zone: string, rail: string) => settlers.of(zone, rail)?.settle
  }
}

/** What the copies of one isolate may take in memory, where there is no Cache API to keep them. */
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
