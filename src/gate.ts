import { Hono } from 'hono/tiny'
import type { Eventually } from './core/eventually.ts'
import type { Result } from './core/result.ts'
import { logBug } from './refusals/bug.ts'
import { capture } from './http/capture.ts'
import { endpointProblem } from './refusals/endpointproblem.ts'
import { withoutUrlTokens } from './rails/inurl.ts'
import { answerNotFound, recordEndpoint } from './record.ts'
import { answerEndpoint, BROKEN, type EndpointCall, type EndpointFactory } from './endpoints/endpoint.ts'
import { handle } from './paywall.ts'
import type { RefusalHooks } from './refusals/complete.ts'
import type { Origin, Platform, PurgeCopies, WaitUntil } from './ports.ts'
import { answerMisconfigured } from './refusals/misconfigured.ts'
import { createServices, type Services, type ServicesOptions } from './services.ts'

/** The stage behind the gate: the origin of admitted requests, and the purge of its copies. */
export interface Upstream {
  readonly origin: Origin
  readonly purge: PurgeCopies
}

/** Answers a request. Never throws. */
export type App = (request: Request, behind: Upstream, waitUntil: WaitUntil) => Eventually<Response>

/** The path of the gate's own endpoints. The paywall answers every target that might be read as one: no origin sees it. */
const OWN = '/__faregate/'

/** The parts of a configuration that a gate is made from. */
export interface GateOptions extends ServicesOptions {
  readonly endpoints: readonly EndpointFactory[]
}

/** A gate on one platform. */
export interface Gate {
  readonly answer: App
  /** Undefined while the configuration has faults. */
  readonly services: Services | undefined
}

/** Creates the gate of a configuration. A configuration with faults answers 503 `misconfigured` to every request. */
export function createGate(config: Result<GateOptions, unknown>, platform: Platform): Gate {
  if (!config.ok) return { answer: (request) => answerMisconfigured(request, platform.clock()), services: undefined }
  const services = createServices(config.value, platform)
  return { answer: createApp(services, config.value.endpoints), services }
}

/** Creates the app: the given endpoints under /__faregate/, 404 for every other path there, and the paywall for the rest. */
export function createApp(services: Services, endpoints: readonly EndpointFactory[]): App {
  const own = new Hono<{ Bindings: Omit<EndpointCall, 'now'> }>()
  const peers = {
    openReference: endpoints.find(({ openReference }) => openReference !== undefined)?.openReference,
    tallies: endpoints.find(({ tallies }) => tallies !== undefined)?.tallies,
    orders: new Map(endpoints.flatMap(({ path, order }) => (order === undefined ? [] : [[path, order] as const]))),
  }
  for (const factory of endpoints) {
    const endpoint = factory.create(services, peers)
    own.all(`${OWN}${factory.path}${factory.isOfOne === true ? '/:name' : ''}`, (c) =>
      answerEndpoint(endpoint, c.req.raw, services, c.env),
    )
  }
  const hooks: RefusalHooks = {
    completing: [
      ...endpoints.flatMap(({ completeRefusal }) => completeRefusal ?? []),
      ...(services.slowing === undefined ? [] : [services.slowing.complete]),
    ],
    sealReference: endpoints.find(({ sealReference }) => sealReference !== undefined)?.sealReference,
  }
  const captureOwn = (request: Request) => {
    const captured = capture(request, services.clock())
    const site = services.sites.get(captured.host)
    return { exchange: withoutUrlTokens(captured, site), zone: site?.zone }
  }
  own.notFound((c) => {
    const { exchange, zone } = captureOwn(c.req.raw)
    return answerNotFound(exchange, zone, services)
  })
  own.onError((error, c) => {
    const { exchange, zone } = captureOwn(c.req.raw)
    logBug(error, exchange.id)
    return recordEndpoint(exchange, endpointProblem(BROKEN, exchange, zone?.pages), zone, services, {
      reason: BROKEN.reason,
    })
  })
  return (request, behind, waitUntil) =>
    isOwn(request.url)
      ? own.fetch(request, { waitUntil, purge: behind.purge, origin: behind.origin })
      : handle(request, services, behind.origin, waitUntil, hooks)
}

/** Returns true if the path, as it was sent, begins with `/__faregate/`. */
function isOwn(url: string): boolean {
  return url.startsWith(OWN, url.indexOf('/', url.indexOf('//') + 2))
}
