import { Hono } from 'hono/tiny'
import type { Eventually } from './core/eventually.ts'
import { capture } from './edge/capture.ts'
import { answerOwnPreflight } from './edge/preflight.ts'
import { settleOwn } from './edge/settle.ts'
import { apply } from './edge/tell.ts'
import { answerAccount } from './account.ts'
import { creditOrder } from './credit.ts'
import { answerEvent } from './events.ts'
import { answerExplain } from './explain.ts'
import { holdOrder } from './hold.ts'
import { answerOperator } from './operator.ts'
import { handle, type House } from './paywall.ts'
import type { Origin, PurgeCopies, WaitUntil } from './ports.ts'
import { purgeOrder } from './purge.ts'
import { answerStripe, type Desk } from './stripe.ts'

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

/** Where the gate's own endpoints are; no origin sees what is asked for below it. */
const OWN = '/__faregate/'

/** The gate's own endpoints under /__faregate/, and the paywall for everything else. */
export function createApp(house: House): App {
  const own = new Hono<OwnEnv>()
  const desk: Desk = { ...house, applyEvent: (event, zone) => apply(event, zone, house) }
  own.options(`${OWN}:facts{account|explain}`, (c, next) => {
    const answer = answerOwnPreflight(c.req.raw, house)
    return answer === undefined ? next() : Promise.resolve(answer)
  })
  own.get(`${OWN}explain`, (c) => answerExplain(c.req.raw, house, c.env.waitUntil))
  own.all(`${OWN}account`, (c) => answerAccount(c.req.raw, house, c.env.waitUntil))
  own.all(`${OWN}purge`, (c) => answerOperator(c.req.raw, house, c.env.waitUntil, purgeOrder(house, c.env.purge)))
  own.all(`${OWN}credit`, (c) => answerOperator(c.req.raw, house, c.env.waitUntil, creditOrder(house)))
  own.all(`${OWN}hold`, (c) => answerOperator(c.req.raw, house, c.env.waitUntil, holdOrder(house)))
  own.all(`${OWN}events`, (c) => answerEvent(c.req.raw, house, c.env.waitUntil))
  own.all(`${OWN}events/stripe`, (c) => answerStripe(c.req.raw, desk))
  own.notFound((c) => {
    const exchange = capture(c.req.raw, house.clock())
    const response = new Response('{"type":"about:blank","title":"Not Found","status":404}', notFound)
    return settleOwn(exchange, response, house.sites.get(exchange.host)?.zone, house)
  })
  own.onError(() => new Response('{"type":"about:blank","title":"Internal error","status":500}', failed))
  return (request, behind, waitUntil) =>
    isOwn(request.url)
      ? own.fetch(request, { waitUntil, purge: behind.purge })
      : handle(request, house, behind.origin, waitUntil)
}

/** True when the path, as it was sent, begins with `/__faregate/`. */
function isOwn(url: string): boolean {
  return url.startsWith(OWN, url.indexOf('/', url.indexOf('//') + 2))
}

const PROBLEM_FIELDS = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
const notFound = { status: 404, headers: PROBLEM_FIELDS }
const failed = { status: 500, headers: PROBLEM_FIELDS }
