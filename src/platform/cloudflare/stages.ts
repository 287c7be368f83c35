import type { Upstream } from '../../gate.ts'
import { needsOrigin, unconditional } from '../../cache/rules/conditional.ts'
import { wantsStoredOnly } from '../../http/rules/directives.ts'
import { err, ok } from '../../core/result.ts'
import type { EmbeddedCache } from '../../cache/stage.ts'
import { PASSTHROUGH } from '../../http/passthrough.ts'
import { decodeAnswer, type Loopback, loopbackOf, type OriginProps } from './stage.ts'
import { fromPlatform, purgeTags } from './workerscache.ts'
import type { AdmittedRequest, Clock, Origin, WaitUntil } from '../../ports.ts'

/**
 * Returns the stage behind the gate for one request. Workers Cache keeps the copies if the platform has one (it stands
 * before the Origin entrypoint); otherwise the embedded cache does. Most requests end at the gate, so nothing is looked up
 * before it is needed.
 */
export function upstreamOf(
  ctx: ExecutionContext,
  embedded: EmbeddedCache,
  clock: Clock,
  waitUntil: WaitUntil,
): Upstream {
  const upstream = (): Upstream => {
    const loopback = loopbackOf(ctx.exports)
    return ctx.cache === undefined ? overEmbedded(loopback, embedded, waitUntil) : overPlatform(loopback, clock)
  }
  return {
    origin: (admitted, outgoing) => upstream().origin(admitted, outgoing),
    purge: (zone, purge) => upstream().purge(zone, purge),
  }
}

function overEmbedded(loopback: Loopback | undefined, embedded: EmbeddedCache, waitUntil: WaitUntil): Upstream {
  const next: Origin = async (admitted, outgoing) => {
    const origin = loopback?.({ props: propsOf(admitted) })
    if (origin === undefined) return err('misconfigured')
    const answer = decodeAnswer(await origin.fetch(outgoing(), PASSTHROUGH))
    return answer.ok ? ok({ response: answer.value }) : answer
  }
  return {
    origin: embedded.stage(next, waitUntil),
    purge: (zone, purge) => embedded.purge(zone, purge),
  }
}

function overPlatform(loopback: Loopback | undefined, clock: Clock): Upstream {
  const origin: Origin = async (admitted, outgoing) => {
    // A request that only the origin can answer bypasses the cache.
    const isCopy = admitted.partition.name !== undefined && !needsOrigin((name) => admitted.exchange.fields.get(name))
    const entrypoint = loopback?.({ props: isCopy ? propsOf(admitted) : unsharedPropsOf(admitted) })
    if (entrypoint === undefined) return err('misconfigured')
    const request = isCopy ? storedOnly(unconditional(outgoing(), 'part'), admitted) : outgoing()
    const requestedAt = clock()
    const answer = decodeAnswer(await entrypoint.fetch(request, PASSTHROUGH))
    return answer.ok ? ok(await fromPlatform(answer.value, admitted, requestedAt, clock())) : answer
  }
  return {
    origin,
    purge: async (zone, purge) => (await loopback?.({ props: { zone } }).purge(purgeTags(zone, purge))) ?? false,
  }
}

/** Returns everything that the answer may depend on besides path and query: the platform's key has only those of a request. */
function propsOf(admitted: AdmittedRequest): OriginProps {
  const { zone, partition, exchange } = admitted
  const { name } = partition
  return name === undefined ? unsharedPropsOf(admitted) : { zone: zone.id, partition: name, scheme: exchange.scheme }
}

function unsharedPropsOf({ zone, server, path }: AdmittedRequest): OriginProps {
  if (server === undefined) return { zone: zone.id }
  return path === undefined ? { zone: zone.id, server } : { zone: zone.id, server, path }
}

/**
 * Marks a request that may only be answered from the store: the platform would ask the entrypoint on a miss, and the
 * entrypoint then answers nothing.
 */
function storedOnly(request: Request, { exchange }: AdmittedRequest): Request {
  if (!wantsStoredOnly(exchange.fields)) return request
  request.headers.set('cache-control', 'only-if-cached')
  return request
}
