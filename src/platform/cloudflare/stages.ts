import type { Behind } from '../../gate.ts'
import { needsOrigin, unconditional } from '../../cache/rules/conditional.ts'
import { wantsStoredOnly } from '../../http/rules/directives.ts'
import { err, ok } from '../../core/result.ts'
import type { EmbeddedCache } from '../../cache/stage.ts'
import { AS_IT_TRAVELS } from '../../http/passthrough.ts'
import { decodeAnswer, type Loopback, loopbackOf, type OriginProps } from './stage.ts'
import { fromPlatform, purgeTags } from './workerscache.ts'
import type { Origin, Passage, WaitUntil } from '../../ports.ts'

/**
 * What is behind the gate in this request. Where the platform has a cache (Workers Cache, which stands before the Origin
 * entrypoint) it keeps the copies; elsewhere the embedded cache does. Most requests get no further than the gate, so
 * nothing is looked at before it is needed.
 */
export function behind(ctx: ExecutionContext, embedded: EmbeddedCache, waitUntil: WaitUntil): Behind {
  const found = (): Behind => {
    const loopback = loopbackOf(ctx.exports)
    return ctx.cache === undefined ? overEmbedded(loopback, embedded, waitUntil) : overPlatform(loopback)
  }
  return {
    origin: (passage, outgoing) => found().origin(passage, outgoing),
    purge: (zone, purge) => found().purge(zone, purge),
  }
}

function overEmbedded(loopback: Loopback | undefined, embedded: EmbeddedCache, waitUntil: WaitUntil): Behind {
  const next: Origin = async (passage, outgoing) => {
    const origin = loopback?.({ props: propsOf(passage) })
    if (origin === undefined) return err('misconfigured')
    const answer = decodeAnswer(await origin.fetch(outgoing(), AS_IT_TRAVELS))
    return answer.ok ? ok({ response: answer.value }) : answer
  }
  return {
    origin: embedded.stage(next, waitUntil),
    purge: (zone, purge) => embedded.purge(zone, purge),
  }
}

function overPlatform(loopback: Loopback | undefined): Behind {
  const origin: Origin = async (passage, outgoing) => {
    // What only the origin can judge is not for a cache.
    const isCopy = passage.share.partition !== undefined && !needsOrigin((name) => passage.exchange.fields.get(name))
    const entrypoint = loopback?.({ props: isCopy ? propsOf(passage) : { zone: passage.zone.name } })
    if (entrypoint === undefined) return err('misconfigured')
    const request = isCopy ? storedOnly(unconditional(outgoing(), 'part'), passage) : outgoing()
    const requestedAt = Date.now()
    const answer = decodeAnswer(await entrypoint.fetch(request, AS_IT_TRAVELS))
    return answer.ok ? ok(await fromPlatform(answer.value, passage, requestedAt, Date.now())) : answer
  }
  return {
    origin,
    purge: async (zone, purge) => (await loopback?.({ props: { zone } }).purge(purgeTags(zone, purge))) ?? false,
  }
}

/** All that the answer may depend on beside path and query, which is all that the platform's key has of a request. */
function propsOf({ zone, share, exchange }: Passage): OriginProps {
  const { partition } = share
  return partition === undefined ? { zone: zone.name } : { zone: zone.name, partition, scheme: exchange.scheme }
}

/** What may be answered from the store alone is still told so: the platform asks the entrypoint, and that answers nothing. */
function storedOnly(request: Request, { exchange }: Passage): Request {
  if (!wantsStoredOnly(exchange.fields)) return request
  request.headers.set('cache-control', 'only-if-cached')
  return request
}
