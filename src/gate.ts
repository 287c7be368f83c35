import { Hono } from 'hono/tiny'
import type { Eventually } from './core/eventually.ts'
import { isPreflight } from './http/rules/exchange.ts'
import { noteBug } from './refusals/bug.ts'
import { type Captured, capture } from './http/capture.ts'
import { endpointProblem, type EndpointProblem } from './refusals/endpointproblem.ts'
import { answerPreflight, respond } from './refusals/respond.ts'
import { answerNotFound, recordEndpoint } from './record.ts'
import { applyEvent } from './standing/apply.ts'
import { answerAccount } from './endpoints/account.ts'
import { answerConfirm } from './endpoints/confirm.ts'
import { creditAction } from './endpoints/credit.ts'
import { answerEvent } from './endpoints/events.ts'
import { answerExplain } from './endpoints/explain.ts'
import { holdAction } from './endpoints/hold.ts'
import { answerOperator } from './endpoints/operator.ts'
import { handle } from './paywall.ts'
import type { Origin, PurgeCopies, WaitUntil } from './ports.ts'
import { purgeAction } from './endpoints/purge.ts'
import { answerSource, type SourceServices } from './endpoints/sourceevents.ts'
import type { Services } from './services.ts'

/** What is behind the gate: the stage that answers what is let through, and how its copies are purged. */
export interface Upstream {
  readonly origin: Origin
  readonly purge: PurgeCopies
}

/** Answers a request. Never throws. */
export type App = (request: Request, behind: Upstream, waitUntil: WaitUntil) => Eventually<Response>

interface EndpointEnv {
  Bindings: { readonly waitUntil: WaitUntil; readonly purge: PurgeCopies }
}

/** Where the gate's own endpoints are. The paywall answers whatever else could be read so: no origin sees it. */
const OWN = '/__faregate/'

/** The gate's own endpoints under /__faregate/, and the paywall for everything else. */
export function createApp(services: Services): App {
  const own = new Hono<EndpointEnv>()
  const taking: SourceServices = { ...services, applyEvent: (event, zone) => applyEvent(event, zone, services) }
  own.options(`${OWN}:facts{account|explain}`, (c, next) => {
    const exchange = capture(c.req.raw, services.clock())
    if (!isPreflight(exchange.method, exchange.fields)) return next()
    const response = respond(answerPreflight(exchange, READ), 0, exchange.now)
    return Promise.resolve(recordEndpoint(exchange, response, services.sites.get(exchange.host)?.zone, services))
  })
  own.get(`${OWN}explain`, (c) => answerExplain(c.req.raw, services, c.env.waitUntil))
  own.all(`${OWN}account`, (c) => answerAccount(c.req.raw, services, c.env.waitUntil))
  own.all(`${OWN}confirm`, (c) => answerConfirm(c.req.raw, services, c.env.waitUntil))
  own.all(`${OWN}purge`, (c) =>
    answerOperator(c.req.raw, services, c.env.waitUntil, purgeAction(services, c.env.purge)),
  )
  own.all(`${OWN}credit`, (c) => answerOperator(c.req.raw, services, c.env.waitUntil, creditAction(services)))
  own.all(`${OWN}hold`, (c) => answerOperator(c.req.raw, services, c.env.waitUntil, holdAction(services)))
  own.all(`${OWN}events`, (c) => answerEvent(c.req.raw, services, c.env.waitUntil))
  own.all(`${OWN}events/:source`, (c) => answerSource(c.req.raw, c.req.param('source'), taking))
  own.notFound((c) => {
    const exchange = capture(c.req.raw, services.clock())
    return answerNotFound(exchange, services.sites.get(exchange.host)?.zone, services)
  })
  own.onError((error, c) => {
    const exchange = capture(c.req.raw, services.clock())
    noteBug(error, exchange.id)
    return problem(exchange, BROKEN, services)
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

function problem(exchange: Captured, what: EndpointProblem, services: Services): Response {
  return recordEndpoint(exchange, endpointProblem(what, exchange), services.sites.get(exchange.host)?.zone, services, {
    reason: what.reason,
  })
}

const READ = ['GET', 'HEAD']
const BROKEN: EndpointProblem = {
  status: 500,
  title: 'Internal error',
  detail: 'Something here is broken. Nothing was charged.',
  reason: 'internal-error',
}
