import { env } from 'cloudflare:workers'
import { createApp } from './app.ts'
import { behind } from './behind.ts'
import { type Compiled, compile, type Fault } from './config.ts'
import type { Config } from './config/options.ts'
import type { Eventually } from './core/eventually.ts'
import type { Result } from './core/result.ts'
import { createStore } from './edge/cache/cacheapi.ts'
import { createEmbeddedCache } from './edge/cache/stage.ts'
import { answerMisconfigured } from './edge/misconfigured.ts'
import { createUsageSink } from './edge/usage.ts'
import { buildHouse } from './house.ts'
import { type OriginEntrypoint, originOf } from './origin.ts'
import { Ledger, type Sink } from './platform/cloudflare/ledger.ts'
import { ledgersOf } from './platform/cloudflare/ledgers.ts'
import { ratesOf } from './platform/cloudflare/rates.ts'
import { boundSocket } from './platform/cloudflare/socket.ts'

export type { Ledger } from './platform/cloudflare/ledger.ts'

/** The default entrypoint. An object, for the runtime makes a class anew for each request. */
interface Gate {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Eventually<Response>
}

/** The two entrypoints of the Worker, and its Durable Object class. */
export interface Entrypoints {
  readonly Gate: Gate
  readonly Origin: OriginEntrypoint
  readonly Ledger: typeof Ledger
}

/**
 * The Worker of a configuration: `Gate`, to be its default export, and the `Origin` entrypoint and the `Ledger` class, to
 * be exported by those names. Faults of the configuration are logged at start, and the gate then answers 503 `misconfigured` to everything.
 */
export function faregate(config: Config): Entrypoints {
  const compiled = compile(config, env as unknown as Record<string, unknown>, { needsOrigin: true })
  if (!compiled.ok) console.error(JSON.stringify({ misconfigured: compiled.error }))
  return { Gate: gateOf(compiled), Origin: originOf(compiled), Ledger: ledgerOf(compiled) }
}

/** Ledgers that tell billing of charges, where the configuration says who that is. */
function ledgerOf(compiled: Result<Compiled, readonly Fault[]>): typeof Ledger {
  const target = compiled.ok ? compiled.value.usage : undefined
  if (target === undefined) return Ledger
  const warn = (problem: string): void => console.warn(JSON.stringify({ usage: problem }))
  const send = createUsageSink(target, () => Date.now(), warn)
  return class extends Ledger {
    protected override readonly sink: Sink | undefined = send
  }
}

/** What the copies of one isolate may take in memory, where there is no Cache API to keep them. */
const MAX_STORE_BYTES = 64 * 1024 * 1024

function gateOf(compiled: Result<Compiled, readonly Fault[]>): Gate {
  const app = compiled.ok ? createApp(buildHouse(compiled.value, boundSocket, ledgersOf(env), ratesOf(env))) : undefined
  const embedded = createEmbeddedCache(createStore(MAX_STORE_BYTES), Date.now)
  return {
    fetch(request, _env, ctx) {
      if (app === undefined) return answerMisconfigured(request)
      const waitUntil = (work: Promise<unknown>): void => ctx.waitUntil(work)
      return app(request, behind(ctx, embedded, waitUntil), waitUntil)
    },
  }
}
