import { env } from 'cloudflare:workers'
import { createApp } from '../../gate.ts'
import { upstreamOf } from './stages.ts'
import { type Compiled, compile, type Fault } from '../../config/config.ts'
import type { Config } from '../../config/options.ts'
import { bindingsOf } from '../../config/rules/bindings.ts'
import type { Eventually } from '../../core/eventually.ts'
import type { Result } from '../../core/result.ts'
import { createStore } from '../../cache/cacheapi.ts'
import { createEmbeddedCache } from '../../cache/stage.ts'
import { answerMisconfigured } from '../../refusals/misconfigured.ts'
import { createPurgeFeed } from '../../cache/purgenews.ts'
import { createSinks } from '../../usage/sinks.ts'
import type { SettlerPlatform } from '../../rails/rail.ts'
import { createSettlers } from '../../rails/settlers.ts'
import { createServices } from '../../services.ts'
import { fetchOwn } from './fetch.ts'
import { type OriginEntrypoint, originOf } from './origin.ts'
import type { Sink } from '../../ledger/host/outside.ts'
import { LedgerObject } from './ledger/ledger.ts'
import { objectsOf } from './ledgers.ts'
import { ratesOf } from './rates.ts'
import { boundSocket } from './socket.ts'

export type { LedgerObject as Ledger } from './ledger/ledger.ts'

/** The default entrypoint. An object, for the runtime makes a class anew for each request. */
interface Gate {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Eventually<Response>
}

/** The two entrypoints of the Worker, and its Durable Object class. */
export interface Entrypoints {
  readonly Gate: Gate
  readonly Origin: OriginEntrypoint
  readonly Ledger: typeof LedgerObject
}

/**
 * The Worker of a configuration: `Gate`, to be its default export, and the `Origin` entrypoint and the `Ledger` class, to
 * be exported by those names. Faults of the configuration are logged at start, and the gate then answers 503 `misconfigured` to everything.
 */
export function faregate(config: Config): Entrypoints {
  const compiled = compiledHere(config, true)
  return { Gate: gateOf(compiled), Origin: originOf(compiled), Ledger: ledgerOf(compiled) }
}

/**
 * The Durable Object class alone, for an app with the paywall of `faregate/hono`: to be exported as `Ledger` and bound as
 * `LEDGER`. Faults of the configuration are logged at start, and billing is then told of no charge until they are gone.
 */
export function ledger(config: Config): typeof LedgerObject {
  return ledgerOf(compiledHere(config, false))
}

function compiledHere(config: Config, needsOrigin: boolean): Result<Compiled, readonly Fault[]> {
  const compiled = compile(config, env as unknown as Record<string, unknown>, { needsOrigin })
  if (!compiled.ok) console.error(JSON.stringify({ misconfigured: compiled.error }))
  return compiled
}

const clock = (): number => Date.now()

const SETTLER_PLATFORM: SettlerPlatform = {
  clock,
  fetch: fetchOwn,
  bindings: env as unknown as Record<string, unknown>,
}

/**
 * Ledgers that tell billing of charges, where the configuration says who that is, and keep nothing to tell where it says
 * nobody; what was recorded before that, they keep for a week. While it has faults they keep all that there is to tell.
 */
function ledgerOf(compiled: Result<Compiled, readonly Fault[]>): typeof LedgerObject {
  if (!compiled.ok) return LedgerObject
  const { usage, sites } = compiled.value
  const settlers = createSettlers(sites.values(), SETTLER_PLATFORM)
  const bindings = bindingsOf(SETTLER_PLATFORM.bindings)
  const told = createSinks(usage, { clock, fetch: (input, init) => fetch(input, init), bindings })
  return class extends LedgerObject {
    protected override readonly sinks: ReadonlyMap<string, Sink> = told
    protected override readonly hasOutbox: boolean = usage.length > 0
    protected override readonly settlerOf = (zone: string, rail: string) => settlers.of(zone, rail)?.settle
  }
}

/** What the copies of one isolate may take in memory, where there is no Cache API to keep them. */
const MAX_STORE_BYTES = 64 * 1024 * 1024

function gateOf(compiled: Result<Compiled, readonly Fault[]>): Gate {
  const services = compiled.ok
    ? createServices(compiled.value, boundSocket, objectsOf(env), ratesOf(env), SETTLER_PLATFORM)
    : undefined
  const app = services && createApp(services)
  const news = services?.bulletins && createPurgeFeed(services.bulletins)
  const embedded = createEmbeddedCache(createStore(MAX_STORE_BYTES), clock, news)
  return {
    fetch(request, _env, ctx) {
      if (app === undefined) return answerMisconfigured(request)
      const waitUntil = (work: Promise<unknown>): void => ctx.waitUntil(work)
      return app(request, upstreamOf(ctx, embedded, waitUntil), waitUntil)
    },
  }
}
