import { Hono } from 'hono/tiny'
import type { Eventually } from './core/eventually.ts'
import type { Result } from './core/result.ts'
import { noteBug } from './refusals/bug.ts'
import { capture } from './http/capture.ts'
import { endpointProblem } from './refusals/endpointproblem.ts'
import { answerNotFound, recordEndpoint } from './record.ts'
import { applyEvent } from './standing/apply.ts'
import { accountEndpoint } from './endpoints/account.ts'
import { confirmEndpoint } from './endpoints/confirm.ts'
import { creditAction } from './endpoints/credit.ts'
import { answerEndpoint, BROKEN, type Endpoint, type EndpointCall } from './endpoints/endpoint.ts'
import { eventsEndpoint } from './endpoints/events.ts'
import { explainEndpoint } from './endpoints/explain.ts'
import { holdAction } from './endpoints/hold.ts'
import { operatorEndpoint } from './endpoints/operator.ts'
import { handle } from './paywall.ts'
import type { Origin, Platform, PurgeCopies, WaitUntil } from './ports.ts'
import { answerMisconfigured } from './refusals/misconfigured.ts'
import { purgeAction } from './endpoints/purge.ts'
import { sourceEndpoint, type SourceServices } from './endpoints/sourceevents.ts'
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

/** All endpoints of the gate's own: the fixed ones, and one for each path of a source of events of any site. */
export function endpointsOf(services: Services): readonly Endpoint[] {
  const taking: SourceServices = { ...services, applyEvent: (event, zone) => applyEvent(event, zone, services) }
  const sources = new Set(Array.from(services.sites.values(), ({ events }) => events.map(({ path }) => path)).flat())
  return [
    accountEndpoint(services),
    explainEndpoint(services),
    confirmEndpoint(services),
    operatorEndpoint(purgeAction(services), services),
    operatorEndpoint(creditAction(services), services),
    operatorEndpoint(holdAction(services), services),
    eventsEndpoint(services),
    ...Array.from(sources, (path) => sourceEndpoint(path, taking)),
  ]
}

/** A gate on one platform. */
export interface Gate {
  readonly answer: App
  /** Undefined while the configuration has faults. */
  readonly services: Services | undefined
}

/** Makes the gate of a configuration. While that has faults, it answers 503 `misconfigured` to everything. */
export function createGate(config: Result<ServicesOptions, unknown>, platform: Platform): Gate {
  if (!config.ok) return { answer: (request) => answerMisconfigured(request, platform.clock()), services: undefined }
  const services = createServices(config.value, platform)
  return { answer: createApp(services), services }
}

/** The gate's own endpoints under /__faregate/, and the paywall for everything else. */
export function createApp(services: Services): App {
  const own = new Hono<{ Bindings: Omit<EndpointCall, 'now'> }>()
  for (const endpoint of endpointsOf(services))
    own.all(`${OWN}${endpoint.path}`, (c) => answerEndpoint(endpoint, c.req.raw, services, c.env))
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
      : handle(request, services, behind.origin, waitUntil)
}

/** True when the path, as it was sent, begins with `/__faregate/`. */
function isOwn(url: string): boolean {
  return url.startsWith(OWN, url.indexOf('/', url.indexOf('//') + 2))
}
