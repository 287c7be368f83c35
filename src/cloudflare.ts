import { env, WorkerEntrypoint } from 'cloudflare:workers'
import { createApp } from './app.ts'
import { type Compiled, compile, type Fault } from './config.ts'
import type { Config } from './config/options.ts'
import type { Eventually } from './core/eventually.ts'
import type { Result } from './core/result.ts'
import type { Zone } from './core/zone.ts'
import { answerMisconfigured } from './edge/misconfigured.ts'
import { callServer, limitsFor, type Reach } from './edge/origin.ts'
import { buildHouse } from './house.ts'
import { dial } from './platform/cloudflare/dial.ts'
import { boundSocket } from './platform/cloudflare/socket.ts'
import {
  bindingOf,
  decodeAnswer,
  encodeAnswer,
  encodeFailure,
  loopbackOf,
  type OriginProps,
} from './platform/cloudflare/stage.ts'
import type { Origin as OriginStage } from './ports.ts'

/** The default entrypoint. An object, for the runtime makes a class anew for each request. */
interface Gate {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Eventually<Response>
}

/** The two entrypoints of the Worker. */
export interface Entrypoints {
  readonly Gate: Gate
  readonly Origin: new (ctx: ExecutionContext<OriginProps>, env: unknown) => WorkerEntrypoint<unknown, OriginProps>
}

/**
 * The Worker of a configuration: `Gate`, to be its default export, and the `Origin` entrypoint, to be exported by that
 * name. Faults of the configuration are logged at start, and the gate then answers 503 `misconfigured` to everything.
 */
export function faregate(config: Config): Entrypoints {
  const compiled = compile(config, env as unknown as Record<string, unknown>, { needsOrigin: true })
  if (!compiled.ok) console.error(JSON.stringify({ misconfigured: compiled.error }))
  return { Gate: gateOf(compiled), Origin: originOf(compiled) }
}

function gateOf(compiled: Result<Compiled, readonly Fault[]>): Gate {
  const app = compiled.ok ? createApp(buildHouse(compiled.value, boundSocket)) : undefined
  return {
    fetch(request, _env, ctx) {
      if (app === undefined) return answerMisconfigured(request)
      return app(request, throughLoopback(ctx), (work) => ctx.waitUntil(work))
    },
  }
}

/** The stage behind the gate: this Worker's own Origin entrypoint, so that the platform's cache can stand before it. */
function throughLoopback(ctx: ExecutionContext): OriginStage {
  return async ({ zone }, outgoing) => {
    const loopback = loopbackOf(ctx.exports)
    if (loopback === undefined) return decodeAnswer(encodeFailure('misconfigured'))
    return decodeAnswer(await loopback({ props: { zone: zone.name } }).fetch(outgoing()))
  }
}

function originOf(compiled: Result<Compiled, readonly Fault[]>): Entrypoints['Origin'] {
  const zones = new Map<string, Zone>()
  if (compiled.ok) for (const { zone } of compiled.value.sites.values()) zones.set(zone.name, zone)
  const answeredAt = new Map<string, number>()
  return class Origin extends WorkerEntrypoint<unknown, OriginProps> {
    override async fetch(request: Request): Promise<Response> {
      const zone = zones.get(this.ctx.props?.zone)
      if (zone?.server === undefined) return encodeFailure('misconfigured')
      const reach: Reach = { clock: Date.now, dial, answeredAt, bindings: (name) => bindingOf(this.env, name) }
      const answer = await callServer(request, zone.server, limitsFor(request, zone), reach)
      return answer.ok ? encodeAnswer(answer.value) : encodeFailure(answer.error)
    }
  }
}
