import { Hono } from 'hono/tiny'
import type { Eventually } from './core/eventually.ts'
import { isPreflight } from './http/rules/exchange.ts'
import { noteBug } from './refusals/bug.ts'
import { type Captured, capture } from './http/capture.ts'
import { ownProblem, type OwnProblem } from './refusals/endpointproblem.ts'
import { answerPreflight, respond } from './refusals/respond.ts'
import { answerNotFound, settleOwn } from './record.ts'
import { apply } from './standing/apply.ts'
import { answerAccount } from './endpoints/account.ts'
import { answerConfirm } from './endpoints/confirm.ts'
import { creditOrder } from './endpoints/credit.ts'
import { answerEvent } from './endpoints/events.ts'
import { answerExplain } from './endpoints/explain.ts'
import { holdOrder } from './endpoints/hold.ts'
import { answerOperator } from './endpoints/operator.ts'
import { handle } from './paywall.ts'
import type { Origin, PurgeCopies, WaitUntil } from './ports.ts'
import { purgeOrder } from './endpoints/purge.ts'
import { answerStripe, type Desk } from './stripe/webhook.ts'
import type { House } from './services.ts'

/** What is behind the gate: the stage that answers what is let through, and how its copies are purged. */
export interface Behind {
  readonly origin: Origin
  readonly purge: PurgeCopies
}

/** Answers a request. Never throws. */
export type App = (request: Request, behind: Behind, waitUntil: WaitUntil) => Eventually<Response>

interface OwnEnv {
  Bindings: { readonly waitUntil: WaitUntil; readonly purge: PurgeCopies }
}

/** Where the gate's own endpoints are. The paywall answers whatever else could be read so: no origin sees it. */
const OWN = '/__faregate/'

/** The gate's own endpoints under /__faregate/, and the paywall for everything else. */
export function createApp(house: House): App {
  const own = new Hono<OwnEnv>()
  const desk: Desk = { ...house, applyEvent: (event, zone) => apply(event, zone, house) }
  own.options(`${OWN}:facts{account|explain}`, (c, next) => {
    const exchange = capture(c.req.raw, house.clock())
    if (!isPreflight(exchange.method, exchange.fields)) return next()
    const response = respond(answerPreflight(exchange, READ), 0, exchange.now)
    return Promise.resolve(settleOwn(exchange, response, house.sites.get(exchange.host)?.zone, house))
  })
  own.get(`${OWN}explain`, (c) => answerExplain(c.req.raw, house, c.env.waitUntil))
  own.all(`${OWN}account`, (c) => answerAccount(c.req.raw, house, c.env.waitUntil))
  own.all(`${OWN}confirm`, (c) => answerConfirm(c.req.raw, house, c.env.waitUntil))
  own.all(`${OWN}purge`, (c) => answerOperator(c.req.raw, house, c.env.waitUntil, purgeOrder(house, c.env.purge)))
  own.all(`${OWN}credit`, (c) => answerOperator(c.req.raw, house, c.env.waitUntil, creditOrder(house)))
  own.all(`${OWN}hold`, (c) => answerOperator(c.req.raw, house, c.env.waitUntil, holdOrder(house)))
  own.all(`${OWN}events`, (c) => answerEvent(c.req.raw, house, c.env.waitUntil))
  own.all(`${OWN}events/stripe`, (c) => answerStripe(c.req.raw, desk))
  own.notFound((c) => {
    const exchange = capture(c.req.raw, house.clock())
    return answerNotFound(exchange, house.sites.get(exchange.host)?.zone, house)
  })
  own.onError((error, c) => {
    const exchange = capture(c.req.raw, house.clock())
    noteBug(error, exchange.id)
    return problem(exchange, BROKEN, house)
  })
  return (request, behind, waitUntil) =>
    isOwn(request.url)
      ? own.fetch(request, { waitUntil, purge: behind.purge })
      : handle(request, house, behind.origin, waitUntil)
}

/** True when the path, as it was sent, begins with `/__faregate/`. */
function isOwn(url: string): boolean {
  return url.startsWith(OWN, url.indexOf('/', url.indexOf('//') + 2))
}

function problem(exchange: Captured, what: OwnProblem, house: House): Response {
  return settleOwn(exchange, ownProblem(what, exchange), house.sites.get(exchange.host)?.zone, house, {
    reason: what.reason,
  })
}

const READ = ['GET', 'HEAD']
const BROKEN: OwnProblem = {
  status: 500,
  title: 'Internal error',
  detail: 'Something here is broken. Nothing was charged.',
  reason: 'internal-error',
}
