import { Hono } from 'hono/tiny'
import type { Eventually } from './core/eventually.ts'
import type { Result } from './core/result.ts'
import { noteBug } from './refusals/bug.ts'
import { capture } from './http/capture.ts'
import { endpointProblem } from './refusals/endpointproblem.ts'
import { answerNotFound, recordEndpoint } from './record.ts'
import { answerEndpoint, BROKEN, type EndpointCall, type EndpointFactory } from './endpoints/endpoint.ts'
import { handle } from './paywall.ts'
import type { Origin, Platform, PurgeCopies, WaitUntil } from './ports.ts'
import { answerMisconfigured } from './refusals/misconfigured.ts'
import { createServices, type Services, type ServicesOptions } from './services.ts'

/** What is behind the gate: the stage that answers what is let through, and how its copies are purged. */
export interface Upstream {
  readonly origin: Origin
  readonly purge: PurgeCopies
}

/** Answers a request. Never throws. */
export type App = (request: Request, behind: Upstream, waitUntil: WaitUntil) => Eventually<Response>

/** Where the gate's own endpoints are. The paywall answers whatever else could be read so: no origin sees it. */
const OWN = '/__faregate/'

/** The parts of a configuration that the gate is made from. */
export interface GateOptions extends ServicesOptions {
  readonly endpoints: readonly EndpointFactory[]
}

/** A gate on one platform. */
export interface Gate {
  readonly answer: App
  /** Undefined while the configuration has faults. */
  readonly services: Services | undefined
}

/** Makes the gate of a configuration. While that has faults, it answers 503 `misconfigured` to everything. */
export function createGate(config: Result<GateOptions, unknown>, platform: Platform): Gate {
  if (!config.ok) return { answer: (request) => answerMisconfigured(request, platform.clock()), services: undefined }
  const services = createServices(config.value, platform)
  return { answer: createApp(services, config.value.endpoints), services }
}

/** The endpoints under /__faregate/ that are given, 404 for all else below that, and the paywall for everything else. */
export function createApp(services: Services, endpoints: readonly EndpointFactory[]): App {
  const own = new Hono<{ Bindings: Omit<EndpointCall, 'now'> }>()
  for (const factory of endpoints) {
    const endpoint = factory.create(services)
    own.all(`${OWN}${factory.path}`, (c) => answerEndpoint(endpoint, c.req.raw, services, c.env))
  }
  const completing = endpoints.flatMap(({ completeRefusal }) => completeRefusal ?? [])
  own.notFound((c) => {
    const exchange = capture(c.req.raw, services.clock())
    return answerNotFound(exchange, services.sites.get(exchange.host)?.zone, services)
  })
  own.onError((error, c) => {
    const exchange = capture(c.req.raw, services.clock())
    noteBug(error, exchange.id)
    const zone = services.sites.get(exchange.host)?.zone
    return recordEndpoint(exchange, endpointProblem(BROKEN, exchange), zone, services, { reason: BROKEN.reason })
  })
  return (request, behind, waitUntil) =>
    isOwn(request.url)
      ? own.fetch(request, { waitUntil, purge: behind.purge })
      : handle(request, services, behind.origin, waitUntil, completing)
}

/** True when the path, as it was sent, begins with `/__faregate/`. */
function isOwn(url: string): boolean {
  return url.startsWith(OWN, url.indexOf('/', url.indexOf('//') + 2))
}
