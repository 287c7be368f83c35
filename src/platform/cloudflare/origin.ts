import { WorkerEntrypoint } from 'cloudflare:workers'
import type { Compiled, Fault } from '../../config/config.ts'
import { wantsStoredOnly } from '../../http/rules/directives.ts'
import { isSafe } from '../../http/rules/exchange.ts'
import type { Result } from '../../core/result.ts'
import { askForCopy, createVaryingFields } from '../../cache/varying.ts'
import { logError } from '../../log.ts'
import { callOrigin, openPool, type OriginPool, type Reach, routeOf } from '../../origin/origin.ts'
import type { Platform } from '../../ports.ts'
import { fetchFromServer } from './fetch.ts'
import { originBinding, encodeAnswer, encodeFailure, encodeNotStored, type OriginProps } from './stage.ts'
import { complete, forPlatform, pathTag } from './workerscache.ts'

/** The entrypoint that calls the servers. A cache of the platform may stand before it. */
export interface OriginEntrypoint {
  new (ctx: ExecutionContext<OriginProps>, env: unknown): WorkerEntrypoint<unknown, OriginProps>
}

/** Creates the entrypoint of a configuration. A faulty configuration answers 503 to every request. */
export function originOf(
  compiled: Result<Compiled, readonly Fault[]>,
  { clock, random, dial }: Pick<Platform, 'clock' | 'random' | 'dial'>,
): OriginEntrypoint {
  const origins = compiled.ok ? openPools(compiled.value) : new Map<string, OriginPool>()
  const answeredAt = new Map<string, number>()
  const varying = createVaryingFields()
  return class Origin extends WorkerEntrypoint<unknown, OriginProps> {
    override async fetch(request: Request): Promise<Response> {
      const { zone: id, partition, server, path: at } = this.ctx.props ?? { zone: '' }
      const origin = origins.get(id)
      if (origin === undefined) return encodeFailure('misconfigured')
      const isShared = partition !== undefined
      if (isShared && wantsStoredOnly(request.headers)) return encodeNotStored()
      const { cache: policy } = routeOf(request, origin.zone)
      const requestedAt = clock()
      const ask = (sent: Request) => callOrigin(sent, origin, this.#reach(origin.zone.name, request), server, at)
      const wholeRequest = (): Request => (this.ctx.cache === undefined ? request : complete(request))
      const answer = isShared ? await askForCopy(wholeRequest(), policy, varying, ask) : await ask(request)
      if (!answer.ok) return encodeFailure(answer.error)
      const response = encodeAnswer(answer.value)
      if (this.ctx.cache === undefined || response.status === 101) return response
      const path = new URL(request.url).pathname
      if (!isSafe(request.method) && response.status < 400) this.#invalidate(id, path)
      return forPlatform(response, { zone: id, path, policy, isShared, requestedAt }, clock())
    }

    /** Purges tags. Only the gate can call this: no request reaches it. */
    async purge(tags: readonly string[]): Promise<boolean> {
      const done = await this.ctx.cache?.purge({ tags: [...tags] })
      return done?.success ?? false
    }

    /** RFC 9111 §4.4. */
    #invalidate(zone: string, path: string): void {
      this.ctx.waitUntil(this.purge([pathTag(zone, path)]))
    }

    #reach(zone: string, request: Request): Reach {
      return {
        clock,
        random,
        dial,
        fetch: fetchFromServer,
        // Local simulations of the platform have no such cache, and cannot connect to another host.
        canConnectElsewhere: this.ctx.cache !== undefined,
        answeredAt,
        bindings: (name) => originBinding(this.env, name),
        waitUntil: (work) => this.ctx.waitUntil(work),
        left: () => request.signal,
        warn: (error) => logError({ zone, error }),
      }
    }
  }
}

/** Opens the pools of all zones, by the id of the zone. A zone with several hosts has one pool. */
function openPools({ sites }: Compiled): Map<string, OriginPool> {
  const pools = new Map<string, OriginPool>()
  for (const { zone } of sites.values()) {
    const pool = pools.has(zone.id) ? undefined : openPool(zone)
    if (pool !== undefined) pools.set(zone.id, pool)
  }
  return pools
}
